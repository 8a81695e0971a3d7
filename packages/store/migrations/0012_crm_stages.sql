-- Stages of a sale, as the CRM of routing shows them: which record has come into which stage when, and by what our accounts are found from it.

create table lockstep.crm_stages (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  object text collate "C" not null,
  record_id text collate "C" not null,
  -- As links name records.
  record_key text collate "C" not null generated always as (connection_id || '/' || object || '/' || record_id) stored,
  -- Of our account that its mail address speaks for, whether it is there or not; a digest, no address.
  mail_account_id text collate "C",
  entries jsonb not null check (jsonb_typeof(entries) = 'array'),
  primary key (workspace_id, connection_id, object, record_id)
);
create unique index crm_stages_by_key on lockstep.crm_stages (workspace_id, record_key);
create index crm_stages_by_mail on lockstep.crm_stages (workspace_id, mail_account_id) where mail_account_id is not null;

-- Accounts and people of the CRM that such a record belongs to.
create table lockstep.crm_stage_links (
  workspace_id text collate "C" not null,
  record_key text collate "C" not null,
  related_key text collate "C" not null,
  primary key (workspace_id, record_key, related_key)
);
create index crm_stage_links_to on lockstep.crm_stage_links (workspace_id, related_key, record_key);

-- So far a CRM has been read.
create table lockstep.crm_stage_cursors (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  cursor text not null,
  primary key (workspace_id, connection_id)
);

-- From a record of the CRM to our account.
create index routed_accounts_by_record on lockstep.routed_accounts (workspace_id, (connection_id || '/' || object || '/' || record_id))
  where record_id is not null;
