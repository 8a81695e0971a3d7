/**
 * Deletes, applied at the end of a pull, when all of them are known: so that a breaker can look at the whole run (law S12).
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import type { Item } from '@lockstep/domain/backlog/item.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { LedgerRow, NewOutboxRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import type { Run } from './run.ts';

export interface DeleteOutcome {
  readonly deleted: number;
  /** Waiting for an operator, because they are too many. */
  readonly heldBack: number;
  readonly owing: readonly string[];
}

const PAGE = 5_000;

/** Applies what the remote has deleted, or opens the breaker. `approved` lets a number through that an operator has seen. */
export async function settleDeletes(run: Run, approved = false): Promise<DeleteOutcome> {
  const { connectionId } = run.connection;
  return run.workspace.store.transaction(async (tx) => {
    const vanished = await tx.linksPage(connectionId, { after: null, limit: PAGE, state: 'vanished' });
    const row = await tx.connection(connectionId);
    if (vanished.length === 0 || row === null) return { deleted: 0, heldBack: 0, owing: [] };
    const linked = (await tx.counts()).connections.find((counted) => counted.connectionId === connectionId)?.links ?? 0;
    const most = Math.max(run.workspace.limits.mostDeletes, Math.floor(linked / 100));
    if (vanished.length > most && !approved) {
      const message = `${connectionId}: expected at most ${most} deletes in a run, got ${vanished.length}; nothing was deleted elsewhere`;
      await tx.saveConnection({
        ...row,
        breaker: { cause: 'mass-delete', message, count: vanished.length, since: row.breaker?.since ?? run.now },
      });
      return { deleted: 0, heldBack: vanished.length, owing: [] };
    }
    if (row.breaker?.cause === 'mass-delete') await tx.saveConnection({ ...row, breaker: null });
    return bury(tx, run, vanished);
  });
}

async function bury(tx: StoreTransaction, run: Run, vanished: readonly Link[]): Promise<DeleteOutcome> {
  const { connectionId } = run.connection;
  const ids = vanished.map((link) => link.itemId);
  const items = (await tx.lockItems(ids)).filter((item) => item.deletedAt === null);
  const dead = new Set(items.map((item) => item.itemId));
  const orphans = (await tx.itemsReferencing([...dead])).filter(
    (item) => !dead.has(item.itemId) && typeof item.fields.parent === 'string' && dead.has(item.fields.parent),
  );
  const outbox: NewOutboxRow[] = [];
  const links = await tx.linksByItem([...dead]);
  for (const link of links) {
    if (link.connectionId === connectionId || link.state === 'removed') continue;
    const item = items.find((candidate) => candidate.itemId === link.itemId);
    if (item !== undefined)
      outbox.push({ connectionId: link.connectionId, itemId: link.itemId, operation: 'remove', depth: depthOf(item.kind), lane: 'live' });
  }
  const buried: Item[] = items.map((item) => ({ ...item, deletedAt: run.now, deletedBy: connectionId }));
  await tx.saveItems([...buried, ...(await adopted(tx, orphans, items))], run.now);
  await tx.saveLinks(
    vanished.map((link) => ({ ...link, state: 'removed' as const })),
    run.now,
  );
  await tx.dropWrites(connectionId, ids);
  for (const orphan of orphans)
    outbox.push(
      ...run.workspace.connections
        .filter((connection) =>
          connection.connector.mappedFields(orphan.kind).some((field) => field.field === 'parent' && field.direction !== 'in'),
        )
        .map((connection) => ({
          connectionId: connection.connectionId,
          itemId: orphan.itemId,
          operation: 'write' as const,
          depth: depthOf(orphan.kind),
          lane: 'live' as const,
        })),
    );
  await tx.oweWrites(outbox, run.now);
  await tx.appendLedger(items.map((item) => removal(run, item)));
  return { deleted: items.length, heldBack: 0, owing: [...new Set(outbox.map((row) => row.connectionId))] };
}

/** Children of a deleted item move up to its parent (F09): nothing is orphaned, nothing else is deleted. */
async function adopted(tx: StoreTransaction, orphans: readonly Item[], dead: readonly Item[]): Promise<readonly Item[]> {
  if (orphans.length === 0) return [];
  const parents = new Map(dead.map((item) => [item.itemId, typeof item.fields.parent === 'string' ? item.fields.parent : null]));
  return (await tx.lockItems(orphans.map((item) => item.itemId))).map((item) => {
    let parent = typeof item.fields.parent === 'string' ? item.fields.parent : null;
    for (let hops = 0; parent !== null && parents.has(parent) && hops < parents.size; hops += 1) parent = parents.get(parent) ?? null;
    const version = (item.stamps.parent?.version ?? 0) + 1;
    return { ...item, fields: { ...item.fields, parent }, stamps: { ...item.stamps, parent: { version, source: 'lockstep' } } };
  });
}

function removal(run: Run, item: Item): LedgerRow {
  const { connectionId } = run.connection;
  return {
    at: run.now,
    runId: run.runId,
    target: 'canonical',
    operation: 'remove',
    itemId: item.itemId,
    actor: connectionId,
    cause: 'deleted there',
    before: item.fields,
    after: {},
    remoteId: null,
  };
}
