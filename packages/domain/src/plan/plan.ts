/**
 * A parsed plan: the text itself, and for every item where in the text it and its fields stand.
 *
 * Nothing is taken out of the text: offsets (UTF-16 code units, end exclusive) point into it, so that an edit replaces a field's bytes and leaves all
 * others as they are. A plan is printed by returning its text.
 */
import type { FieldMap, FieldName, ItemKind } from '../backlog/item.ts';

/** A range of the text: UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a field stands. `cell`: a table's cell; `line`: a run of text in a heading, a paragraph or a list entry; `box`: the character between the
 * brackets of a checkbox. `bold`: the value is set in bold, which an edit keeps.
 */
export interface Place {
  readonly form: 'cell' | 'line' | 'box';
  readonly span: Span;
  readonly bold: boolean;
}

/** What holds an item: a table's row, a list's entry, a heading with what follows it, a paragraph. */
export type Holder = 'row' | 'entry' | 'heading' | 'paragraph';

export interface PlanItem {
  /** Its place in `plan.items`. */
  readonly index: number;
  readonly kind: ItemKind;
  /** An id that the plan itself carries (`T001`), or null. */
  readonly explicitId: string | null;
  readonly holder: Holder;
  /** The row, the entry with all that is nested in it, the heading or the paragraph. */
  readonly span: Span;
  /** Counted from 1. */
  readonly line: number;
  /** Decoded values of the fields that have a place here; null where the place is empty. Without references: see `parent` and `parentWords`. */
  readonly fields: FieldMap;
  readonly places: { readonly [F in FieldName]?: Place };
  /** Index of the item that this one belongs to, or null. */
  readonly parent: number | null;
  /** The words that name the parent (a cell of a "Phase" column), where they name no item of the plan; null otherwise. */
  readonly parentWords: string | null;
  /** The nearest heading, number and all. */
  readonly section: string | null;
  /** Index into `plan.blocks` of the table or list that the item is a row or an entry of; null for headings and paragraphs. */
  readonly block: number | null;
  /** The item's own text without what is nested in it, white space evened out: what identity is decided by. */
  readonly text: string;
}

/** A table or a list that holds items and can take new ones. */
export interface Block {
  readonly index: number;
  readonly form: 'table' | 'list';
  /** The kind of item that it holds. */
  readonly kind: ItemKind;
  readonly span: Span;
  /** Column → field (`parent` for a column that names phases, `id` for one of ids), or null for a column that is not ours. Empty for lists. */
  readonly columns: readonly (FieldName | 'id' | null)[];
  /** The item whose heading the block stands under (or whose entry it is nested in), or null. */
  readonly parent: number | null;
  readonly section: string | null;
  /** Fields that a row or an entry of this block has a place for. */
  readonly fields: readonly FieldName[];
  /** Where each row or entry of the block stands, ours or not, in order. */
  readonly rows: readonly Span[];
}

export interface Plan {
  readonly text: string;
  readonly file: string;
  /** In the order of the text. */
  readonly items: readonly PlanItem[];
  readonly blocks: readonly Block[];
  /** The line ending of the plan's first line. */
  readonly newline: '\n' | '\r\n';
}
