/** Replays through the real Temporal, PostgreSQL and the simulator's HubSpot: what a bad deploy has failed goes on, and nothing is done twice. */
import { expect, test } from 'vitest';
import { setFields } from '../engine/crm/bench.ts';
import { failUnder } from './bad-deploy.ts';
import type { BadDeploy } from './bad-deploy.ts';
import { useCrmHarness } from './change-set-lane.ts';
import type { CrmLane } from './change-set-lane.ts';
import { openReplays } from './replay-lane.ts';

const harness = useCrmHarness();

/** So many sets of one record each, failed by a deploy; what HubSpot has been written by then is counted. */
async function failedSets(lane: CrmLane, count: number, breaks: BadDeploy['breaks']) {
  const records = await lane.bench.contacts(count, { jobtitle: 'CRO' });
  const ids: string[] = [];
  for (const record of records) ids.push(await lane.bench.plan([setFields(record, { jobtitle: 'CEO' })]));
  const before = lane.bench.served.log.counts({ account: 'lockstep' }).updates;
  await failUnder(lane, ids, { breaks, workflowBundle: harness.bundle() });
  return { records, ids, updates: () => lane.bench.served.log.counts({ account: 'lockstep' }).updates - before };
}

test('81 one set that failed right after its write goes on from before the failing activity, and is not written twice', async () => {
  const lane = await harness.lane();
  const replays = await openReplays(lane, harness.database);
  const { ids, updates } = await failedSets(lane, 1, { applyBatch: 'after' });
  expect(updates()).toBe(1);
  const selection = await replays.failed(1);
  await replays.begin('rp-1', selection);
  expect(await replays.handle('rp-1').result()).toEqual({ end: 'done' });
  expect(await lane.ends(ids[0] ?? '')).toMatchObject({ end: 'committed' });
  expect(updates()).toBe(1);
});
