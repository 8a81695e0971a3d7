-- OAuth tokens of connections that have them: sealed by the worker with its key ring, replaced as a whole, by compare-and-set.

create table lockstep.tokens (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  -- Which configured grant they come from, as a hash: a new consent replaces them.
  grant_hash text not null,
  sealed bytea not null,
  version bigint not null,
  primary key (workspace_id, connection_id)
);
