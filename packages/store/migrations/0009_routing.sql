-- Routing: product events, the leads that they make, who has them, why, and until when.
--
-- Events, scores and notices hold people's data: they live here and nowhere else. Documents of the domain are jsonb, as they were made; what a query goes by
-- stands in columns of its own, generated where the document has it, so that no writer can forget it.

create table lockstep.routed_accounts (
  workspace_id text collate "C" not null,
  account_id text collate "C" not null,
  account_key text not null,
  -- In the CRM.
  connection_id text collate "C",
  object text collate "C",
  record_id text collate "C",
  match jsonb,
  -- Evidence that has come, and how much of it a step has looked at: what a lost wake has left is found by it.
  evidence_version bigint not null default 1,
  seen_version bigint not null default 0,
  primary key (workspace_id, account_id),
  check (num_nulls(connection_id, object, record_id) in (0, 3))
);

create index routed_accounts_unseen on lockstep.routed_accounts (workspace_id, account_id) where seen_version < evidence_version;

-- R7: one row for a message, however often it is delivered.
create table lockstep.product_events (
  workspace_id text collate "C" not null,
  message_id text collate "C" not null,
  account_id text collate "C" not null,
  type text collate "C" not null check (type in ('track', 'identify', 'group')),
  name text,
  account_key text not null,
  user_id text,
  anonymous_id text,
  group_id text,
  email text,
  "values" jsonb not null check (jsonb_typeof("values") = 'object'),
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  is_backfill boolean not null,
  primary key (workspace_id, message_id),
  check (type <> 'track' or name is not null)
);
create index product_events_of_account on lockstep.product_events (workspace_id, account_id, type, occurred_at desc, message_id desc);

-- Case 12: every delivery of a message that was there already.
create table lockstep.product_event_duplicates (
  workspace_id text collate "C" not null,
  duplicate_id bigint generated always as identity,
  message_id text collate "C" not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  is_backfill boolean not null,
  primary key (workspace_id, duplicate_id)
);
create index product_event_duplicates_of on lockstep.product_event_duplicates (workspace_id, message_id, duplicate_id);

-- Which event has an account's latest word on a trait, so that nobody reads the years before it. '-infinity': none has any more.
create table lockstep.account_traits (
  workspace_id text collate "C" not null,
  account_id text collate "C" not null,
  type text collate "C" not null check (type in ('identify', 'group')),
  trait text not null,
  occurred_at timestamptz not null,
  message_id text collate "C" not null
);
-- By a digest, as an index entry holds at most 2.7 kB, and a sender names traits as they like.
create unique index account_traits_once on lockstep.account_traits (workspace_id, account_id, type, md5(trait));
create index account_traits_by_event on lockstep.account_traits (workspace_id, message_id);

create table lockstep.leads (
  workspace_id text collate "C" not null,
  lead_id text collate "C" not null,
  account_id text collate "C" not null,
  state text collate "C" not null check (state in ('deciding', 'offered', 'escalated', 'accepted', 'closed')),
  score jsonb not null,
  source text not null,
  is_backfill boolean not null,
  opened_at timestamptz not null,
  closed_at timestamptz,
  offer_id text collate "C",
  escalated_to text collate "C",
  decisions integer not null check (decisions >= 0),
  is_chosen boolean not null,
  primary key (workspace_id, lead_id),
  check ((state = 'closed') = (closed_at is not null)),
  check (state not in ('offered', 'accepted') or offer_id is not null),
  check (state <> 'deciding' or offer_id is null),
  -- R2: what is escalated has a named person.
  check (state <> 'escalated' or escalated_to is not null)
);
-- R1: signals of an account are evidence for the lead that is open.
create unique index leads_one_open on lockstep.leads (workspace_id, account_id) where state <> 'closed';
create index leads_by_account on lockstep.leads (workspace_id, account_id, opened_at desc, lead_id desc);
create index leads_by_state on lockstep.leads (workspace_id, state, opened_at desc, lead_id desc);

create table lockstep.lead_offers (
  workspace_id text collate "C" not null,
  offer_id text collate "C" not null,
  -- In the order in which they were made.
  offer_seq bigint generated always as identity,
  lead_id text collate "C" not null,
  member_id text collate "C" not null,
  pool_id text collate "C",
  assignment jsonb,
  state text not null check (state in ('open', 'accepted', 'declined', 'taken-back', 'released', 'handed-over', 'closed')),
  offered_at timestamptz not null,
  answered_at timestamptz,
  primary key (workspace_id, offer_id),
  check (state <> 'open' or answered_at is null),
  check (state not in ('accepted', 'declined') or answered_at is not null)
);
-- One person has a lead.
create unique index lead_offers_one_held on lockstep.lead_offers (workspace_id, lead_id) where state in ('open', 'accepted');
create index lead_offers_held_by on lockstep.lead_offers (workspace_id, member_id, lead_id) where state in ('open', 'accepted');
create index lead_offers_of on lockstep.lead_offers (workspace_id, lead_id, offer_seq);

-- R6: what was decided, with all that it depended on. Rows are added, never changed.
create table lockstep.routing_decisions (
  workspace_id text collate "C" not null,
  decision_id text collate "C" not null,
  -- Drawn under the roster's lock: in the order of their making, whatever the instants say.
  decision_seq bigint generated always as identity,
  lead_id text collate "C" not null,
  ordinal integer not null check (ordinal > 0),
  decided_at timestamptz not null,
  policy_hash text collate "C" not null,
  roster_hash text collate "C" not null,
  input jsonb not null,
  decision jsonb not null,
  primary key (workspace_id, decision_id)
);
create unique index routing_decisions_of on lockstep.routing_decisions (workspace_id, lead_id, ordinal);
create index routing_decisions_in_order on lockstep.routing_decisions (workspace_id, decided_at, decision_seq);

create table lockstep.routing_documents (
  workspace_id text collate "C" not null,
  kind text collate "C" not null check (kind in ('policy', 'roster', 'scoring', 'slas')),
  hash text collate "C" not null,
  version text not null,
  body jsonb not null,
  primary key (workspace_id, kind, hash)
);

create table lockstep.pool_credits (
  workspace_id text collate "C" not null,
  pool_id text collate "C" not null,
  credit jsonb not null,
  primary key (workspace_id, pool_id)
);

create table lockstep.lead_clocks (
  workspace_id text collate "C" not null,
  clock_id text collate "C" not null,
  lead_id text collate "C" not null,
  due_at timestamptz,
  clock jsonb not null,
  sla_id text collate "C" not null generated always as (clock ->> 'slaId') stored,
  state text collate "C" not null generated always as (clock ->> 'state') stored,
  outcome text generated always as (clock #>> '{outcome,kind}') stored,
  started_at timestamptz not null generated always as (to_timestamp((clock ->> 'startedAtMs')::double precision / 1000)) stored,
  ended_at timestamptz generated always as (to_timestamp((clock #>> '{outcome,endedAtMs}')::double precision / 1000)) stored,
  primary key (workspace_id, clock_id),
  -- A clock has an outcome if, and only if, it has ended: none ends in silence (R2).
  check ((state in ('met', 'closed')) = (outcome is not null)),
  check (outcome is null or due_at is null)
);
create index lead_clocks_of on lockstep.lead_clocks (workspace_id, lead_id, started_at, clock_id);
create index lead_clocks_due on lockstep.lead_clocks (workspace_id, due_at, clock_id) where outcome is null;
create index lead_clocks_ended on lockstep.lead_clocks (workspace_id, ended_at) where outcome is not null;

create table lockstep.sla_actions (
  workspace_id text collate "C" not null,
  lead_id text collate "C" not null,
  action_key text collate "C" not null,
  action_seq bigint generated always as identity,
  action jsonb not null,
  primary key (workspace_id, lead_id, action_key)
);

create table lockstep.lead_notices (
  workspace_id text collate "C" not null,
  notice_id text collate "C" not null,
  lead_id text collate "C" not null,
  purpose text not null check (purpose in ('offer', 'remind', 'warn', 'taken-back', 'moved', 'escalate', 'accepted', 'uncovered')),
  member_id text collate "C" not null,
  notice jsonb not null,
  owed_since timestamptz not null,
  tried_since timestamptz,
  delivered_at timestamptz,
  receipt jsonb,
  primary key (workspace_id, notice_id),
  check (receipt is null or delivered_at is not null)
);
create index lead_notices_owed on lockstep.lead_notices (workspace_id, lead_id, owed_since, notice_id) where delivered_at is null;

-- Change sets that say in the CRM what was decided.
create table lockstep.lead_writes (
  workspace_id text collate "C" not null,
  change_set_id text collate "C" not null,
  lead_id text collate "C" not null,
  offer_id text collate "C" not null,
  motion text check (motion in ('plg', 'slg', 'alg')),
  owed_since timestamptz not null,
  started_at timestamptz,
  ending text check (ending in ('committed', 'owner-refused', 'not-written')),
  primary key (workspace_id, change_set_id),
  -- What has not been started has no end.
  check (ending is null or started_at is not null)
);
create index lead_writes_open on lockstep.lead_writes (workspace_id, lead_id, owed_since, change_set_id) where ending is null;

-- Times away, as each of a member's feeds said last.
create table lockstep.absences (
  workspace_id text collate "C" not null,
  member_id text collate "C" not null,
  feed text collate "C" not null,
  absence_id text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  reason text not null,
  check (from_at < to_at)
);
create unique index absences_once on lockstep.absences (workspace_id, member_id, feed, md5(absence_id));
create index absences_by_end on lockstep.absences (workspace_id, member_id, to_at);

-- Case 18: members whom the CRM does not take as owners any more.
create table lockstep.inactive_owners (
  workspace_id text collate "C" not null,
  owner_id text collate "C" not null,
  since timestamptz not null,
  primary key (workspace_id, owner_id)
);
