-- When the CRM's own history was seen to end with what a step has written: such a step needs no verifying read.
alter table lockstep.change_set_steps add column verified_at timestamptz;
