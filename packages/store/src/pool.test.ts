import type { PoolClient } from 'pg';
import { expect, test } from 'vitest';
import { createPool } from './pool.ts';
import { useTestStore } from './testing.ts';

const database = useTestStore();

test('instants are read as ISO in milliseconds whatever zone the session is in', async () => {
  const client = await database.pool.connect();
  try {
    await client.query(`set timezone = 'Asia/Kathmandu'`);
    const { rows } = await client.query(`select '2026-11-24T09:00:00.123Z'::timestamptz as at, null::timestamptz as never`);
    expect(rows).toEqual([{ at: '2026-11-24T09:00:00.123Z', never: null }]);
    await client.query('reset timezone');
  } finally {
    client.release();
  }
});

test('int8 is read as a number, and never rounded', async () => {
  const { rows } = await database.pool.query('select 9007199254740991::int8 as most, count(*) as one');
  expect(rows).toEqual([{ most: 9007199254740991, one: 1 }]);
  await expect(database.pool.query('select 9007199254740993::int8')).rejects.toThrow(
    'int8: expected a whole number below 2^53, got 9007199254740993',
  );
});

test('an idle connection that breaks is reported and replaced; the process lives on', async () => {
  const errors: Error[] = [];
  const pool = createPool(database.url, { max: 1, applicationName: 'to be broken', onIdleError: (error) => errors.push(error) });
  const { rows } = await pool.query<{ pid: number; name: string }>(
    `select pg_backend_pid() as pid, current_setting('application_name') as name`,
  );
  expect(rows[0]?.name).toBe('to be broken');
  await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
  await expect.poll(() => errors.length).toBe(1);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});

test('a statement with parameters is prepared once on a connection, whoever sends it; one without is not', async () => {
  const client = await database.pool.connect();
  try {
    const before = await prepared(client);
    for (const value of [1, 2, 3]) expect((await client.query('select $1::int8 as value', [value])).rows).toEqual([{ value }]);
    await client.query('select $1::int8 as other', [1]);
    await client.query('select 1 as one');
    expect((await prepared(client)).filter((text) => !before.includes(text))).toEqual([
      'select $1::int8 as value',
      'select $1::int8 as other',
    ]);
  } finally {
    client.release();
  }
});

test('a prepared statement outlives a column that a migration adds meanwhile', async () => {
  await database.pool.query('create table grown (id int8 primary key, name text)');
  const named = async () => (await database.pool.query('select name from grown where id = $1', [1])).rows;
  expect(await named()).toEqual([]);
  await database.pool.query(`alter table grown add column colour text not null default 'red'`);
  await database.pool.query(`insert into grown values (1, 'fir')`);
  for (let connection = 0; connection < 8; connection += 1) expect(await named()).toEqual([{ name: 'fir' }]);
});

async function prepared(client: PoolClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ statement: string }>('select statement from pg_prepared_statements order by prepare_time');
  return rows.map(({ statement }) => statement);
}
