-- What people are owed to be told of change sets: a row before anything is sent, one for each notice and person.
--
-- Words and receipts hold addresses and names of accounts: they live here and with whoever reads them.

create table lockstep.change_set_notices (
  workspace_id text collate "C" not null,
  notice_id text collate "C" not null,
  person text collate "C" not null,
  change_set_id text collate "C" not null,
  notice text not null,
  words jsonb not null,
  owed_since timestamptz not null,
  until timestamptz not null,
  -- How far its delivery is; null before the first attempt.
  attempt jsonb,
  next_at timestamptz generated always as (to_timestamp((attempt ->> 'nextMs')::double precision / 1000)) stored,
  tried_since timestamptz,
  settled_at timestamptz,
  outcome text check (outcome in ('told', 'moot', 'late')),
  receipt jsonb,
  primary key (workspace_id, notice_id, person),
  check ((settled_at is null) = (outcome is null)),
  check (receipt is null or outcome = 'told')
);
create index change_set_notices_owed on lockstep.change_set_notices (workspace_id, owed_since, notice_id, person) where settled_at is null;
create index change_set_notices_of on lockstep.change_set_notices (workspace_id, change_set_id, owed_since);
