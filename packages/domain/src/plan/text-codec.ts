/**
 * A value ⇄ the bytes of its place.
 *
 * A value is Markdown as written, but for what a place cannot hold: in a cell `\|` stands for a pipe, and `<br>` for a line break in every place. What
 * would otherwise be lost or mistaken (blanks at the ends, a backslash before a pipe, a literal `<br>`) is written as a character reference, and a
 * literal reference of that kind gets one more `amp;`. Decoding what was encoded gives the value back (PutGet); an edit that changes nothing writes
 * nothing (GetPut).
 */

const REFERENCE = /&((?:amp;)*)#(\d{1,3});/g;
const BREAK = /<br[ \t]*\/?>/gi;
const LITERAL_BREAK = /&((?:amp;)*)lt;(br[ \t]*\/?>)/gi;
/** A line end with the indentation of the next line and the marks of a quotation: one blank to the reader. */
const SOFT_BREAK = /[ \t]*(?:\r\n|\r|\n)[ \t]*(?:>[ \t]?)*/g;
const STRONG = '**';

/** How a place takes a value. */
export interface Manner {
  readonly form: 'cell' | 'line';
  /** True where bold around the whole value is dress and no part of it: names of things, set in bold in many plans. */
  readonly dressed: boolean;
}

/** The value that the bytes of a place stand for; null for an empty place. */
export function decodeText(raw: string, manner: Manner): string | null {
  const trimmed = trimBlanks(raw);
  const inner = manner.dressed && isDressed(trimmed) ? trimmed.slice(2, -2) : trimmed;
  if (inner === '') return null;
  const joined = inner.replaceAll(SOFT_BREAK, ' ');
  const piped = manner.form === 'cell' ? joined.replaceAll(/\\([\\|])/g, (pair, second: string) => (second === '|' ? '|' : pair)) : joined;
  return piped
    .replaceAll(BREAK, '\n')
    .replaceAll(LITERAL_BREAK, (_, amps: string, tag: string) => (amps === '' ? `<${tag}` : `&${amps.slice(4)}lt;${tag}`))
    .replaceAll(REFERENCE, (_, amps: string, code: string) =>
      amps === '' ? String.fromCharCode(Number(code)) : `&${amps.slice(4)}#${code};`,
    );
}

/**
 * The ways to write a value, the plainest first. Each decodes to the value; which of them the text around it takes is for the caller to try. Null and
 * the empty text are written as nothing. `bold` sets the value in bold, as it was before.
 */
export function encodings(value: string | null, manner: Manner, bold: boolean): readonly string[] {
  if (value === null || value === '') return [''];
  const body = escapeText(value, manner.form);
  const ways = [...(bold ? [`${STRONG}${body}${STRONG}`] : []), body, shieldFirst(body), shieldAll(value)];
  return ways.filter((way) => decodeText(way, manner) === value);
}

/** True where the whole value is set in bold. */
export function isDressed(raw: string): boolean {
  if (raw.length < 5 || !raw.startsWith(STRONG) || !raw.endsWith(STRONG)) return false;
  const inner = raw.slice(2, -2);
  return !inner.includes(STRONG) && !inner.startsWith('*') && !inner.endsWith('*') && inner === inner.trim();
}

/** Without the blanks and line ends around it. */
export function trimBlanks(raw: string): string {
  return raw.replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
}

function escapeText(value: string, form: Manner['form']): string {
  const literal = value
    .replaceAll(REFERENCE, (_, amps: string, code: string) => `&amp;${amps}#${code};`)
    .replaceAll(LITERAL_BREAK, (_, amps: string, tag: string) => `&amp;${amps}lt;${tag}`)
    .replaceAll(BREAK, (tag) => `&lt;${tag.slice(1)}`);
  const piped = form === 'cell' ? escapePipes(literal) : literal;
  return piped
    .replaceAll('\r', reference)
    .replaceAll('\n', '<br>')
    .replaceAll(/^[ \t]+|[ \t]+$/g, (blanks) => blanks.replaceAll(/[ \t]/g, reference));
}

/** Inside a cell, backslashes go by pairs: after an odd number of them, a pipe would be taken for the cell's end. */
function escapePipes(value: string): string {
  const even = (slashes: string): string => (slashes.length % 2 === 1 ? slashes.slice(1) + reference('\\') : slashes);
  return value.replaceAll(/(\\*)\|/g, (_, slashes: string) => `${even(slashes)}\\|`).replace(/\\+$/, even);
}

/** The same with its first character as a reference, so that Markdown does not take it for a mark (a bullet, a heading, a checkbox). */
function shieldFirst(body: string): string {
  const first = body.charCodeAt(0);
  return first > 127 || body.startsWith('&') ? body : `&#${first};${body.slice(1)}`;
}

/** Everything that Markdown could take for a mark as a reference: the last resort. */
function shieldAll(value: string): string {
  return value.replaceAll(/[^\p{L}\p{N} ]|^ | $/gu, (character) => (character < '\u0080' ? reference(character) : character));
}

function reference(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
