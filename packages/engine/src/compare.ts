/**
 * Read-compare-write: before an update is sent, the record is read from the primary store and held against the base. Someone's edit that we had not
 * seen is merged first, and what is left to write is worked out anew.
 */
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { mergePage } from './page.ts';
import type { ItemReferences } from './references.ts';
import type { Run } from './run.ts';
import { planWrites } from './writes.ts';
import type { PlannedWrites, Write } from './writes.ts';

export interface Compared {
  readonly ready: PlannedWrites;
  /** Item id → the record as it was compared. */
  readonly before: ReadonlyMap<string, RemoteRecord>;
  /** Items that need no write any more, or whose record is out of reach. */
  readonly settled: readonly string[];
  readonly owing: readonly string[];
}

/** Creates pass through; updates and removals are compared. */
export async function compareBeforeWrite(run: Run, writes: readonly Write[], references: ItemReferences): Promise<Compared> {
  const touching = writes.filter((write) => write.link !== null && write.operation !== 'create');
  if (touching.length === 0) return { ready: { writes, references }, before: new Map(), settled: [], owing: [] };
  const { found, missing } = await fetchAll(run, touching);
  await noteMissing(run, missing);
  const moved = touching.flatMap((write) => {
    const record = found.get(write.item.itemId);
    return record !== undefined && (record.revision !== write.link?.revision || record.deleted) ? [record] : [];
  });
  const unreachable = new Set(missing.map((write) => write.item.itemId));
  const rest = writes.filter((write) => !unreachable.has(write.item.itemId));
  if (moved.length === 0) return { ready: { writes: rest, references }, before: found, settled: [...unreachable], owing: [] };

  // Claimed rows are all under way; those that were so before are in doubt.
  const doubtful = new Set(touching.filter(({ row }) => row.state === 'sending').map(({ item }) => item.itemId));
  const page = { records: moved, lane: 'live', keepUnknown: true, doubtful } as const;
  const outcome = await run.workspace.store.transaction((tx) => mergePage(tx, run, page));
  const replanned = await run.workspace.store.snapshot((reader) =>
    planWrites(
      reader,
      run.connection,
      rest.map((write) => write.row),
    ),
  );
  const ready = replanned.writes.filter((write) => write.operation !== 'nothing' && write.operation !== 'wait');
  const idle = replanned.writes.filter((write) => write.operation === 'nothing').map((write) => write.item.itemId);
  return {
    ready: { writes: ready, references: replanned.references },
    before: found,
    settled: [...unreachable, ...idle],
    owing: outcome.owing,
  };
}

async function fetchAll(
  run: Run,
  writes: readonly Write[],
): Promise<{ readonly found: Map<string, RemoteRecord>; readonly missing: readonly Write[] }> {
  const { connectionId, connector } = run.connection;
  const changes = await run.workspace.store.snapshot((reader) => reader.checkpoint(connectionId, 'changes'));
  const found = new Map<string, RemoteRecord>();
  const missing: Write[] = [];
  for (let start = 0; start < writes.length; start += connector.limits.fetch) {
    const chunk = writes.slice(start, start + connector.limits.fetch);
    const outcomes = await connector.pulls.fetch(
      chunk.map((write) => write.link?.remoteId ?? ''),
      changes.cursor,
    );
    for (const [index, outcome] of outcomes.entries()) {
      const write = chunk[index];
      if (write === undefined) continue;
      // One that answers with another record has been merged into it: the next pull looks into that.
      if (outcome.found && outcome.record.remoteId === write.link?.remoteId) found.set(write.item.itemId, outcome.record);
      else missing.push(write);
    }
  }
  return { found, missing };
}

/** Marks the records to be looked into by the next pull, which tells a delete from a loss of access. */
async function noteMissing(run: Run, missing: readonly Write[]): Promise<void> {
  if (missing.length === 0) return;
  const hints = missing.flatMap((write) => (write.link === null ? [] : [{ remoteId: write.link.remoteId, deleted: false }]));
  await run.workspace.store.transaction((tx) => tx.markDirty(run.connection.connectionId, hints, run.now));
}
