/**
 * Identifiers of the stand-in: UUIDs with or without dashes (both are accepted, dashed is answered) and property ids,
 * which are short, percent-encoded and stable over renames, as in recorded Notion answers (`"%3EoyZ"`, `"title"`).
 */
import { randomBytes } from 'node:crypto';
import { refuse } from './check.ts';

const DASHED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const BARE = /^[0-9a-f]{32}$/i;

/** The dashed lower-case form of an id, or undefined if the text is none. */
export function parseId(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  if (DASHED.test(text)) return text.toLowerCase();
  if (!BARE.test(text)) return undefined;
  const t = text.toLowerCase();
  return `${t.slice(0, 8)}-${t.slice(8, 12)}-${t.slice(12, 16)}-${t.slice(16, 20)}-${t.slice(20)}`;
}

/** The id at a path of the request, or Notion's "should be a valid uuid". */
export function idAt(value: unknown, path: string): string {
  return parseId(value) ?? refuse(path, value === undefined ? 'defined' : 'a valid uuid', value);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789>=<;:@[]^_`{|}~?';

/** A new property id: four printable characters, percent-encoded; never one that `taken` has. */
export function newPropertyId(taken: ReadonlySet<string>): string {
  for (;;) {
    const id = encodeURIComponent([...randomBytes(4)].map((byte) => ALPHABET[byte % ALPHABET.length]).join(''));
    if (!taken.has(id)) return id;
  }
}

/** Whether a reference (raw or percent-encoded) names this property id. */
export function sameProperty(id: string, reference: string): boolean {
  return id === reference || id === encodeURIComponent(reference);
}

/** Minute precision, rounded down: the only precision that Notion shows for created_time and last_edited_time. */
export function minute(ms: number): string {
  return new Date(Math.floor(ms / 60_000) * 60_000).toISOString();
}
