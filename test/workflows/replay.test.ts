/** Replays through the real Temporal, PostgreSQL and the simulator's HubSpot: what a bad deploy has failed goes on, and nothing is done twice. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { BadSelection } from '@lockstep/domain/replay/runtime.port.ts';
import type { Selection } from '@lockstep/domain/replay/replay.ts';
import { changeSetWorkflowId } from '@lockstep/workflows/contracts.ts';
import { setFields } from '../engine/crm/bench.ts';
import { openTellingDesk } from '../engine/crm/telling-desk.ts';
import { failedSets, playBadDay, updates } from './bad-day.ts';
import { REVIEWED, useCrmHarness } from './change-set-lane.ts';
import type { CrmLane } from './change-set-lane.ts';
import { SOON } from './harness.ts';
import { openReplays } from './replay-lane.ts';
import type { ReplayLane } from './replay-lane.ts';
import type { DoomedReplayOrder } from './replay-process.ts';
import { skipTime } from './time-skipping.ts';
import { forkWorker } from './sdk.ts';

const harness = useCrmHarness();
const HOUR_MS = 3_600_000;

test(
  '81 a bad deploy that failed 20 change sets: the dry run writes nothing, the replay needs a yes, and each is written once',
  { timeout: 180_000 },
  async () => {
    const lane = await harness.lane();
    const written = await playBadDay(lane, await openReplays(lane, harness.database, { approvalAbove: 10 }), 20);
    expect(written).toEqual({ byTheDeploy: 10, inAll: 20 });
  },
);

test('81 from the first task and from an event: set back further, still nothing is written twice', async () => {
  const lane = await harness.lane();
  const replays = await openReplays(lane, harness.database);
  const { ids } = await failedSets(lane, 2, { verifySet: 'before' });
  const selection = await replays.failed(2);
  const workflowIds = ids.map((id) => changeSetWorkflowId(lane.workspaceId, id));
  const before = updates(lane);
  const first: Selection = { by: 'ids', workflowIds: [workflowIds[0] ?? ''] };
  const second: Selection = { by: 'ids', workflowIds: [workflowIds[1] ?? ''] };
  const { targets } = await replays.plan(selection);
  const eventId = (targets.find(({ workflowId }) => workflowId === workflowIds[1])?.resetEventId ?? 0) - 1;
  await replays.begin('rp-1', first, { point: { at: 'first-task' } });
  await replays.begin('rp-2', second, { point: { at: 'event', eventId } });
  for (const id of ids) expect(await lane.ends(id)).toMatchObject({ end: 'committed' });
  expect(updates(lane)).toBe(before);
});

test('81 people who were asked are not asked again from the first task on; a second replay finds that the first was faster', async () => {
  const desk = await openTellingDesk();
  const lane = await harness.lane({ telling: (engine) => desk.telling(engine) });
  lane.bench.governing.policy = REVIEWED;
  const replays = await openReplays(lane, harness.database, { approvalAbove: 0 });
  const [record = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  const id = await lane.begin([setFields(record, { jobtitle: 'CEO' })]);
  await expect.poll(() => isToldBy(lane, replays, id), SOON).toBe(true);
  const asked = async (): Promise<number> => (await desk.slack('lena')).length + (await desk.slack('hugo')).length;
  await expect.poll(asked, SOON).toBe(2);
  await lane.handle(id).terminate('a slip of the hand');
  const selection: Selection = { by: 'ids', workflowIds: [lane.handle(id).workflowId] };
  const point = { at: 'first-task' } as const;

  const plan = await replays.plan(selection, point);
  expect(plan.effects.find(({ activity }) => activity === 'tellPeople')).toMatchObject({ shown: 1, doneByKey: 2, willRun: 0, unsafe: 0 });
  const answer = (replayId: string) => replays.replays.decide(replayId, 'approve', { approver: 'lead', planHash: plan.hash, accepts: [] });
  for (const replayId of ['rp-1', 'rp-2']) {
    await replays.begin(replayId, selection, { point });
    await replays.reaches(replayId, 'awaiting-approval');
  }
  expect(await answer('rp-2')).toEqual({ outcome: 'approved', code: null });
  expect(await replays.handle('rp-2').result()).toEqual({ end: 'done' });
  await expect.poll(() => isToldBy(lane, replays, id), SOON).toBe(true);
  expect(await answer('rp-1')).toEqual({ outcome: 'approved', code: null });
  expect(await replays.handle('rp-1').result()).toEqual({ end: 'done' });
  const [target] = await replays.engine.store.snapshot((reader) => reader.targets('rp-1', { from: 0, limit: 1 }));
  expect(target).toMatchObject({ state: 'skipped', code: 'RESET_BEFORE' });
  await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash: (await lane.status(id)).diffHash ?? '' });
  expect(await lane.ends(id)).toMatchObject({ end: 'committed' });
  expect([lane.notices.length, await asked()]).toEqual([2, 2]);
});

/** People have been told, and the workflow knows it: a task was completed since. */
async function isToldBy(lane: CrmLane, { engine }: ReplayLane, id: string): Promise<boolean> {
  const { runId } = await lane.handle(id).describe();
  const outline = await engine.runtime.outline({ workflowId: lane.handle(id).workflowId, runId });
  const told = outline.find((event) => event.kind === 'activity-scheduled' && event.activity === 'tellPeople');
  const done = outline.find((event) => event.kind === 'activity-completed' && event.scheduledId === told?.id);
  return done !== undefined && outline.some(({ id: at, kind }) => kind === 'task-completed' && at > done.id);
}

test('81 paused between two batches nothing more is set back, resumed it goes on, stopped it leaves the rest alone', async () => {
  const lane = await harness.lane();
  const replays = await openReplays(lane, harness.database, { batchSize: 1, perSecond: 0.1 });
  await failedSets(lane, 3, { applyBatch: 'after' });
  await replays.begin('rp-1', await replays.failed(3));
  const settled = async (): Promise<number> => (await replays.progress('rp-1')).settled;
  await expect.poll(settled, SOON).toBe(1);
  expect(await replays.replays.hold('rp-1', 'pause', 'ops')).toBe(true);
  expect(await replays.replay('rp-1')).toMatchObject({ state: 'paused' });
  expect(await replays.progress('rp-1')).toMatchObject({ phase: 'paused', targets: 3, settled: 1 });
  expect(await replays.replays.hold('rp-1', 'resume', 'ops')).toBe(true);
  await expect.poll(settled, SOON).toBe(2);
  expect(await replays.replays.hold('rp-1', 'stop', 'ops')).toBe(true);
  expect(await replays.handle('rp-1').result()).toEqual({ end: 'stopped' });
  const counts = await replays.engine.store.snapshot((reader) => reader.targetCounts('rp-1'));
  expect(counts).toEqual({ planned: 1, reset: 2 });
  expect(await replays.replays.hold('rp-1', 'resume', 'ops')).toBe(false);
});

test('81 a yes that nobody gives within four hours ends the replay, and nothing is set back', async () => {
  const lane = await harness.lane();
  const replays = await openReplays(lane, harness.database, { approvalAbove: 0 });
  await failedSets(lane, 1, { applyBatch: 'before' });
  await replays.begin('rp-1', await replays.failed(1));
  await replays.reaches('rp-1', 'awaiting-approval');
  await skipTime(replays.temporal, replays.handle('rp-1').workflowId, 4 * HOUR_MS);
  expect(await replays.handle('rp-1').result()).toEqual({ end: 'expired' });
  expect(await replays.engine.store.snapshot((reader) => reader.targetCounts('rp-1'))).toEqual({ planned: 1 });
});

test('81 the sweeper starts a replay that has no workflow, and stops one whose workflow somebody has terminated', async () => {
  const lane = await harness.lane();
  const replays = await openReplays(lane, harness.database, { approvalAbove: 0 });
  await failedSets(lane, 1, { applyBatch: 'before' });
  const selection = await replays.failed(1);
  await replays.begin('rp-1', selection);
  await replays.reaches('rp-1', 'awaiting-approval');
  expect(await replays.replays.sweep()).toBe(0);
  await replays.handle('rp-1').terminate('by hand');
  expect(await replays.replays.sweep()).toBe(1);
  expect(await replays.replay('rp-1')).toMatchObject({ state: 'ended', end: 'stopped' });
  // On record, and the process died before its workflow was started.
  await replays.record('rp-2', selection);
  expect(await replays.replays.sweep()).toBe(1);
  await replays.reaches('rp-2', 'awaiting-approval');
});

test('81 a query cannot get out of its workspace, whatever it says; one that is none is refused with the words of the server', async () => {
  const lane = await harness.lane();
  const replays = await openReplays(lane, harness.database);
  await failedSets(lane, 1, { applyBatch: 'before' });
  const [own] = await replays.engine.runtime.find(await replays.failed(1), 10);
  const other = await openReplays(await harness.lane(), harness.database);
  const everybody = `ExecutionStatus = "Failed") OR (ExecutionStatus = "Failed"`;
  expect(await replays.engine.runtime.find({ by: 'query', query: everybody }, 10)).toEqual([own]);
  expect(await other.engine.runtime.find({ by: 'query', query: everybody }, 10)).toEqual([]);
  expect(await other.engine.runtime.latest(own ?? '')).toBeNull();
  await expect(other.engine.runtime.find({ by: 'query', query: 'Owner = 7' }, 10)).rejects.toThrow(BadSelection);
});

test('81 a set whose work has ended, though its workflow failed behind it, is left alone', async () => {
  const lane = await harness.lane();
  const replays = await openReplays(lane, harness.database);
  const { ids } = await failedSets(lane, 1, { commitSet: 'after' });
  expect(await lane.set(ids[0] ?? '')).toMatchObject({ state: 'ended', end: 'committed' });
  const { targets, skipped } = await replays.plan(await replays.failed(1));
  expect([targets, skipped.map(({ code }) => code)]).toEqual([[], ['DONE']]);
});

test('C11 a set that has failed by a defect of ours keeps its records for a replay, until somebody cancels it or its deadline has passed', async () => {
  const lane = await harness.lane();
  const { ids } = await failedSets(lane, 2, { applyBatch: 'after' });
  const [one = '', two = ''] = ids;
  expect([await lane.sets.sweep(), await lane.sets.sweep()]).toEqual([0, 0]);
  expect(lane.logged().match(/a change set has failed and keeps its records/g)).toHaveLength(2);
  expect(await lane.set(one)).toMatchObject({ state: 'applying' });
  await lane.sets.cancel(one);
  expect(await lane.ends(one)).toMatchObject({ end: 'rolled-back', cause: 'cancelled' });
  await lane.bench.store.transaction(async (tx) => {
    const set = await tx.lockChangeSet(two);
    if (set !== null) await tx.saveChangeSet({ ...set, deadlineAt: '2020-01-01T00:00:00.000Z' });
  });
  expect(await lane.sets.sweep()).toBe(1);
  expect(await lane.ends(two)).toMatchObject({ end: 'rolled-back', cause: 'terminated' });
});

/** Another process carries replays of the lane, and kills itself after so many resets. */
async function doomed(lane: CrmLane, diesAfterResets: number): Promise<{ readonly died: Promise<unknown> }> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-replay-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bundleFile = join(folder, 'bundle.js');
  writeFileSync(bundleFile, lane.bundle.code);
  const program = fileURLToPath(new URL('replay-process.ts', import.meta.url));
  const child = forkWorker(program);
  const order: DoomedReplayOrder = {
    ...{ databaseUrl: harness.database.url, workspaceId: lane.bench.workspaceId, laneId: lane.workspaceId, bundleFile, diesAfterResets },
    temporalAddress: await testTemporalAddress(),
    keyBase64: Buffer.from(lane.keyRing.keys.get('k1') ?? []).toString('base64'),
  };
  const died = once(child, 'exit');
  child.send(order);
  await Promise.race([once(child, 'message'), died.then(() => Promise.reject(new Error('process: expected it to serve, got its end')))]);
  return { died };
}

test(
  '81 a worker killed between resets and their record: another one goes on, each run is set back once, and nothing is written twice',
  { timeout: 120_000 },
  async () => {
    const lane = await harness.lane();
    const replays = await openReplays(lane, harness.database, { isIdle: true, batchSize: 3 });
    const before = updates(lane);
    const { ids } = await failedSets(lane, 6, { applyBatch: 'after' });
    const selection = await replays.failed(6);
    const { died } = await doomed(lane, 5);
    await replays.begin('rp-1', selection);
    expect((await died) as readonly unknown[]).toEqual([null, 'SIGKILL']);
    const found = await replays.engine.store.snapshot((reader) => reader.targetCounts('rp-1'));
    expect(found).toEqual({ reset: 3, resetting: 3 });
    await replays.start();
    expect(await replays.handle('rp-1').result()).toEqual({ end: 'done' });
    for (const id of ids) {
      expect(await lane.ends(id)).toMatchObject({ end: 'committed' });
      expect(await runsOf(lane, id)).toBe(2);
    }
    expect(updates(lane) - before).toBe(6);
  },
);

/** Runs that the server knows of a set: the one that failed, and those that it was set back into. */
async function runsOf(lane: CrmLane, id: string): Promise<number> {
  const { workflowId } = lane.handle(id);
  const runs = new Set<string>();
  for await (const { runId } of lane.temporal.client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runs.add(runId);
  return runs.size;
}
