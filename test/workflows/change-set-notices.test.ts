/** Telling people of change sets through the real Temporal and PostgreSQL, at the simulator's Slack and mail server; what the log sees of it. */
import { expect, test } from 'vitest';
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import { setFields } from '../engine/crm/bench.ts';
import { openTellingDesk } from '../engine/crm/telling-desk.ts';
import type { TellingDesk } from '../engine/crm/telling-desk.ts';
import type { CrmLane, LaneOptions } from './change-set-lane.ts';
import { REVIEWED, useCrmHarness } from './change-set-lane.ts';
import { SOON } from './harness.ts';

const harness = useCrmHarness();
const HOUR_MS = 3_600_000;
const FREE = policySchema.parse({ version: 'free-1', rules: [{ name: 'people', actors: ['human'] }] });

async function toldLane(options: LaneOptions = {}): Promise<{ readonly lane: CrmLane; readonly desk: TellingDesk }> {
  const desk = await openTellingDesk();
  const lane = await harness.lane({ telling: (engine) => desk.telling(engine), ...options });
  lane.bench.governing.policy = REVIEWED;
  return { lane, desk };
}

const heads = (texts: readonly string[]) => texts.map((text) => /^\*(.*?):/.exec(text)?.[1]);

test('C6 case 59 the workflow asks: both approvers read it in Slack and who asked does not; after the yes the set commits; the log has no person in it', async () => {
  const { lane, desk } = await toldLane();
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  const id = await lane.begin([setFields(one, { jobtitle: 'Ann Secret' })], { reason: 'Ann Secret is promoted' });
  await expect
    .poll(async () => heads([...(await desk.slack('lena')), ...(await desk.slack('hugo'))]), SOON)
    .toEqual(['Your approval is asked for', 'Your approval is asked for']);
  expect([await desk.slack('olga'), await desk.mails()]).toEqual([[], []]);
  // What the message says is to be run does the same as this.
  const { diffHash } = await lane.status(id);
  await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash: diffHash ?? '' });
  expect(await lane.handle(id).result()).toEqual({ end: 'committed', cause: null });
  expect(lane.logged()).toContain('"notice":"approval-asked"');
  expect(lane.logged()).not.toMatch(/Secret|growth\.example|U0LENA|U0TOM|lena|hugo|olga/);
});

test('case 60 nobody answers for four hours: who asked, who operates here, reads that nothing was written, once', async () => {
  const { lane, desk } = await toldLane();
  const [one = ''] = await lane.bench.contacts(1);
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await lane.reaches(id, 'awaiting-approval');
  await lane.skip(id, 4 * HOUR_MS);
  expect(await lane.handle(id).result()).toEqual({ end: 'rolled-back', cause: 'expired' });
  await expect.poll(async () => heads(await desk.slack('olga')), SOON).toEqual(['Nobody has approved in time, nothing was written']);
});

test('case 37 C7 an operator reads what needs them, with the code and the commands, and again after four hours', async () => {
  const { lane, desk } = await toldLane();
  lane.bench.governing.policy = FREE;
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO', company: 'Oslo' });
  lane.bench.fault('/batch/update', { kind: 'partial', rows: 'Oslo', message: 'record is locked' }, { times: 'always' });
  const id = await lane.begin([setFields(one, { company: 'Bergen' }), setFields(one, { lifecyclestage: 'no such stage' })]);
  await lane.reaches(id, 'needs-operator');
  await expect.poll(async () => (await desk.slack('olga')).length, SOON).toBe(2);
  const [, needed] = await desk.slack('olga');
  expect(needed).toContain(`It needs an operator, its records are reserved until then: change set ${id}`);
  expect(needed).toContain('Cause: refused');
  expect(needed).toMatch(/Could not be taken back: [A-Z_]+ × 1/);
  expect(needed).toContain(`\`lockstep rollback ${id} --apply --wait\``);
  expect(needed).toContain(`\`lockstep crm cancel ${id}\``);
  await lane.skip(id, 4 * HOUR_MS + 60_000);
  await expect
    .poll(async () => heads(await desk.slack('olga')).slice(2), SOON)
    .toEqual(['It still needs an operator, its records are reserved until then']);
  expect([await desk.slack('lena'), await desk.slack('hugo')]).toEqual([[], []]);
  await lane.sets.takeOver(id, 'ops');
});

test('case 41 the worker is gone before anybody was told: the next one tells them, once', async () => {
  const { lane, desk } = await toldLane();
  await desk.fault('slack', { path: '/api/' }, { kind: 'answer', status: 503 }, { times: 'always' });
  const [one = ''] = await lane.bench.contacts(1);
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await lane.reaches(id, 'awaiting-approval');
  await expect.poll(() => lane.notices.length, SOON).toBe(1);
  await lane.stop();
  await desk.healed();
  expect(await desk.slack('lena')).toEqual([]);
  await lane.start();
  await expect
    .poll(async () => heads([...(await desk.slack('lena')), ...(await desk.slack('hugo'))]), SOON)
    .toEqual(['Your approval is asked for', 'Your approval is asked for']);
  expect(await desk.mails()).toEqual([]);
});
