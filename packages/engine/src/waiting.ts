/**
 * Records that wait for the target of a reference: a child that was read before its parent is attached when the parent comes (H01), and a dependency on
 * something outside the backlog becomes one of the backlog when that comes in (H06).
 */
import type { Item, ItemKind } from '@lockstep/domain/backlog/item.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { labelOf } from './references.ts';
import type { Run } from './run.ts';

const MOST_WAITING = 1_000;
/** What people name in words. */
const NAMED: ReadonlySet<ItemKind> = new Set(['phase', 'epic', 'group']);

/** Marks the records of this connection that wait for one of these, which have just been linked: they are read and merged anew. */
export async function wakeByRecord(tx: StoreTransaction, run: Run, remoteIds: readonly string[]): Promise<void> {
  if (remoteIds.length === 0) return;
  const { connectionId } = run.connection;
  const outside = await tx.itemsReferencing(remoteIds.map((remoteId) => `remote:${connectionId}:${remoteId}`));
  const wanted = new Set(remoteIds.map((remoteId) => `id:${remoteId}`));
  const waiting = (await openReferences(tx, connectionId)).filter(({ remoteValue }) => wanted.has(String(remoteValue)));
  const itemIds = [...new Set([...outside.map(({ itemId }) => itemId), ...waiting.flatMap(({ itemId }) => itemId ?? [])])];
  if (itemIds.length > 0) await wake(tx, run, await tx.linksByItem(itemIds, connectionId));
}

/** The same for records of any connection that name one of these items in words. */
export async function wakeByName(tx: StoreTransaction, run: Run, items: readonly Item[]): Promise<void> {
  const labels = new Set(
    items.flatMap(({ kind, fields }) =>
      NAMED.has(kind) && typeof fields.title === 'string' ? [labelOf(fields.title).normalize('NFC')] : [],
    ),
  );
  if (labels.size === 0) return;
  const waiting = (await openReferences(tx)).filter(
    ({ remoteValue }) =>
      typeof remoteValue === 'string' && remoteValue.startsWith('text:') && labels.has(labelOf(remoteValue.slice(5)).normalize('NFC')),
  );
  if (waiting.length === 0) return;
  const places = new Set(waiting.map(({ itemId, connectionId }) => `${connectionId} ${itemId ?? ''}`));
  const links = await tx.linksByItem([...new Set(waiting.flatMap(({ itemId }) => itemId ?? []))]);
  await wake(
    tx,
    run,
    links.filter((link) => places.has(`${link.connectionId} ${link.itemId}`)),
  );
}

/** Closes the questions about references of these items that are known now. */
export async function closeResolved(tx: StoreTransaction, run: Run, itemIds: ReadonlySet<string>): Promise<void> {
  if (itemIds.size === 0) return;
  const answered = (await openReferences(tx, run.connection.connectionId)).filter(({ itemId }) => itemId !== null && itemIds.has(itemId));
  if (answered.length === 0) return;
  await tx.resolveConflicts(
    answered.map(({ conflictId }) => conflictId),
    'the reference is known now',
    run.now,
  );
}

async function wake(tx: StoreTransaction, run: Run, candidates: readonly Link[]): Promise<void> {
  const links = candidates.filter(({ state }) => state === 'linked');
  // Without a revision the record passes for unread, whatever it shows.
  await tx.saveLinks(
    links.map((link) => ({ ...link, revision: null })),
    run.now,
  );
  for (const { connectionId, remoteId } of links) await tx.markDirty(connectionId, [{ remoteId, deleted: false }], run.now);
}

async function openReferences(tx: StoreTransaction, connectionId?: string): Promise<readonly ConflictRow[]> {
  const open = await tx.conflicts({ state: 'open', limit: MOST_WAITING, ...(connectionId === undefined ? {} : { connectionId }) });
  return open.filter(({ kind }) => kind === 'unresolved-reference');
}
