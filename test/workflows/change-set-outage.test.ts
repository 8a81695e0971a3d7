/** A CRM that does not serve: for two hours, for longer than the approval counts, and for as long as it asks for (C8). */
import { expect, test } from 'vitest';
import type { Operation } from '@lockstep/domain/crm/change-set.ts';
import { setFields } from '../engine/crm/bench.ts';
import type { CrmLane } from './change-set-lane.ts';
import { REVIEWED, useCrmHarness } from './change-set-lane.ts';
import { SOON } from './harness.ts';

const harness = useCrmHarness();
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Two writes to one record go out one after the other. */
const twice = (recordId: string): readonly Operation[] => [
  setFields(recordId, { jobtitle: 'CEO' }),
  setFields(recordId, { company: 'Quay' }),
];
const putOff = (lane: CrmLane, changeSetId: string) => async () => (await lane.status(changeSetId)).putOff;

test('case 39 C8 HubSpot is down for two hours in mid-set: it goes on forward by itself within 5 minutes, and has hardly called meanwhile', async () => {
  const lane = await harness.lane();
  const { bench } = lane;
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  bench.fault('/batch/update', { kind: 'answer', status: 503, headers: {} }, { skip: 1, times: 'always' });
  bench.fault('/batch/read', { kind: 'answer', status: 503, headers: {} }, { skip: 4, times: 'always' });
  const id = await lane.begin(twice(one));
  await expect.poll(putOff(lane, id), SOON).toBeGreaterThan(0);
  // What is refused before it is looked at has no account in the log.
  const before = bench.served.log.counts({}).calls;
  await lane.skip(id, 2 * HOUR_MS);
  const calls = bench.served.log.counts({}).calls - before;
  // At most one call a try: 8 tries while the wait doubles, then one every 3 minutes.
  expect(calls).toBeGreaterThan(0);
  expect(calls).toBeLessThan(60);
  expect((await lane.set(id)).state).toBe('applying');
  bench.served.faults.clear();
  await lane.skip(id, 5 * MINUTE_MS);
  expect(await lane.handle(id).result()).toEqual({ end: 'committed', cause: null });
  expect(await bench.shows('contacts', one, 'jobtitle', 'company')).toEqual({ jobtitle: 'CEO', company: 'Quay' });
  // Each of the two effects once.
  expect(bench.served.log.counts({ account: 'lockstep' })).toMatchObject({ updates: 2 });
  expect(lane.notices).toEqual([]);
}, 300_000);

test('case 40 down beyond the time that it was approved for: what is done is taken back once that can be, and people are asked again', async () => {
  const lane = await harness.lane();
  const { bench } = lane;
  bench.governing.policy = REVIEWED;
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  bench.fault('/batch/update', { kind: 'throttle', status: 429, retryAfterSeconds: 3_600 }, { skip: 1, times: 'always' });
  const id = await lane.begin(twice(one));
  await lane.reaches(id, 'awaiting-approval');
  await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash: (await lane.status(id)).diffHash ?? '' });
  await expect.poll(putOff(lane, id), SOON).toBeGreaterThan(0);
  await lane.skip(id, 4 * HOUR_MS + MINUTE_MS);
  await lane.reaches(id, 'compensating');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
  bench.served.faults.clear();
  await lane.skip(id, HOUR_MS + MINUTE_MS);
  expect(await lane.handle(id).result()).toEqual({ end: 'rolled-back', cause: 'deadline' });
  expect(await bench.shows('contacts', one, 'jobtitle', 'company')).toEqual({ jobtitle: 'CRO', company: null });
  expect(lane.notices.map(({ notice }) => notice)).toEqual(expect.arrayContaining(['approval-asked', 'out-of-time', 'asked-again']));
  const again = `${id}.again-1`;
  await lane.reaches(again, 'awaiting-approval');
  await lane.sets.decide(again, 'approve', { approver: 'lead', diffHash: (await lane.status(again)).diffHash ?? '' });
  expect(await lane.handle(again).result()).toEqual({ end: 'committed', cause: null });
  expect(await bench.shows('contacts', one, 'jobtitle', 'company')).toEqual({ jobtitle: 'CEO', company: 'Quay' });
}, 300_000);

test('case 44 a 429 in a thousand writes holds every set of the account for as long as it asks; a lead is routed before the bulk ends; each effect once', async () => {
  const lane = await harness.lane();
  const { bench } = lane;
  const ids = await bench.contacts(1_000, { jobtitle: 'CRO' });
  const [lead = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  bench.fault('/batch/update', { kind: 'throttle', status: 429, retryAfterSeconds: 3 }, { skip: 2 });
  const routing = await bench.plan([setFields(lead, { jobtitle: 'CEO' })], { kind: 'routing', actorKind: 'system' });
  const bulk = await lane.begin(ids.map((id) => setFields(id, { jobtitle: 'CEO' })));
  await expect.poll(putOff(lane, bulk), SOON).toBe(1);
  await lane.sets.start(routing);
  const [bulkInfo, routingInfo] = await Promise.all([lane.handle(bulk).describe(), lane.handle(routing).describe()]);
  expect((routingInfo.priority?.priorityKey ?? 9) < (bulkInfo.priority?.priorityKey ?? 0)).toBe(true);
  const routed = await lane.ends(routing);
  expect(routed).toMatchObject({ end: 'committed' });
  const whole = await lane.ends(bulk);
  expect(whole).toMatchObject({ end: 'committed' });
  expect(Date.parse(routed.updatedAt)).toBeLessThan(Date.parse(whole.updatedAt));
  const updates = bench.served.log.list({}, 100_000).filter(({ path }) => path.endsWith('/batch/update'));
  const refusedAt = updates.findIndex(({ status }) => status === 429);
  const [refused, next] = updates.slice(refusedAt);
  expect(Date.parse(next?.at ?? '') - Date.parse(refused?.at ?? '')).toBeGreaterThanOrEqual(2_900);
  // Ten batches of a hundred, one of one, and the one that was refused.
  expect(updates).toHaveLength(12);
  expect(bench.served.log.counts({ account: 'lockstep' })).toMatchObject({ updates: 1_001 });
}, 300_000);
