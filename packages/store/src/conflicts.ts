/** Conflicts: open questions and remembered losses (laws S2, S6). */
import type { ConflictRow, StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { assertStorable, recordset } from './storable.ts';
import type { Scope } from './tables.ts';

const CONFLICT = [
  'conflict_id as conflictId',
  'kind',
  'state',
  'item_id as itemId',
  'field',
  'connection_id as connectionId',
  'remote_id as remoteId',
  'canonical_value as canonicalValue',
  'remote_value as remoteValue',
  'base_value as baseValue',
  'message',
  'raised_at as raisedAt',
  'resolved_at as resolvedAt',
  'resolution',
] as const;

export function conflictReads({ db, workspaceId }: Scope): Pick<StoreReader, 'conflicts' | 'conflict'> {
  const own = () => db.selectFrom('lockstep.conflicts').select(CONFLICT).where('workspace_id', '=', workspaceId);
  return {
    /** Newest first. */
    async conflicts({ state, itemId, connectionId, limit }) {
      let rows = own().orderBy('raised_at', 'desc').orderBy('conflict_id', 'desc').limit(limit);
      if (state !== undefined) rows = rows.where('state', '=', state);
      if (itemId !== undefined) rows = rows.where('item_id', '=', itemId);
      if (connectionId !== undefined) rows = rows.where('connection_id', '=', connectionId);
      return rows.execute();
    },
    async conflict(conflictId) {
      return (await own().where('conflict_id', '=', conflictId).executeTakeFirst()) ?? null;
    },
  };
}

export function conflictWrites({ db, workspaceId }: Scope): Pick<StoreTransaction, 'raiseConflicts' | 'resolveConflicts'> {
  return {
    /** A question that is open already keeps its id and the instant at which it was first raised; values and message become the new ones. */
    async raiseConflicts(rows) {
      if (rows.length === 0) return;
      const columns = oncePerQuestion(rows).map((row) => ({
        conflict_id: row.conflictId,
        kind: row.kind,
        state: row.state,
        item_id: row.itemId,
        field: row.field,
        connection_id: row.connectionId,
        remote_id: row.remoteId,
        canonical_value: row.canonicalValue,
        remote_value: row.remoteValue,
        base_value: row.baseValue,
        message: row.message,
        raised_at: row.raisedAt,
        resolved_at: row.resolvedAt,
        resolution: row.resolution,
      }));
      await sql`
        insert into lockstep.conflicts (workspace_id, conflict_id, kind, state, item_id, field, connection_id, remote_id,
          canonical_value, remote_value, base_value, message, raised_at, resolved_at, resolution)
        select ${workspaceId}, r.* from jsonb_to_recordset(${recordset('conflicts', columns)}::jsonb)
          as r (conflict_id text, kind text, state text, item_id text, field text, connection_id text, remote_id text,
            canonical_value jsonb, remote_value jsonb, base_value jsonb, message text, raised_at timestamptz, resolved_at timestamptz, resolution text)
        order by conflict_id collate "C"
        on conflict (workspace_id, connection_id, kind, item_id, field, remote_id) where state = 'open' do update set
          canonical_value = excluded.canonical_value, remote_value = excluded.remote_value, base_value = excluded.base_value,
          message = excluded.message`.execute(db);
    },
    /** Those that are resolved already keep their first resolution. */
    async resolveConflicts(conflictIds, resolution, now) {
      if (conflictIds.length === 0) return;
      assertStorable('conflict.resolution', resolution);
      await db
        .updateTable('lockstep.conflicts')
        .set({ state: 'resolved', resolution, resolved_at: now })
        .where('workspace_id', '=', workspaceId)
        .where('state', '<>', 'resolved')
        .where(sql<boolean>`conflict_id = any(${conflictIds}::text[])`)
        .execute();
    },
  };
}

/** A statement cannot meet one open question twice: the last one counts. Records are all kept. */
function oncePerQuestion(rows: readonly ConflictRow[]): readonly ConflictRow[] {
  const questions = new Map<string, ConflictRow>();
  for (const row of rows) if (row.state === 'open') questions.set(questionOf(row), row);
  return rows.filter((row) => row.state !== 'open' || questions.get(questionOf(row)) === row);
}

function questionOf(row: ConflictRow): string {
  return JSON.stringify([row.connectionId, row.kind, row.itemId, row.field, row.remoteId]);
}
