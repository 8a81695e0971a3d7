/**
 * Statements with parameters are prepared once per connection, and afterwards only bound: for the small ones of the sync, parsing took PostgreSQL and the
 * driver longer than the work itself (docs/decisions/0024).
 */
import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';

/**
 * Distinct texts that are prepared; what comes after them is sent as it is. Ours are some hundreds, none made of its values: a server keeps each prepared
 * one in the memory of each connection.
 */
const MOST_TEXTS = 1_000;

const names = new Map<string, string>();

/** From now on `client.query(text, values)` names its statement by its text. */
export function prepareStatements(client: PoolClient): void {
  const query = client.query.bind(client) as (...parameters: readonly unknown[]) => unknown;
  Object.assign(client, {
    query: (...parameters: readonly unknown[]) => query(...named(parameters)),
  });
}

function named(parameters: readonly unknown[]): readonly unknown[] {
  const [text, values, ...rest] = parameters;
  if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) return parameters;
  const name = nameOf(text);
  return name === undefined ? parameters : [{ name, text, values }, ...rest];
}

function nameOf(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_TEXTS) return known;
  const name = createHash('sha256').update(text).digest('base64url');
  names.set(text, name);
  return name;
}
