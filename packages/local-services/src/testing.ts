/** Real engines for tests. Test files share one PostgreSQL server and one Temporal server; each has a database and ids of its own. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** What a database begins with: filled once in a run of the tests, and then copied. */
export interface TestTemplate {
  /** A word of small letters. */
  readonly name: string;
  /** Leaves no connection behind. */
  readonly fill: (url: string) => Promise<unknown>;
}

/** A database of the caller's own; empty, or a copy of the template. */
export async function createTestDatabase(template?: TestTemplate): Promise<TestDatabase> {
  const admin = await engineAddress('postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(admin, async (client) => {
    // Not by way of the log, as PostgreSQL copies of its own accord: for a copy of ten megabytes half the work.
    const copied = template === undefined ? '' : ` template ${await templateOf(client, admin, template)} strategy file_copy`;
    await client.query(`create database ${name}${copied}`);
  });
  return { url: databaseUrl(admin, name), drop: () => administer(admin, (client) => client.query(`drop database ${name} with (force)`)) };
}

/** The name of the template's database. Whoever comes first fills it, while the others wait; one that was not filled to its end is not taken for one. */
async function templateOf(client: Client, admin: string, { name, fill }: TestTemplate): Promise<string> {
  const [whole, partial] = [`template_${name}`, `unfilled_${name}`];
  await client.query('select pg_advisory_lock(hashtext($1))', [whole]);
  const { rowCount } = await client.query('select from pg_database where datname = $1', [whole]);
  if (rowCount === 0) {
    await client.query(`drop database if exists ${partial}`);
    await client.query(`create database ${partial}`);
    await fill(databaseUrl(admin, partial));
    await client.query(`alter database ${partial} rename to ${whole}`);
  }
  await client.query('select pg_advisory_unlock(hashtext($1))', [whole]);
  return whole;
}

function databaseUrl(admin: string, name: string): string {
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return url.href;
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

/** A session of the server's own database; what it has locked goes with it. */
async function administer(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
