/** Case 54: sets that run somewhere go on under today's code. `LOCKSTEP_RECORD=1` saves the histories of this run beside the older ones. */
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { setFields } from '../engine/crm/bench.ts';
import { REVIEWED, useCrmHarness } from '../workflows/change-set-lane.ts';
import type { CrmHarness, CrmLane } from '../workflows/change-set-lane.ts';
import { decryptedHistory, saveHistory, savedHistories } from './saved-histories.ts';

const harness = useCrmHarness();

interface Scenario {
  /** `<workflow type>.<case>` */
  readonly name: string;
  readonly run: (lane: CrmLane, one: string) => Promise<string>;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'changeSet.committed',
    async run(lane, one) {
      const id = await lane.begin([setFields(one, { jobtitle: 'CEO' }), setFields(one, { company: 'Quay' })]);
      await lane.handle(id).result();
      return id;
    },
  },
  {
    name: 'changeSet.approved',
    async run(lane, one) {
      lane.bench.governing.policy = REVIEWED;
      const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
      await lane.reaches(id, 'awaiting-approval');
      await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash: (await lane.status(id)).diffHash ?? '' });
      await lane.handle(id).result();
      return id;
    },
  },
  {
    name: 'changeSet.expired',
    async run(lane, one) {
      lane.bench.governing.policy = REVIEWED;
      const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
      await lane.reaches(id, 'awaiting-approval');
      await lane.skip(id, 4 * 3_600_000);
      await lane.handle(id).result();
      return id;
    },
  },
  {
    name: 'changeSet.compensated',
    async run(lane, one) {
      const id = await lane.begin([setFields(one, { jobtitle: 'CEO' }), setFields(one, { lifecyclestage: 'no such stage' })]);
      await lane.handle(id).result();
      return id;
    },
  },
  {
    name: 'changeSet.cancelled',
    async run(lane, one) {
      lane.bench.governing.policy = REVIEWED;
      const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
      await lane.reaches(id, 'awaiting-approval');
      await lane.sets.cancel(id);
      await lane
        .handle(id)
        .result()
        .catch(() => undefined);
      return id;
    },
  },
];

async function replayed(of: CrmHarness, name: string, text: string): Promise<string | null> {
  const histories = [{ workflowId: name, history: JSON.parse(text) as unknown }];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: of.bundle() }, histories)) return error?.name ?? null;
  return 'nothing was replayed';
}

test('case 54 every scenario of a change set has a saved history', () => {
  const saved = savedHistories();
  expect(SCENARIOS.filter((scenario) => !saved.some(({ name }) => name.startsWith(`${scenario.name}.`))).map(({ name }) => name)).toEqual(
    [],
  );
});

test.for(SCENARIOS)('case 54 a run of $name replays, the new one and those that were saved', async ({ name, run }) => {
  const lane = await harness.lane();
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  const handle: WorkflowHandle = lane.handle(await run(lane, one));
  const text = await decryptedHistory(handle, lane.keyRing);
  expect(await replayed(harness, name, text)).toBeNull();
  for (const saved of savedHistories().filter((history) => history.name.startsWith(`${name}.`)))
    expect([saved.name, await replayed(harness, saved.name, saved.text)]).toEqual([saved.name, null]);
  if (process.env['LOCKSTEP_RECORD'] === '1') saveHistory(name, text);
});
