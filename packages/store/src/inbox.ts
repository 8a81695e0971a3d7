/**
 * Webhook deliveries and the records that they mark as dirty. A delivery id counts once (C01); a record is dirty once however many events name it (C08).
 */
import type { Hint } from '@lockstep/domain/sync/connector.port.ts';
import type { StoredDelivery, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { assertStorable, recordset } from './storable.ts';
import type { Scope } from './tables.ts';

type Inbox = Pick<StoreTransaction, 'acceptDelivery' | 'acceptDeliveries' | 'markDirty' | 'dirtyRecords' | 'clearDirty' | 'clearListed'>;

/** A record keeps its place in the queue and a reported delete, which a read will confirm or not. As in the outbox, the version is drawn under the row's lock. */
const MARK = sql.raw(`on conflict (workspace_id, connection_id, remote_id) do update set
  deleted = d.deleted or excluded.deleted, version = nextval('lockstep.dirty_version')`);

export function inbox(scope: Scope): Inbox {
  const { db, workspaceId } = scope;
  return {
    acceptDelivery: async (delivery) => (await accept(scope, [delivery]))[0] === true,
    acceptDeliveries: (deliveries) => accept(scope, deliveries),
    async markDirty(connectionId, hints, now) {
      if (hints.length === 0) return;
      await sql`
        insert into lockstep.dirty as d (workspace_id, connection_id, remote_id, deleted, marked_at)
        select ${workspaceId}, ${connectionId}, remote_id, deleted, ${now}::timestamptz
        from jsonb_to_recordset(${hintRows(hints)}::jsonb) as r (remote_id text, deleted boolean)
        order by remote_id collate "C"
        ${MARK}`.execute(db);
    },
    async dirtyRecords(connectionId, limit, upTo) {
      const dirty = db
        .selectFrom('lockstep.dirty')
        .select(['remote_id as remoteId', 'deleted', 'version'])
        .where('workspace_id', '=', workspaceId)
        .where('connection_id', '=', connectionId)
        .orderBy('marked_at')
        .orderBy('remote_id')
        .limit(limit);
      return (upTo === undefined ? dirty : dirty.where('version', '<=', upTo)).execute();
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
    async clearListed(connectionId, remoteIds, lastVersion) {
      if (remoteIds.length === 0) return;
      await db
        .deleteFrom('lockstep.dirty')
        .where('workspace_id', '=', workspaceId)
        .where('connection_id', '=', connectionId)
        .where(sql<boolean>`remote_id = any(${remoteIds}::text[])`)
        .where('version', '<=', lastVersion)
        .where('deleted', '=', false)
        .execute();
    },
  };
}

/** Stores the deliveries that are new and marks what they name. A delivery that is among them twice is new once. */
async function accept({ db, workspaceId }: Scope, deliveries: readonly StoredDelivery[]): Promise<readonly boolean[]> {
  if (deliveries.length === 0) return [];
  const hints = deliveries.flatMap(({ connectionId, deliveryId, hints: own }) =>
    own.map(({ remoteId, deleted, discussed = false }) => ({
      ...{ connection_id: connectionId, delivery_id: deliveryId, remote_id: remoteId },
      ...{ deleted, discussed },
    })),
  );
  for (const { connectionId, deliveryId } of deliveries) assertStorable('delivery', { connectionId, deliveryId });
  const { rows } = await sql<{ connectionId: string; deliveryId: string }>`
    with given as materialized (
      select * from unnest(
        ${deliveries.map(({ connectionId }) => connectionId)}::text[], ${deliveries.map(({ deliveryId }) => deliveryId)}::text[],
        ${deliveries.map(({ receivedAt }) => receivedAt)}::timestamptz[], ${deliveries.map(({ body }) => Buffer.from(body))}::bytea[]
      ) as g (connection_id, delivery_id, received_at, body)
    ), accepted as (
      insert into lockstep.inbox (workspace_id, connection_id, delivery_id, received_at, body)
      select distinct on (connection_id collate "C", delivery_id collate "C") ${workspaceId}, connection_id, delivery_id, received_at, body
      from given order by connection_id collate "C", delivery_id collate "C"
      on conflict do nothing
      returning connection_id, delivery_id, received_at
    ), hinted as (
      select h.*, accepted.received_at
      from accepted join jsonb_to_recordset(${recordset('hints', hints)}::jsonb)
        as h (connection_id text, delivery_id text, remote_id text, deleted boolean, discussed boolean)
        on h.connection_id = accepted.connection_id and h.delivery_id = accepted.delivery_id
    ), marked as (
      insert into lockstep.dirty as d (workspace_id, connection_id, remote_id, deleted, marked_at)
      select ${workspaceId}, connection_id, remote_id, bool_or(deleted), min(received_at)
      from hinted where not discussed
      group by connection_id, remote_id order by connection_id collate "C", remote_id collate "C"
      ${MARK}
    ), discussed as (
      insert into lockstep.discussed (workspace_id, connection_id, remote_id)
      select ${workspaceId}, connection_id, remote_id
      from hinted where discussed
      group by connection_id, remote_id order by connection_id collate "C", remote_id collate "C"
      on conflict (workspace_id, connection_id, remote_id) do update set version = nextval('lockstep.discussed_version')
    )
    select connection_id as "connectionId", delivery_id as "deliveryId" from accepted`.execute(db);
  const fresh = new Set(rows.map(({ connectionId, deliveryId }) => JSON.stringify([connectionId, deliveryId])));
  return deliveries.map(({ connectionId, deliveryId }) => fresh.delete(JSON.stringify([connectionId, deliveryId])));
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
