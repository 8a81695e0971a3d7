import type { StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

/** Remote records that could not be taken in and wait for a person; `parkedPage` of redrive.ts reads them. */
export function parkedWrites({ db, workspaceId }: Scope): Pick<StoreTransaction, 'parkRecords' | 'unparkRecords'> {
  return {
    /** A record that is parked again counts one more attempt (or the caller's own count, if higher) and keeps the instant at which it was first seen. */
    async parkRecords(rows) {
      if (rows.length === 0) return;
      // A statement cannot meet one row twice: the last one counts.
      const once = new Map(rows.map((row) => [JSON.stringify([row.connectionId, row.remoteId]), row]));
      const columns = [...once.values()].map((row) => ({
        connection_id: row.connectionId,
        remote_id: row.remoteId,
        cause: row.cause,
        message: row.message,
        attempts: row.attempts,
        first_seen_at: row.firstSeenAt,
      }));
      await sql`
        insert into lockstep.parked as p (workspace_id, connection_id, remote_id, cause, message, attempts, first_seen_at)
        select ${workspaceId}, r.* from jsonb_to_recordset(${recordset('parked', columns)}::jsonb)
          as r (connection_id text, remote_id text, cause text, message text, attempts integer, first_seen_at timestamptz)
        order by connection_id collate "C", remote_id collate "C"
        on conflict (workspace_id, connection_id, remote_id) do update set
          cause = excluded.cause, message = excluded.message, attempts = greatest(p.attempts + 1, excluded.attempts),
          first_seen_at = least(p.first_seen_at, excluded.first_seen_at)`.execute(db);
    },
    async unparkRecords(connectionId, remoteIds) {
      if (remoteIds.length === 0) return;
      await db
        .deleteFrom('lockstep.parked')
        .where('workspace_id', '=', workspaceId)
        .where('connection_id', '=', connectionId)
        .where(sql<boolean>`remote_id = any(${remoteIds}::text[])`)
        .execute();
    },
  };
}
