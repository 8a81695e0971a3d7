-- Ids that records carry of an item whose row was lost with an earlier store and made again under another id (K02).
create table lockstep.aliases (
  workspace_id text collate "C" not null,
  alias text collate "C" not null,
  item_id text collate "C" not null,
  primary key (workspace_id, alias)
);
