/**
 * Webhook deliveries and the records that they mark as dirty. A delivery id counts once (C01); a record is dirty once however many events name it (C08).
 */
import type { Hint } from '@lockstep/domain/sync/connector.port.ts';
import type { StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { assertStorable, recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Inbox = Pick<StoreTransaction, 'acceptDelivery' | 'markDirty' | 'dirtyRecords' | 'clearDirty'>;

/** A record keeps its place in the queue and a reported delete, which a read will confirm or not. As in the outbox, the version is drawn under the row's lock. */
const MARK = sql.raw(`on conflict (workspace_id, connection_id, remote_id) do update set
  deleted = d.deleted or excluded.deleted, version = nextval('lockstep.dirty_version')`);

export function inbox({ db, workspaceId }: Scope): Inbox {
  return {
    async acceptDelivery({ connectionId, deliveryId, receivedAt, body, hints }) {
      assertStorable('delivery', { connectionId, deliveryId });
      const { rows } = await sql<{ accepted: boolean }>`
        with accepted as (
          insert into lockstep.inbox (workspace_id, connection_id, delivery_id, received_at, body)
          values (${workspaceId}, ${connectionId}, ${deliveryId}, ${receivedAt}::timestamptz, ${Buffer.from(body)})
          on conflict do nothing
          returning received_at
        ), marked as (
          insert into lockstep.dirty as d (workspace_id, connection_id, remote_id, deleted, marked_at)
          select ${workspaceId}, ${connectionId}, r.remote_id, r.deleted, accepted.received_at
          from accepted cross join jsonb_to_recordset(${hintRows(hints)}::jsonb) as r (remote_id text, deleted boolean)
          order by r.remote_id collate "C"
          ${MARK}
        )
        select exists (select from accepted) as accepted`.execute(db);
      return rows[0]?.accepted === true;
    },
    async markDirty(connectionId, hints, now) {
      if (hints.length === 0) return;
      await sql`
        insert into lockstep.dirty as d (workspace_id, connection_id, remote_id, deleted, marked_at)
        select ${workspaceId}, ${connectionId}, remote_id, deleted, ${now}::timestamptz
        from jsonb_to_recordset(${hintRows(hints)}::jsonb) as r (remote_id text, deleted boolean)
        order by remote_id collate "C"
        ${MARK}`.execute(db);
    },
    async dirtyRecords(connectionId, limit) {
      return db
        .selectFrom('lockstep.dirty')
        .select(['remote_id as remoteId', 'deleted', 'version'])
        .where('workspace_id', '=', workspaceId)
        .where('connection_id', '=', connectionId)
        .orderBy('marked_at')
        .orderBy('remote_id')
        .limit(limit)
        .execute();
    },
    async clearDirty(connectionId, records) {
      if (records.length === 0) return;
      const columns = records.map((record) => ({ remote_id: record.remoteId, version: record.version }));
      await sql`
        delete from lockstep.dirty d
        using jsonb_to_recordset(${recordset('dirty', columns)}::jsonb) as r (remote_id text, version bigint)
        where d.workspace_id = ${workspaceId} and d.connection_id = ${connectionId}
          and d.remote_id = r.remote_id and d.version = r.version`.execute(db);
    },
  };
}

/** A statement cannot meet one row twice. */
function hintRows(hints: readonly Hint[]): string {
  const deleted = new Map<string, boolean>();
  for (const hint of hints) deleted.set(hint.remoteId, hint.deleted || deleted.get(hint.remoteId) === true);
  return recordset(
    'hints',
    [...deleted].map(([remoteId, gone]) => ({ remote_id: remoteId, deleted: gone })),
  );
}
