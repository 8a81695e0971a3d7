/**
 * Text ⇄ Atlassian's document format. Text is lines; a document is blocks. What text cannot express (media, mentions, tables, marks) is carried
 * unchanged as long as the block's words are (law S9): encoding starts from the document that is there and replaces only blocks whose words changed.
 */

interface Node {
  readonly type: string;
  readonly text?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly content?: readonly Node[];
  readonly [key: string]: unknown;
}

/** Jira's limit for a text area. */
export const MOST_CHARACTERS = 32_767;

/** The words of a document, one line a paragraph; null for an empty one. */
export function decodeDocument(document: unknown): string | null {
  const text = blocksOf(document).map(wordsOf).join('\n');
  return text === '' ? null : text;
}

/** A document with these words: what stands in `before` with the same words is kept as it is, in its order. Null for an empty text. */
export function encodeText(text: string | null, before: unknown): unknown {
  if (text === null || text === '') return null;
  return { type: 'doc', version: 1, content: assembled(aligned(unitsOf(before), text.split('\n'))) };
}

/** What is kept or replaced as a whole: a block, or one item of a bullet list. */
interface Unit {
  readonly node: Node;
  /** The list that the item belongs to. */
  readonly list: Node | null;
  readonly lines: readonly string[];
  readonly isNew?: true;
}

function unitsOf(document: unknown): readonly Unit[] {
  return blocksOf(document).flatMap((block): readonly Unit[] =>
    block.type === 'bulletList'
      ? (block.content ?? []).map((item) => ({ node: item, list: block, lines: `- ${wordsOf(item)}`.split('\n') }))
      : [{ node: block, list: null, lines: wordsOf(block).split('\n') }],
  );
}

/** What the middle of an alignment may cost; beyond it everything between the first and the last edit is new. */
const MOST_PAIRS = 4_000_000;

/**
 * Units of the old document where their lines stand in the text, new paragraphs for all other lines. What stands before the first edit and after the last
 * one is kept at once; between them the alignment is the one that keeps the most lines. A unit without words of its own that falls out is not in the way
 * of anybody and stays (I07).
 */
function aligned(units: readonly Unit[], lines: readonly string[]): readonly Unit[] {
  let [firstUnit, firstLine] = [0, 0];
  for (let unit = units[0]; unit !== undefined && fits(unit, lines, firstLine); unit = units[firstUnit]) {
    firstUnit += 1;
    firstLine += unit.lines.length;
  }
  let [endUnit, endLine] = [units.length, lines.length];
  for (let unit = units.at(-1); unit !== undefined && endUnit > firstUnit; unit = units[endUnit - 1]) {
    const start = endLine - unit.lines.length;
    if (start < firstLine || !fits(unit, lines, start)) break;
    endUnit -= 1;
    endLine = start;
  }
  return [
    ...units.slice(0, firstUnit),
    ...middle(units.slice(firstUnit, endUnit), lines.slice(firstLine, endLine)),
    ...units.slice(endUnit),
  ];
}

function fits(unit: Unit, lines: readonly string[], at: number): boolean {
  return at + unit.lines.length <= lines.length && unit.lines.every((line, offset) => lines[at + offset] === line);
}

function middle(units: readonly Unit[], lines: readonly string[]): readonly Unit[] {
  if (units.length * lines.length > MOST_PAIRS) return [...lines.map(newParagraph), ...units.filter(isOpaque)];
  const width = lines.length + 1;
  /** Lines that can be kept of what is left from a unit and a line on. */
  const kept = new Uint32Array((units.length + 1) * width);
  const most = (unit: number, line: number): number => kept[unit * width + line] ?? 0;
  const keeping = (unit: Unit, index: number, line: number): number =>
    fits(unit, lines, line) ? unit.lines.length + most(index + 1, line + unit.lines.length) : 0;
  for (const [index, unit] of [...units.entries()].toReversed()) {
    for (let line = lines.length - 1; line >= 0; line -= 1)
      kept[index * width + line] = Math.max(most(index + 1, line), most(index, line + 1), keeping(unit, index, line));
  }
  const result: Unit[] = [];
  let line = 0;
  for (const [index, unit] of units.entries()) {
    // New lines stand before the unit that the rest of the old document begins with.
    for (; line < lines.length && most(index, line) === most(index, line + 1); line += 1) result.push(newParagraph(lines[line] ?? ''));
    const isKept = line < lines.length && keeping(unit, index, line) === most(index, line);
    if (isKept) line += unit.lines.length;
    if (isKept || isOpaque(unit)) result.push(unit);
  }
  return [...result, ...lines.slice(line).map(newParagraph)];
}

function newParagraph(line: string): Unit {
  return { node: paragraph(line), list: null, lines: [line], isNew: true };
}

/** Blocks again: items of one list that stand together are one list, and a new line that looks like an item beside them is one. */
function assembled(units: readonly Unit[]): readonly Node[] {
  const blocks: { node: Node; readonly list: Node | null }[] = [];
  for (const [index, unit] of units.entries()) {
    const last = blocks.at(-1);
    const list = unit.list ?? (isNewItem(unit) ? (last?.list ?? units[index + 1]?.list ?? null) : null);
    const item = unit.list === null && list !== null ? listItem(unit.lines[0] ?? '') : unit.node;
    if (list === null) blocks.push({ node: item, list });
    else if (last?.list === list) last.node = { ...last.node, content: [...(last.node.content ?? []), item] };
    else blocks.push({ node: { ...list, content: [item] }, list });
  }
  return blocks.map(({ node }) => node);
}

function isNewItem({ isNew, lines }: Unit): boolean {
  return isNew === true && lines[0]?.startsWith('- ') === true;
}

function listItem(line: string): Node {
  return { type: 'listItem', content: [paragraph(line.slice(2))] };
}

function blocksOf(document: unknown): readonly Node[] {
  if (typeof document !== 'object' || document === null || !('content' in document) || !Array.isArray(document.content)) return [];
  return document.content as readonly Node[];
}

function paragraph(line: string): Node {
  return line === '' ? { type: 'paragraph' } : { type: 'paragraph', content: [{ type: 'text', text: line }] };
}

/** What has no words is shown as a mark and never deleted. */
function isOpaque({ node }: Unit): boolean {
  return !isTextual(node);
}

function isTextual(node: Node): boolean {
  return node.type === 'text' || node.type === 'hardBreak' || INLINE_WORDS[node.type] !== undefined || CONTAINERS.has(node.type);
}

const CONTAINERS = new Set([
  'paragraph',
  'heading',
  'bulletList',
  'orderedList',
  'listItem',
  'codeBlock',
  'blockquote',
  'panel',
  'table',
  'tableRow',
  'tableCell',
  'tableHeader',
  'taskList',
  'taskItem',
  'decisionList',
  'decisionItem',
  'expand',
  'nestedExpand',
  'layoutSection',
  'layoutColumn',
]);

const attribute =
  (...names: readonly string[]) =>
  (node: Node): string =>
    names.map((name) => node.attrs?.[name]).find((value) => typeof value === 'string') ?? '';

/** Inline nodes that have words, and which. */
const INLINE_WORDS: Readonly<Record<string, (node: Node) => string>> = {
  mention: attribute('text'),
  emoji: attribute('text', 'shortName'),
  inlineCard: attribute('url'),
  blockCard: attribute('url'),
  status: attribute('text'),
  date: (node) => {
    const atMs = Number(node.attrs?.['timestamp']);
    return Number.isFinite(atMs) ? new Date(atMs).toISOString().slice(0, 10) : '';
  },
};

/** The words of a node, as Markdown people would write them where there is a usual way. */
function wordsOf(node: Node): string {
  if (node.type === 'text') return node.text ?? '';
  if (node.type === 'hardBreak') return '\n';
  const inline = INLINE_WORDS[node.type];
  if (inline !== undefined) return inline(node);
  const children = node.content ?? [];
  switch (node.type) {
    case 'paragraph':
    case 'codeBlock':
    case 'taskItem':
    case 'decisionItem':
      return children.map(wordsOf).join('');
    case 'heading':
      return `${'#'.repeat(Number(node.attrs?.['level'] ?? 1))} ${children.map(wordsOf).join('')}`;
    case 'bulletList':
    case 'taskList':
    case 'decisionList':
      return children.map((child) => `- ${wordsOf(child)}`).join('\n');
    case 'orderedList':
      return children.map((child, index) => `${index + 1}. ${wordsOf(child)}`).join('\n');
    case 'tableRow':
      return `| ${children.map(wordsOf).join(' | ')} |`;
    default:
      return CONTAINERS.has(node.type) ? children.map(wordsOf).join('\n') : `[${node.type}]`;
  }
}
