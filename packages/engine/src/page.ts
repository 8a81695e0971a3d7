/**
 * Merging a page of records into the backlog, in one transaction: items, links, outbox rows, conflicts and ledger commit together (law S7).
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import { findCycle } from '@lockstep/domain/backlog/graph.ts';
import type { FieldMap, FieldName, Item } from '@lockstep/domain/backlog/item.ts';
import { mergeObserved } from '@lockstep/domain/backlog/merge.ts';
import type { FieldConflict } from '@lockstep/domain/backlog/merge.ts';
import { owedFields } from '@lockstep/domain/backlog/owed.ts';
import { members } from '@lockstep/domain/backlog/value.ts';
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow, Lane, LedgerRow, NewOutboxRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { adoptRecords } from './adopt.ts';
import type { Adopted, Refused } from './adopt.ts';
import { conflictRow, noticeRow } from './conflict-rows.ts';
import { itemReferences, referencedItems, remoteReferences } from './references.ts';
import type { RemoteReferences } from './references.ts';
import type { Run } from './run.ts';

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
}

/** Merges the records. Those whose link already has their revision are passed over. */
export async function mergePage(tx: StoreTransaction, run: Run, request: PageRequest): Promise<PageOutcome> {
  const { adopted, refused } = await adoptRecords(tx, run, request.records);
  const rows = new PageRows();
  await refuse(tx, run, refused, rows);
  const found = adopted.filter(({ how }) => how !== 'linked').map(({ record }) => record.remoteId);
  if (found.length > 0) await tx.unparkRecords(run.connection.connectionId, found);
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
  for (const entry of fresh)
    mergeRecord(run, entry, locked.get(entry.itemId) ?? null, linkHere(links, run, entry), references, request, rows);
  await refuseCycles(tx, run, rows);
  await oweChanges(tx, run, rows, links, request.lane);
  await rows.save(tx, run);
  return { changedItems: rows.changed.size, owing: rows.owing(), retryLater: rows.retryLater };
}

function linkHere(links: readonly Link[], run: Run, entry: Adopted): Link | null {
  return entry.link ?? links.find((link) => link.itemId === entry.itemId && link.connectionId === run.connection.connectionId) ?? null;
}

/** What a page is about to write. */
class PageRows {
  readonly items = new Map<string, Item>();
  readonly links: Link[] = [];
  readonly conflicts: ConflictRow[] = [];
  readonly ledger: LedgerRow[] = [];
  readonly outbox: NewOutboxRow[] = [];
  readonly retryLater: string[] = [];
  /** Item id → fields that changed (all of them for a new item). */
  readonly changed = new Map<string, readonly FieldName[]>();

  owing(): readonly string[] {
    return [...new Set(this.outbox.map((row) => row.connectionId))];
  }

  async save(tx: StoreTransaction, run: Run): Promise<void> {
    if (this.items.size > 0) await tx.saveItems([...this.items.values()], run.now);
    if (this.links.length > 0) await tx.saveLinks(this.links, run.now);
    if (this.outbox.length > 0) await tx.oweWrites(this.outbox, run.now);
    if (this.conflicts.length > 0) await tx.raiseConflicts(this.conflicts);
    if (this.ledger.length > 0) await tx.appendLedger(this.ledger);
    if (this.retryLater.length > 0) {
      await tx.markDirty(
        run.connection.connectionId,
        this.retryLater.map((remoteId) => ({ remoteId, deleted: false })),
        run.now,
      );
    }
  }
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
  for (const { record, kind, message } of refused)
    rows.conflicts.push(noticeRow(run, { kind, itemId: null, remoteId: record.remoteId, message }));
}

function mergeRecord(
  run: Run,
  entry: Adopted,
  existing: Item | null,
  link: Link | null,
  references: RemoteReferences,
  request: PageRequest,
  rows: PageRows,
): void {
  const { record, itemId } = entry;
  if (record.deleted) {
    if (link !== null && link.state === 'linked') rows.links.push({ ...link, state: 'vanished' });
    return;
  }
  const { fields, unresolved } = references.translate(record);
  if (!request.keepUnknown && unresolved.some((problem) => problem.cause === 'unknown-id')) {
    rows.retryLater.push(record.remoteId);
    if (existing === null) return;
  }
  for (const problem of unresolved) {
    if (problem.cause === 'unknown-id' && !request.keepUnknown) continue;
    const message = `${problem.field}: expected one item, got ${problem.cause === 'ambiguous-text' ? 'several' : 'none'} for the reference in ${record.remoteKey ?? record.remoteId}`;
    rows.conflicts.push(noticeRow(run, { kind: 'unresolved-reference', itemId, field: problem.field, remoteId: record.remoteId, message }));
  }
  mergeFields(run, { record, itemId, fields }, existing, link, rows);
}

function mergeFields(
  run: Run,
  seen: { readonly record: RemoteRecord; readonly itemId: string; readonly fields: FieldMap },
  existing: Item | null,
  link: Link | null,
  rows: PageRows,
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
  const base: Link = relinked ? newLink(run, itemId, record) : link;
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

/** A dependency that would close a cycle is refused: the canonical edge set stays, the proposal goes on record, and the remote is owed the old set (H02). */
async function refuseCycles(tx: StoreTransaction, run: Run, rows: PageRows): Promise<void> {
  const suspects = [...rows.changed]
    .filter(([, fields]) => fields.includes('dependsOn'))
    .map(([itemId]) => itemId)
    .sort();
  if (suspects.length === 0) return;
  const before = new Map((await tx.items(suspects)).map((item) => [item.itemId, item]));
  const stored = await tx.dependencyEdges();
  const edges = [
    ...stored.filter((edge) => !rows.items.has(edge.from) || !suspects.includes(edge.from)),
    ...suspects.flatMap((itemId) => members(rows.items.get(itemId)?.fields.dependsOn).map((to) => ({ from: itemId, to }))),
  ];
  for (const itemId of suspects) {
    const item = rows.items.get(itemId);
    const cycle = findCycle(edges, itemId);
    if (item === undefined || cycle === null) continue;
    const proposed = item.fields.dependsOn ?? null;
    const kept = before.get(itemId)?.fields.dependsOn ?? [];
    rows.items.set(itemId, { ...item, fields: { ...item.fields, dependsOn: kept } });
    const conflict: FieldConflict = {
      kind: 'concurrent-edit',
      field: 'dependsOn',
      connectionId: run.connection.connectionId,
      canonicalValue: kept,
      remoteValue: proposed,
      baseValue: kept,
    };
    rows.conflicts.push({
      ...conflictRow(run, itemId, null, conflict),
      kind: 'cycle',
      state: 'open',
      message: `dependsOn: expected no cycle, got one over ${cycle.length - 1} items`,
    });
    for (let index = edges.length - 1; index >= 0; index -= 1) if (edges[index]?.from === itemId) edges.splice(index, 1);
    edges.push(...members(kept).map((to) => ({ from: itemId, to })));
  }
}

/** Owes every connection what it has not agreed to yet, this one included. */
async function oweChanges(tx: StoreTransaction, run: Run, rows: PageRows, links: readonly Link[], lane: Lane): Promise<void> {
  const items = [...rows.items.values()];
  if (items.length === 0) return;
  const targets = referencedItems(items);
  const targetLinks = targets.length === 0 ? [] : await tx.linksByItem(targets);
  const targetItems = targets.length === 0 ? [] : [...(await tx.items(targets)), ...items];
  const own = new Map(rows.links.map((link) => [link.itemId, link]));
  const all = [...links.filter((link) => !(link.connectionId === run.connection.connectionId && own.has(link.itemId))), ...rows.links];
  for (const { connectionId, connector } of run.workspace.connections) {
    const here = new Map(all.filter((link) => link.connectionId === connectionId).map((link) => [link.itemId, link]));
    const references = itemReferences(connectionId, [...targetLinks, ...rows.links], targetItems, (kind) => connector.mappedFields(kind));
    for (const item of items) {
      const mapped = connector.mappedFields(item.kind);
      if (!mapped.some((field) => field.direction !== 'in')) continue;
      const link = here.get(item.itemId);
      if (link !== undefined && link.state !== 'removed') {
        const project = references.projection(item.kind);
        if (link.state !== 'linked' || Object.keys(owedFields(item, link, mapped, project)).length === 0) continue;
      }
      rows.outbox.push({ connectionId, itemId: item.itemId, operation: 'write', depth: depthOf(item.kind), lane });
    }
  }
}
