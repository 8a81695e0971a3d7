/** What waits for a person, by kind and page, and the statements that drive it again. */
import { FIELD_LEFT_OUT } from '@lockstep/domain/sync/parked.ts';
import type { ParkedKind, ParkedThing } from '@lockstep/domain/sync/parked.ts';
import { REDRIVEN } from '@lockstep/domain/sync/redrive.port.ts';
import type { ParkedReads, ParkedRequest, RedriveWrites } from '@lockstep/domain/sync/redrive.port.ts';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

export function redriveReads(scope: Scope): ParkedReads {
  const { db, workspaceId } = scope;
  return {
    async parkedPage(request) {
      const { connectionId, after, limit } = request;
      const { rows } = await sql<ParkedThing>`
        select ${request.kind} as kind, things.* from (${THINGS[request.kind](workspaceId, request)}) as things
        where true
          ${connectionId === undefined ? sql`` : sql`and "connectionId" = ${connectionId}`}
          ${after === null ? sql`` : sql`and ("connectionId", id) > (${after.connectionId} collate "C", ${after.id} collate "C")`}
        order by "connectionId", id limit ${limit}`.execute(db);
      return rows;
    },
    async redrivenUnderWay(at) {
      const { rows } = await sql<{ connectionId: string; count: number }>`
        select connection_id as "connectionId", count(*) as count from (
          select connection_id from lockstep.outbox
          where workspace_id = ${workspaceId} and owed_since = ${at}::timestamptz and state in ('owed', 'sending')
          union all
          select connection_id from lockstep.parked join lockstep.dirty using (workspace_id, connection_id, remote_id)
          where workspace_id = ${workspaceId} and redriven_at = ${at}::timestamptz
          union all
          select connection_id from lockstep.comment_copies
          where workspace_id = ${workspaceId} and redriven_at = ${at}::timestamptz and state in ('owed', 'sending')
          union all
          -- A field is read again too; the write is counted above, unless the item was owed one before.
          select c.connection_id from lockstep.conflicts c
          left join lockstep.outbox o on o.workspace_id = c.workspace_id and o.connection_id = c.connection_id and o.item_id = c.item_id
            and o.state in ('owed', 'sending') and o.owed_since <> c.resolved_at
          left join lockstep.links l on l.workspace_id = c.workspace_id and l.connection_id = c.connection_id and l.item_id = c.item_id
          left join lockstep.dirty d on d.workspace_id = l.workspace_id and d.connection_id = l.connection_id and d.remote_id = l.remote_id
          where c.workspace_id = ${workspaceId} and c.resolution = ${REDRIVEN} and c.resolved_at = ${at}::timestamptz and c.field is not null
            and (o.item_id is not null or d.remote_id is not null)
        ) as pending
        group by connection_id order by connection_id`.execute(db);
      return rows;
    },
  };
}

type Things = (workspaceId: string, request: ParkedRequest) => RawBuilder<unknown>;

/** Every kind in the columns of `ParkedThing`. */
const THINGS: Readonly<Record<ParkedKind, Things>> = {
  write: (workspaceId, { itemId, redrivenAt }) => sql`
    select connection_id as "connectionId", item_id as id, item_id as "itemId", null as "remoteId", null as field,
      coalesce(error ->> 'code', 'Unknown') as code, coalesce(error ->> 'message', '') as message, attempts, owed_since as since,
      false as "isUnderWay"
    from lockstep.outbox where workspace_id = ${workspaceId} and state = 'parked'
      ${itemId === undefined ? sql`` : sql`and item_id = ${itemId}`}
      ${redrivenAt === undefined ? sql`` : sql`and owed_since = ${redrivenAt}::timestamptz`}`,
  field: (workspaceId, { itemId, redrivenAt }) => sql`
    select c.connection_id as "connectionId", c.conflict_id as id, c.item_id as "itemId", c.remote_id as "remoteId", c.field,
      ${FIELD_LEFT_OUT} as code, c.message, 0 as attempts, c.raised_at as since, false as "isUnderWay"
    from lockstep.conflicts c
    where c.workspace_id = ${workspaceId} and c.state = 'open' and c.kind = 'notice' and c.field is not null and c.item_id is not null
      ${itemId === undefined ? sql`` : sql`and c.item_id = ${itemId}`}
      ${
        redrivenAt === undefined
          ? sql``
          : sql`and exists (
              select from lockstep.conflicts r
              where r.workspace_id = c.workspace_id and r.resolution = ${REDRIVEN} and r.resolved_at = ${redrivenAt}::timestamptz
                and r.connection_id = c.connection_id and r.item_id = c.item_id and r.field = c.field)`
      }`,
  record: (workspaceId, { remoteId, redrivenAt }) => sql`
    select p.connection_id as "connectionId", p.remote_id as id, null as "itemId", p.remote_id as "remoteId", null as field, p.cause as code,
      p.message, p.attempts, p.first_seen_at as since, d.remote_id is not null as "isUnderWay"
    from lockstep.parked p left join lockstep.dirty d using (workspace_id, connection_id, remote_id)
    where p.workspace_id = ${workspaceId}
      ${remoteId === undefined ? sql`` : sql`and p.remote_id = ${remoteId}`}
      ${redrivenAt === undefined ? sql`` : sql`and p.redriven_at = ${redrivenAt}::timestamptz and d.remote_id is null`}`,
  comment: (workspaceId, { itemId, redrivenAt }) => sql`
    select c.connection_id as "connectionId", c.comment_id as id, o.item_id as "itemId", null as "remoteId", null as field,
      coalesce(c.error ->> 'code', 'Unknown') as code, coalesce(c.error ->> 'message', '') as message, 0 as attempts,
      coalesce(c.parked_at, o.written_at) as since, false as "isUnderWay"
    from lockstep.comment_copies c join lockstep.comments o using (workspace_id, comment_id)
    where c.workspace_id = ${workspaceId} and c.state = 'parked'
      ${itemId === undefined ? sql`` : sql`and o.item_id = ${itemId}`}
      ${redrivenAt === undefined ? sql`` : sql`and c.redriven_at = ${redrivenAt}::timestamptz`}`,
};

export function redriveWrites({ db, workspaceId }: Scope): RedriveWrites {
  return {
    async parkComments(rows, now) {
      if (rows.length === 0) return;
      const columns = rows.map(({ connectionId, commentId, error }) => ({ connection_id: connectionId, comment_id: commentId, error }));
      await sql`
        update lockstep.comment_copies c set state = 'parked', error = r.error, parked_at = ${now}::timestamptz
        from jsonb_to_recordset(${recordset('comment copies', columns)}::jsonb) as r (connection_id text, comment_id text, error jsonb)
        where c.workspace_id = ${workspaceId} and c.connection_id = r.connection_id and c.comment_id = r.comment_id`.execute(db);
    },
    async redriveComments(connectionId, commentIds, now) {
      if (commentIds.length === 0) return;
      await sql`
        update lockstep.comment_copies set state = 'owed', redriven_at = ${now}::timestamptz
        where workspace_id = ${workspaceId} and connection_id = ${connectionId} and state = 'parked'
          and comment_id = any(${[...commentIds]}::text[])`.execute(db);
    },
    async redriveRecords(connectionId, remoteIds, now) {
      if (remoteIds.length === 0) return;
      await sql`
        update lockstep.parked set redriven_at = ${now}::timestamptz
        where workspace_id = ${workspaceId} and connection_id = ${connectionId} and remote_id = any(${[...remoteIds]}::text[])`.execute(db);
    },
    async closeNotices(connectionId, itemIds, beginning, now) {
      if (itemIds.length === 0) return;
      await sql`
        update lockstep.conflicts set state = 'resolved', resolution = ${REDRIVEN}, resolved_at = ${now}::timestamptz
        where workspace_id = ${workspaceId} and state = 'open' and kind = 'notice' and field is null and connection_id = ${connectionId}
          and item_id = any(${[...itemIds]}::text[]) and starts_with(message, ${beginning})`.execute(db);
    },
  };
}
