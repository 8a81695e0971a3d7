/**
 * Holds an edited plan against what was asked: the items that were to change changed so, the new ones are there, all others are as before.
 */
import type { FieldMap, FieldName, FieldValue } from '../backlog/item.ts';
import { isOwnText } from './changes.ts';
import type { Changes, ExpectedItem } from './changes.ts';
import type { EditOutcome, EditResult, PlanEdit } from './edit.ts';
import type { Plan, PlanItem } from './plan.ts';
import { shifted } from './splice.ts';

/** The result, or null where the new plan is not the one that was asked for. */
export function verified(before: Plan, after: Plan, edits: readonly PlanEdit[], changes: Changes): EditResult | null {
  const atOffset = new Map(after.items.map((item) => [anchorOf(item), item]));
  const gone = new Set(changes.removed);
  const movedAway = new Set(changes.expected.flatMap(({ was }) => (was === null ? [] : [was])));
  const moved = new Map<number, number>();
  for (const item of before.items) {
    if (gone.has(item.index) || movedAway.has(item.index)) continue;
    const now = atOffset.get(shifted(anchorOf(item), changes.splices));
    if (now === undefined || now.kind !== item.kind || now.explicitId !== item.explicitId) return null;
    moved.set(item.index, now.index);
  }
  const newcomers = locate(after, changes, new Set(moved.values()));
  if (newcomers === null || moved.size + newcomers.size !== after.items.length) return null;
  for (const [expected, item] of newcomers) if (expected.was !== null) moved.set(expected.was, item.index);
  for (const item of before.items) {
    const index = moved.get(item.index);
    if (index === undefined || movedAway.has(item.index)) continue;
    const now = after.items[index];
    if (now === undefined || !isAsAsked(item, now, changes, moved, gone)) return null;
  }
  for (const [expected, item] of newcomers) if (!isAsWritten(expected, item, moved)) return null;
  return { plan: after, moved, outcomes: edits.map((edit, index) => outcomeOf(edit, index, changes, moved, newcomers)) };
}

/** Where an item's title begins: unlike a row's or a paragraph's beginning, no two items share it. */
function anchorOf(item: PlanItem): number {
  return item.places.title?.span.start ?? item.span.start;
}

/** The new items, in the order of their splices; null where one is missing. */
function locate(after: Plan, changes: Changes, known: ReadonlySet<number>): Map<ExpectedItem, PlanItem> | null {
  const strangers = after.items.filter((item) => !known.has(item.index));
  if (strangers.length !== changes.expected.length) return null;
  const inOrder = changes.expected.toSorted((left, right) => left.splice.start - right.splice.start);
  const found = new Map<ExpectedItem, PlanItem>();
  for (const [index, expected] of inOrder.entries()) {
    const item = strangers[index];
    if (item === undefined || item.kind !== expected.item.kind) return null;
    found.set(expected, item);
  }
  return found;
}

function isAsAsked(
  before: PlanItem,
  now: PlanItem,
  changes: Changes,
  moved: ReadonlyMap<number, number>,
  gone: ReadonlySet<number>,
): boolean {
  const asked: FieldMap = changes.fields.get(before.index) ?? {};
  if (!sameFields({ ...before.fields, ...asked }, now.fields)) return false;
  const parent = changes.parents.get(before.index) ?? before.parent;
  if (changes.parents.has(before.index)) return now.parent === placeOf(changes.parents.get(before.index) ?? null, moved);
  if (parent !== null && gone.has(parent)) return true;
  return now.parent === placeOf(parent, moved) && now.parentWords === before.parentWords;
}

function isAsWritten(expected: ExpectedItem, item: PlanItem, moved: ReadonlyMap<number, number>): boolean {
  if (item.parent !== placeOf(expected.item.parent, moved)) return false;
  return (Object.keys(expected.written) as FieldName[]).every(
    (field) => !isOwnText(field) || sameField(field, expected.written[field], item.fields[field]),
  );
}

function placeOf(parent: number | null, moved: ReadonlyMap<number, number>): number | null {
  return parent === null ? null : (moved.get(parent) ?? null);
}

function sameFields(left: FieldMap, right: FieldMap): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]) as Set<FieldName>;
  return [...names].every((field) => !isOwnText(field) || sameField(field, left[field], right[field]));
}

function sameField(field: FieldName, left: FieldValue | undefined, right: FieldValue | undefined): boolean {
  if (field === 'status') return (left === 'done') === (right === 'done');
  return (left ?? '') === (right ?? '');
}

function outcomeOf(
  edit: PlanEdit,
  index: number,
  changes: Changes,
  moved: ReadonlyMap<number, number>,
  newcomers: ReadonlyMap<ExpectedItem, PlanItem>,
): EditOutcome {
  const outcome = changes.outcomes[index] ?? { ok: false, expected: 'an outcome', got: 'none' };
  if (!outcome.ok || edit.op === 'remove') return outcome;
  if (edit.op === 'set') return { ...outcome, item: moved.get(edit.item) ?? null };
  const [, item] = [...newcomers].find(([expected]) => expected.edit === index) ?? [];
  return { ...outcome, item: item?.index ?? null };
}
