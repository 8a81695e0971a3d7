/**
 * Setting fields of many items as an operator: by item id, else by kind and title, else a new item. What is left out stays as it is.
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldMap, FieldName, FieldValue, Item, ItemKind, Stamp } from '@lockstep/domain/backlog/item.ts';
import { fieldEntries, isSetField, normalise, sameValue } from '@lockstep/domain/backlog/value.ts';
import type { LedgerRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import type { Workspace } from './workspace.ts';

export interface ImportedItem {
  readonly itemId?: string | undefined;
  readonly kind: ItemKind;
  readonly fields: FieldMap;
}

export interface ImportOutcome {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly problems: readonly { readonly index: number; readonly message: string }[];
  readonly owing: readonly string[];
}

/** Applies the rows, or (dry run) says what it would do. Rows with a problem are passed over and named; the others are applied together. */
export async function importItems(workspace: Workspace, rows: readonly ImportedItem[], dryRun: boolean): Promise<ImportOutcome> {
  const now = workspace.now();
  const runId = `import-${workspace.newId()}`;
  return workspace.store.transaction(async (tx) => {
    await tx.lockItemCreation();
    const found = await existing(tx, rows);
    const problems: { index: number; message: string }[] = [];
    const saved: Item[] = [];
    const ledger: LedgerRow[] = [];
    let created = 0;
    for (const [index, row] of rows.entries()) {
      const problem = problemOf(row, found.get(index));
      if (problem !== null) {
        problems.push({ index, message: problem });
        continue;
      }
      const before = found.get(index)?.[0] ?? null;
      const after = withFields(
        before ?? { itemId: workspace.newId(), kind: row.kind, fields: {}, stamps: {}, deletedAt: null, deletedBy: null },
        row.fields,
      );
      if (before !== null && after === before) continue;
      if (before === null) created += 1;
      saved.push(after);
      ledger.push({
        at: now,
        runId,
        target: 'canonical',
        operation: before === null ? 'create' : 'update',
        itemId: after.itemId,
        actor: 'operator',
        cause: 'imported',
        before: before?.fields ?? {},
        after: row.fields,
        remoteId: null,
      });
    }
    const outcome = { created, updated: saved.length - created, unchanged: rows.length - problems.length - saved.length, problems };
    if (dryRun || saved.length === 0) return { ...outcome, owing: [] };
    await tx.saveItems(saved, now);
    await tx.appendLedger(ledger);
    const owed = saved.flatMap((item) =>
      workspace.connections
        .filter((connection) => connection.connector.mappedFields(item.kind).some((mapped) => mapped.direction !== 'in'))
        .map((connection) => ({
          connectionId: connection.connectionId,
          itemId: item.itemId,
          operation: 'write' as const,
          depth: depthOf(item.kind),
          lane: 'routine' as const,
        })),
    );
    await tx.oweWrites(owed, now);
    return { ...outcome, owing: [...new Set(owed.map((row) => row.connectionId))] };
  });
}

async function existing(tx: StoreTransaction, rows: readonly ImportedItem[]): Promise<ReadonlyMap<number, readonly Item[]>> {
  const byId = new Map((await tx.items(rows.flatMap((row) => row.itemId ?? []))).map((item) => [item.itemId, item]));
  const titled = await tx.itemsByTitle(
    rows.flatMap((row) => (row.itemId === undefined && typeof row.fields.title === 'string' ? [row.fields.title] : [])),
  );
  return new Map(
    rows.map((row, index) => {
      const known = row.itemId === undefined ? undefined : byId.get(row.itemId);
      const items =
        row.itemId === undefined
          ? titled.filter((item) => item.kind === row.kind && sameValue(item.fields.title, row.fields.title))
          : known === undefined
            ? []
            : [known];
      return [index, items];
    }),
  );
}

function problemOf(row: ImportedItem, found: readonly Item[] = []): string | null {
  if (row.itemId !== undefined && found.length === 0) return `itemId: expected one of the backlog, got ${row.itemId}`;
  if (found.length > 1) return `title: expected at most one ${row.kind} of this title, got ${found.length}; name it by itemId`;
  if (found.length === 0 && (typeof row.fields.title !== 'string' || row.fields.title.trim() === ''))
    return 'title: expected one for a new item, got none';
  if (found[0] !== undefined && found[0].kind !== row.kind) return `kind: expected ${found[0].kind}, got ${row.kind}`;
  for (const [field, value] of fieldEntries(row.fields)) {
    if (value !== null && Array.isArray(value) !== isSetField(field))
      return `${field}: expected ${isSetField(field) ? 'a list' : 'a text'} (${FIELD_TYPES[field]}), got ${Array.isArray(value) ? 'a list' : 'a text'}`;
  }
  return null;
}

/** The item with these fields; the same object where nothing changes. */
function withFields(item: Item, fields: FieldMap): Item {
  const next: Partial<Record<FieldName, FieldValue>> = { ...item.fields };
  const stamps: Partial<Record<FieldName, Stamp>> = { ...item.stamps };
  let changed = false;
  for (const [field, value] of fieldEntries(fields)) {
    if (sameValue(item.fields[field], value)) continue;
    next[field] = normalise(value);
    stamps[field] = { version: (item.stamps[field]?.version ?? 0) + 1, source: 'operator' };
    changed = true;
  }
  return changed ? { ...item, fields: next, stamps } : item;
}
