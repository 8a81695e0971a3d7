/** A connection's workflow that somebody has terminated is replayed: it goes on from the store, and writes what is owed once. */
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { replayPolicySchema } from '@lockstep/domain/replay/policy.schema.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { planReplay } from '@lockstep/engine/replay/planning.ts';
import { startReplay } from '@lockstep/engine/replay/starting.ts';
import { createReplayStore } from '@lockstep/store/replay-store.ts';
import { temporalRuntime } from '@lockstep/worker/replay-runtime.ts';
import { startReplays } from '@lockstep/worker/replays.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import { backlogSyncId } from '@lockstep/workflows/contracts.ts';
import { shows, SOON, task, useHarness } from './harness.ts';
import type { Lane } from './harness.ts';

const harness = useHarness();

async function replaysOf(lane: Lane) {
  const temporal = await connectTemporal(lane.keyRing, await testTemporalAddress());
  const engine: ReplayEngine = {
    store: createReplayStore({ pool: harness.database.pool, workspaceId: lane.workspaceId }),
    runtime: temporalRuntime(temporal, lane.workspaceId),
    people: { principals: () => [] },
    policy: replayPolicySchema.parse({}),
    canLookUpNotices: true,
  };
  const replays = await startReplays({
    ...{ workspaceId: lane.workspaceId, temporal, keyRing: lane.keyRing, engine, sweepEveryMs: 3_600_000 },
    ...{ log: pino({ level: 'silent' }), workflowBundle: harness.bundle() },
  });
  onTestFinished(async () => {
    replays.shutdown();
    await replays.ended;
    await temporal.close();
  });
  return { engine, replays };
}

test('81 a connection goes on from its first task: what is owed is told before, and written once', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  await lane.rest();
  const { engine, replays } = await replaysOf(lane);
  await lane.handle('notion').terminate('a slip of the hand');
  lane.remote('jira').make(task('one'));
  await lane.store.transaction((tx) =>
    tx.saveItems(
      [{ itemId: 'item-1', kind: 'task', fields: task('two'), stamps: {}, deletedAt: null, deletedBy: null }],
      lane.workspace.now(),
    ),
  );
  await lane.store.transaction((tx) =>
    tx.oweWrites([{ connectionId: 'notion', itemId: 'item-1', operation: 'write', depth: 0, lane: 'routine' }], lane.workspace.now()),
  );
  const selection = {
    by: 'ids',
    workflowIds: [backlogSyncId(lane.workspaceId, 'notion'), backlogSyncId(lane.workspaceId, 'jira')],
  } as const;
  const asked = { selection, point: { at: 'first-task' }, actorKind: 'human' } as const;
  const plan = await planReplay(engine, asked);
  expect(plan.skipped).toEqual([{ workflowId: backlogSyncId(lane.workspaceId, 'jira'), code: 'OPEN' }]);
  expect(plan.effects.find(({ activity }) => activity === 'pushPage')).toMatchObject({ willRun: 1, doneByKey: 0, unsafe: 0 });
  await startReplay(
    engine,
    { ...asked, replayId: 'rp-1', requestedBy: 'ops', reason: 'x', expectedHash: plan.hash },
    new Date().toISOString(),
  );
  await replays.start('rp-1');
  await expect.poll(async () => (await engine.store.snapshot((reader) => reader.replay('rp-1')))?.end, SOON).toBe('done');
  await shows(lane, 'notion', ['two']);
  await lane.pass();
  await lane.rest();
  await shows(lane, 'notion', ['one', 'two']);
  expect(lane.remote('notion').writes).toHaveLength(2);
});
