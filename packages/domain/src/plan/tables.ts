/**
 * Tables of items: a row is an item, a cell is a field. Tables whose head is not one of items are prose.
 */
import { draftItem, evened, putField, requireTitle } from './draft.ts';
import type { Draft, DraftBlock, DraftItem, Position } from './draft.ts';
import type { Table, TableCell, TableRow, Tree } from './markdown.ts';
import type { Span } from './plan.ts';
import { PlanError } from './plan-error.ts';
import { decodeText } from './text-codec.ts';
import { readHead } from './words.ts';
import type { TableReading } from './words.ts';

/** Reads a table; says whether it is one of items. Throws `PlanError` for a row that is cut off or has cells too many. */
export function readTable(draft: Draft, table: Table, position: Position): boolean {
  const [head, ...rows] = table.children;
  if (head === undefined) return false;
  const reading = headOf(draft.tree, table);
  if (reading === null) return false;
  const block: DraftBlock = {
    form: 'table',
    kind: reading.kind,
    span: draft.tree.spanOf(table),
    columns: reading.columns,
    parent: position.parent,
    section: position.section,
    rows: [],
  };
  draft.blocks.push(block);
  for (const row of rows) {
    refuseCutRow(draft, head, row);
    block.rows.push(draft.tree.spanOf(row));
    readRow(draft, row, reading, block, position);
  }
  return true;
}

/** How a table's head is read, or null for a table of something else. */
export function headOf(tree: Tree, table: Table): TableReading | null {
  const [head] = table.children;
  if (head === undefined) return null;
  return readHead(
    cellsOf(tree, head).map(({ start, end }) => decodeText(tree.text.slice(start, end), { form: 'cell', dressed: true }) ?? ''),
  );
}

function readRow(draft: Draft, row: TableRow, reading: TableReading, block: DraftBlock, position: Position): void {
  const { tree } = draft;
  const item: DraftItem = draftItem(reading.kind, 'row', tree.spanOf(row), position, block);
  const cells = cellsOf(tree, row);
  for (const [index, column] of reading.columns.entries()) {
    const cell = cells[index];
    if (cell === undefined || column === null) continue;
    const raw = tree.text.slice(cell.start, cell.end);
    if (column === 'id') {
      item.explicitId = decodeText(raw, { form: 'cell', dressed: true });
      continue;
    }
    putField(draft, item, column, 'cell', cell);
    if (column === 'parent') item.parentWords = decodeText(raw, { form: 'cell', dressed: true });
  }
  if (item.parentWords !== null) item.parent = null;
  item.text = evened(cells.map(({ start, end }) => tree.text.slice(start, end).trim()).join(' | '));
  requireTitle(draft, item);
  draft.items.push(item);
}

/** Where the cells' contents stand, blanks included, pipes not. */
function cellsOf(tree: Tree, row: TableRow): readonly Span[] {
  return row.children.map((cell, index) => contentOf(tree, cell, index === row.children.length - 1));
}

function contentOf(tree: Tree, cell: TableCell, last: boolean): Span {
  const { start, end } = tree.spanOf(cell);
  const raw = tree.text.slice(start, end);
  const opening = raw.startsWith('|') ? 1 : 0;
  const closing = last && raw.length > opening && endsWithPipe(raw) ? 1 : 0;
  return { start: start + opening, end: end - closing };
}

/** True for a closing pipe, false for an escaped one that belongs to the text. */
function endsWithPipe(raw: string): boolean {
  const slashes = /(\\*)\|$/.exec(raw)?.[1];
  return slashes !== undefined && slashes.length % 2 === 0;
}

function refuseCutRow(draft: Draft, head: TableRow, row: TableRow): void {
  const { tree } = draft;
  const expected = head.children.length;
  const line = tree.lineOf(tree.spanOf(row).start);
  if (row.children.length !== expected) {
    throw new PlanError(
      draft.file,
      line,
      `a row of ${expected} cells`,
      `${row.children.length} (cut off, or a pipe that is not written as \\|)`,
    );
  }
  if (endsWithPipe(tree.raw(head).trimEnd()) && !endsWithPipe(tree.raw(row).trimEnd()))
    throw new PlanError(draft.file, line, 'a row that ends with | as its head does', 'one that breaks off');
}
