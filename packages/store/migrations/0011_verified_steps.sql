-- When the record and its history were seen to end with what a step has written: such a step needs no other verifying read.
alter table lockstep.change_set_steps add column verified_at timestamptz;
