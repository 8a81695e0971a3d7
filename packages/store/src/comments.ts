/** Comments, their mirrors, and the records whose comments are to be read. */
import type { CommentCopy, CommentReads, CommentRow, CommentWrites, OwedComment } from '@lockstep/domain/sync/comments.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

/** Longer than a write can take: what is `sending` for so long was left by a crash. */
const LONGEST_WRITE_SECONDS = 60;

const COPY = sql.raw(
  `c.comment_id as "commentId", c.connection_id as "connectionId", c.remote_comment_id as "remoteCommentId", c.shown, c.state, c.version`,
);

export function commentReads({ db, workspaceId }: Scope): CommentReads {
  return {
    async comments(itemIds) {
      if (itemIds.length === 0) return [];
      const { rows } = await sql<CommentRow>`
        select comment_id as "commentId", item_id as "itemId", connection_id as "connectionId", remote_comment_id as "remoteCommentId", kind, author,
          written_at as "writtenAt", body, removed, version
        from lockstep.comments where workspace_id = ${workspaceId} and item_id = any(${itemIds}::text[]) order by comment_id`.execute(db);
      return rows;
    },
    async commentCopies(commentIds) {
      if (commentIds.length === 0) return [];
      const { rows } = await sql<CommentCopy>`
        select ${COPY} from lockstep.comment_copies c
        where c.workspace_id = ${workspaceId} and c.comment_id = any(${commentIds}::text[]) order by c.comment_id, c.connection_id`.execute(
        db,
      );
      return rows;
    },
    async commentsOwed(connectionId) {
      const { rows } = await sql<Beside>`
        select ${BESIDE} from lockstep.comment_copies c join lockstep.comments o using (workspace_id, comment_id)
        where c.workspace_id = ${workspaceId} and c.connection_id = ${connectionId} and c.state in ('owed', 'sending') order by c.comment_id`.execute(
        db,
      );
      return rows.map(owedOf);
    },
  };
}

export function commentWrites(scope: Scope): CommentWrites {
  return { ...rowWrites(scope), ...discussedWrites(scope) };
}

type RowWrites = Pick<CommentWrites, 'saveComments' | 'saveCommentCopies' | 'claimComments'>;

function rowWrites({ db, workspaceId }: Scope): RowWrites {
  return {
    async saveComments(comments) {
      if (comments.length === 0) return;
      const columns = comments.map((comment) => ({
        ...{ comment_id: comment.commentId, item_id: comment.itemId, connection_id: comment.connectionId, kind: comment.kind },
        ...{ remote_comment_id: comment.remoteCommentId, author: comment.author, written_at: comment.writtenAt },
        ...{ body: comment.body, removed: comment.removed },
      }));
      await sql`
        insert into lockstep.comments
          (workspace_id, comment_id, item_id, connection_id, remote_comment_id, kind, author, written_at, body, removed)
        select ${workspaceId}, r.* from jsonb_to_recordset(${recordset('comments', columns)}::jsonb)
          as r (comment_id text, item_id text, connection_id text, remote_comment_id text, kind text, author text, written_at timestamptz, body text, removed boolean)
        order by comment_id collate "C"
        on conflict (workspace_id, comment_id) do update set
          item_id = excluded.item_id, author = excluded.author, body = excluded.body, removed = excluded.removed,
          version = nextval('lockstep.comment_version')`.execute(db);
    },
    async saveCommentCopies(copies) {
      if (copies.length === 0) return;
      const columns = copies.map((copy) => ({
        ...{ comment_id: copy.commentId, connection_id: copy.connectionId, remote_comment_id: copy.remoteCommentId },
        ...{ shown: copy.shown, state: copy.state, version: copy.version },
      }));
      await sql`
        insert into lockstep.comment_copies (workspace_id, comment_id, connection_id, remote_comment_id, shown, state, version)
        select ${workspaceId}, r.* from jsonb_to_recordset(${recordset('comment copies', columns)}::jsonb)
          as r (comment_id text, connection_id text, remote_comment_id text, shown text, state text, version bigint)
        order by comment_id collate "C", connection_id collate "C"
        on conflict (workspace_id, comment_id, connection_id) do update set
          remote_comment_id = excluded.remote_comment_id, shown = excluded.shown, state = excluded.state, version = excluded.version`.execute(
        db,
      );
    },
    async claimComments(connectionId, limit, now) {
      const { rows } = await sql<Beside & { remoteId: string }>`
        with due as (
          select c.*, l.remote_id from lockstep.comment_copies c
          join lockstep.comments o using (workspace_id, comment_id)
          join lockstep.links l on l.workspace_id = c.workspace_id and l.connection_id = c.connection_id and l.item_id = o.item_id and l.state = 'linked'
          where c.workspace_id = ${workspaceId} and c.connection_id = ${connectionId}
            and (c.state = 'owed' or (c.state = 'sending' and c.claimed_at <= ${now}::timestamptz - ${LONGEST_WRITE_SECONDS} * interval '1 second'))
          order by o.written_at, c.comment_id limit ${limit}
          for update of c skip locked
        ), claimed as (
          update lockstep.comment_copies u set state = 'sending', claimed_at = ${now}::timestamptz
          from due where u.workspace_id = due.workspace_id and u.comment_id = due.comment_id and u.connection_id = due.connection_id
        )
        select ${BESIDE}, c.remote_id as "remoteId"
        from due c join lockstep.comments o using (workspace_id, comment_id) order by o.written_at, c.comment_id`.execute(db);
      return rows.map((row) => ({ ...owedOf(row), remoteId: row.remoteId }));
    },
  };
}

/** A copy and its comment side by side. */
interface Beside extends CommentCopy, Omit<CommentRow, 'version' | 'connectionId' | 'remoteCommentId'> {
  readonly origin: string;
  readonly originId: string;
  readonly commentVersion: number;
}

const BESIDE =
  sql.raw(`c.comment_id as "commentId", c.connection_id as "connectionId", c.remote_comment_id as "remoteCommentId", c.shown, c.state,
  c.version, o.item_id as "itemId", o.connection_id as origin, o.remote_comment_id as "originId", o.kind, o.author, o.written_at as "writtenAt", o.body,
  o.removed, o.version as "commentVersion"`);

function owedOf(row: Beside): OwedComment {
  return {
    copy: {
      ...{ commentId: row.commentId, connectionId: row.connectionId, remoteCommentId: row.remoteCommentId },
      ...{ shown: row.shown, state: row.state, version: row.version },
    },
    comment: {
      ...{ commentId: row.commentId, itemId: row.itemId, connectionId: row.origin, remoteCommentId: row.originId, kind: row.kind },
      ...{ author: row.author, writtenAt: row.writtenAt, body: row.body, removed: row.removed, version: row.commentVersion },
    },
  };
}

type DiscussedWrites = Pick<CommentWrites, 'noteDiscussed' | 'discussed' | 'clearDiscussed'>;

function discussedWrites({ db, workspaceId }: Scope): DiscussedWrites {
  return {
    async noteDiscussed(connectionId, remoteIds) {
      if (remoteIds.length === 0) return;
      await sql`
        insert into lockstep.discussed (workspace_id, connection_id, remote_id)
        select ${workspaceId}, ${connectionId}, remote_id from unnest(${[...new Set(remoteIds)].toSorted()}::text[]) as remote_id
        on conflict (workspace_id, connection_id, remote_id) do update set version = nextval('lockstep.discussed_version')`.execute(db);
    },
    async discussed(connectionId, limit) {
      const { rows } = await sql<{ remoteId: string; version: number }>`
        select remote_id as "remoteId", version from lockstep.discussed
        where workspace_id = ${workspaceId} and connection_id = ${connectionId} order by version limit ${limit}`.execute(db);
      return rows;
    },
    async clearDiscussed(connectionId, records) {
      if (records.length === 0) return;
      const columns = records.map(({ remoteId, version }) => ({ remote_id: remoteId, version }));
      await sql`
        delete from lockstep.discussed d
        using jsonb_to_recordset(${recordset('discussed', columns)}::jsonb) as r (remote_id text, version bigint)
        where d.workspace_id = ${workspaceId} and d.connection_id = ${connectionId} and d.remote_id = r.remote_id and d.version = r.version`.execute(
        db,
      );
    },
  };
}
