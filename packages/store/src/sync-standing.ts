/** How the connections stand: the oldest change that is on its way, what is parked by code, open conflicts by kind. */
import { FIELD_LEFT_OUT } from '@lockstep/domain/sync/parked.ts';
import type { ConnectionStanding, StandingReads } from '@lockstep/domain/sync/standing.port.ts';
import { sql } from 'kysely';
import type { Scope } from './tables.ts';

export function syncStandingReads({ db, workspaceId }: Scope): Pick<StandingReads, 'standing'> {
  return {
    async standing() {
      // The kinds and codes are those of `parkedPage`.
      const { rows } = await sql<ConnectionStanding>`
        with waiting as (
          select connection_id, min(since) as oldest from (
            select connection_id, min(owed_since) as since from lockstep.outbox
            where workspace_id = ${workspaceId} and state <> 'parked' group by connection_id
            union all
            select connection_id, min(marked_at) from lockstep.dirty where workspace_id = ${workspaceId} group by connection_id
          ) as known group by connection_id
        ), things as (
          select connection_id, 'write' as kind, coalesce(error ->> 'code', 'Unknown') as code from lockstep.outbox
          where workspace_id = ${workspaceId} and state = 'parked'
          union all
          select connection_id, 'field', ${FIELD_LEFT_OUT} from lockstep.conflicts
          where workspace_id = ${workspaceId} and state = 'open' and kind = 'notice' and field is not null and item_id is not null
          union all
          select connection_id, 'record', cause from lockstep.parked where workspace_id = ${workspaceId}
          union all
          select connection_id, 'comment', coalesce(error ->> 'code', 'Unknown') from lockstep.comment_copies
          where workspace_id = ${workspaceId} and state = 'parked'
        ), parked as (
          select connection_id, jsonb_agg(jsonb_build_object('kind', kind, 'code', code, 'count', count) order by kind, code collate "C") as counts
          from (select connection_id, kind, code, count(*) as count from things group by connection_id, kind, code) as counted group by connection_id
        ), asked as (
          select connection_id, jsonb_agg(jsonb_build_object('kind', kind, 'count', count) order by kind collate "C") as counts
          from (
            select connection_id, kind, count(*) as count from lockstep.conflicts
            where workspace_id = ${workspaceId} and state = 'open' group by connection_id, kind
          ) as counted group by connection_id
        )
        select connection_id as "connectionId", waiting.oldest as "oldestUnsyncedSince", coalesce(parked.counts, '[]') as parked,
          coalesce(asked.counts, '[]') as conflicts
        from lockstep.connections
        left join waiting using (connection_id) left join parked using (connection_id) left join asked using (connection_id)
        where workspace_id = ${workspaceId} order by rank, connection_id`.execute(db);
      return rows;
    },
  };
}
