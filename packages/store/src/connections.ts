/** Connections and their checkpoints. */
import type { CheckpointName, StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { StaleCheckpoint } from '@lockstep/domain/sync/store.port.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { sql } from 'kysely';
import { assertStorable } from './storable.ts';
import type { Scope } from './tables.ts';

const CONNECTION = [
  'connection_id as connectionId',
  'connector',
  'rank',
  'gate',
  'gate_before_pause as gateBeforePause',
  'mapping_hash as mappingHash',
  'breaker',
  'last_pulled_at as lastPulledAt',
  'last_pushed_at as lastPushedAt',
  'last_full_scan_at as lastFullScanAt',
] as const;

export function connectionReads({ db, workspaceId }: Scope): Pick<StoreReader, 'connections' | 'connection' | 'checkpoint'> {
  const own = () => db.selectFrom('lockstep.connections').select(CONNECTION).where('workspace_id', '=', workspaceId);
  return {
    /** In rank order. */
    async connections() {
      return own().orderBy('rank').orderBy('connection_id').execute();
    },
    async connection(connectionId) {
      return (await own().where('connection_id', '=', connectionId).executeTakeFirst()) ?? null;
    },
    async checkpoint(connectionId, name) {
      const found = await db
        .selectFrom('lockstep.checkpoints')
        .select(['cursor', 'version'])
        .where('workspace_id', '=', workspaceId)
        .where('connection_id', '=', connectionId)
        .where('name', '=', name)
        .executeTakeFirst();
      return found ?? { cursor: null, version: 0 };
    },
  };
}

export function connectionWrites({
  db,
  workspaceId,
}: Scope): Pick<StoreTransaction, 'connections' | 'connection' | 'saveConnection' | 'notePulled' | 'saveCheckpoint'> {
  const own = () => db.selectFrom('lockstep.connections').select(CONNECTION).where('workspace_id', '=', workspaceId).forUpdate();
  return {
    // A row is read to be saved whole: without the lock a push that notes its time would undo a pause that came in between.
    async connections() {
      return own().orderBy('rank').orderBy('connection_id').execute();
    },
    async connection(connectionId) {
      return (await own().where('connection_id', '=', connectionId).executeTakeFirst()) ?? null;
    },
    async saveConnection(row) {
      assertStorable('connection', row);
      await sql`
        with workspace as (insert into lockstep.workspaces (workspace_id) values (${workspaceId}) on conflict do nothing)
        insert into lockstep.connections
          (workspace_id, connection_id, connector, rank, gate, gate_before_pause, mapping_hash, breaker, last_pulled_at, last_pushed_at, last_full_scan_at)
        values (${workspaceId}, ${row.connectionId}, ${row.connector}, ${row.rank}, ${row.gate}, ${row.gateBeforePause}, ${row.mappingHash},
          ${jsonOrNull(row.breaker)}::jsonb, ${row.lastPulledAt}, ${row.lastPushedAt}, ${row.lastFullScanAt})
        on conflict (workspace_id, connection_id) do update set
          connector = excluded.connector, rank = excluded.rank, gate = excluded.gate, gate_before_pause = excluded.gate_before_pause,
          mapping_hash = excluded.mapping_hash, breaker = excluded.breaker, last_pulled_at = excluded.last_pulled_at,
          last_pushed_at = excluded.last_pushed_at, last_full_scan_at = excluded.last_full_scan_at`.execute(db);
    },
    async notePulled(connectionId, at, isFullScan) {
      await sql`
        update lockstep.connections set last_pulled_at = ${at}, last_full_scan_at = case when ${isFullScan} then ${at} else last_full_scan_at end
        where workspace_id = ${workspaceId} and connection_id = ${connectionId}`.execute(db);
    },
    async saveCheckpoint(connectionId, name, cursor, expectedVersion) {
      assertStorable('checkpoint', cursor);
      const moved = await moveCheckpoint({ db, workspaceId }, connectionId, name, cursor, expectedVersion);
      if (!moved) {
        throw new StaleCheckpoint(
          `checkpoint ${name} of ${connectionId}: expected version ${expectedVersion}, but another run has moved it; read the page again`,
        );
      }
    },
  };
}

/** A second writer waits for the first to commit, then finds another version (or the row that it meant to insert) and gets false. */
async function moveCheckpoint(
  { db, workspaceId }: Scope,
  connectionId: string,
  name: CheckpointName,
  cursor: Json | null,
  expectedVersion: number,
): Promise<boolean> {
  const key = { workspace_id: workspaceId, connection_id: connectionId, name };
  const json = sql<Json>`${jsonOrNull(cursor)}::jsonb`;
  if (expectedVersion === 0) {
    const inserted = await db
      .insertInto('lockstep.checkpoints')
      .values({ ...key, cursor: json, version: 1 })
      .onConflict((conflict) => conflict.doNothing())
      .returning('version')
      .executeTakeFirst();
    return inserted !== undefined;
  }
  const updated = await db
    .updateTable('lockstep.checkpoints')
    .set({ cursor: json, version: expectedVersion + 1 })
    .where('workspace_id', '=', workspaceId)
    .where('connection_id', '=', connectionId)
    .where('name', '=', name)
    .where('version', '=', expectedVersion)
    .returning('version')
    .executeTakeFirst();
  return updated !== undefined;
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
