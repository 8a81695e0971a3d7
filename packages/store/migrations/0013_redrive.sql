-- What waits for a person is listed by cause and driven again: why a mirror of a comment is parked, and which redrive a thing was driven by last.
alter table lockstep.comment_copies add column error jsonb, add column parked_at timestamptz, add column redriven_at timestamptz;
alter table lockstep.parked add column redriven_at timestamptz;

-- In the order of their pages: few are parked among many.
create index outbox_parked on lockstep.outbox (workspace_id, connection_id, item_id) where state = 'parked';
create index comment_copies_parked on lockstep.comment_copies (workspace_id, connection_id, comment_id) where state = 'parked';
create index comment_copies_redriven on lockstep.comment_copies (workspace_id, redriven_at) where redriven_at is not null;
create index conflicts_left_out on lockstep.conflicts (workspace_id, connection_id, conflict_id)
  where state = 'open' and kind = 'notice' and field is not null and item_id is not null;
create index conflicts_redriven on lockstep.conflicts (workspace_id, resolved_at) where resolution = 'redriven';
