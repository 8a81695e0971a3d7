/**
 * What a pass asks before it works: one statement each, outside of transactions. Their texts are made once, and so not by way of the query builder: a pass
 * over a tool at rest consists of hardly anything else.
 */
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { PageStart, PassReads, WaitingWork } from '@lockstep/domain/sync/pass-reads.port.ts';
import type { Checkpoint, CheckpointName, ConnectionRow } from '@lockstep/domain/sync/store.port.ts';
import type { Pool } from 'pg';

const HERE = 'workspace_id = $1 and connection_id = $2';

/** One row, with null columns where the connection is not on record. */
const ONE_ROW = 'from (values (1)) as one left join lockstep.connections c on c.workspace_id = $1 and c.connection_id = $2';

const CONNECTION = `c.connection_id as "connectionId", c.connector, c.rank, c.gate, c.gate_before_pause as "gateBeforePause",
  c.mapping_hash as "mappingHash", c.breaker, c.last_pulled_at as "lastPulledAt", c.last_pushed_at as "lastPushedAt",
  c.last_full_scan_at as "lastFullScanAt"`;

/** Counted up to $3. */
const MARKED = `(select count(*) from (select from lockstep.dirty where ${HERE} limit $3) as m)`;

/** The sequence stands outside of transactions: what it has not given yet belongs to a hint that is not here yet. */
const LAST_VERSION = '(select case when is_called then last_value else last_value - 1 end from lockstep.dirty_version)';

const WAITING_WORK = `
  select ${CONNECTION}, ${MARKED} as marked, ${LAST_VERSION}::float8 as "lastVersion",
    exists (select from lockstep.discussed where ${HERE}) as discussed,
    exists (select from lockstep.links where ${HERE} and state = 'vanished') as vanished,
    exists (select from lockstep.outbox where ${HERE}) as owed,
    exists (select from lockstep.comment_copies where ${HERE} and state in ('owed', 'sending')) as comments
  ${ONE_ROW}`;

const checkpoint = (name: CheckpointName): string =>
  `(select jsonb_build_object('cursor', cursor, 'version', version) from lockstep.checkpoints where ${HERE} and name = '${name}')`;

const pageStart = (checkpoints: string): string => `
  select ${CONNECTION}, ${checkpoints},
    array(select remote_id from lockstep.links where ${HERE} and pushed_at > $4 and state <> 'removed'
      order by pushed_at desc, item_id limit $5) as written,
    jsonb_build_object('lastVersion', ${LAST_VERSION}, 'count', ${MARKED}) as marks
  ${ONE_ROW}`;

/** A plan's cursor holds its text: it is not sent twice. */
const PAGE_START: Readonly<Record<CheckpointName, string>> = {
  changes: pageStart(`${checkpoint('changes')} as changes`),
  full: pageStart(`${checkpoint('changes')} as changes, ${checkpoint('full')} as "full"`),
};

const WRITTEN_REVISIONS = `
  select remote_id as "remoteId", revision from lockstep.links where ${HERE} and remote_id = any($3::text[]) and pushed_at > $4 and state <> 'removed'`;

const NEVER_SAVED: Checkpoint = { cursor: null, version: 0 };

type Columns = { readonly [K in keyof ConnectionRow]: ConnectionRow[K] | null };
type WrittenRow = Pick<Link, 'remoteId' | 'revision'>;
type WaitingRow = Columns & Omit<WaitingWork, 'connection'>;
type PageStartRow = Columns &
  Pick<PageStart, 'written' | 'marks'> & { readonly changes: Checkpoint | null; readonly full?: Checkpoint | null };

export function passReads({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): PassReads {
  const one = async <T extends object>(text: string, values: readonly unknown[]): Promise<T> => {
    const { rows } = await pool.query<T>(text, [workspaceId, ...values]);
    if (rows[0] === undefined) throw new Error('pass reads: expected one row, got none');
    return rows[0];
  };
  return {
    async waitingWork(connectionId, mostMarks = 1) {
      const row = await one<WaitingRow>(WAITING_WORK, [connectionId, mostMarks]);
      const { marked, lastVersion, discussed, vanished, owed, comments } = row;
      return { connection: connectionOf(row), marked, lastVersion, discussed, vanished, owed, comments };
    },
    async pageStart({ connectionId, checkpoint: name, writtenSince, mostWritten, mostMarks }) {
      const row = await one<PageStartRow>(PAGE_START[name], [connectionId, mostMarks, writtenSince, mostWritten]);
      const { changes, written, marks } = row;
      const asked = name === 'changes' ? changes : row.full;
      return { connection: connectionOf(row), checkpoint: asked ?? NEVER_SAVED, changes: changes ?? NEVER_SAVED, written, marks };
    },
    async writtenRevisions(connectionId, remoteIds, since) {
      if (remoteIds.length === 0) return new Map();
      const { rows } = await pool.query<WrittenRow>(WRITTEN_REVISIONS, [workspaceId, connectionId, remoteIds, since]);
      return new Map(rows.map(({ remoteId, revision }) => [remoteId, revision]));
    },
  };
}

function connectionOf(row: Columns): ConnectionRow | null {
  if (row.connectionId === null) return null;
  const { connectionId, connector, rank, gate, gateBeforePause, mappingHash, breaker, lastPulledAt, lastPushedAt, lastFullScanAt } = row;
  return {
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
  } as ConnectionRow;
}
