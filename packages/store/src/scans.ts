/** What full scans have seen, and so what they have missed (law S12). */
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import { recordset } from './storable.ts';
import type { Scope } from './tables.ts';

export function scans({ db, workspaceId }: Scope): Pick<StoreTransaction, 'markSeen' | 'countMissed'> {
  return {
    async markSeen(connectionId, remoteIds, scanId) {
      if (remoteIds.length === 0) return;
      const columns = remoteIds.map((remoteId) => ({ scan_id: scanId, remote_id: remoteId }));
      await sql`
        insert into lockstep.scan_sightings (workspace_id, connection_id, scan_id, remote_id)
        select distinct ${workspaceId}, ${connectionId}, scan_id, remote_id
        from jsonb_to_recordset(${recordset('sightings', columns)}::jsonb) as r (scan_id text, remote_id text)
        on conflict do nothing`.execute(db);
    },
    /**
     * One scan counts once, however often it is counted: a repeated call returns the same links and adds nothing. Its sightings are therefore kept until
     * the next scan is counted; those of other scans, which were given up, go.
     */
    async countMissed(connectionId, scanId) {
      // `not in`, because it becomes a hashed subplan whatever the planner believes about a table that this transaction has just filled;
      // `not exists` became 10,000 × 10,000 comparisons.
      const seen = sql`select remote_id from lockstep.scan_sightings
          where workspace_id = ${workspaceId} and connection_id = ${connectionId} and scan_id = ${scanId}`;
      const missed = await sql<Link>`
        with forgotten as (
          delete from lockstep.scan_sightings
          where workspace_id = ${workspaceId} and connection_id = ${connectionId} and scan_id <> ${scanId}
        ), found as (
          update lockstep.links set missed_scans = 0, missed_by = null
          where workspace_id = ${workspaceId} and connection_id = ${connectionId} and state = 'linked' and missed_scans > 0
            and remote_id in (${seen})
        ), missed as (
          update lockstep.links
          set missed_scans = missed_scans + case when missed_by is distinct from ${scanId} then 1 else 0 end, missed_by = ${scanId}
          where workspace_id = ${workspaceId} and connection_id = ${connectionId} and state = 'linked' and remote_id not in (${seen})
          returning *
        )
        select item_id as "itemId", connection_id as "connectionId", remote_id as "remoteId", remote_key as "remoteKey", url, state, bases, revision,
          missed_scans as "missedScans"
        from missed order by item_id`.execute(db);
      return missed.rows;
    },
  };
}
