/**
 * What PostgreSQL can hold. `jsonb` and `text` take neither U+0000 nor half of a surrogate pair; the server's own error names neither the row nor the field.
 * The engine cleans texts before they come here: this is the last line, and it fails before a statement is sent.
 */

/** A text holds U+0000 or a lone surrogate. The message says where, never what: texts are people's data. */
export class UnstorableText extends Error {
  override readonly name = 'UnstorableText';
}

/** JSON.stringify writes exactly these as \u escapes in lower case; a backslash typed by a person gives `\\u`, which the walk then clears. */
const SUSPICIOUS = /\\u(?:0000|d[89a-f])/;
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** @throws UnstorableText if any text within `value` cannot be stored; `place` is where the value goes. */
export function assertStorable(place: string, value: unknown): void {
  if (SUSPICIOUS.test(JSON.stringify(value) ?? '')) walk(place, value);
}

/** The rows as one JSON parameter for `jsonb_to_recordset`. Absent keys stay absent, null stays null. @throws UnstorableText */
export function recordset(place: string, rows: readonly object[]): string {
  const json = JSON.stringify(rows);
  if (SUSPICIOUS.test(json)) walk(place, rows);
  return json;
}

function walk(place: string, value: unknown): void {
  if (typeof value === 'string') assertText(place, value);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      assertText(`${place}, a key`, key);
      walk(Array.isArray(value) ? `${place}[${key}]` : `${place}.${key}`, inner);
    }
  }
}

function assertText(place: string, text: string): void {
  const found = UNSTORABLE.exec(text);
  if (found === null) return;
  const what = found[0] === '\0' ? 'U+0000' : 'a lone surrogate';
  throw new UnstorableText(`${place}: expected text without U+0000 and lone surrogates, got ${what} at offset ${found.index}`);
}
