/** A connection's workflow that somebody has terminated is replayed: it goes on from the store, and writes what is owed once. */
import { expect, test } from 'vitest';
import { planReplay } from '@lockstep/engine/replay/planning.ts';
import { BACKLOG_RECONCILE, backlogSyncId, reconcileId, syncTaskQueue } from '@lockstep/workflows/contracts.ts';
import type { backlogReconcile } from '@lockstep/workflows/backlog-reconcile/workflow.ts';
import { shows, SOON, task, useHarness } from './harness.ts';
import type { Lane } from './harness.ts';
import { openReplaysBeside } from './replays-beside.ts';
import type { ReplaysBeside } from './replays-beside.ts';

const harness = useHarness();

const replaysOf = (lane: Lane): Promise<ReplaysBeside> =>
  openReplaysBeside({
    ...{ pool: harness.database.pool, storeWorkspaceId: lane.workspaceId, workspaceId: lane.workspaceId },
    ...{ keyRing: lane.keyRing, workflowBundle: harness.bundle() },
  });

test('81 a connection goes on from its first task: what is owed is told before, and written once', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  await lane.rest();
  const { engine, replay } = await replaysOf(lane);
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
  await replay('rp-1', asked.selection, asked.point);
  await shows(lane, 'notion', ['two']);
  await lane.pass();
  await lane.rest();
  await shows(lane, 'notion', ['one', 'two']);
  expect(lane.remote('notion').writes).toHaveLength(2);
});

test('81 a reconciliation that found no workflow to ask is set back once there is one: the connection is read from the beginning', async () => {
  const lane = await harness.lane(['jira']);
  await lane.rest();
  const { engine, replay } = await replaysOf(lane);
  await lane.handle('jira').terminate('a slip of the hand');
  const workflowId = reconcileId(lane.workspaceId, 'jira');
  const reconciling = await lane.temporal.client.workflow.start<typeof backlogReconcile>(BACKLOG_RECONCILE, {
    ...{ workflowId, taskQueue: syncTaskQueue(lane.workspaceId), args: [{ workspaceId: lane.workspaceId, connectionId: 'jira' }] },
  });
  await expect(reconciling.result()).rejects.toThrow('Workflow execution failed');
  const asked = { selection: { by: 'ids', workflowIds: [workflowId] }, point: { at: 'first-task' } } as const;
  expect(await planReplay(engine, { ...asked, actorKind: 'human' })).toMatchObject({
    targets: [{ workflowId, workflowType: 'backlogReconcile', effects: [] }],
    unsafe: [],
  });
  await replay('rp-1', { by: 'ids', workflowIds: [backlogSyncId(lane.workspaceId, 'jira')] }, asked.point);
  await lane.pass();
  const scannedAt = async () => (await lane.store.snapshot((reader) => reader.connections()))[0]?.lastFullScanAt ?? '';
  const before = await scannedAt();
  await replay('rp-2', asked.selection, asked.point);
  await lane.temporal.client.workflow.getHandle(workflowId).result();
  await expect.poll(async () => (await scannedAt()) > before, SOON).toBe(true);
});
