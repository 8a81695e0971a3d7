import { expect, onTestFinished, test, vi } from 'vitest';
import { pino } from 'pino';
import { createStore } from '@lockstep/store/store.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { fenced, holdWorkspace, WorkspaceTaken } from './lease.ts';
import type { LeaseParts, WorkspaceLease } from './lease.ts';

const database = useTestStore();
const log = pino({ level: 'silent' });

async function hold(workspaceId: string, deployment: string, more: Partial<LeaseParts> = {}): Promise<WorkspaceLease> {
  const lease = await holdWorkspace({ pool: database.pool, workspaceId, deployment, log, ...more });
  onTestFinished(() => lease.release());
  return lease;
}

test('K03 a second deployment is told who works on the workspace and since when; a released or restarted one need not wait', async () => {
  const workspaceId = database.workspaceId();
  const first = await hold(workspaceId, 'one');
  await expect(hold(workspaceId, 'two')).rejects.toThrow(/than two at work, got one since \d{4}-\d\d-\d\dT.*Z \(until /);
  await first.release();
  await hold(workspaceId, 'two');
  // Killed and started again under its name.
  await hold(workspaceId, 'two');
});

test('K03 S4 the former holder is fenced out: it learns of it, and nothing of its commits any more', async () => {
  const workspaceId = database.workspaceId();
  const store = createStore({ pool: database.pool, workspaceId });
  const former = await hold(workspaceId, 'one', { ttlMs: 300 });
  const theirs = fenced(store, former);
  expect(await theirs.transaction((tx) => tx.connections())).toEqual([]);
  await hold(workspaceId, 'one');
  expect(await former.lost).toMatch(/got one since/);
  expect(former.isHeld()).toBe(false);
  await expect(theirs.transaction((tx) => tx.connections())).rejects.toThrow(WorkspaceTaken);
});

test('K03 a worker that cannot renew counts for itself, and stops before another may take the workspace', async () => {
  const workspaceId = database.workspaceId();
  let isReached = true;
  const query: typeof database.pool.query = database.pool.query.bind(database.pool);
  const pool = new Proxy(database.pool, {
    get: (target, name) =>
      name !== 'query' ? Reflect.get(target, name) : isReached ? query : () => Promise.reject(new Error('the database is out of reach')),
  });
  const lease = await hold(workspaceId, 'one', { pool, ttlMs: 300 });
  isReached = false;
  await vi.waitUntil(() => !lease.isHeld(), { timeout: 5_000 });
  expect(await lease.lost).toMatch(/expected the database to renew our lease/);
  await hold(workspaceId, 'two');
  isReached = true;
});
