/** What a pass asks before it works: one statement each, in text that is made once. */
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { PageStart, PassReads, WaitingWork } from '@lockstep/domain/sync/pass-reads.port.ts';
import type { Checkpoint, ConnectionRow } from '@lockstep/domain/sync/store.port.ts';
import { sql } from 'kysely';
import type { Scope } from './tables.ts';

/** Null columns where the connection is not on record. */
const CONNECTION = sql.raw(`c.connection_id as "connectionId", c.connector, c.rank, c.gate, c.gate_before_pause as "gateBeforePause",
  c.mapping_hash as "mappingHash", c.breaker, c.last_pulled_at as "lastPulledAt", c.last_pushed_at as "lastPushedAt",
  c.last_full_scan_at as "lastFullScanAt"`);

const LINK =
  sql.raw(`item_id as "itemId", connection_id as "connectionId", remote_id as "remoteId", remote_key as "remoteKey", url, state, bases, revision,
  missed_scans as "missedScans"`);

const NEVER_SAVED: Checkpoint = { cursor: null, version: 0 };

type Joined<T> = Omit<T, 'connection'> & { readonly [K in keyof ConnectionRow]: ConnectionRow[K] | null };

export function passReads({ db, workspaceId }: Scope): PassReads {
  const joined = (connectionId: string) =>
    sql`(values (1)) as one left join lockstep.connections c on c.workspace_id = ${workspaceId} and c.connection_id = ${connectionId}`;
  return {
    async waitingWork(connectionId, mostMarks = 1) {
      const here = sql`workspace_id = ${workspaceId} and connection_id = ${connectionId}`;
      const { rows } = await sql<Joined<WaitingWork>>`
        select ${CONNECTION},
          (select count(*) from (select from lockstep.dirty where ${here} limit ${mostMarks}) as m) as marked,
          exists (select from lockstep.discussed where ${here}) as discussed,
          exists (select from lockstep.links where ${here} and state = 'vanished') as vanished,
          exists (select from lockstep.outbox where ${here}) as owed,
          exists (select from lockstep.comment_copies where ${here} and state in ('owed', 'sending')) as comments
        from ${joined(connectionId)}`.execute(db);
      return parted(rows[0]);
    },
    async pageStart({ connectionId, checkpoint, writtenSince, mostWritten, mostMarks }) {
      const here = sql`workspace_id = ${workspaceId} and connection_id = ${connectionId}`;
      const saved = (name: string) =>
        sql`(select jsonb_build_object('cursor', cursor, 'version', version) from lockstep.checkpoints where ${here} and name = ${name})`;
      // The sequence stands outside of transactions: what it has not given yet belongs to a hint that is not here yet.
      const { rows } = await sql<Joined<{ [K in keyof PageStart]: PageStart[K] | null }>>`
        select ${CONNECTION}, ${saved(checkpoint)} as checkpoint, ${checkpoint === 'changes' ? sql`null` : saved('changes')} as changes,
          array(select remote_id from lockstep.links where ${here} and pushed_at > ${writtenSince}::timestamptz and state <> 'removed'
            order by pushed_at desc, item_id limit ${mostWritten}) as written,
          jsonb_build_object(
            'lastVersion', (select case when is_called then last_value else last_value - 1 end from lockstep.dirty_version),
            'count', (select count(*) from (select from lockstep.dirty where ${here} limit ${mostMarks}) as m)) as marks
        from ${joined(connectionId)}`.execute(db);
      const start = parted(rows[0]);
      const asked = start.checkpoint ?? NEVER_SAVED;
      return {
        connection: start.connection,
        checkpoint: asked,
        // A plan's cursor holds its text: it is not sent twice.
        changes: checkpoint === 'changes' ? asked : (start.changes ?? NEVER_SAVED),
        written: start.written ?? [],
        marks: start.marks ?? { count: 0, lastVersion: 0 },
      };
    },
    async writtenLinks(connectionId, remoteIds, since) {
      if (remoteIds.length === 0) return [];
      const { rows } = await sql<Link>`
        select ${LINK} from lockstep.links
        where workspace_id = ${workspaceId} and connection_id = ${connectionId} and pushed_at > ${since}::timestamptz and state <> 'removed'
          and remote_id = any(${remoteIds}::text[])`.execute(db);
      return rows;
    },
  };
}

/** The connection's columns as the row that they are, or null. */
function parted<T extends { readonly connection: ConnectionRow | null }>(row: Joined<T> | undefined): T {
  if (row === undefined) throw new Error('pass reads: expected one row, got none');
  const {
    connectionId,
    connector,
    rank,
    gate,
    gateBeforePause,
    mappingHash,
    breaker,
    lastPulledAt,
    lastPushedAt,
    lastFullScanAt,
    ...rest
  } = row;
  const columns = {
    connectionId,
    connector,
    rank,
    gate,
    gateBeforePause,
    mappingHash,
    breaker,
    lastPulledAt,
    lastPushedAt,
    lastFullScanAt,
  };
  return { ...rest, connection: connectionId === null ? null : (columns as ConnectionRow) } as unknown as T;
}
