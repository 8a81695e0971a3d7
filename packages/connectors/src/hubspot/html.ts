/**
 * Text ⇄ HubSpot's HTML. Text is lines; a new line is a paragraph of escaped text. An edit changes the lines whose words changed and carries all else
 * unchanged: formatting, images, links, tables (law S9). What is written always reads back as the text (PutGet), or it is written anew.
 */
import { escapeHtml, linesOf } from './html-lines.ts';
import type { HtmlLine, HtmlLines } from './html-lines.ts';

/** The words of a body, one line a line; null for an empty one. */
export function decodeHtml(html: string | null): string | null {
  if (html === null || html === '') return null;
  const { lines } = linesOf(html);
  return lines.length === 0 ? null : lines.map(shown).join('\n');
}

/** HTML with these words, made from `before` where there is something to keep. Empty for an empty text. */
export function encodeHtml(text: string | null, before: string | null): string {
  if (text === null || text === '') return '';
  if (before !== null && before !== '') {
    if (decodeHtml(before) === text) return before;
    const edited = editedInPlace(text, before);
    if (edited !== null && decodeHtml(edited) === text) return edited;
    const kept = paragraphs(text, linesOf(before).lines);
    if (decodeHtml(kept) === text) return kept;
  }
  return paragraphs(text, []);
}

const shown = (line: HtmlLine): string => line.prefix + line.words;

/** A paragraph a line; lines that are there already keep their inline source. */
function paragraphs(text: string, known: readonly HtmlLine[]): string {
  const sources = new Map(known.filter((line) => line.prefix === '' && unbalanced(line.raw) === '').map((line) => [line.words, line.raw]));
  return text
    .split('\n')
    .map((line) => `<p>${line === '' ? '<br>' : (sources.get(line) ?? escapeHtml(line))}</p>`)
    .join('');
}

/** Texts with more pairs of lines than this are written anew. */
const MOST_PAIRS = 4_000_000;

function editedInPlace(text: string, before: string): string | null {
  const html = linesOf(before);
  const old = html.lines.map(shown);
  const wanted = text.split('\n');
  if (old.length * wanted.length > MOST_PAIRS) return null;
  const pieces = html.lines.map((line) => line.raw);
  const kept = commonLines(old, wanted);
  let [oldAt, wantedAt] = [0, 0];
  for (const [oldIndex, wantedIndex] of [...kept, [old.length, wanted.length] as const]) {
    const gone = oldIndex - oldAt;
    const come = wanted.slice(wantedAt, wantedIndex);
    const replaced = Math.min(gone, come.length);
    for (let index = 0; index < replaced; index += 1) replace(html, pieces, oldAt + index, come[index] ?? '');
    for (let index = replaced; index < gone; index += 1) remove(html, pieces, oldAt + index);
    if (come.length > replaced) insert(html, pieces, oldAt + replaced - 1, come.slice(replaced));
    [oldAt, wantedAt] = [oldIndex + 1, wantedIndex + 1];
  }
  return html.between.map((between, index) => between + (pieces[index] ?? '')).join('');
}

function replace(html: HtmlLines, pieces: string[], index: number, line: string): void {
  const { raw = '', prefix = '' } = html.lines[index] ?? {};
  const words = line.startsWith(prefix) ? line.slice(prefix.length) : line;
  pieces[index] = escapeHtml(words) + unbalanced(raw);
}

const OPENING = /<([a-z][a-z0-9]*)(?:\s[^<>]*)?>$/i;
const CLOSING = /^<\/([a-z][a-z0-9]*)\s*>/i;
const LINE_BREAK_AFTER = /^<br\s*\/?>/i;
const LINE_BREAK_BEFORE = /<br\s*\/?>$/i;

/** Takes a line out with the tags that hold nothing else. */
function remove(html: HtmlLines, pieces: string[], index: number): void {
  let left = html.between[index] ?? '';
  let right = html.between[index + 1] ?? '';
  const rest = unbalanced(html.lines[index]?.raw ?? '');
  pieces[index] = '';
  if (LINE_BREAK_AFTER.test(right)) right = right.replace(LINE_BREAK_AFTER, '');
  else if (LINE_BREAK_BEFORE.test(left)) left = left.replace(LINE_BREAK_BEFORE, '');
  else if (rest === '') {
    for (;;) {
      const opens = OPENING.exec(left.trimEnd());
      const closes = CLOSING.exec(right.trimStart());
      if (opens === null || closes === null || opens[1]?.toLowerCase() !== closes[1]?.toLowerCase()) break;
      left = left.trimEnd().slice(0, -opens[0].length);
      right = right.trimStart().slice(closes[0].length);
    }
  }
  html.between[index] = '';
  html.between[index + 1] = left + rest + right;
}

/** Puts lines after a line (-1: before the first): items of its list, paragraphs after its paragraph, or lines of its block. */
function insert(html: HtmlLines, pieces: string[], index: number, lines: readonly string[]): void {
  const fresh = paragraphs(lines.join('\n'), []);
  if (index < 0) {
    html.between[0] = fresh + (html.between[0] ?? '');
    return;
  }
  const after = html.between[index + 1] ?? '';
  const closes = CLOSING.exec(after.trimStart());
  const prefix = html.lines[index]?.prefix ?? '';
  if (closes?.[1]?.toLowerCase() === 'li' && prefix.endsWith('- ') && lines.every((line) => line.startsWith(prefix))) {
    const items = lines.map((line) => `</li><li>${escapeHtml(line.slice(prefix.length))}`).join('');
    pieces[index] += items;
  } else if (closes !== null && /^(?:p|h[1-6])$/i.test(closes[1] ?? '')) {
    const end = after.length - after.trimStart().length + closes[0].length;
    html.between[index + 1] = after.slice(0, end) + fresh + after.slice(end);
  } else pieces[index] += lines.map((line) => `<br>${escapeHtml(line)}`).join('');
}

/** Tags of an inline source that open or close what another line began or ends. */
function unbalanced(raw: string): string {
  const open: string[] = [];
  const stray: string[] = [];
  for (const [tag, slash = '', name = ''] of raw.matchAll(/<(\/?)([a-z][a-z0-9-]*)(?:\s[^<>]*)?>/gi)) {
    if (VOID.has(name.toLowerCase()) || tag.endsWith('/>')) continue;
    if (slash === '') open.push(tag);
    else if (open.length > 0 && open.at(-1)?.slice(1).toLowerCase().startsWith(name.toLowerCase()) === true) open.pop();
    else stray.push(tag);
  }
  return [...stray, ...open].join('');
}

const VOID = new Set(['br', 'img', 'hr', 'wbr', 'input', 'embed', 'source', 'area', 'col']);

/** A longest common subsequence, as pairs of indexes. */
function commonLines(left: readonly string[], right: readonly string[]): readonly (readonly [number, number])[] {
  const width = right.length + 1;
  const lengths = new Uint32Array((left.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        left[row] === right[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let row = 0, column = 0; row < left.length && column < right.length;) {
    if (left[row] === right[column]) {
      pairs.push([row, column]);
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return pairs;
}
