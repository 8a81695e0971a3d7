/** SOQL cut into words. */
import { badRequest } from './errors.ts';

export interface Word {
  readonly kind: 'name' | 'text' | 'number' | 'date' | 'datetime' | 'mark' | 'end';
  /** As it is meant: texts without quotes and escapes; of LIKE's patterns the escapes stay (`pattern`). */
  readonly text: string;
  readonly at: number;
}

const PATTERNS: readonly (readonly [Word['kind'], RegExp])[] = [
  ['datetime', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})/y],
  ['date', /\d{4}-\d{2}-\d{2}(?![\dT])/y],
  ['number', /[+-]?\d+(?:\.\d+)?/y],
  ['name', /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::\d+)?/y],
  ['text', /'(?:[^'\\]|\\.)*'/sy],
  ['mark', /<=|>=|!=|<>|[=<>(),]/y],
];

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

export function wordsOf(soql: string): readonly Word[] {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(soql[at] ?? '')) at += 1;
    if (at >= soql.length) break;
    const [kind, raw] = matchAt(soql, at);
    words.push({ kind, text: raw, at });
    at += raw.length;
  }
  return [...words, { kind: 'end', text: '<EOF>', at }];
}

function matchAt(soql: string, at: number): readonly [Word['kind'], string] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const raw = pattern.exec(soql)?.[0];
    if (raw !== undefined) return [kind, raw];
  }
  throw malformed(soql, at, `unexpected token: '${soql[at] ?? ''}'`);
}

/** The text between the quotes; `isPattern` leaves `\%`, `\_` and `\\` as they are. */
export function unquoted(raw: string, isPattern = false): string {
  return raw.slice(1, -1).replaceAll(/\\(u[0-9A-Fa-f]{4}|.)/gs, (whole, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (isPattern && (code === '%' || code === '_' || code === '\\')) return whole;
    return ESCAPES[code] ?? code;
  });
}

/** Salesforce shows the place under a line of the query. */
export function malformed(soql: string, at: number, message: string, errorCode = 'MALFORMED_QUERY'): Error {
  const line = soql.slice(Math.max(0, at - 40), at + 40).replaceAll('\n', ' ');
  const caret = `${' '.repeat(Math.min(at, 40))}^`;
  return badRequest(errorCode, `\n${line}\n${caret}\nERROR at Row:1:Column:${at + 1}\n${message}`);
}
