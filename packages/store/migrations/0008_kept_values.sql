-- A write may have gone over one edit and be followed by another: each value of somebody else's is on record, not only the last (C4).
drop index lockstep.change_set_kept_once;
create unique index change_set_kept_once
  on lockstep.change_set_kept (workspace_id, change_set_id, step_set, step_ordinal, field, md5(now_value::text)) nulls not distinct;
