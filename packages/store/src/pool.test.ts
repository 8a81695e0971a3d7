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
