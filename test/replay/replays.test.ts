/** Case 54 for replays: one that runs somewhere goes on under today's code. `LOCKSTEP_RECORD=1` saves the histories of this run beside the older ones. */
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { failedSets } from '../workflows/bad-day.ts';
import { useCrmHarness } from '../workflows/change-set-lane.ts';
import type { CrmHarness } from '../workflows/change-set-lane.ts';
import { openReplays } from '../workflows/replay-lane.ts';
import type { ReplayLane } from '../workflows/replay-lane.ts';
import { SOON } from '../workflows/harness.ts';
import { decryptedHistory, saveHistory, savedHistories } from './saved-histories.ts';

const harness = useCrmHarness();

interface Scenario {
  /** `<workflow type>.<case>` */
  readonly name: string;
  readonly approvalAbove: number;
  /** From its start to its end. */
  readonly run: (replays: ReplayLane) => Promise<void>;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'replay.done', approvalAbove: 10, run: async () => undefined },
  {
    name: 'replay.approved',
    approvalAbove: 1,
    async run(replays) {
      await replays.reaches('rp-1', 'awaiting-approval');
      const { planHash } = await replays.replay('rp-1');
      await replays.replays.decide('rp-1', 'approve', { approver: 'lead', planHash, accepts: [] });
    },
  },
  {
    name: 'replay.paused-and-resumed',
    approvalAbove: 10,
    async run(replays) {
      await expect.poll(async () => (await replays.progress('rp-1')).settled, SOON).toBe(1);
      await replays.replays.hold('rp-1', 'pause', 'ops');
      await replays.replays.hold('rp-1', 'resume', 'ops');
    },
  },
];

async function replayed(of: CrmHarness, name: string, text: string): Promise<string | null> {
  const histories = [{ workflowId: name, history: JSON.parse(text) as unknown }];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: of.bundle() }, histories)) return error?.name ?? null;
  return 'nothing was replayed';
}

test('case 54 every scenario of a replay has a saved history', () => {
  const saved = savedHistories();
  expect(SCENARIOS.filter((scenario) => !saved.some(({ name }) => name.startsWith(`${scenario.name}.`))).map(({ name }) => name)).toEqual(
    [],
  );
});

test.for(SCENARIOS)('case 54 a run of $name replays, the new one and those that were saved', async ({ name, approvalAbove, run }) => {
  const lane = await harness.lane();
  const isPaused = name === 'replay.paused-and-resumed';
  const replays = await openReplays(lane, harness.database, { approvalAbove, batchSize: 1, ...(isPaused ? { perSecond: 0.5 } : {}) });
  await failedSets(lane, 2, { applyBatch: 'after' });
  await replays.begin('rp-1', await replays.failed(2));
  await run(replays);
  await replays.handle('rp-1').result();
  const text = await decryptedHistory(replays.handle('rp-1'), lane.keyRing);
  expect(await replayed(harness, name, text)).toBeNull();
  for (const saved of savedHistories().filter((history) => history.name.startsWith(`${name}.`)))
    expect([saved.name, await replayed(harness, saved.name, saved.text)]).toEqual([saved.name, null]);
  if (process.env['LOCKSTEP_RECORD'] === '1') saveHistory(name, text);
});
