-- The audit log: entries as exact text, one place after the other, and checkpoints of their Merkle tree. Rows are added, never changed or taken away:
-- the triggers stop mistakes, the checkpoints that are kept elsewhere show what somebody does who owns the database and drops the triggers.

-- Where the next entry goes. Its row is locked until the appending transaction ends, so that places have no gaps.
create table lockstep.audit_heads (
  workspace_id text collate "C" primary key,
  size bigint not null check (size >= 0)
);

create table lockstep.audit_entries (
  workspace_id text collate "C" not null,
  seq bigint not null check (seq >= 0),
  at timestamptz not null,
  -- Canonical JSON (RFC 8785): text and not jsonb, as its bytes are what is hashed.
  canonical text not null,
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  primary key (workspace_id, seq)
);

create table lockstep.audit_checkpoints (
  workspace_id text collate "C" not null,
  size bigint not null check (size > 0),
  root text not null,
  at timestamptz not null,
  key_id text not null,
  signature text not null,
  -- Roots of the complete subtrees at the right edge, largest first.
  edge text[] not null,
  primary key (workspace_id, size)
);

-- The key of pseudonyms, sealed by the worker.
create table lockstep.audit_keys (
  workspace_id text collate "C" primary key,
  sealed bytea not null
);

create function lockstep.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit log: expected an append, got % on %; what is in it is never changed or taken away', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end
$$;

create trigger audit_entries_append_only before update or delete or truncate on lockstep.audit_entries
  for each statement execute function lockstep.refuse_audit_change();
create trigger audit_checkpoints_append_only before update or delete or truncate on lockstep.audit_checkpoints
  for each statement execute function lockstep.refuse_audit_change();
create trigger audit_heads_stay before delete or truncate on lockstep.audit_heads
  for each statement execute function lockstep.refuse_audit_change();
