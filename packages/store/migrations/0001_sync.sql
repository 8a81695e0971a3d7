-- The store of the sync: one row per item, link and owed write, every key led by the workspace.
--
-- Only connections point at their workspace by a foreign key. Items, links and writes are never deleted one by one (a deleted item stays as its own
-- tombstone), and a foreign key between them would take row locks outside the id order that law S7 asks for.
-- Ids compare by code point (collate "C"), so that "in id order" means the same here, in the engine and on every server.

create table lockstep.workspaces (
  workspace_id text collate "C" primary key,
  created_at timestamptz not null default now()
);

create table lockstep.connections (
  workspace_id text collate "C" not null references lockstep.workspaces,
  connection_id text collate "C" not null,
  connector text not null,
  rank integer not null,
  gate text not null check (gate in ('open', 'plan-first', 'paused')),
  gate_before_pause text check (gate_before_pause in ('open', 'plan-first', 'paused')),
  mapping_hash text not null,
  breaker jsonb,
  last_pulled_at timestamptz,
  last_pushed_at timestamptz,
  last_full_scan_at timestamptz,
  primary key (workspace_id, connection_id)
);

create table lockstep.items (
  workspace_id text collate "C" not null,
  item_id text collate "C" not null,
  kind text not null,
  fields jsonb not null check (jsonb_typeof(fields) = 'object'),
  stamps jsonb not null check (jsonb_typeof(stamps) = 'object'),
  deleted_at timestamptz,
  deleted_by text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- Generated, so that an index can be led by the workspace and no writer can forget them. Titles are cut because an index entry holds at most 2.7 kB.
  title_key text collate "C" generated always as (left(normalize(fields ->> 'title', NFC), 200)) stored,
  parent_id text collate "C" generated always as (fields ->> 'parent') stored,
  primary key (workspace_id, item_id)
);
create index items_by_kind on lockstep.items (workspace_id, kind, item_id);
create index items_by_title on lockstep.items (workspace_id, title_key) where deleted_at is null;
create index items_by_parent on lockstep.items (workspace_id, parent_id) where deleted_at is null and parent_id is not null;
-- GIN cannot lead with the workspace without an extension; item ids are unguessable and hardly ever shared between workspaces.
create index items_by_dependency on lockstep.items using gin ((fields -> 'dependsOn')) where deleted_at is null;

create table lockstep.links (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  item_id text collate "C" not null,
  remote_id text collate "C" not null,
  remote_key text,
  url text,
  state text not null check (state in ('linked', 'vanished', 'unreachable', 'removed')),
  bases jsonb not null check (jsonb_typeof(bases) = 'object'),
  revision text,
  missed_scans integer not null,
  -- The scan that was counted last, so that a repeated count of one scan is no second miss (law S12: twice).
  missed_by text,
  pushed_at timestamptz,
  updated_at timestamptz not null,
  primary key (workspace_id, connection_id, item_id)
);
-- Law S4. Tombstones are outside: a remote id may come back to life under another item while the old link is remembered.
create unique index links_one_twin on lockstep.links (workspace_id, connection_id, remote_id) where state <> 'removed';
create index links_by_remote on lockstep.links (workspace_id, connection_id, remote_id);
create index links_by_item on lockstep.links (workspace_id, item_id);
create index links_by_push on lockstep.links (workspace_id, connection_id, pushed_at desc) where pushed_at is not null;

-- Most urgent first: the order of an enum is the order of its values.
create type lockstep.lane as enum ('person', 'live', 'routine', 'backfill');
-- Versions come from sequences, never from 1: a row that was settled and is owed anew must not look like the one that a late worker still holds.
create sequence lockstep.outbox_version;

create table lockstep.outbox (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  item_id text collate "C" not null,
  operation text not null check (operation in ('write', 'remove')),
  version bigint not null default nextval('lockstep.outbox_version'),
  depth integer not null,
  lane lockstep.lane not null,
  state text not null default 'owed' check (state in ('owed', 'sending', 'parked')),
  attempts integer not null default 0,
  not_before timestamptz,
  error jsonb,
  owed_since timestamptz not null,
  primary key (workspace_id, connection_id, item_id)
);
create index outbox_due on lockstep.outbox (workspace_id, connection_id, lane, depth, owed_since, item_id) where state <> 'parked';
create index outbox_by_item on lockstep.outbox (workspace_id, item_id);

create table lockstep.conflicts (
  workspace_id text collate "C" not null,
  conflict_id text collate "C" not null,
  kind text not null,
  state text not null check (state in ('open', 'recorded', 'resolved')),
  item_id text collate "C",
  field text,
  connection_id text collate "C" not null,
  remote_id text collate "C",
  canonical_value jsonb,
  remote_value jsonb,
  base_value jsonb,
  message text not null,
  raised_at timestamptz not null,
  resolved_at timestamptz,
  resolution text,
  primary key (workspace_id, conflict_id)
);
create unique index conflicts_one_open on lockstep.conflicts (workspace_id, connection_id, kind, item_id, field, remote_id) nulls not distinct
  where state = 'open';
create index conflicts_by_state on lockstep.conflicts (workspace_id, state, raised_at);
create index conflicts_by_item on lockstep.conflicts (workspace_id, item_id);

create table lockstep.ledger (
  workspace_id text collate "C" not null,
  ledger_id bigint generated always as identity,
  at timestamptz not null,
  run_id text collate "C" not null,
  target text not null,
  operation text not null check (operation in ('create', 'update', 'remove', 'link', 'restore')),
  item_id text collate "C" not null,
  actor text not null,
  cause text not null,
  before jsonb not null,
  after jsonb not null,
  remote_id text,
  primary key (workspace_id, ledger_id)
);
create index ledger_by_item on lockstep.ledger (workspace_id, item_id, ledger_id);
create index ledger_by_run on lockstep.ledger (workspace_id, run_id, ledger_id);

create table lockstep.checkpoints (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  name text not null,
  cursor jsonb,
  version integer not null,
  primary key (workspace_id, connection_id, name)
);

create table lockstep.inbox (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  delivery_id text collate "C" not null,
  received_at timestamptz not null,
  body bytea not null,
  primary key (workspace_id, connection_id, delivery_id)
);

create sequence lockstep.dirty_version;

create table lockstep.dirty (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  remote_id text collate "C" not null,
  deleted boolean not null,
  version bigint not null default nextval('lockstep.dirty_version'),
  marked_at timestamptz not null,
  primary key (workspace_id, connection_id, remote_id)
);
create index dirty_oldest on lockstep.dirty (workspace_id, connection_id, marked_at, remote_id);

create table lockstep.parked (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  remote_id text collate "C" not null,
  cause text not null,
  message text not null,
  attempts integer not null,
  first_seen_at timestamptz not null,
  primary key (workspace_id, connection_id, remote_id)
);

-- What a full scan has seen so far. Apart from links, because a page may be marked before its new records are linked, and to keep links from churning.
create table lockstep.scan_sightings (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  scan_id text collate "C" not null,
  remote_id text collate "C" not null,
  primary key (workspace_id, connection_id, scan_id, remote_id)
);

create table lockstep.leases (
  workspace_id text collate "C" not null,
  name text collate "C" not null,
  -- Null once released. The row stays: a fencing token must never be given out twice.
  holder text,
  token bigint not null,
  expires_at timestamptz not null,
  primary key (workspace_id, name)
);
