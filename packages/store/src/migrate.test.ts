import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate, MigrationRefused } from './migrate.ts';
import { useTestStore } from './testing.ts';
import { createPool } from './pool.ts';

const database = useTestStore();
let pool: Pool;
let folder: string;

const FIRST = 'create table lockstep.one (n integer);\n';
const SECOND = 'alter table lockstep.one add m integer;\n';
const write = (name: string, sql: string) => writeFile(join(folder, name), sql);
const run = (log?: (message: string) => void) =>
  migrate(pool, { folder: pathToFileURL(`${folder}/`), ...(log === undefined ? {} : { log }) });

beforeAll(() => {
  pool = createPool(database.url, { max: 4 });
});
afterAll(() => pool.end());
beforeEach(async () => {
  await pool.query('drop schema if exists lockstep cascade');
  folder = await mkdtemp(join(tmpdir(), 'lockstep-migrations-'));
  await write('0001_one.sql', FIRST);
});
afterEach(() => rm(folder, { recursive: true }));

test('what is pending is applied once, in order, and said', async () => {
  const said: string[] = [];
  expect(await run((message) => said.push(message))).toEqual({ applied: ['0001_one'] });
  await write('0002_two.sql', SECOND);
  expect(await run((message) => said.push(message))).toEqual({ applied: ['0002_two'] });
  expect(await run()).toEqual({ applied: [] });
  expect(said).toEqual(['applying migration 0001_one', 'applying migration 0002_two']);
});

test("the store's own migrations apply from a URL, to a server that has nothing", async () => {
  expect(await migrate(database.url)).toEqual({
    applied: [
      '0001_sync',
      '0002_tokens',
      '0003_lease_since',
      '0004_aliases',
      '0005_comments',
      '0006_audit',
      '0007_change_sets',
      '0008_kept_values',
      '0009_routing',
      '0010_change_set_notices',
      '0011_verified_steps',
      '0012_crm_stages',
      '0013_redrive',
      '0014_replay',
      '0015_operating_figures',
      '0016_lead_ends',
      '0017_followed_accounts',
      '0018_kept_owner',
      '0019_torn_leads',
      '0020_vanished_links',
    ],
  });
  expect(await migrate(database.url)).toEqual({ applied: [] });
});

test('K03 deployments that start together apply each migration once', async () => {
  const outcomes = await Promise.all([run(), run(), run()]);
  expect(outcomes.flatMap((outcome) => outcome.applied)).toEqual(['0001_one']);
});

test('a failure leaves the database as it was, the migrations before it included', async () => {
  await write('0002_broken.sql', 'create table lockstep.two (n integer); select nonsense;');
  await expect(run()).rejects.toThrow('nonsense');
  const { rows } = await pool.query(`select to_regclass('lockstep.one') as one, to_regclass('lockstep.migrations') as migrations`);
  expect(rows).toEqual([{ one: null, migrations: null }]);
});

test('an edited migration is refused by name; other line ends are no edit', async () => {
  await run();
  await write('0001_one.sql', FIRST.replaceAll('\n', '\r\n'));
  expect(await run()).toEqual({ applied: [] });
  await write('0001_one.sql', `${FIRST}-- afterthought\n`);
  await write('0002_two.sql', SECOND);
  await expect(run()).rejects.toThrow(
    new MigrationRefused(
      'migration 0001_one: expected the text that was applied, got an edited file; restore it and put the change into a new migration',
    ),
  );
  const { rowCount } = await pool.query('select from lockstep.migrations');
  expect(rowCount).toBe(1);
});

test('a database that is newer than the code is refused', async () => {
  await write('0002_two.sql', SECOND);
  await run();
  await rm(join(folder, '0002_two.sql'));
  await expect(run()).rejects.toThrow('database: expected at most migration 1, got 0002_two; it was migrated by a newer Lockstep');
});

test.each(['0003_gap.sql', '2_short.sql', '0001_twice.sql'])('a file that breaks the numbering is refused: %s', async (name) => {
  await write(name, SECOND);
  await expect(run()).rejects.toThrow(MigrationRefused);
});
