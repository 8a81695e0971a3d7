import { expect, test } from 'vitest';
import { createStore } from './store.ts';
import { latch, useTestStore } from './testing.ts';

const database = useTestStore();

test('E03 one at a time under a name of a workspace, whatever store asks; other names and workspaces go on', async () => {
  const workspaceId = database.workspaceId();
  const [one, two, other] = [workspaceId, workspaceId, database.workspaceId()].map((id) =>
    createStore({ pool: database.pool, workspaceId: id }),
  );
  const [isIn, mayLeave] = [latch(), latch()];
  const inside = one?.exclusively('push jira', async () => {
    isIn.open();
    await mayLeave.opened;
    return 'done';
  });
  await isIn.opened;
  const asked = await Promise.all([
    two?.exclusively('push jira', async () => 'in'),
    one?.exclusively('push jira', async () => 'in'),
    two?.exclusively('push notion', async () => 'in'),
    other?.exclusively('push jira', async () => 'in'),
  ]);
  expect(asked).toEqual([null, null, 'in', 'in']);
  mayLeave.open();
  expect(await inside).toBe('done');
  expect(await two?.exclusively('push jira', async () => 'in')).toBe('in');
});

test('work that fails leaves the name free, and takes no connection of the pool', async () => {
  const store = database.store();
  await expect(store.exclusively('push jira', () => Promise.reject(new Error('power cut')))).rejects.toThrow('power cut');
  const before = database.pool.totalCount;
  expect(await store.exclusively('push jira', async () => database.pool.totalCount)).toBe(before);
});

test('a session that ends by force, as that of a killed process, leaves the name free', async () => {
  const store = database.store();
  const [isIn, mayLeave] = [latch(), latch()];
  const inside = store.exclusively('push jira', async () => {
    isIn.open();
    await mayLeave.opened;
  });
  await isIn.opened;
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
  await expect.poll(() => store.exclusively('push jira', async () => 'in'), { timeout: 10_000 }).toBe('in');
  mayLeave.open();
  await inside;
});

test('the session of one work serves the next, and holds nothing in between', async () => {
  const store = database.store();
  const holders = async (): Promise<readonly number[]> => {
    const { rows } = await database.pool.query<{ pid: number }>(
      `select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows.map(({ pid }) => pid);
  };
  const [first] = (await store.exclusively('push jira', holders)) ?? [];
  expect(first).toBeTypeOf('number');
  expect(await holders()).toEqual([]);
  expect(await store.exclusively('push notion', holders)).toEqual([first]);
});
