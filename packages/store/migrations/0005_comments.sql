-- What people say about items, and where it is mirrored. A comment's id is made from where it was written, so that it is the same after a store was lost.
create sequence lockstep.comment_version;

create table lockstep.comments (
  workspace_id text collate "C" not null,
  comment_id text collate "C" not null,
  item_id text collate "C" not null,
  -- Where a person wrote it, and its id there.
  connection_id text collate "C" not null,
  remote_comment_id text collate "C" not null,
  kind text not null check (kind in ('comment', 'file')),
  author text,
  written_at timestamptz not null,
  body text not null,
  removed boolean not null,
  version bigint not null default nextval('lockstep.comment_version'),
  primary key (workspace_id, comment_id)
);
create index comments_by_item on lockstep.comments (workspace_id, item_id);

create table lockstep.comment_copies (
  workspace_id text collate "C" not null,
  comment_id text collate "C" not null,
  -- Where it is mirrored; never where it was written.
  connection_id text collate "C" not null,
  remote_comment_id text collate "C",
  -- What the remote shows, as it stores it: an echo is known by it.
  shown text,
  state text not null check (state in ('owed', 'sending', 'shown', 'removed', 'parked')),
  -- The comment's version that was written last; 0 for none.
  version bigint not null,
  claimed_at timestamptz,
  primary key (workspace_id, comment_id, connection_id)
);
create index comment_copies_due on lockstep.comment_copies (workspace_id, connection_id, comment_id) where state in ('owed', 'sending');

-- Records whose comments are to be read: an event said that somebody has said something.
create sequence lockstep.discussed_version;
create table lockstep.discussed (
  workspace_id text collate "C" not null,
  connection_id text collate "C" not null,
  remote_id text collate "C" not null,
  version bigint not null default nextval('lockstep.discussed_version'),
  primary key (workspace_id, connection_id, remote_id)
);
