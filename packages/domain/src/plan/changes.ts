/**
 * What a batch of edits does to the text: splices, and what is expected of the items afterwards.
 */
import type { FieldMap, FieldName, FieldValue } from '../backlog/item.ts';
import { FIELD_TYPES } from '../backlog/item.ts';
import type { EditOutcome, PlanEdit } from './edit.ts';
import { mannerOf } from './draft.ts';
import { endOfLine, insertionOf, parentLabel, wholeLines } from './insertion.ts';
import type { NewItem } from './insertion.ts';
import type { Place, Plan, PlanItem, Span } from './plan.ts';
import { applySplices } from './splice.ts';
import type { Splice } from './splice.ts';
import { encodings } from './text-codec.ts';

/** An item that is to stand at a splice. */
export interface ExpectedItem {
  /** Which edit asked for it. */
  readonly edit: number;
  readonly splice: Splice;
  readonly item: NewItem;
  readonly written: FieldMap;
  /** Index of the item that it was, where it was moved; null for a new one. */
  readonly was: number | null;
}

export interface Changes {
  readonly splices: readonly Splice[];
  readonly outcomes: readonly EditOutcome[];
  /** Item index → fields that change. */
  readonly fields: ReadonlyMap<number, FieldMap>;
  /** Item index → its new parent. */
  readonly parents: ReadonlyMap<number, number | null>;
  readonly removed: ReadonlySet<number>;
  readonly expected: readonly ExpectedItem[];
}

interface Draft {
  readonly splices: Splice[];
  readonly outcomes: EditOutcome[];
  readonly fields: Map<number, FieldMap>;
  readonly parents: Map<number, number | null>;
  readonly removed: Set<number>;
  readonly expected: ExpectedItem[];
}

/** Works out the splices of a batch. `attempt` counts from 0: later ones write values in ever safer spellings. */
export function changesOf(plan: Plan, edits: readonly PlanEdit[], attempt: number): Changes {
  const draft: Draft = { splices: [], outcomes: [], fields: new Map(), parents: new Map(), removed: new Set(), expected: [] };
  const removals = new Set(edits.flatMap((edit) => (edit.op === 'remove' ? [edit.item] : [])));
  for (const [index, edit] of edits.entries()) {
    if (edit.op === 'insert') insert(plan, draft, index, edit, attempt, null, []);
    else {
      const item = plan.items[edit.item];
      if (item === undefined) draft.outcomes.push({ ok: false, expected: 'an item that is in the plan', got: 'one that is not' });
      else if (edit.op === 'remove') remove(plan, draft, item, removals);
      else if (removals.has(edit.item)) draft.outcomes.push({ ok: true, item: edit.item, refused: [] });
      else set(plan, draft, index, item, edit, attempt);
    }
  }
  return draft;
}

function insert(
  plan: Plan,
  draft: Draft,
  edit: number,
  item: NewItem,
  attempt: number,
  was: number | null,
  refusedBefore: readonly FieldName[],
): boolean {
  const insertion = insertionOf(plan, item, attempt);
  if (!insertion.ok) {
    if (was === null) draft.outcomes.push({ ok: false, expected: insertion.expected, got: insertion.got });
    return false;
  }
  draft.splices.push(insertion.splice);
  draft.expected.push({ edit, splice: insertion.splice, item, written: insertion.written, was });
  draft.outcomes.push({ ok: true, item: null, refused: [...refusedBefore, ...insertion.refused] });
  return true;
}

function remove(plan: Plan, draft: Draft, item: PlanItem, removals: ReadonlySet<number>): void {
  if (item.holder === 'heading') {
    draft.outcomes.push({
      ok: false,
      expected: `a ${item.kind} that is a row or an entry`,
      got: 'a heading with all that stands under it: remove it by hand',
    });
    return;
  }
  const inside = plan.items.filter((other) => other.index !== item.index && within(other.span, item.span));
  if (item.holder === 'entry' && inside.some((other) => !removals.has(other.index))) {
    draft.outcomes.push({ ok: false, expected: 'an entry without entries of others in it', got: `one with ${inside.length}` });
    return;
  }
  const nested = plan.items.some(
    (other) => removals.has(other.index) && other.index !== item.index && within(item.span, other.span) && other.holder === 'entry',
  );
  if (!nested) draft.splices.push({ ...removalOf(plan, item), text: '' });
  draft.removed.add(item.index);
  draft.outcomes.push({ ok: true, item: null, refused: [] });
}

/** The lines of an item; for a paragraph also the blank line after it. */
function removalOf(plan: Plan, item: PlanItem): Span {
  const lines = wholeLines(plan.text, item.span);
  if (item.holder !== 'paragraph') return lines;
  const blank = /^[ \t>]*(?:\r\n|\r|\n)/.exec(plan.text.slice(lines.end, endOfLine(plan.text, lines.end) + 2))?.[0] ?? '';
  return { start: lines.start, end: lines.end + blank.length };
}

function within(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

function set(plan: Plan, draft: Draft, index: number, item: PlanItem, edit: Extract<PlanEdit, { op: 'set' }>, attempt: number): void {
  const { section, ...fields } = edit.fields;
  const rehomed = edit.parent !== undefined && edit.parent !== item.parent && item.places.parent === undefined;
  const elsewhere = section !== undefined && item.parent === null && section !== (item.fields.section ?? null);
  const unplaceable: FieldName[] = [];
  if (rehomed || elsewhere) {
    if (move(plan, draft, index, item, { ...edit, fields }, section, attempt)) return;
    unplaceable.push(rehomed ? 'parent' : 'section');
  }
  const changed: Partial<Record<FieldName, FieldValue>> = {};
  for (const [name, value] of Object.entries(fields)) {
    const field = name as FieldName;
    const splice = fieldSplice(plan, item, field, value, attempt);
    if (splice === 'unplaceable') unplaceable.push(field);
    else if (splice !== null) {
      draft.splices.push(splice);
      changed[field] = value;
      if (field === 'title') draft.splices.push(...renamedInCells(plan, item, String(value), attempt));
    }
  }
  if (
    edit.parent !== undefined &&
    edit.parent !== item.parent &&
    item.places.parent !== undefined &&
    plan.items[edit.parent ?? 0] !== undefined
  ) {
    const splice = fieldSplice(plan, item, 'parent', parentLabel(plan, edit.parent), attempt);
    if (splice !== null && splice !== 'unplaceable') {
      draft.splices.push(splice);
      draft.parents.set(item.index, edit.parent);
    }
  }
  if (Object.keys(changed).length > 0) draft.fields.set(item.index, { ...draft.fields.get(item.index), ...changed });
  draft.outcomes.push({ ok: true, item: item.index, refused: unplaceable });
}

/** A row or an entry goes to another table or list with all that it says. Not where something is nested in it. */
function move(
  plan: Plan,
  draft: Draft,
  index: number,
  item: PlanItem,
  edit: Extract<PlanEdit, { op: 'set' }>,
  section: FieldValue | undefined,
  attempt: number,
): boolean {
  if (!isMovable(plan, item)) return false;
  const parent = edit.parent === undefined ? item.parent : edit.parent;
  const fields: FieldMap = { ...item.fields, ...edit.fields, ...(section === undefined ? {} : { section }) };
  const target: NewItem = { kind: item.kind, fields, parent };
  const lost = insertionOf(plan, target, attempt);
  if (!lost.ok || lost.refused.length > 0) return false;
  if (!insert(plan, draft, index, target, attempt, item.index, [])) return false;
  draft.splices.push({ ...removalOf(plan, item), text: '' });
  return true;
}

/** A row or an entry that says nothing but its fields: what else stands in it (a column that is not ours, nested text) would be lost on the way. */
function isMovable(plan: Plan, item: PlanItem): boolean {
  if ((item.holder !== 'row' && item.holder !== 'entry') || item.explicitId !== null) return false;
  const own = plan.text.slice(item.span.start, item.span.end);
  if (item.holder === 'entry') return !/[\r\n]/.test(own);
  const cells = Object.values(item.places).map(({ span }) => ({
    start: span.start - item.span.start,
    end: span.end - item.span.start,
    text: '',
  }));
  return /^[|\s]*$/.test(applySplices(own, cells));
}

/** Null where nothing changes. */
function fieldSplice(plan: Plan, item: PlanItem, field: FieldName, value: FieldValue, attempt: number): Splice | 'unplaceable' | null {
  const place = item.places[field];
  if (field !== 'parent' && sameText(item.fields[field], value)) return null;
  if (place === undefined || (typeof value !== 'string' && value !== null))
    return isNothing(value) && place === undefined ? null : 'unplaceable';
  if (place.form === 'box') {
    const ticked = value === 'done';
    return ticked === (item.fields.status === 'done') ? null : { ...place.span, text: ticked ? 'x' : ' ' };
  }
  if (field === 'title' && isNothing(value)) return 'unplaceable';
  const ways = encodings(value, mannerOf(field, place.form), place.bold);
  const text = ways[Math.min(attempt, ways.length - 1)];
  return text === undefined ? 'unplaceable' : { ...emptied(plan, place, text), text: padded(plan, place, text) };
}

/** What follows a label at the end of its line goes with the blank before it, so that no line ends in blanks that nobody wrote. */
function emptied(plan: Plan, { form, span }: Place, text: string): Span {
  if (text !== '' || form !== 'line' || !/^(?:[\r\n]|$)/.test(plan.text.slice(span.end, span.end + 1))) return span;
  const blanks = /[ \t]*$/.exec(plan.text.slice(Math.max(0, span.start - MOST_BLANKS), span.start))?.[0].length ?? 0;
  return { start: span.start - blanks, end: span.end };
}

const MOST_BLANKS = 8;

/** An empty cell keeps a blank on either side; an empty run of text after a label needs one before it. */
function padded(plan: Plan, place: Place, text: string): string {
  const { start, end } = place.span;
  if (text === '' || plan.text.slice(start, end).trim() !== '') return text;
  if (place.form === 'cell') return ` ${text} `;
  return /[ \t\r\n]/.test(plan.text.charAt(start - 1)) ? text : ` ${text}`;
}

/** A phase that gets another label takes along the cells that name it. */
function renamedInCells(plan: Plan, item: PlanItem, title: string, attempt: number): readonly Splice[] {
  const before = parentLabel(plan, item.index);
  const renamed: Plan = {
    ...plan,
    items: plan.items.map((known) => (known === item ? { ...known, fields: { ...known.fields, title } } : known)),
  };
  const after = parentLabel(renamed, item.index);
  if (before === after || after === null) return [];
  return plan.items.flatMap((child) => {
    if (child.parent !== item.index || child.places.parent === undefined) return [];
    const splice = fieldSplice(plan, child, 'parent', after, attempt);
    return splice === null || splice === 'unplaceable' ? [] : [splice];
  });
}

function sameText(left: FieldValue | undefined, right: FieldValue): boolean {
  if (left === undefined) return false;
  return left === right || (isNothing(left) && isNothing(right));
}

function isNothing(value: FieldValue): boolean {
  return value === null || value === '';
}

/** Fields that are references or headings are no text of the item. */
export function isOwnText(field: FieldName): boolean {
  return FIELD_TYPES[field] !== 'ref' && FIELD_TYPES[field] !== 'refSet' && field !== 'section';
}
