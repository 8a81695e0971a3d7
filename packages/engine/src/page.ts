/**
 * Merging a page of records into the backlog, in one transaction: items, links, outbox rows, conflicts and ledger commit together (law S7).
 */
import type { FieldMap, FieldName, Item } from '@lockstep/domain/backlog/item.ts';
import { mergeObserved } from '@lockstep/domain/backlog/merge.ts';
import type { FieldConflict } from '@lockstep/domain/backlog/merge.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { Lane, LedgerRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { adoptRecords } from './adopt.ts';
import type { Adopted, Refused } from './adopt.ts';
import { conflictRow, noticeRow } from './conflict-rows.ts';
import { refuseCycles } from './cycles.ts';
import { driftRows } from './drift.ts';
import { oweChanges } from './owe.ts';
import { unrecordedWrites, withOwnWrites } from './own-writes.ts';
import type { UnrecordedWrites } from './own-writes.ts';
import { PageRows } from './page-rows.ts';
import { readable } from './readable.ts';
import { remoteReferences } from './references.ts';
import type { RemoteReferences } from './references.ts';
import type { Run } from './run.ts';
import { closeResolved, wakeByName, wakeByRecord } from './waiting.ts';
import { openRefusals } from './writes.ts';

export interface PageOutcome {
  /** Items that are another now, new ones included. */
  readonly changedItems: number;
  /** Connections that are owed writes because of this page. */
  readonly owing: readonly string[];
  /** Records to read again once their targets have been read. */
  readonly retryLater: readonly string[];
}

export interface PageRequest {
  readonly records: readonly RemoteRecord[];
  readonly lane: Lane;
  /** Take references to records outside the backlog as they are, instead of waiting for their targets. */
  readonly keepUnknown: boolean;
  /** Report what has changed: the feed has been read, and should have told of it (K09). */
  readonly isAudit?: boolean;
  /** Items with a write whose outcome is not on record, where the caller knows them; else every write under way is one. */
  readonly doubtful?: ReadonlySet<string>;
}

/** Merges the records. Those whose link already has their revision are passed over. */
export async function mergePage(tx: StoreTransaction, run: Run, request: PageRequest): Promise<PageOutcome> {
  const { adopted, refused } = await adoptRecords(tx, run, request.records.map(readable));
  const rows = new PageRows();
  await refuse(tx, run, refused, rows);
  const found = adopted.filter(({ how }) => how !== 'linked').map(({ record }) => record.remoteId);
  if (found.length > 0) {
    await closeParked(tx, run, found, 'matched');
    await wakeByRecord(tx, run, found);
  }
  const fresh = adopted.filter(
    ({ record, link }) => link === null || link.state !== 'linked' || link.revision !== record.revision || record.deleted,
  );
  if (fresh.length === 0) {
    await rows.save(tx, run);
    return { changedItems: 0, owing: [], retryLater: [] };
  }
  const references = await remoteReferences({
    reader: tx,
    connectionId: run.connection.connectionId,
    records: fresh.map(({ record }) => record),
    assigned: new Map(adopted.map(({ record, itemId }) => [record.remoteId, itemId])),
    keepUnknown: request.keepUnknown,
  });
  const locked = new Map(
    (await tx.lockItems(fresh.filter(({ how }) => how !== 'new').map(({ itemId }) => itemId))).map((item) => [item.itemId, item]),
  );
  const links = await tx.linksByItem(fresh.map(({ itemId }) => itemId));
  const unrecorded = await unrecordedWrites(tx, run, [...locked.keys()], request.doubtful);
  const page: Page = { ...request, references, unrecorded };
  for (const entry of fresh) mergeRecord(run, entry, locked.get(entry.itemId) ?? null, linkHere(links, run, entry), page, rows);
  await closeResolved(tx, run, resolved(fresh, references));
  await wakeByName(
    tx,
    run,
    [...rows.items.values()].filter(({ itemId }) => rows.changed.get(itemId)?.includes('title') === true),
  );
  await refuseCycles(tx, run, rows);
  await oweChanges(tx, run, rows, links, request.lane);
  await rows.save(tx, run);
  return { changedItems: rows.changed.size, owing: rows.owing(), retryLater: rows.retryLater };
}

/** Items that were read anew and whose references are all known. */
function resolved(fresh: readonly Adopted[], references: RemoteReferences): ReadonlySet<string> {
  const anew = fresh.filter(({ link }) => link !== null && link.revision === null);
  return new Set(anew.flatMap(({ record, itemId }) => (references.translate(record).unresolved.length === 0 ? [itemId] : [])));
}

function linkHere(links: readonly Link[], run: Run, entry: Adopted): Link | null {
  return entry.link ?? links.find((link) => link.itemId === entry.itemId && link.connectionId === run.connection.connectionId) ?? null;
}

async function refuse(tx: StoreTransaction, run: Run, refused: readonly Refused[], rows: PageRows): Promise<void> {
  if (refused.length === 0) return;
  const { connectionId } = run.connection;
  await tx.parkRecords(
    refused.map(({ record, kind, message }) => ({
      connectionId,
      remoteId: record.remoteId,
      cause: kind,
      message,
      attempts: 1,
      firstSeenAt: run.now,
    })),
  );
  for (const { record, kind, message, candidates } of refused) {
    for (const itemId of candidates.length === 0 ? [null] : candidates)
      rows.conflicts.push(noticeRow(run, { kind, itemId, remoteId: record.remoteId, message }));
  }
}

/** Records that have found their item (E08), or are gone, wait for nobody any more, and ask nothing. */
export async function closeParked(tx: StoreTransaction, run: Run, remoteIds: readonly string[], resolution: string): Promise<void> {
  if (remoteIds.length === 0) return;
  const { connectionId } = run.connection;
  await tx.unparkRecords(connectionId, remoteIds);
  const gone = new Set(remoteIds);
  const settled = (await openRefusals(tx, connectionId)).filter(({ remoteId }) => remoteId !== null && gone.has(remoteId));
  if (settled.length === 0) return;
  await tx.resolveConflicts(
    settled.map(({ conflictId }) => conflictId),
    resolution,
    run.now,
  );
}

/** What is read once for all records of a page. */
interface Page extends PageRequest {
  readonly references: RemoteReferences;
  readonly unrecorded: UnrecordedWrites;
}

function mergeRecord(run: Run, entry: Adopted, existing: Item | null, link: Link | null, page: Page, rows: PageRows): void {
  const { record, itemId } = entry;
  if (record.deleted) {
    if (link !== null && link.state === 'linked') rows.links.push({ ...link, state: 'vanished' });
    return;
  }
  const { fields, unresolved } = page.references.translate(record);
  if (!page.keepUnknown && unresolved.some((problem) => problem.cause === 'unknown-id')) {
    rows.retryLater.push(record.remoteId);
    if (existing === null) return;
  }
  for (const problem of unresolved) {
    if (problem.cause === 'unknown-id' && !page.keepUnknown) continue;
    const message = `${problem.field}: expected one item, got ${problem.cause === 'ambiguous-text' ? 'several' : 'none'} for the reference in ${record.remoteKey ?? record.remoteId}`;
    const notice = { kind: 'unresolved-reference', itemId, field: problem.field, remoteId: record.remoteId, message } as const;
    rows.conflicts.push({ ...noticeRow(run, notice), remoteValue: problem.reference });
  }
  if (page.isAudit === true && existing !== null && link !== null) rows.conflicts.push(...driftRows(run, existing, link, fields));
  mergeFields(run, { record, itemId, fields }, existing, link, { rows, unrecorded: page.unrecorded });
}

function mergeFields(
  run: Run,
  seen: { readonly record: RemoteRecord; readonly itemId: string; readonly fields: FieldMap },
  existing: Item | null,
  link: Link | null,
  { rows, unrecorded }: { readonly rows: PageRows; readonly unrecorded: UnrecordedWrites },
): void {
  const { record, itemId } = seen;
  if (existing !== null && existing.deletedAt !== null && link !== null && link.state !== 'removed') {
    recordLateEdit(run, seen, existing, link, rows);
    return;
  }
  const item = existing ?? newItem(itemId, record);
  const alive: Item = item.deletedAt === null ? item : { ...item, deletedAt: null, deletedBy: null };
  const mapped = run.connection.connector.mappedFields(item.kind);
  const relinked = link === null || link.state === 'removed' || link.remoteId !== record.remoteId;
  const base = withOwnWrites(relinked ? newLink(run, itemId, record) : link, seen.fields, unrecorded.get(itemId));
  const result = mergeObserved({ item: alive, link: base, observed: seen.fields, mapped, policy: run.workspace.policy });
  rows.links.push({
    ...result.link,
    state: 'linked',
    revision: record.revision,
    remoteKey: record.remoteKey,
    url: record.url,
    missedScans: 0,
  });
  for (const conflict of result.conflicts) rows.conflicts.push(conflictRow(run, itemId, record.remoteId, conflict));
  for (const notice of record.notices)
    rows.conflicts.push(
      noticeRow(run, {
        kind: 'notice',
        itemId,
        field: notice.field,
        remoteId: record.remoteId,
        message: notice.message,
        recorded: notice.cause === 'clipped',
      }),
    );
  const revived = existing !== null && item.deletedAt !== null;
  if (existing === null || revived || result.changed.length > 0) {
    rows.items.set(itemId, result.item);
    rows.changed.set(itemId, existing === null || revived ? (Object.keys(result.item.fields) as FieldName[]) : result.changed);
    rows.ledger.push(
      ledgerRow(run, existing, result.item, result.changed, revived ? 'restore' : existing === null ? 'create' : 'update', record.remoteId),
    );
  } else if (relinked) {
    rows.items.set(itemId, result.item);
    rows.changed.set(itemId, []);
    rows.ledger.push(ledgerRow(run, existing, result.item, [], 'link', record.remoteId));
  } else {
    // Not changed, but the remote may show something that the merge did not take: it is owed the canonical value.
    rows.items.set(itemId, result.item);
    rows.changed.set(itemId, []);
  }
}

/** The item was deleted elsewhere and this remote has not been told yet: an edit here does not bring it back, but is kept on record. */
function recordLateEdit(
  run: Run,
  seen: { readonly record: RemoteRecord; readonly itemId: string; readonly fields: FieldMap },
  item: Item,
  link: Link,
  rows: PageRows,
): void {
  const mapped = run.connection.connector.mappedFields(item.kind);
  const result = mergeObserved({ item, link, observed: seen.fields, mapped, policy: run.workspace.policy });
  rows.links.push({ ...link, revision: seen.record.revision });
  for (const field of result.changed) {
    const late: FieldConflict = {
      kind: 'concurrent-edit',
      field,
      connectionId: link.connectionId,
      canonicalValue: item.fields[field] ?? null,
      remoteValue: result.item.fields[field] ?? null,
      baseValue: link.bases[field]?.agreed ?? null,
    };
    rows.conflicts.push({
      ...conflictRow(run, seen.itemId, link.remoteId, late),
      kind: 'edit-after-delete',
      message: `${field}: changed after the item had been deleted elsewhere`,
    });
  }
}

function newItem(itemId: string, record: RemoteRecord): Item {
  return { itemId, kind: record.kind ?? 'task', fields: {}, stamps: {}, deletedAt: null, deletedBy: null };
}

function newLink(run: Run, itemId: string, record: RemoteRecord): Link {
  return {
    itemId,
    connectionId: run.connection.connectionId,
    remoteId: record.remoteId,
    remoteKey: record.remoteKey,
    url: record.url,
    state: 'linked',
    bases: {},
    revision: record.revision,
    missedScans: 0,
  };
}

function ledgerRow(
  run: Run,
  before: Item | null,
  after: Item,
  changed: readonly FieldName[],
  operation: LedgerRow['operation'],
  remoteId: string,
): LedgerRow {
  const pick = (item: Item | null): FieldMap =>
    Object.fromEntries(changed.flatMap((field) => (item?.fields[field] === undefined ? [] : [[field, item.fields[field]]])));
  const { connectionId } = run.connection;
  return {
    at: run.now,
    runId: run.runId,
    target: 'canonical',
    operation,
    itemId: after.itemId,
    actor: connectionId,
    cause: 'observed',
    before: pick(before),
    after: pick(after),
    remoteId,
  };
}
