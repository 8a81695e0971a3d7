-- Replays: runs of workflows that are set back to a point and go on from there, and what became of each (0021).
--
-- Ids, counts and codes; the reason in words lives here and nowhere else. A row is never deleted.

create table lockstep.replays (
  workspace_id text collate "C" not null,
  replay_id text collate "C" not null,
  requested_by text collate "C" not null,
  actor_kind text not null check (actor_kind in ('human', 'agent', 'system')),
  requested_at timestamptz not null,
  reason text not null,
  selection jsonb not null check (jsonb_typeof(selection) = 'object'),
  point jsonb not null check (jsonb_typeof(point) = 'object'),
  batch_size integer not null check (batch_size > 0),
  per_second double precision not null check (per_second > 0),
  targets integer not null check (targets > 0),
  state text not null check (state in ('planned', 'awaiting-approval', 'running', 'paused', 'ended')),
  ending text check (ending in ('done', 'stopped', 'rejected', 'expired')),
  plan_hash text not null,
  reasons jsonb not null check (jsonb_typeof(reasons) = 'array'),
  approval_expires_at timestamptz,
  approver text collate "C",
  decided_at timestamptz,
  accepted_unsafe jsonb not null check (jsonb_typeof(accepted_unsafe) = 'array'),
  updated_at timestamptz not null,
  primary key (workspace_id, replay_id),
  check ((state = 'ended') = (ending is not null)),
  -- What people are asked runs only after one of them has said yes, who is not the one who asked.
  check (state not in ('running', 'paused') or reasons = '[]'::jsonb or (approver is not null and approver <> requested_by)),
  check ((approver is null) = (decided_at is null))
);
create index replays_newest on lockstep.replays (workspace_id, requested_at desc, replay_id desc);
create index replays_open on lockstep.replays (workspace_id, state) where state <> 'ended';

create table lockstep.replay_targets (
  workspace_id text collate "C" not null,
  replay_id text collate "C" not null,
  ordinal integer not null check (ordinal >= 0),
  workflow_id text collate "C" not null,
  workflow_type text not null check (workflow_type in ('backlogSync', 'backlogReconcile', 'changeSet', 'pqlRouting')),
  run_id text collate "C" not null,
  reset_event_id bigint not null check (reset_event_id > 0),
  effects jsonb not null check (jsonb_typeof(effects) = 'array'),
  state text not null check (state in ('planned', 'resetting', 'reset', 'skipped', 'refused')),
  code text,
  new_run_id text collate "C",
  settled_at timestamptz,
  primary key (workspace_id, replay_id, ordinal),
  check ((state = 'reset') = (new_run_id is not null)),
  check ((state in ('skipped', 'refused')) = (code is not null)),
  check ((state in ('planned', 'resetting')) = (settled_at is null))
);
create unique index replay_targets_once on lockstep.replay_targets (workspace_id, replay_id, workflow_id);
create index replay_targets_by_state on lockstep.replay_targets (workspace_id, replay_id, state, ordinal);
