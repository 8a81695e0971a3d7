/** Workers of change sets begin with the first set: who asks Temporal for their work is seen at the task queue. */
import { expect, test } from 'vitest';
import { Worker } from '@temporalio/worker';
import { lateWorker } from '@lockstep/worker/late-worker.ts';
import type { LateWorker } from '@lockstep/worker/late-worker.ts';
import { changeSetTaskQueue } from '@lockstep/workflows/contracts.ts';
import { setFields } from '../engine/crm/bench.ts';
import type { CrmLane } from './change-set-lane.ts';
import { useCrmHarness } from './change-set-lane.ts';
import { SOON } from './harness.ts';

const harness = useCrmHarness();
const NEVER_MS = 3_600_000;

async function askers({ temporal, workspaceId }: CrmLane): Promise<number> {
  const taskQueue = { name: changeSetTaskQueue(workspaceId) };
  const { pollers } = await temporal.client.workflowService.describeTaskQueue({ namespace: temporal.namespace, taskQueue });
  return pollers?.length ?? 0;
}

test('C11 a worker begins with the first set, and one that is started over a set that has not ended begins by itself', async () => {
  const lane = await harness.lane();
  await lane.sets.sweep();
  expect(await askers(lane)).toBe(0);
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  lane.bench.fault('/batch/update', { kind: 'hold' });
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await expect.poll(() => lane.bench.served.faults.status().holding, SOON).toBe(1);
  expect(await askers(lane)).toBeGreaterThan(0);
  lane.bench.served.faults.clear();
  await lane.stop();
  await lane.start();
  expect(await lane.ends(id)).toMatchObject({ end: 'committed' });
});

/** On a lane whose own worker has not begun: its task queue has no other. */
function late({ temporal, workspaceId, bundle }: CrmLane, latestMs: number): LateWorker {
  const { native, namespace } = temporal;
  const taskQueue = changeSetTaskQueue(workspaceId);
  const activities = { none: () => 1 };
  return lateWorker(() => Worker.create({ connection: native, namespace, taskQueue, workflowBundle: bundle, activities }), latestMs);
}

test('C11 a worker begins by itself when its time has come, whatever the store knows', async () => {
  const lane = await harness.lane();
  const worker = late(lane, 1);
  await expect.poll(() => askers(lane), SOON).toBeGreaterThan(0);
  worker.shutdown();
  await worker.ended;
});

test('a worker that is told to end before it has begun, or while it is made, ends; what is asked of it then makes none', async () => {
  const lane = await harness.lane();
  const [idle, made] = [late(lane, NEVER_MS), late(lane, NEVER_MS)];
  idle.shutdown();
  idle.begin();
  await idle.ended;
  expect(await askers(lane)).toBe(0);
  made.begin();
  made.shutdown();
  await made.ended;
});

test('a worker that cannot be made is told to whoever waits for its end', async () => {
  const worker = lateWorker(() => Promise.reject(new Error('no connection')), NEVER_MS);
  worker.begin();
  await expect(worker.ended).rejects.toThrow('no connection');
});
