/**
 * Editing a plan in place: set fields, insert an item, remove a row. Every byte that an edit does not concern stays as it is.
 *
 * An edit is proven before it counts: the new text is parsed, and every item must be what it was but for what was asked. An edit for which that does not
 * hold (a value that Markdown would take for something else) is tried again in a safer spelling and then refused; the others stand.
 */
import type { FieldMap, FieldName } from '../backlog/item.ts';
import { changesOf } from './changes.ts';
import { parsePlan } from './parse.ts';
import type { NewItem } from './insertion.ts';
import type { Plan } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { applySplices, overlap } from './splice.ts';
import { verified } from './verify.ts';

export type PlanEdit =
  /** `parent` (an item's index, or null for none) only where it is to change; `fields` never holds references. */
  | { readonly op: 'set'; readonly item: number; readonly fields: FieldMap; readonly parent?: number | null }
  | ({ readonly op: 'insert' } & NewItem)
  | { readonly op: 'remove'; readonly item: number };

export type EditOutcome =
  /** `item` is the index in the new plan; null for a removal. `refused`: fields that were left as they are, because there is no place for the value. */
  | { readonly ok: true; readonly item: number | null; readonly refused: readonly FieldName[] }
  | { readonly ok: false; readonly expected: string; readonly got: string };

export interface EditResult {
  readonly plan: Plan;
  /** One per edit, in order. */
  readonly outcomes: readonly EditOutcome[];
  /** Old index → new index; removed items have none. */
  readonly moved: ReadonlyMap<number, number>;
}

/** Spellings of a value, from the plainest to the safest. */
const ATTEMPTS = 4;

/** Applies the edits, each of them against the plan as given. Never throws. */
export function editPlan(plan: Plan, edits: readonly PlanEdit[]): EditResult {
  const all = attempted(plan, edits, 0);
  if (all !== null) return all;
  const [only] = edits;
  if (edits.length === 1 && only !== undefined) return single(plan, only);
  const middle = edits.length >> 1;
  return inTurn(plan, edits.slice(0, middle), edits.slice(middle));
}

/** All edits in one step, or null where the outcome would not be what was asked. */
function attempted(plan: Plan, edits: readonly PlanEdit[], attempt: number): EditResult | null {
  const changes = changesOf(plan, edits, attempt);
  if (overlap(changes.splices)) return null;
  if (changes.splices.length === 0) return { plan, outcomes: changes.outcomes, moved: identity(plan) };
  try {
    return verified(plan, parsePlan(applySplices(plan.text, changes.splices), plan.file), edits, changes);
  } catch (error) {
    if (error instanceof PlanError) return null;
    throw error;
  }
}

function inTurn(plan: Plan, first: readonly PlanEdit[], second: readonly PlanEdit[]): EditResult {
  const one = editPlan(plan, first);
  const two = editPlan(
    one.plan,
    second.map((edit) => relocated(edit, one.moved)),
  );
  const follow = (outcome: EditOutcome): EditOutcome =>
    outcome.ok && outcome.item !== null ? { ...outcome, item: two.moved.get(outcome.item) ?? null } : outcome;
  const moved = new Map<number, number>();
  for (const [before, between] of one.moved) {
    const after = two.moved.get(between);
    if (after !== undefined) moved.set(before, after);
  }
  return { plan: two.plan, moved, outcomes: [...one.outcomes.map(follow), ...two.outcomes] };
}

/** One edit that does not go as it is: in safer spellings, then in parts, so that what cannot be written is named and the rest is. */
function single(plan: Plan, edit: PlanEdit): EditResult {
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    const done = attempted(plan, [edit], attempt);
    if (done !== null) return done;
  }
  if (edit.op === 'set') return setInParts(plan, edit);
  if (edit.op === 'insert' && Object.keys(edit.fields).some((field) => !ESSENTIAL.has(field))) return insertInParts(plan, edit);
  const outcome: EditOutcome = {
    ok: false,
    expected: 'an edit after which all else in the plan is as before',
    got: 'one that would change other parts of it',
  };
  return { plan, moved: identity(plan), outcomes: [outcome] };
}

const ESSENTIAL: ReadonlySet<string> = new Set(['title', 'section']);

function setInParts(plan: Plan, edit: Extract<PlanEdit, { op: 'set' }>): EditResult {
  const names = Object.keys(edit.fields) as FieldName[];
  if (names.length + (edit.parent === undefined ? 0 : 1) <= 1) {
    const refused = edit.parent === undefined ? names : (['parent'] as const);
    return { plan, moved: identity(plan), outcomes: [{ ok: true, item: edit.item, refused }] };
  }
  const half = names.length >> 1;
  const { parent, ...withoutParent } = edit;
  const pick = (some: readonly FieldName[]): FieldMap => Object.fromEntries(some.map((field) => [field, edit.fields[field]]));
  const first: PlanEdit = parent === undefined ? { ...edit, fields: pick(names.slice(0, half)) } : withoutParent;
  const second: PlanEdit =
    parent === undefined ? { ...edit, fields: pick(names.slice(half)) } : { op: 'set', item: edit.item, fields: {}, parent };
  return merged(inTurn(plan, [first], [second]));
}

function insertInParts(plan: Plan, edit: Extract<PlanEdit, { op: 'insert' }>): EditResult {
  const fields = Object.entries(edit.fields);
  const essential = Object.fromEntries(fields.filter(([field]) => ESSENTIAL.has(field)));
  const bare = editPlan(plan, [{ ...edit, fields: essential }]);
  const [outcome] = bare.outcomes;
  if (outcome?.ok !== true || outcome.item === null) return bare;
  const rest = Object.fromEntries(fields.filter(([field]) => !ESSENTIAL.has(field)));
  const filled = editPlan(bare.plan, [{ op: 'set', item: outcome.item, fields: rest }]);
  const moved = new Map(
    [...bare.moved].flatMap(([before, between]) => (filled.moved.has(between) ? [[before, filled.moved.get(between) ?? 0] as const] : [])),
  );
  return { plan: filled.plan, moved, outcomes: filled.outcomes };
}

/** Two outcomes of one edit as one. */
function merged(result: EditResult): EditResult {
  const refused = result.outcomes.flatMap((outcome) => (outcome.ok ? outcome.refused : []));
  const last = result.outcomes.at(-1);
  if (last?.ok !== true) return { ...result, outcomes: result.outcomes.slice(-1) };
  return { ...result, outcomes: [{ ...last, refused }] };
}

function identity(plan: Plan): ReadonlyMap<number, number> {
  return new Map(plan.items.map((item) => [item.index, item.index]));
}

/** The same edit in the plan as it is now. An item that is gone gets no index: the edit is refused. */
function relocated(edit: PlanEdit, moved: ReadonlyMap<number, number>): PlanEdit {
  const there = 'parent' in edit && typeof edit.parent === 'number' ? { parent: moved.get(edit.parent) ?? GONE } : {};
  if (edit.op === 'insert') return { ...edit, ...there };
  const item = moved.get(edit.item) ?? GONE;
  return edit.op === 'remove' ? { ...edit, item } : { ...edit, item, ...there };
}

const GONE = -1;
