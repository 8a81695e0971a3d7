/**
 * The breaker on removed relations (H05): an upgrade or a mapping that goes wrong must not take the tree and the dependencies of a tool apart. A relation to
 * an item that is deleted itself does not count: the delete has been looked at (deletes.ts).
 */
import type { FieldName } from '@lockstep/domain/backlog/item.ts';
import { members } from '@lockstep/domain/backlog/value.ts';
import { HELD_BY_BREAKER } from '@lockstep/domain/sync/parked.ts';
import type { OutboxRow, StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import type { Run } from './run.ts';
import type { Connection, Workspace } from './workspace.ts';
import { planWrites } from './writes.ts';
import type { Write } from './writes.ts';

const PAGE = 1_000;
const EDGES = ['parent', 'dependsOn'] as const satisfies readonly FieldName[];

/**
 * Parks those of the writes that take relations away, where all that this connection is owed take away more than max(10, 1 % of its records). Returns the
 * ids of their items; all other writes go on. A row of the lane `person` is an operator's decision and is never held.
 */
export async function holdUnlinks(run: Run, writes: readonly Write[]): Promise<readonly string[]> {
  const suspects = writes.filter((write) => isJudged(write.row) && removedEdges(write).length > 0);
  if (suspects.length === 0) return [];
  const { connectionId } = run.connection;
  return run.workspace.store.transaction(async (tx) => {
    const [row, count] = [await tx.connection(connectionId), await countUnlinks(tx, run.connection)];
    const linked = (await tx.counts()).connections.find((counted) => counted.connectionId === connectionId)?.links ?? 0;
    const most = Math.max(run.workspace.limits.mostUnlinks, Math.floor(linked / 100));
    if (row === null || count <= most) return [];
    const message = `${connectionId}: expected at most ${most} relations to be removed in a run, got ${count}; none was removed`;
    await tx.saveConnection({ ...row, breaker: { cause: 'mass-unlink', message, count, since: row.breaker?.since ?? run.now } });
    const held = await withLiveTargets(tx, suspects);
    await tx.returnWrites(
      held.map((write) => ({
        connectionId,
        itemId: write.item.itemId,
        state: 'parked',
        notBefore: null,
        countAttempt: false,
        error: { code: HELD_BY_BREAKER, message },
      })),
    );
    return held.map((write) => write.item.itemId);
  });
}

/** Puts back what is held no longer with reason: where nothing is taken away any more, since a mapping was mended. Closes the breaker with the last one. */
export async function releaseHarmless(tx: StoreTransaction, run: Run): Promise<void> {
  const { connectionId } = run.connection;
  let held = 0;
  for await (const rows of outboxPages(tx, connectionId)) {
    const { writes } = await planWrites(tx, run.connection, rows.filter(isHeld));
    const harmless = writes.filter((write) => removedEdges(write).length === 0);
    held += writes.length - harmless.length;
    await tx.oweWrites(
      harmless.map(({ row: { itemId, operation, depth } }) => ({ connectionId, itemId, operation, depth, lane: 'live' })),
      run.now,
    );
  }
  const row = await tx.connection(connectionId);
  if (held === 0 && row?.breaker?.cause === 'mass-unlink') await tx.saveConnection({ ...row, breaker: null });
}

/** Lets what was held go, as an operator's decision, and closes the breaker. Returns the number of writes. */
export async function approveUnlinks(workspace: Workspace, connectionId: string): Promise<number> {
  return workspace.store.transaction(async (tx) => {
    let released = 0;
    for await (const rows of outboxPages(tx, connectionId)) {
      const held = rows.filter(isHeld);
      released += held.length;
      await tx.oweWrites(
        held.map(({ itemId, operation, depth }) => ({ connectionId, itemId, operation, depth, lane: 'person' })),
        workspace.now(),
      );
    }
    const row = await tx.connection(connectionId);
    if (row?.breaker?.cause === 'mass-unlink') await tx.saveConnection({ ...row, breaker: null });
    return released;
  });
}

async function countUnlinks(reader: StoreReader, connection: Connection): Promise<number> {
  let count = 0;
  for await (const rows of outboxPages(reader, connection.connectionId)) {
    const { writes } = await planWrites(reader, connection, rows.filter(isJudged));
    const edges = writes.flatMap(removedEdges);
    const dead = await deadAmong(reader, edges);
    count += edges.filter((target) => !dead.has(target)).length;
  }
  return count;
}

async function* outboxPages(reader: StoreReader, connectionId: string): AsyncGenerator<readonly OutboxRow[]> {
  for (let after: string | undefined; ;) {
    const rows = await reader.outbox({ connectionId, limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield rows;
    after = rows.at(-1)?.itemId;
    if (rows.length < PAGE || after === undefined) return;
  }
}

const isHeld = (row: OutboxRow): boolean => row.state === 'parked' && row.error?.code === HELD_BY_BREAKER;
const isJudged = (row: OutboxRow): boolean => row.lane !== 'person' && (row.state !== 'parked' || isHeld(row));

/** Targets that the remote shows and would not show any more. Another parent is a move, not a removal. */
function removedEdges({ operation, fields, link }: Write): readonly string[] {
  if (operation !== 'update') return [];
  return EDGES.flatMap((field) => {
    const after = fields[field];
    if (after === undefined || (field === 'parent' && after !== null)) return [];
    return members(link?.bases[field]?.remote).filter((target) => !members(after).includes(target));
  });
}

async function withLiveTargets(reader: StoreReader, writes: readonly Write[]): Promise<readonly Write[]> {
  const dead = await deadAmong(reader, writes.flatMap(removedEdges));
  return writes.filter((write) => removedEdges(write).some((target) => !dead.has(target)));
}

async function deadAmong(reader: StoreReader, itemIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (itemIds.length === 0) return new Set();
  return new Set((await reader.items([...new Set(itemIds)])).flatMap((item) => (item.deletedAt === null ? [] : [item.itemId])));
}
