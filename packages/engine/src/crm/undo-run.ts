/**
 * Taking back what one run of the sync has changed (K07), by the same three-way rule as change sets: a field that still holds what the run wrote gets back
 * what it held before, as an operator's edit that goes to every tool; anything that somebody has changed since is left as it is and listed.
 */
import type { FieldName, FieldValue, Item } from '@lockstep/domain/backlog/item.ts';
import { fieldEntries, sameValue } from '@lockstep/domain/backlog/value.ts';
import type { LedgerRow, StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { NotOnRecord, oweEverywhere } from '../commands.ts';
import type { Workspace } from '../workspace.ts';
import { chunks } from './environment.ts';

export interface UndoneField {
  readonly itemId: string;
  readonly title: string;
  readonly field: FieldName;
  /** Before the run, as the run wrote it, and now. */
  readonly before: FieldValue;
  readonly ours: FieldValue;
  readonly now: FieldValue;
}

/** Left as it is, and why. `field` is null where it is about the item as a whole. */
export interface SkippedUndo extends Omit<UndoneField, 'field'> {
  readonly field: FieldName | null;
  readonly message: string;
}

export interface UndoneRun {
  readonly restored: readonly UndoneField[];
  readonly skipped: readonly SkippedUndo[];
  /** Connections to wake: they are owed writes. */
  readonly owing: readonly string[];
}

/** Ledger rows of one run, and of one item since it. */
const MOST_ROWS = 100_000;
/** Items of one transaction. */
const ITEMS = 200;

/**
 * Undoes a run, or with `dryRun` says what that would do. Idempotent: what is restored does not hold the run's value any more. Itself a run (`undo-<run>`),
 * which can be undone. @throws NotOnRecord
 */
export async function undoRun(workspace: Workspace, runId: string, { dryRun }: { readonly dryRun: boolean }): Promise<UndoneRun> {
  const rows = await workspace.store.snapshot((reader) => reader.ledger({ runId, limit: MOST_ROWS }));
  if (rows.length === 0)
    throw new NotOnRecord(`run ${runId}: expected writes of it in the ledger, found none; see \`lockstep why ITEM\` for run ids`);
  const byItem = Map.groupBy(rows.toReversed(), ({ itemId }) => itemId);
  const parts: UndoneRun[] = [];
  for (const itemIds of chunks([...byItem.keys()].toSorted(), ITEMS))
    parts.push(
      dryRun
        ? await workspace.store.snapshot(async (reader) => ({ ...(await compare(reader, await reader.items(itemIds), byItem)), owing: [] }))
        : await workspace.store.transaction(async (tx) => {
            const items = await tx.lockItems(itemIds);
            const found = await compare(tx, items, byItem);
            return { ...found, owing: await restore(tx, workspace, runId, items, found.restored) };
          }),
    );
  return {
    restored: parts.flatMap(({ restored }) => restored),
    skipped: parts.flatMap(({ skipped }) => skipped),
    owing: [...new Set(parts.flatMap(({ owing }) => owing))],
  };
}

type Compared = Pick<UndoneRun, 'restored' | 'skipped'>;
type Rows = ReadonlyMap<string, readonly LedgerRow[]>;

async function compare(reader: StoreReader, items: readonly Item[], byItem: Rows): Promise<Compared> {
  const restored: UndoneField[] = [];
  const skipped: SkippedUndo[] = [];
  for (const item of items) {
    const rows = byItem.get(item.itemId) ?? [];
    const whole = objection(item, rows);
    if (whole !== null) {
      skipped.push({ itemId: item.itemId, title: titleOf(item), field: null, before: null, ours: null, now: null, message: whole });
      continue;
    }
    const later = await editedSince(reader, item.itemId, rows);
    for (const field of fieldsOf(item, rows)) {
      // Back already, by an undo or by hand.
      if (sameValue(field.now, field.before)) continue;
      const by = later.get(field.field);
      if (by === undefined && sameValue(field.now, field.ours)) restored.push(field);
      else skipped.push({ ...field, message: by === undefined ? 'changed since' : `changed since: ${by.actor} at ${by.at}` });
    }
  }
  return { restored, skipped };
}

/** What a run did to an item as a whole is not taken back by a machine. */
function objection(item: Item, rows: readonly LedgerRow[]): string | null {
  const canonical = rows.filter(({ target }) => target === 'canonical');
  if (canonical.some(({ operation }) => operation === 'create')) return 'made by this run: remove it in any tool if it may go';
  if (canonical.some(({ operation }) => operation === 'remove'))
    return 'removed by this run: bring it back in the tool that has it in its bin';
  return item.deletedAt === null ? null : 'deleted since: there is nothing to restore';
}

/**
 * The fields that the run has changed: from what they held before its first write to what its last one left. What it wrote to the backlog counts before what
 * it wrote to tools, where the same value may look otherwise.
 */
function fieldsOf(item: Item, rows: readonly LedgerRow[]): readonly UndoneField[] {
  const changed = new Map<FieldName, { before: FieldValue; ours: FieldValue }>();
  const canonical = rows.filter(({ target }) => target === 'canonical');
  for (const { before, after, operation } of canonical.length > 0 ? canonical : rows)
    if (operation === 'update' || operation === 'restore')
      for (const [field, ours] of fieldEntries(after)) {
        const first = changed.get(field)?.before;
        changed.set(field, { before: first === undefined ? (before[field] ?? null) : first, ours });
      }
  return [...changed].map(([field, values]) => ({
    ...{ itemId: item.itemId, title: titleOf(item), field, ...values },
    now: item.fields[field] ?? null,
  }));
}

/** The newest edit of the backlog since the run, by field: also one that set the run's own value again. The ledger decides, not the value. */
async function editedSince(reader: StoreReader, itemId: string, rows: readonly LedgerRow[]): Promise<ReadonlyMap<FieldName, LedgerRow>> {
  const edits = new Map<FieldName, LedgerRow>();
  const isLast = ({ runId, target }: LedgerRow): boolean =>
    rows.some(
      (own) => own.runId === runId && own.target === target && (target === 'canonical' || rows.every((one) => one.target !== 'canonical')),
    );
  for (const row of await reader.ledger({ itemId, limit: MOST_ROWS })) {
    if (isLast(row)) break;
    if (row.target === 'canonical') for (const [field] of fieldEntries(row.after)) if (!edits.has(field)) edits.set(field, row);
  }
  return edits;
}

async function restore(
  tx: StoreTransaction,
  workspace: Workspace,
  runId: string,
  items: readonly Item[],
  fields: readonly UndoneField[],
): Promise<readonly string[]> {
  if (fields.length === 0) return [];
  const byItem = Map.groupBy(fields, ({ itemId }) => itemId);
  const settled = items.flatMap((item): Item[] => {
    const own = byItem.get(item.itemId);
    return own === undefined ? [] : [{ ...item, ...restoredIn(item, own) }];
  });
  await tx.saveItems(settled, workspace.now());
  await tx.appendLedger(
    settled.map(({ itemId }) => ({
      ...{ at: workspace.now(), runId: `undo-${runId}`, target: 'canonical', operation: 'update' as const, itemId },
      ...{ actor: 'operator', cause: `undo of run ${runId}`, remoteId: null },
      before: valuesOf(byItem.get(itemId) ?? [], ({ now }) => now),
      after: valuesOf(byItem.get(itemId) ?? [], ({ before }) => before),
    })),
  );
  return oweEverywhere(tx, workspace, settled);
}

function restoredIn(item: Item, fields: readonly UndoneField[]): Pick<Item, 'fields' | 'stamps'> {
  const stamps = fields.map(({ field }) => [field, { version: (item.stamps[field]?.version ?? 0) + 1, source: 'operator' }] as const);
  return {
    fields: { ...item.fields, ...valuesOf(fields, ({ before }) => before) },
    stamps: { ...item.stamps, ...Object.fromEntries(stamps) },
  };
}

function valuesOf(fields: readonly UndoneField[], valueOf: (field: UndoneField) => FieldValue): { readonly [F in FieldName]?: FieldValue } {
  return Object.fromEntries(fields.map((one) => [one.field, valueOf(one)]));
}

const titleOf = ({ fields }: Item): string => (typeof fields.title === 'string' ? fields.title : '');
