/** A bad day: a deploy fails so many change sets, half of them before their write and half right after it; one replay puts it right. */
import { expect } from 'vitest';
import { setFields } from '../engine/crm/bench.ts';
import { failUnder } from './bad-deploy.ts';
import type { BadDeploy } from './bad-deploy.ts';
import type { CrmLane } from './change-set-lane.ts';
import type { ReplayLane } from './replay-lane.ts';

export interface FailedSets {
  readonly records: readonly string[];
  readonly ids: readonly string[];
}

/** So many sets of one record each, planned and failed by a deploy. */
export async function failedSets(lane: CrmLane, count: number, breaks: BadDeploy['breaks']): Promise<FailedSets> {
  const records = await lane.bench.contacts(count, { jobtitle: 'CRO' });
  const ids: string[] = [];
  for (const record of records) ids.push(await lane.bench.plan([setFields(record, { jobtitle: 'CEO' })]));
  await failUnder(lane, ids, { breaks, workflowBundle: lane.bundle });
  return { records, ids };
}

/** Our writes to HubSpot so far, by its request log. */
export const updates = (lane: CrmLane): number => lane.bench.served.log.counts({ account: 'lockstep' }).updates;

const calls = (lane: CrmLane): number => lane.bench.served.log.counts({ account: 'lockstep' }).calls;

/** Records that HubSpot has been made to write: by the deploy that failed, and in the end. */
interface Written {
  readonly byTheDeploy: number;
  readonly inAll: number;
}

/** Case 81, whole: fails them, looks, asks, replays, looks again. `count` is even, and more than the policy lets go without a yes. */
export async function playBadDay(lane: CrmLane, replays: ReplayLane, count: number): Promise<Written> {
  const before = updates(lane);
  const written = await failedSets(lane, count / 2, { applyBatch: 'after' });
  const unwritten = await failedSets(lane, count / 2, { applyBatch: 'before' });
  const byTheDeploy = updates(lane) - before;
  const selection = await replays.failed(count);

  const asked = calls(lane);
  const plan = await replays.plan(selection);
  expect([plan.targets.length, plan.skipped, plan.unsafe]).toEqual([count, [], []]);
  expect(plan.effects.filter(({ doneByKey, willRun }) => doneByKey + willRun > 0)).toEqual([
    { activity: 'applyBatch', shown: count, doneByKey: count / 2, willRun: count / 2, unsafe: 0 },
  ]);
  expect([calls(lane), lane.notices, await replays.engine.store.snapshot((reader) => reader.replays({ limit: 1 }))]).toEqual([
    asked,
    [],
    [],
  ]);

  await replays.begin('rp-1', selection, { expectedHash: plan.hash });
  await replays.reaches('rp-1', 'awaiting-approval');
  const answer = (approver: string) => replays.replays.decide('rp-1', 'approve', { approver, planHash: plan.hash, accepts: [] });
  expect(await answer('ops')).toEqual({ outcome: 'refused', code: 'REQUESTER' });
  expect([calls(lane), (await replays.replay('rp-1')).state]).toEqual([asked, 'awaiting-approval']);
  expect(await answer('lead')).toEqual({ outcome: 'approved', code: null });
  expect(await replays.handle('rp-1').result()).toEqual({ end: 'done' });

  for (const id of [...written.ids, ...unwritten.ids]) expect(await lane.ends(id)).toMatchObject({ end: 'committed' });
  const inAll = updates(lane) - before;
  for (const record of [written.records[0] ?? '', unwritten.records[0] ?? ''])
    expect(await lane.bench.shows('contacts', record, 'jobtitle')).toEqual({ jobtitle: 'CEO' });

  // The same again: nothing is left to replay.
  const again = await replays.plan(selection);
  expect(again.targets).toEqual([]);
  await expect(replays.begin('rp-2', selection)).rejects.toThrow(`got none among ${again.skipped.length}`);
  const settled = await replays.engine.store.snapshot((reader) => reader.targetCounts('rp-1'));
  expect([settled, updates(lane) - before]).toEqual([{ reset: count }, inAll]);
  return { byTheDeploy, inAll };
}
