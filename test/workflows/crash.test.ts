/** What a killed worker, an orderly stop and the loss of Temporal's database leave behind: nothing lost, nothing twice. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cancellationSignal } from '@temporalio/activity';
import { expect, onTestFinished, test } from 'vitest';
import type { Pushes } from '@lockstep/domain/sync/connector.port.ts';
import { freePort } from '@lockstep/local-services/ports.ts';
import { startTemporal } from '@lockstep/local-services/temporal.ts';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { shows, task, titles, useHarness } from './harness.ts';
import type { Lane } from './harness.ts';
import { serveRemotes } from './remote-desk.ts';
import type { WorkerOrder } from './worker-process.ts';
import { forkWorker } from './sdk.ts';

const harness = useHarness();
const PROGRAM = fileURLToPath(new URL('worker-process.ts', import.meta.url));
const TITLES = ['task 0', 'task 1', 'task 2', 'task 3', 'task 4'];

async function startProcess(order: WorkerOrder): Promise<ChildProcess> {
  const child = forkWorker(PROGRAM);
  child.send(order);
  expect(await Promise.race([once(child, 'message'), once(child, 'exit')])).toEqual(['serves', undefined]);
  return child;
}

/** A lane whose own worker is stopped, and the order for workers in processes of their own. */
async function distantLane(names: readonly string[]): Promise<{ lane: Lane; order: WorkerOrder }> {
  const lane = await harness.lane(names);
  await lane.rest();
  await lane.stop();
  const { url, close } = await serveRemotes((name) => lane.watch(name).connector);
  onTestFinished(close);
  const base64 = Buffer.from(lane.keyRing.keys.get('k1') ?? []).toString('base64');
  return {
    lane,
    order: {
      ...{ names, remotesUrl: url, workspaceId: lane.workspaceId, databaseUrl: harness.database.url },
      temporalAddress: await testTemporalAddress(),
      key: { id: 'k1', base64 },
    },
  };
}

test('S4 E01 E05 E06 a worker killed with -9 in mid-push, before or after the remote made its records, and started again: one twin each', async () => {
  // At the same time: most of it is the wait until the server holds the dead worker's page for lost.
  const oneEach = { madeBefore: [], madeInTheEnd: TITLES, operations: TITLES.map(() => 'create'), echoes: [] };
  expect(await Promise.all([killedAt('before'), killedAt('after')])).toEqual([oneEach, { ...oneEach, madeBefore: TITLES }]);
}, 180_000);

/** What the remote has when the worker is dead, and when another has taken over. */
async function killedAt(where: 'before' | 'after') {
  const { lane, order } = await distantLane(['jira', 'notion']);
  for (const title of TITLES) lane.remote('jira').make(task(title));
  const held = lane.watch('notion').hold('create', where);
  const first = await startProcess(order);
  await held.reached;
  first.kill('SIGKILL');
  await once(first, 'exit');
  const madeBefore = titles(lane.remote('notion'));
  await startProcess(order);
  await shows(lane, 'notion', TITLES);
  await expect.poll(() => owed(lane), { timeout: 30_000 }).toBe(0);
  return {
    madeBefore,
    madeInTheEnd: titles(lane.remote('notion')),
    operations: lane.remote('notion').writes.map(({ operation }) => operation),
    echoes: lane.remote('jira').writes,
  };
}

test('E05 a worker that is shut down in mid-push ends its batch and leaves the rest owed, for the next', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  const many = Array.from({ length: 120 }, (_, index) => `task ${String(index).padStart(3, '0')}`);
  for (const title of many) lane.remote('jira').make(task(title));
  const sent = answerWhenTold(lane.remote('notion').connector.pushes);
  await lane.sync.wakes.wake(['jira']);
  await sent;
  await lane.stop();
  expect(lane.remote('notion').live()).toHaveLength(50);
  expect(await owed(lane)).toBe(70);
  await lane.start();
  await shows(lane, 'notion', many);
  expect(lane.remote('notion').writes).toHaveLength(120);
});

test('K02 Temporal loses its database: every workflow is started again from the store, goes on, and writes nothing twice', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-temporal-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const port = await freePort();
  const start = () => startTemporal({ directory, port, environment: process.env, progress: () => undefined });
  const first = await start();
  const lane = await harness.lane(['jira', 'notion'], { temporalAddress: first.address });
  lane.remote('jira').make(task('known'));
  await lane.rest();
  lane.remote('jira').make(task('owed'));
  await lane.sync.command('notion', 'pause');
  await lane.pass();
  await lane.stop();
  await first.stop();
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, `temporal.db${suffix}`), { force: true });
  const second = await start();
  onTestFinished(() => second.stop());

  await lane.start();
  // Paused it stays: that stands in the store.
  await lane.pass();
  expect(titles(lane.remote('notion'))).toEqual(['known']);
  await lane.sync.command('notion', 'resume');
  await shows(lane, 'notion', ['known', 'owed']);
  await lane.rest();
  expect([lane.remote('jira').writes.length, lane.remote('notion').writes.length]).toEqual([0, 2]);
});

/** The remote does its next batch at once and answers only when the worker has told the page to stop. Resolves when it has the batch. */
function answerWhenTold(pushes: Pushes): Promise<void> {
  const create = pushes.create.bind(pushes);
  const { promise, resolve } = Promise.withResolvers<void>();
  Object.assign(pushes, {
    create: async (...args: Parameters<typeof create>) => {
      Object.assign(pushes, { create });
      const outcomes = await create(...args);
      resolve();
      await once(cancellationSignal(), 'abort');
      return outcomes;
    },
  });
  return promise;
}

async function owed(lane: Lane): Promise<number> {
  return lane.store.snapshot(async (reader) => (await reader.outbox({ limit: 1_000 })).length);
}
