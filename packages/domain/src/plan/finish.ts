/**
 * The last step of reading: ids held against each other, the words of "Phase" columns resolved, everything numbered.
 */
import { FIELD_NAMES } from '../backlog/item.ts';
import type { FieldName } from '../backlog/item.ts';
import type { Draft, DraftBlock, DraftItem } from './draft.ts';
import type { Block, Plan, PlanItem } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { labelOf } from './words.ts';

/** Makes the plan of what was read. Throws `PlanError` for an id that stands twice. */
export function finishPlan(draft: Draft): Plan {
  refuseDuplicateIds(draft);
  resolveParents(draft);
  const indexOf = new Map(draft.items.map((item, index) => [item, index]));
  const blockOf = new Map(draft.blocks.map((block, index) => [block, index]));
  const items = draft.items.map((item, index) => finishItem(draft, item, index, indexOf, blockOf));
  const blocks = draft.blocks.map((block, index) => finishBlock(draft, block, index, indexOf, items));
  return { text: draft.tree.text, file: draft.file, items, blocks, newline: /\r?\n/.exec(draft.tree.text)?.[0] === '\r\n' ? '\r\n' : '\n' };
}

function finishItem(
  draft: Draft,
  item: DraftItem,
  index: number,
  indexOf: ReadonlyMap<DraftItem, number>,
  blockOf: ReadonlyMap<DraftBlock, number>,
): PlanItem {
  const inSection = item.parent === null && item.parentWords === null && item.section !== null;
  return {
    index,
    kind: item.kind,
    explicitId: item.explicitId,
    holder: item.holder,
    span: item.span,
    line: draft.tree.lineOf(item.span.start),
    fields: inSection ? { ...item.fields, section: item.section } : item.fields,
    places: item.places,
    parent: item.parent === null ? null : (indexOf.get(item.parent) ?? null),
    parentWords: item.parent === null ? item.parentWords : null,
    section: item.section,
    block: item.block === null ? null : (blockOf.get(item.block) ?? null),
    text: item.text,
  };
}

function finishBlock(
  draft: Draft,
  block: DraftBlock,
  index: number,
  indexOf: ReadonlyMap<DraftItem, number>,
  items: readonly PlanItem[],
): Block {
  const held = new Set<FieldName>(block.columns.filter((column) => column !== null && column !== 'id'));
  for (const item of items) {
    if (item.block !== index) continue;
    for (const field of Object.keys(item.places) as FieldName[]) held.add(field);
  }
  return {
    index,
    form: block.form,
    kind: block.kind,
    span: block.span,
    columns: block.columns,
    parent: block.parent === null ? null : (indexOf.get(block.parent) ?? null),
    section: block.section,
    fields: FIELD_NAMES.filter((field) => held.has(field)),
    rows: block.rows,
  };
}

function refuseDuplicateIds(draft: Draft): void {
  const lines = new Map<string, number>();
  for (const item of draft.items) {
    if (item.explicitId === null) continue;
    const line = draft.tree.lineOf(item.span.start);
    const first = lines.get(item.explicitId);
    if (first !== undefined)
      throw new PlanError(draft.file, line, `an id that no other item has (${item.explicitId} is that of line ${first})`, item.explicitId);
    lines.set(item.explicitId, line);
  }
}

/** The words of a "Phase" column name the one phase, epic or group with that label or title (those of a "Task" column the one task); with none or several they stay words. */
function resolveParents(draft: Draft): void {
  const holders = namedBy(draft.items.filter((item) => item.kind === 'phase' || item.kind === 'epic' || item.kind === 'group'));
  const tasks = namedBy(draft.items.filter((item) => item.kind === 'task'));
  for (const item of draft.items) {
    if (item.parentWords === null) continue;
    const named = item.kind === 'subtask' ? tasks : holders;
    const parent = named.get(keyOf(item.parentWords)) ?? named.get(keyOf(labelOf(item.parentWords))) ?? null;
    if (parent !== item) item.parent = parent;
  }
}

/** Items by title, label and id; null where two share it. */
function namedBy(items: readonly DraftItem[]): ReadonlyMap<string, DraftItem | null> {
  const named = new Map<string, DraftItem | null>();
  for (const item of items) {
    if (typeof item.fields.title !== 'string') continue;
    const names = [item.fields.title, labelOf(item.fields.title), ...(item.explicitId === null ? [] : [item.explicitId])];
    for (const name of new Set(names.map(keyOf))) named.set(name, named.has(name) ? null : item);
  }
  return named;
}

function keyOf(words: string): string {
  return words.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}
