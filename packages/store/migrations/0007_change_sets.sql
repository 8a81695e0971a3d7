-- Change sets: every write that is made to a CRM for one reason, with its images, and who may write a record now (C1, C10).
--
-- Images hold people's data: they live here and in the CRM, nowhere else. Steps are the ledger of change sets; a row is never deleted.

create table lockstep.change_sets (
  workspace_id text collate "C" not null,
  change_set_id text collate "C" not null,
  kind text not null check (kind in ('bulk', 'rollback', 'undo', 'routing')),
  requested_by text collate "C" not null,
  actor_kind text not null check (actor_kind in ('human', 'agent', 'system')),
  requested_at timestamptz not null,
  reason text not null,
  confidence double precision,
  rolls_back jsonb not null check (jsonb_typeof(rolls_back) = 'array'),
  steps integer not null,
  state text not null,
  ending text check (ending in ('committed', 'rolled-back', 'rolled-back-with-residue', 'needs-operator')),
  cause text,
  diff_hash text,
  policy_version text,
  approval_expires_at timestamptz,
  deadline_at timestamptz,
  updated_at timestamptz not null,
  primary key (workspace_id, change_set_id),
  -- C3: a set has an end if, and only if, it has ended.
  check ((state = 'ended') = (ending is not null))
);
create index change_sets_newest on lockstep.change_sets (workspace_id, requested_at desc, change_set_id desc);
create index change_sets_by_actor on lockstep.change_sets (workspace_id, requested_by, change_set_id);

create table lockstep.change_set_steps (
  workspace_id text collate "C" not null,
  change_set_id text collate "C" not null,
  ordinal integer not null,
  operation jsonb not null,
  -- Of the operation's target. The record is the target's, or the one that the step has created; null where an earlier step creates it (`created_by`).
  connection_id text collate "C" not null,
  object text collate "C" not null,
  record_id text collate "C",
  created_by integer,
  reversibility text not null check (reversibility in ('A', 'B', 'C', 'D')),
  state text not null check (state in ('planned', 'sending', 'done', 'refused', 'undoing', 'undone', 'kept', 'stuck')),
  before_image jsonb,
  after_image jsonb,
  created_id text collate "C",
  sent_at timestamptz,
  done_at timestamptz,
  undone_at timestamptz,
  finding jsonb,
  undoes_set text collate "C",
  undoes_ordinal integer,
  primary key (workspace_id, change_set_id, ordinal),
  -- C1: nothing is sent before its before-image is here.
  check (state = 'planned' or state = 'refused' or before_image is not null)
);
create index change_set_steps_by_state on lockstep.change_set_steps (workspace_id, change_set_id, state, ordinal);
create index change_set_steps_by_record on lockstep.change_set_steps (workspace_id, connection_id, object, record_id);
create index change_set_steps_done on lockstep.change_set_steps (workspace_id, done_at desc, ordinal desc) where state = 'done';

create table lockstep.change_set_kept (
  workspace_id text collate "C" not null,
  kept_id bigint generated always as identity,
  change_set_id text collate "C" not null,
  step_set text collate "C" not null,
  step_ordinal integer not null,
  field text collate "C",
  code text not null,
  message text not null,
  before_value jsonb,
  our_value jsonb,
  now_value jsonb,
  set_by text,
  set_at timestamptz,
  noted_at timestamptz not null,
  primary key (workspace_id, kept_id)
);
create unique index change_set_kept_once on lockstep.change_set_kept (workspace_id, change_set_id, step_set, step_ordinal, field) nulls not distinct;

create table lockstep.change_set_approvals (
  workspace_id text collate "C" not null,
  approval_id bigint generated always as identity,
  change_set_id text collate "C" not null,
  approver text collate "C" not null,
  decision text not null check (decision in ('approve', 'reject')),
  diff_hash text not null,
  policy_version text not null,
  at timestamptz not null,
  voided_at timestamptz,
  primary key (workspace_id, approval_id)
);
create index change_set_approvals_of on lockstep.change_set_approvals (workspace_id, change_set_id, approval_id);

-- Who may write a record now (C10). Not lockstep.leases: those run out by the clock, these by the end of their set.
create table lockstep.record_leases (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  object text collate "C" not null,
  record_id text collate "C" not null,
  change_set_id text collate "C" not null,
  held_since timestamptz not null,
  seen_at timestamptz not null,
  primary key (workspace_id, connection_id, object, record_id)
);
create index record_leases_by_set on lockstep.record_leases (workspace_id, change_set_id);

-- Records that came back under another id (case 48): `new_id` is always the newest.
create table lockstep.record_new_ids (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  object text collate "C" not null,
  record_id text collate "C" not null,
  new_id text collate "C" not null,
  since timestamptz not null,
  primary key (workspace_id, connection_id, object, record_id)
);
create index record_new_ids_by_new on lockstep.record_new_ids (workspace_id, connection_id, object, new_id);
