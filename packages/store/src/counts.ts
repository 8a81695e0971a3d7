/** The status page's numbers, one aggregate query each. */
import type { ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { StandingReads, StoreCounts } from '@lockstep/domain/sync/standing.port.ts';
import { sql } from 'kysely';
import type { Scope } from './tables.ts';

/** `links` are those that are not tombstones; `owed` and `sending` are rows of the outbox and mirrors of comments; `dirty` records to be read, themselves or their comments. */
export function countReads(scope: Scope): Pick<StandingReads, 'counts'> {
  return {
    async counts() {
      const itemsByKind = await countItems(scope);
      const connections = await countByConnection(scope);
      return { itemsByKind, connections, ...(await countConflicts(scope)) };
    },
  };
}

async function countItems({ db, workspaceId }: Scope): Promise<StoreCounts['itemsByKind']> {
  const { rows } = await sql<{ kind: ItemKind; items: number }>`
    select kind, count(*) as items from lockstep.items where workspace_id = ${workspaceId} and deleted_at is null group by kind`.execute(
    db,
  );
  return Object.fromEntries(rows.map((row) => [row.kind, row.items]));
}

async function countByConnection({ db, workspaceId }: Scope): Promise<StoreCounts['connections']> {
  const { rows } = await sql<StoreCounts['connections'][number]>`
    with linked as (
      select connection_id, count(*) as links from lockstep.links where workspace_id = ${workspaceId} and state <> 'removed' group by connection_id
    ), written as (
      select connection_id, count(*) filter (where state = 'owed') as owed, count(*) filter (where state = 'sending') as sending,
        count(*) filter (where state = 'parked') as parked, min(owed_since) filter (where state = 'owed') as oldest
      from lockstep.outbox where workspace_id = ${workspaceId} group by connection_id
    ), marked as (
      select connection_id, count(*) as dirty from lockstep.dirty where workspace_id = ${workspaceId} group by connection_id
    ), said as (
      select connection_id, count(*) filter (where state = 'owed') as owed, count(*) filter (where state = 'sending') as sending
      from lockstep.comment_copies where workspace_id = ${workspaceId} and state in ('owed', 'sending') group by connection_id
    ), discussed as (
      select connection_id, count(*) as marked from lockstep.discussed where workspace_id = ${workspaceId} group by connection_id
    ), asked as (
      select connection_id, count(*) as open from lockstep.conflicts where workspace_id = ${workspaceId} and state = 'open' group by connection_id
    )
    select connection_id as "connectionId", coalesce(links, 0) as links, coalesce(written.owed, 0) + coalesce(said.owed, 0) as owed,
      coalesce(written.sending, 0) + coalesce(said.sending, 0) as sending, coalesce(parked, 0) as parked, coalesce(dirty, 0) + coalesce(discussed.marked, 0) as dirty, coalesce(open, 0) as "openConflicts", oldest as "oldestOwedSince"
    from lockstep.connections
    left join linked using (connection_id) left join written using (connection_id)
    left join marked using (connection_id) left join said using (connection_id) left join discussed using (connection_id)
    left join asked using (connection_id)
    where workspace_id = ${workspaceId} order by rank, connection_id`.execute(db);
  return rows;
}

async function countConflicts({ db, workspaceId }: Scope): Promise<Pick<StoreCounts, 'openConflicts' | 'recordedConflicts'>> {
  const { rows } = await sql<Pick<StoreCounts, 'openConflicts' | 'recordedConflicts'>>`
    select count(*) filter (where state = 'open') as "openConflicts", count(*) filter (where state = 'recorded') as "recordedConflicts"
    from lockstep.conflicts where workspace_id = ${workspaceId} and state in ('open', 'recorded')`.execute(db);
  return rows[0] ?? { openConflicts: 0, recordedConflicts: 0 };
}
