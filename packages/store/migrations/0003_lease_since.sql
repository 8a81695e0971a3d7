-- Since when a lease is held: what a second deployment is told when it is fenced out (K03).
alter table lockstep.leases add column held_since timestamptz;
