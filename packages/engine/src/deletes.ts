/**
 * Deletes, applied at the end of a pull, when all of them are known: so that a breaker can look at the whole run (law S12).
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import type { Item } from '@lockstep/domain/backlog/item.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { LedgerRow, NewOutboxRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import type { Run } from './run.ts';
import { mayPull } from './workspace.ts';

export interface DeleteOutcome {
  readonly deleted: number;
  /** Waiting for an operator, because they are too many; the children that they concern included. */
  readonly heldBack: number;
  readonly owing: readonly string[];
}

const PAGE = 5_000;

/**
 * Applies what the remote has deleted, or opens the breaker: deletes and the children that they concern count together, so that a parent with many
 * children is looked at once (F09). `approved` lets a number through that an operator has seen.
 */
export async function settleDeletes(run: Run, approved = false): Promise<DeleteOutcome> {
  const { connectionId } = run.connection;
  const { store } = run.workspace;
  const waiting = await store.passReads.waitingWork(connectionId);
  if (!waiting.vanished && waiting.connection?.breaker?.cause !== 'mass-delete') return { deleted: 0, heldBack: 0, owing: [] };
  return store.transaction(async (tx) => {
    const vanished = await tx.linksPage(connectionId, { after: null, limit: PAGE, state: 'vanished' });
    const row = await tx.connection(connectionId);
    if (row === null || (!approved && !mayPull(row))) return { deleted: 0, heldBack: 0, owing: [] };
    if (vanished.length === 0) {
      // They are there again: nothing is left to be asked.
      if (row.breaker?.cause === 'mass-delete') await tx.saveConnection({ ...row, breaker: null });
      return { deleted: 0, heldBack: 0, owing: [] };
    }
    const linked = (await tx.counts()).connections.find((counted) => counted.connectionId === connectionId)?.links ?? 0;
    const most = Math.max(run.workspace.limits.mostDeletes, Math.floor(linked / 100));
    const burial = await burialOf(tx, run, vanished);
    const count = vanished.length + burial.children;
    if (count > most && !approved) {
      const message = `${connectionId}: expected at most ${most} deletes in a run, got ${vanished.length}${inWords(run, burial)}; nothing was deleted elsewhere`;
      await tx.saveConnection({ ...row, breaker: { cause: 'mass-delete', message, count, since: row.breaker?.since ?? run.now } });
      return { deleted: 0, heldBack: count, owing: [] };
    }
    if (row.breaker?.cause === 'mass-delete') await tx.saveConnection({ ...row, breaker: null });
    return bury(tx, run, vanished, burial);
  });
}

/** Who is deleted and who moves up. */
interface Burial {
  readonly dead: readonly Item[];
  /** Live children of the dead, who go on living. */
  readonly orphans: readonly Item[];
  /** How many of these are there because of a parent: those who move, or those who are archived with it. */
  readonly children: number;
}

function inWords(run: Run, { children }: Burial): string {
  if (children === 0) return '';
  return ` and ${children} ${children === 1 ? 'child' : 'children'} to ${run.workspace.childrenOfDeleted === 'archive' ? 'archive with them' : 'move up'}`;
}

async function burialOf(tx: StoreTransaction, run: Run, vanished: readonly Link[]): Promise<Burial> {
  const dead = new Map<string, Item>();
  let found: readonly Item[] = (await tx.items(vanished.map((link) => link.itemId))).filter((item) => item.deletedAt === null);
  const named = found.length;
  for (const item of found) dead.set(item.itemId, item);
  let orphans = await childrenOf(tx, found, dead);
  if (run.workspace.childrenOfDeleted !== 'archive') return { dead: found, orphans, children: orphans.length };
  while (orphans.length > 0) {
    found = orphans;
    for (const item of found) dead.set(item.itemId, item);
    orphans = await childrenOf(tx, found, dead);
  }
  return { dead: [...dead.values()], orphans: [], children: dead.size - named };
}

async function childrenOf(tx: StoreTransaction, parents: readonly Item[], dead: ReadonlyMap<string, Item>): Promise<readonly Item[]> {
  const ids = new Set(parents.map((item) => item.itemId));
  return (await tx.itemsReferencing([...ids])).filter(
    (item) => !dead.has(item.itemId) && typeof item.fields.parent === 'string' && ids.has(item.fields.parent),
  );
}

async function bury(tx: StoreTransaction, run: Run, vanished: readonly Link[], { dead, orphans }: Burial): Promise<DeleteOutcome> {
  const { connectionId } = run.connection;
  const items = (await tx.lockItems(dead.map((item) => item.itemId))).filter((item) => item.deletedAt === null);
  const gone = new Set(vanished.map((link) => link.itemId));
  const outbox: NewOutboxRow[] = [];
  for (const link of await tx.linksByItem(items.map((item) => item.itemId))) {
    if ((link.connectionId === connectionId && gone.has(link.itemId)) || link.state === 'removed') continue;
    const item = items.find((candidate) => candidate.itemId === link.itemId);
    if (item !== undefined)
      outbox.push({ connectionId: link.connectionId, itemId: link.itemId, operation: 'remove', depth: depthOf(item.kind), lane: 'live' });
  }
  const buried: Item[] = items.map((item) => ({ ...item, deletedAt: run.now, deletedBy: connectionId }));
  const moved = await adopted(tx, orphans, items);
  await tx.saveItems([...buried, ...moved], run.now);
  await tx.saveLinks(
    vanished.map((link) => ({ ...link, state: 'removed' as const })),
    run.now,
  );
  await tx.dropWrites(connectionId, [...gone]);
  outbox.push(...moved.flatMap((item) => movesOwed(run, item)));
  await tx.oweWrites(outbox, run.now);
  await tx.appendLedger([
    ...items.map((item) => removal(run, item, gone)),
    ...moved.map((item) => move(run, item, orphans.find((orphan) => orphan.itemId === item.itemId) ?? item)),
  ]);
  return { deleted: items.length, heldBack: 0, owing: [...new Set(outbox.map((row) => row.connectionId))] };
}

function movesOwed(run: Run, item: Item): readonly NewOutboxRow[] {
  return run.workspace.connections
    .filter(({ connector }) => connector.mappedFields(item.kind).some((field) => field.field === 'parent' && field.direction !== 'in'))
    .map(({ connectionId }) => ({ connectionId, itemId: item.itemId, operation: 'write', depth: depthOf(item.kind), lane: 'live' }));
}

/** Children of a deleted item move up to its parent: nothing is orphaned, nothing else is deleted. */
async function adopted(tx: StoreTransaction, orphans: readonly Item[], dead: readonly Item[]): Promise<readonly Item[]> {
  if (orphans.length === 0) return [];
  const parents = new Map(dead.map((item) => [item.itemId, typeof item.fields.parent === 'string' ? item.fields.parent : null]));
  return (await tx.lockItems(orphans.map((item) => item.itemId))).map((item) => {
    let parent = typeof item.fields.parent === 'string' ? item.fields.parent : null;
    for (let hops = 0; parent !== null && parents.has(parent) && hops <= parents.size; hops += 1) parent = parents.get(parent) ?? null;
    const version = (item.stamps.parent?.version ?? 0) + 1;
    return { ...item, fields: { ...item.fields, parent }, stamps: { ...item.stamps, parent: { version, source: 'lockstep' } } };
  });
}

function move(run: Run, after: Item, before: Item): LedgerRow {
  return {
    ...removal(run, after, new Set()),
    operation: 'update',
    cause: 'its parent was deleted there',
    before: { parent: before.fields.parent ?? null },
    after: { parent: after.fields.parent ?? null },
  };
}

function removal(run: Run, item: Item, gone: ReadonlySet<string>): LedgerRow {
  const { connectionId } = run.connection;
  return {
    at: run.now,
    runId: run.runId,
    target: 'canonical',
    operation: 'remove',
    itemId: item.itemId,
    actor: connectionId,
    cause: gone.has(item.itemId) ? 'deleted there' : 'its parent was deleted there',
    before: item.fields,
    after: {},
    remoteId: null,
  };
}
