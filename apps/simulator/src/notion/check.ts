/**
 * Checks of request bodies that refuse in Notion's words: "body failed validation: body.x should be …, instead was `…`."
 * Each function returns the checked value, narrowed, or throws a validation_error that names the path.
 */
import { invalid } from './errors.ts';

/** A JSON object whose members are not yet checked. */
export type Json = Record<string, unknown>;

function shown(value: unknown): string {
  const text = value === undefined ? 'undefined' : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/** Throws Notion's message for a value at a path that is not what it should be. */
export function refuse(path: string, should: string, value: unknown): never {
  const root = /^[a-z]+/.exec(path)?.[0] ?? 'body';
  throw invalid(`${root} failed validation: ${path} should be ${should}, instead was \`${shown(value)}\`.`);
}

/** Narrows to an object, or refuses. */
export function objectAt(value: unknown, path: string): Json {
  if (value === undefined) refuse(path, 'defined', value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'an object', value);
  return value as Json;
}

/** Narrows to an array of at most `max` elements (Notion: 100 unless said otherwise), or refuses. */
export function arrayAt(value: unknown, path: string, max = 100): unknown[] {
  if (value === undefined) refuse(path, 'defined', value);
  if (!Array.isArray(value)) refuse(path, 'an array', value);
  if (value.length > max) refuse(`${path}.length`, `≤ \`${max}\``, value.length);
  return value as unknown[];
}

/** Narrows to a string of at most `max` UTF-16 units, or refuses. */
export function stringAt(value: unknown, path: string, max = Infinity): string {
  if (value === undefined) refuse(path, 'defined', value);
  if (typeof value !== 'string') refuse(path, 'a string', value);
  if (value.length > max) refuse(`${path}.length`, `≤ \`${max}\``, value.length);
  return value;
}

/** Narrows to a boolean, or refuses. */
export function booleanAt(value: unknown, path: string): boolean {
  if (value === undefined) refuse(path, 'defined', value);
  if (typeof value !== 'boolean') refuse(path, 'a boolean', value);
  return value;
}

/** Narrows to one of the allowed strings, or refuses. */
export function oneOfAt<const T extends string>(value: unknown, path: string, allowed: readonly T[]): T {
  if (typeof value === 'string' && (allowed as readonly string[]).includes(value)) return value as T;
  const listed = allowed.map((name) => `\`"${name}"\``);
  return refuse(path, listed.length > 1 ? `${listed.slice(0, -1).join(', ')} or ${listed.at(-1)}` : (listed[0] ?? ''), value);
}

/** Refuses a body that has a member which the endpoint does not know: nothing is silently dropped. */
export function onlyKeys(body: Json, path: string, allowed: readonly string[]): void {
  for (const key of Object.keys(body))
    if (!allowed.includes(key) && body[key] !== undefined) refuse(`${path}.${key}`, 'not present', body[key]);
}
