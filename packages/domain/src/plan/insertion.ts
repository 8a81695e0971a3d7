/**
 * Where a new item goes and how it is written: the last row of its phase in a table, the last entry of its list, a paragraph after its phase's gates.
 */
import type { FieldMap, FieldName, ItemKind } from '../backlog/item.ts';
import { mannerOf } from './draft.ts';
import type { Block, Plan, PlanItem, Span } from './plan.ts';
import type { Splice } from './splice.ts';
import { encodings } from './text-codec.ts';
import { labelOf } from './words.ts';

/** An item that is to be put into a plan. */
export interface NewItem {
  readonly kind: ItemKind;
  readonly fields: FieldMap;
  /** Index of the item that it belongs to, or null. */
  readonly parent: number | null;
}

export type Insertion =
  | { readonly ok: true; readonly splice: Splice; readonly written: FieldMap; readonly refused: readonly FieldName[] }
  | { readonly ok: false; readonly expected: string; readonly got: string };

/** `attempt` counts from 0: later ones write values in ever safer forms. */
export function insertionOf(plan: Plan, item: NewItem, attempt: number): Insertion {
  if (typeof item.fields.title !== 'string' || item.fields.title === '') return { ok: false, expected: 'a title', got: 'none' };
  const parent = item.parent === null ? undefined : plan.items[item.parent];
  if (item.parent !== null && parent === undefined) return { ok: false, expected: 'a parent that is in the plan', got: 'one that is not' };
  const needsPhase =
    (item.kind === 'task' || item.kind === 'deliverable' || item.kind === 'gate') && plan.items.some((known) => known.kind === 'phase');
  if (needsPhase && parent === undefined) return { ok: false, expected: `a phase for the ${item.kind}`, got: 'none' };
  const block = blockFor(plan, item);
  if (block !== undefined)
    return block.form === 'table' ? rowInsertion(plan, block, item, attempt) : entryInsertion(plan, block, item, attempt);
  if (item.kind === 'gate' && parent !== undefined) return gateInsertion(plan, parent, item, attempt);
  if (parent?.holder === 'entry' && (item.kind === 'check' || item.kind === 'subtask')) return nestedInsertion(plan, parent, item, attempt);
  const place = parent === undefined ? (item.fields.section ?? 'no section') : 'a phase that has none';
  return { ok: false, expected: `a table or a list of the kind ${item.kind} for it`, got: String(place) };
}

/** The block that takes the item: one with a column for the parent, else the last one under the parent, else the one of its section, else the only one. */
function blockFor(plan: Plan, item: NewItem): Block | undefined {
  const blocks = plan.blocks.filter((block) => block.kind === item.kind);
  if (item.parent !== null) {
    return blocks.findLast((block) => block.parent === item.parent) ?? blocks.findLast((block) => block.columns.includes('parent'));
  }
  const roots = blocks.filter((block) => block.parent === null);
  const { section } = item.fields;
  if (typeof section === 'string') return roots.findLast((block) => block.section === section);
  return roots.length === 1 ? roots[0] : undefined;
}

function rowInsertion(plan: Plan, block: Block, item: NewItem, attempt: number): Insertion {
  const rows = plan.items.filter((row) => row.block === block.index);
  const like = rows.findLast((row) => row.parent === item.parent) ?? rows.at(-1);
  const refused = unplaced(
    item,
    block.columns.filter((column) => column !== null && column !== 'id'),
  );
  const cells = block.columns.map((column) => {
    if (column === 'id') return nextId(plan, rows);
    if (column === null) return '';
    const value = column === 'parent' ? parentLabel(plan, item.parent) : item.fields[column];
    const bold = like?.places[column]?.bold ?? false;
    return typeof value === 'string' ? written(value, column, 'cell', bold, attempt) : '';
  });
  const last = block.columns.includes('parent') && like !== undefined ? like.span : { start: block.span.start, end: block.span.end };
  const end = endOfLine(plan.text, last.end);
  const text = `${plan.newline}${prefixOf(plan.text, last.start)}| ${cells.join(' | ')} |`;
  return { ok: true, splice: { start: end, end, text }, written: placed(item, refused), refused };
}

function entryInsertion(plan: Plan, block: Block, item: NewItem, attempt: number): Insertion {
  const last = block.rows.at(-1) ?? block.span;
  const siblings = plan.items.filter((entry) => entry.block === block.index);
  const bullet = /^(?:[-*+]|\d{1,9}[.)])[ \t]+/.exec(plan.text.slice(last.start, last.end))?.[0] ?? '- ';
  const id = siblings.some((entry) => entry.explicitId !== null) ? `${nextId(plan, siblings)} ` : '';
  const { text, refused } = entryText(item, nextBullet(bullet), id, attempt);
  const gap = isLoose(plan, block) ? plan.newline : '';
  const end = endOfLine(plan.text, last.end);
  return {
    ok: true,
    splice: { start: end, end, text: `${gap}${plan.newline}${prefixOf(plan.text, last.start)}${text}` },
    written: placed(item, refused),
    refused,
  };
}

/** The first entry nested in another. */
function nestedInsertion(plan: Plan, parent: PlanItem, item: NewItem, attempt: number): Insertion {
  const { text, refused } = entryText(item, '- ', '', attempt);
  const bullet = /^(?:[-*+]|\d{1,9}[.)])[ \t]+/.exec(plan.text.slice(parent.span.start, parent.span.end))?.[0] ?? '- ';
  const end = endOfLine(plan.text, parent.span.end);
  const indent = prefixOf(plan.text, parent.span.start) + ' '.repeat(bullet.length);
  return { ok: true, splice: { start: end, end, text: `${plan.newline}${indent}${text}` }, written: placed(item, refused), refused };
}

function entryText(
  item: NewItem,
  bullet: string,
  id: string,
  attempt: number,
): { readonly text: string; readonly refused: readonly FieldName[] } {
  const rest = item.kind === 'metric' ? 'metric' : 'description';
  const detail = item.fields[rest];
  const labelled = item.kind === 'metric' || (typeof detail === 'string' && detail !== '');
  const title = written(String(item.fields.title), 'title', 'line', false, attempt);
  const words = labelled ? `**${title}:**${typeof detail === 'string' ? ` ${written(detail, rest, 'line', false, attempt)}` : ''}` : title;
  const box = item.kind === 'metric' ? '' : `[${item.fields.status === 'done' ? 'x' : ' '}] `;
  const fields: readonly FieldName[] = item.kind === 'metric' ? ['title', 'metric'] : ['title', 'description', 'status'];
  return { text: `${bullet}${box}${id}${words}`, refused: unplaced(item, fields) };
}

/** After the last gate of the phase, else after its last block. */
function gateInsertion(plan: Plan, parent: PlanItem, item: NewItem, attempt: number): Insertion {
  const gate = plan.items.findLast((known) => known.kind === 'gate' && known.parent === parent.index && known.holder === 'paragraph');
  const after = gate?.span ?? plan.blocks.findLast((block) => block.parent === parent.index)?.span;
  if (after === undefined) return { ok: false, expected: 'a phase with a gate or a table after which a gate can stand', got: 'neither' };
  const title = written(String(item.fields.title), 'title', 'line', false, attempt);
  const { exitCriteria } = item.fields;
  const rest = typeof exitCriteria === 'string' ? ` ${written(exitCriteria, 'exitCriteria', 'line', false, attempt)}` : '';
  const end = endOfLine(plan.text, after.end);
  const refused = unplaced(item, ['title', 'exitCriteria']);
  const text = `${plan.newline}${plan.newline}${prefixOf(plan.text, after.start)}**${title}:**${rest}`;
  return { ok: true, splice: { start: end, end, text }, written: placed(item, refused), refused };
}

/** The words that name a parent in a cell: a phase by its label, a task by its id or its title. */
export function parentLabel(plan: Plan, parent: number | null): string | null {
  const item = parent === null ? undefined : plan.items[parent];
  if (item === undefined || typeof item.fields.title !== 'string') return null;
  return item.kind === 'task' ? (item.explicitId ?? item.fields.title) : labelOf(item.fields.title);
}

function written(value: string, field: FieldName, form: 'cell' | 'line', bold: boolean, attempt: number): string {
  const ways = encodings(value, mannerOf(field, form), bold);
  return ways[Math.min(attempt, ways.length - 1)] ?? '';
}

/** Fields with something to say for which there is no place. */
function unplaced(item: NewItem, places: readonly FieldName[]): readonly FieldName[] {
  const held = new Set<FieldName>([...places, 'title', 'parent', 'section', 'dependsOn']);
  return (Object.keys(item.fields) as FieldName[]).filter(
    (field) => !held.has(field) && item.fields[field] !== null && item.fields[field] !== '',
  );
}

function placed(item: NewItem, refused: readonly FieldName[]): FieldMap {
  return Object.fromEntries(
    Object.entries(item.fields).filter(
      ([field]) => !refused.includes(field as FieldName) && field !== 'parent' && field !== 'section' && field !== 'dependsOn',
    ),
  );
}

/** One more than the highest id of its form. */
function nextId(plan: Plan, siblings: readonly PlanItem[]): string {
  const model = siblings.findLast((sibling) => sibling.explicitId !== null)?.explicitId ?? 'T000';
  const letters = /^\D*/.exec(model)?.[0] ?? 'T';
  const width = /\d+/.exec(model)?.[0].length ?? 3;
  const numbers = plan.items.flatMap(({ explicitId }) =>
    explicitId !== null && explicitId.startsWith(letters) ? [Number(/\d+/.exec(explicitId.slice(letters.length))?.[0] ?? 0)] : [],
  );
  return `${letters}${String(Math.max(0, ...numbers) + 1).padStart(width, '0')}`;
}

function nextBullet(bullet: string): string {
  return bullet.replace(/^\d+/, (number) => String(Number(number) + 1));
}

/** True where a blank line stands between the block's entries. */
function isLoose(plan: Plan, block: Block): boolean {
  const [before, last] = block.rows.slice(-2);
  if (before === undefined || last === undefined) return false;
  return /[\r\n][ \t>]*[\r\n]/.test(plan.text.slice(before.end, last.start).replaceAll('\r\n', '\n'));
}

/** What stands before a block on its line: indentation and the marks of a quotation. */
export function prefixOf(text: string, offset: number): string {
  return text.slice(startOfLine(text, offset), offset).replaceAll(/[^>\t]/g, ' ');
}

export function startOfLine(text: string, offset: number): number {
  return Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
}

/** The end of the line, before its line ending. */
export function endOfLine(text: string, offset: number): number {
  const rest = /[\r\n]/.exec(text.slice(offset));
  return rest === null ? text.length : offset + rest.index;
}

/** The lines that a span stands on, with the ending of the last one (at the end of the file: with the ending before the first). */
export function wholeLines(text: string, span: Span): Span {
  const start = startOfLine(text, span.start);
  const end = endOfLine(text, span.end);
  const ending = /^(?:\r\n|\r|\n)/.exec(text.slice(end, end + 2))?.[0].length ?? 0;
  if (ending > 0) return { start, end: end + ending };
  const before = /(?:\r\n|\r|\n)$/.exec(text.slice(Math.max(0, start - 2), start))?.[0].length ?? 0;
  return { start: start - before, end };
}
