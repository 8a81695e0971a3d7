/** Real engines for tests. Test files share one PostgreSQL server and one Temporal server; each has a database and ids of its own. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** An empty database of the caller's own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const admin = await engineAddress('postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(admin, `drop database ${name} with (force)`) };
}

/** The address of a Temporal server with time skipping; workflow ids and task queues of a test must be its own. */
export function testTemporalAddress(): Promise<string> {
  return engineAddress('temporal');
}

async function engineAddress(engine: 'postgres' | 'temporal'): Promise<string> {
  const engines = process.env['LOCKSTEP_TEST_ENGINES'];
  if (engines === undefined)
    throw new Error('test engines: expected to run under vitest with the global set-up of vitest.config.ts, got no LOCKSTEP_TEST_ENGINES');
  const answer = await fetch(`${engines}/${engine}`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`test engines: expected ${engine} to start, got: ${text}`);
  return text;
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
