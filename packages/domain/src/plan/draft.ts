/**
 * Items and blocks while a plan is being read: parents are still objects, the words of a "Phase" column are not resolved yet.
 */
import { FIELD_TYPES } from '../backlog/item.ts';
import type { FieldName, FieldValue, ItemKind } from '../backlog/item.ts';
import type { Tree } from './markdown.ts';
import type { Holder, Place, Span } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { decodeText, isDressed, trimBlanks } from './text-codec.ts';
import type { Manner } from './text-codec.ts';

export interface DraftItem {
  readonly kind: ItemKind;
  explicitId: string | null;
  readonly holder: Holder;
  span: Span;
  readonly fields: Partial<Record<FieldName, FieldValue>>;
  readonly places: Partial<Record<FieldName, Place>>;
  parent: DraftItem | null;
  /** What a column of phases says, decoded. */
  parentWords: string | null;
  readonly section: string | null;
  block: DraftBlock | null;
  text: string;
}

export interface DraftBlock {
  readonly form: 'table' | 'list';
  readonly kind: ItemKind;
  span: Span;
  readonly columns: readonly (FieldName | 'id' | null)[];
  readonly parent: DraftItem | null;
  readonly section: string | null;
  readonly rows: Span[];
}

/** A plan as far as it has been read. */
export interface Draft {
  readonly tree: Tree;
  readonly file: string;
  readonly items: DraftItem[];
  readonly blocks: DraftBlock[];
}

/** Where the reader is: the heading that it is under, and the item that this heading (or one above it) is. */
export interface Position {
  readonly section: string | null;
  readonly parent: DraftItem | null;
}

/** A new item without fields. */
export function draftItem(kind: ItemKind, holder: Holder, span: Span, position: Position, block: DraftBlock | null): DraftItem {
  return {
    kind,
    explicitId: null,
    holder,
    span,
    fields: {},
    places: {},
    parent: position.parent,
    parentWords: null,
    section: position.section,
    block,
    text: '',
  };
}

/** Names of things are set in bold in many plans; longer texts keep their marks. */
export function mannerOf(field: FieldName, form: Manner['form']): Manner {
  return { form, dressed: FIELD_TYPES[field] === 'line' || FIELD_TYPES[field] === 'ref' };
}

/** Puts a field where its text stands. `span` may have blanks around the text; an empty place keeps them. */
export function putField(draft: Draft, item: DraftItem, field: FieldName, form: Manner['form'], span: Span): void {
  const raw = draft.tree.text.slice(span.start, span.end);
  const value = trimBlanks(raw);
  const start = value === '' ? span.start : span.start + raw.indexOf(value);
  const end = value === '' ? span.end : start + value.length;
  const manner = mannerOf(field, form);
  item.places[field] = { form, span: { start, end }, bold: manner.dressed && isDressed(value) };
  if (field !== 'parent') item.fields[field] = decodeText(value, manner);
}

/** A plan's item without a name is one that someone is about to write. */
export function requireTitle(draft: Draft, item: DraftItem): void {
  if (typeof item.fields.title === 'string') return;
  throw new PlanError(draft.file, draft.tree.lineOf(item.span.start), `a ${item.kind} with a title`, 'an empty one');
}

/** White space evened out. */
export function evened(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
