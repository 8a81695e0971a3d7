/** E. Creation by several workers on the real Temporal, over the plan and Jira: one wins, what had its effect is not done again. */
import { describe, expect, it } from 'vitest';
import { Worker } from '@temporalio/worker';
import { useTestStore } from '@lockstep/store/testing.ts';
import { backlogSyncId } from '@lockstep/workflows/contracts.ts';
import { decryptedHistory } from '../replay/saved-histories.ts';
import { everyItem, expectLaws } from './laws.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';
import { settled, useWorkers } from './workers.ts';

const database = useTestStore();
const workers = useWorkers();

const created = async (world: World): Promise<number> =>
  (await world.admin<{ creates: number }>('/counts?tool=jira&account=lockstep')).creates;

describe('E. creation by workers', () => {
  it('E03 two workers are told of the same tasks at once: one creates each', async () => {
    let [pushing, most] = [0, 0];
    const world = await createWorld({
      store: database.store(),
      connections: ['document', 'jira'],
      wrap: (_connectionId, connector) => ({
        ...connector,
        pushes: {
          ...connector.pushes,
          async create(drafts) {
            pushing += 1;
            most = Math.max(most, pushing);
            const outcomes = await connector.pushes.create(drafts);
            pushing -= 1;
            return outcomes;
          },
        },
      }),
    });
    // Long enough that a second one would come in between.
    await world.fault({
      tool: 'jira',
      match: { method: 'POST', path: '/issue/bulk$' },
      times: 'always',
      action: { kind: 'delay', ms: 300 },
    });
    const both = await workers.start(world, 2);
    for (let hint = 0; hint < 5; hint += 1) await Promise.all(both.map(({ wakes }) => wakes.wake(['document', 'jira'])));
    await settled(world);
    expect([await created(world), most]).toEqual([(await everyItem(world)).size, 1]);
    await Promise.all(both.map(({ stop }) => stop()));
    await world.admin('/faults', 'DELETE');
    await expectLaws(world);
  });

  it('E04 Temporal runs an activity again that already had its effect: the effect is found and returned', async () => {
    let deaths = 0;
    const world = await createWorld({
      store: database.store(),
      connections: ['document', 'jira'],
      wrap: (connectionId, connector) => ({
        ...connector,
        pushes: {
          ...connector.pushes,
          async create(drafts) {
            const outcomes = await connector.pushes.create(drafts);
            // No failure of the remote: the activity itself falls over, and Temporal tries it again.
            if (connectionId === 'jira' && (deaths += 1) === 1) throw new Error('the activity fell over');
            return outcomes;
          },
        },
      }),
    });
    await world.admin('/settings', 'POST', { indexLagMs: 3_600_000 });
    const [worker] = await workers.start(world, 1);
    await settled(world);
    await worker?.stop();
    expect(deaths).toBeGreaterThan(1);
    expect(await created(world)).toBe((await everyItem(world)).size);
    await world.advance(3_600_000);
    await expectLaws(world);
  });

  it('E10 a worker is replaced by another in mid-run: it goes on from the history, which replays without a difference', async () => {
    const world = await createWorld({ store: database.store(), connections: ['document', 'jira'] });
    await world.fault({ tool: 'jira', match: { method: 'POST', path: '/issue/bulk$' }, action: { kind: 'hold' } });
    const [old] = await workers.start(world, 1);
    await expect.poll(() => world.admin('/faults'), { timeout: 20_000 }).toEqual({ waiting: 0, holding: 1 });
    old?.shutdown();
    const [next] = await workers.start(world, 1);
    if (next === undefined) throw new Error('expected a worker');
    await world.admin('/faults', 'DELETE');
    await settled(world);
    const handle = next.temporal.client.workflow.getHandle(backlogSyncId(next.workspaceId, 'jira'));
    const text = await decryptedHistory(handle, next.keyRing);
    expect(text).not.toContain('workflowTaskFailedEventAttributes');
    await next.stop();
    await expect(Worker.runReplayHistory({ workflowBundle: workers.bundle() }, JSON.parse(text))).resolves.toBeUndefined();
    await expectLaws(world);
  });
});
