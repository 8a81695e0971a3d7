/** Change sets through the real Temporal, PostgreSQL and the simulator's HubSpot: the laws and cases of change-sets.md that a workflow is involved in. */
import { expect, test } from 'vitest';
import { WorkflowFailedError } from '@temporalio/client';
import { setFields } from '../engine/crm/bench.ts';
import type { CrmLane } from './change-set-lane.ts';
import { REVIEWED, useCrmHarness } from './change-set-lane.ts';
import { SOON } from './harness.ts';

const harness = useCrmHarness();
const HOUR_MS = 3_600_000;

const leases = (lane: CrmLane) => lane.bench.store.snapshot((reader) => reader.leaseHolders());
const notices = (lane: CrmLane) => lane.notices.map(({ notice }) => notice);
const diffOf = async (lane: CrmLane, changeSetId: string) => (await lane.status(changeSetId)).diffHash ?? '';

/** A lane whose sets one person has to approve. */
async function reviewedLane(): Promise<CrmLane> {
  const lane = await harness.lane();
  lane.bench.governing.policy = REVIEWED;
  return lane;
}

/** HubSpot does the next update and keeps its answer back. */
async function held(lane: CrmLane): Promise<{ readonly reached: () => Promise<void>; readonly release: () => void }> {
  lane.bench.fault('/batch/update', { kind: 'hold' });
  return {
    reached: async () => {
      await expect.poll(() => lane.bench.served.faults.status().holding, SOON).toBe(1);
    },
    release: () => lane.bench.served.faults.clear(),
  };
}

test('C1 C3 a set of one step is judged, written, verified and committed, and leaves no lease', async () => {
  const lane = await harness.lane();
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  expect(await lane.handle(id).result()).toEqual({ end: 'committed', cause: null });
  expect(await lane.bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
  expect(await lane.set(id)).toMatchObject({ state: 'ended', end: 'committed', cause: null });
  expect(await leases(lane)).toEqual([]);
  expect(lane.bench.requests('/batch/update')).toBe(1);
});

test('case 36 step 3 of 5 is refused: the inverses of steps 2 and 1 run in reverse, steps 4 and 5 were never sent', async () => {
  const lane = await harness.lane();
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO', company: 'Oslo' });
  // Steps of one record go one at a time, in their order.
  const id = await lane.begin([
    setFields(one, { jobtitle: 'CEO' }),
    setFields(one, { company: 'Bergen' }),
    setFields(one, { lifecyclestage: 'no such stage' }),
    setFields(one, { lastname: 'Quay' }),
    setFields(one, { jobtitle: 'CFO' }),
  ]);
  expect(await lane.ends(id)).toMatchObject({ end: 'rolled-back', cause: 'refused' });
  expect(await lane.bench.states(id)).toEqual(['undone', 'undone', 'refused', 'planned', 'planned']);
  expect(await lane.bench.shows('contacts', one, 'jobtitle', 'company', 'lastname')).toEqual({
    jobtitle: 'CRO',
    company: 'Oslo',
    lastname: null,
  });
  const undone = [await lane.bench.step(id, 0), await lane.bench.step(id, 1)].map(({ undoneAt }) => Date.parse(undoneAt ?? ''));
  expect(undone[0]).toBeGreaterThan(undone[1] ?? Infinity);
  expect(await leases(lane)).toEqual([]);
  await expect.poll(() => notices(lane), SOON).toEqual(['rolled-back']);
});

test('case 37 C7 the inverse of step 2 fails for good: that of step 1 runs, an operator is told, the lease is held until one takes over', async () => {
  const lane = await harness.lane();
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO', company: 'Oslo' });
  lane.bench.fault('/batch/update', { kind: 'partial', rows: 'Oslo', message: 'record is locked' }, { times: 'always' });
  const id = await lane.begin([
    setFields(one, { jobtitle: 'CEO' }),
    setFields(one, { company: 'Bergen' }),
    setFields(one, { lifecyclestage: 'no such stage' }),
  ]);
  expect(await lane.ends(id)).toMatchObject({ end: 'needs-operator', cause: 'refused' });
  expect(await lane.bench.states(id)).toEqual(['undone', 'stuck', 'refused']);
  expect(await lane.bench.shows('contacts', one, 'jobtitle', 'company')).toEqual({ jobtitle: 'CRO', company: 'Bergen' });
  expect((await leases(lane)).map(({ changeSetId }) => changeSetId)).toEqual([id]);
  await lane.reaches(id, 'needs-operator');
  await expect.poll(() => notices(lane), SOON).toEqual(['rolled-back', 'needs-operator']);
  await lane.skip(id, 4 * HOUR_MS + 60_000);
  expect(notices(lane).slice(2)).toEqual(['needs-operator-still']);
  // Whoever sweeps leaves it alone.
  expect(await lane.sets.sweep()).toBe(0);
  await lane.sets.takeOver(id, 'ops');
  expect(await lane.handle(id).result()).toEqual({ end: 'needs-operator', cause: 'refused' });
  expect(await leases(lane)).toEqual([]);
});

test('case 42 C11 cancelled while a write is on its way: it is put on record, taken back, and the workflow ends as cancelled', async () => {
  const lane = await harness.lane();
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  const hold = await held(lane);
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' }), setFields(one, { company: 'Bergen' })]);
  await hold.reached();
  await lane.sets.cancel(id);
  expect(await lane.bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
  hold.release();
  await expect(lane.handle(id).result()).rejects.toBeInstanceOf(WorkflowFailedError);
  expect((await lane.handle(id).describe()).status.name).toBe('CANCELLED');
  expect(await lane.set(id)).toMatchObject({ end: 'rolled-back', cause: 'cancelled' });
  expect(await lane.bench.states(id)).toEqual(['undone', 'planned']);
  expect(await lane.bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
  expect(await leases(lane)).toEqual([]);
});

test('case 43 C11 terminated while a write is on its way: the sweeper finds it by itself and has it taken back', async () => {
  const lane = await harness.lane({ sweepEveryMs: 300 });
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  const hold = await held(lane);
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' }), setFields(one, { company: 'Bergen' })]);
  await hold.reached();
  await lane.handle(id).terminate('a slip of the hand');
  hold.release();
  expect(await lane.ends(id)).toMatchObject({ end: 'rolled-back', cause: 'terminated' });
  expect(await lane.bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
  expect(await leases(lane)).toEqual([]);
  expect(lane.logged()).toContain('change sets whose workflow was gone have one again');
});

test('case 43 terminated while people are asked: it ends without a write, and says so', async () => {
  const lane = await reviewedLane();
  const [one = ''] = await lane.bench.contacts(1);
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await lane.reaches(id, 'awaiting-approval');
  await lane.handle(id).terminate('a slip of the hand');
  expect(await lane.sets.sweep()).toBe(1);
  expect(await lane.ends(id)).toMatchObject({ end: 'rolled-back', cause: 'terminated' });
  expect(lane.bench.requests('/batch/update')).toBe(0);
});

test('case 59 who asked may not approve: not by the same account, a second one, a bot or one without the role; somebody else may', async () => {
  const lane = await reviewedLane();
  const [one = ''] = await lane.bench.contacts(1);
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await lane.reaches(id, 'awaiting-approval');
  const diffHash = await diffOf(lane, id);
  const codes: (string | null)[] = [];
  for (const approver of ['ops', 'ops-2', 'bot', 'nobody', ''])
    codes.push((await lane.sets.decide(id, 'approve', { approver, diffHash })).code);
  expect(codes).toEqual(['REQUESTER', 'SAME_PERSON', 'NOT_A_PERSON', 'UNKNOWN', 'UNKNOWN']);
  expect([(await lane.set(id)).state, lane.bench.requests('/batch/update')]).toEqual(['awaiting-approval', 0]);
  expect(await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash })).toMatchObject({ outcome: 'approved' });
  expect(await lane.handle(id).result()).toEqual({ end: 'committed', cause: null });
  expect(await lane.sets.decide(id, 'approve', { approver: 'head', diffHash })).toMatchObject({ outcome: 'refused', code: 'NOT_WAITING' });
});

test('case 60 nobody approves for four hours: denied, escalated, the requester is told, effect 0', async () => {
  const lane = await reviewedLane();
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await lane.reaches(id, 'awaiting-approval');
  await lane.skip(id, 4 * HOUR_MS);
  expect(await lane.handle(id).result()).toEqual({ end: 'rolled-back', cause: 'expired' });
  expect(await lane.set(id)).toMatchObject({ state: 'ended', end: 'rolled-back', cause: 'expired' });
  expect(notices(lane)).toEqual(['approval-asked', 'approval-expired']);
  expect([lane.bench.requests('/batch/update'), await leases(lane)]).toEqual([0, []]);
});

test('case 62 C6 an approver who loses the role before the set runs: the approval is void, and somebody else is asked', async () => {
  const lane = await harness.lane();
  const { bench } = lane;
  const [one = ''] = await bench.contacts(1);
  const hold = await held(lane);
  const first = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await hold.reached();
  bench.governing.policy = REVIEWED;
  const second = await lane.begin([setFields(one, { company: 'Bergen' })]);
  await lane.reaches(second, 'awaiting-approval');
  const answer = { diffHash: await diffOf(lane, second) };
  await lane.sets.decide(second, 'approve', { approver: 'lead', ...answer });
  await lane.reaches(second, 'waiting-for-records');
  bench.governing.principals = bench.governing.principals.map((one_) => (one_.id === 'lead' ? { ...one_, roles: [] } : one_));
  hold.release();
  expect(await lane.ends(first)).toMatchObject({ end: 'committed' });
  await lane.skip(second, 10_000);
  await lane.reaches(second, 'awaiting-approval');
  expect(await bench.shows('contacts', one, 'company')).toEqual({ company: null });
  // The same yes again is on record already, and still counts for nothing.
  expect(await lane.sets.decide(second, 'approve', { approver: 'lead', diffHash: await diffOf(lane, second) })).toMatchObject({
    outcome: 'more-needed',
  });
  expect((await lane.status(second)).phase).toBe('awaiting-approval');
  await lane.sets.decide(second, 'approve', { approver: 'head', diffHash: await diffOf(lane, second) });
  await lane.skip(second, 10_000);
  expect(await lane.ends(second)).toMatchObject({ end: 'committed' });
});

test('C6 a record that moves while people are asked voids their approval: the new diff is asked for, and nothing was written', async () => {
  const lane = await reviewedLane();
  const [one = ''] = await lane.bench.contacts(1, { jobtitle: 'CRO' });
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await lane.reaches(id, 'awaiting-approval');
  const before = await diffOf(lane, id);
  await lane.bench.person.edit('contacts', one, { jobtitle: 'CIO' });
  await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash: before });
  await expect.poll(() => diffOf(lane, id), SOON).not.toBe(before);
  await lane.reaches(id, 'awaiting-approval');
  expect([await lane.bench.shows('contacts', one, 'jobtitle'), lane.bench.requests('/batch/update')]).toEqual([{ jobtitle: 'CIO' }, 0]);
  expect(await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash: before })).toMatchObject({ code: 'OTHER_DIFF' });
  await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash: await diffOf(lane, id) });
  expect(await lane.handle(id).result()).toEqual({ end: 'committed', cause: null });
  expect(notices(lane)).toEqual(['approval-asked', 'approval-asked']);
});

test('C10 sets that have a record in common run one after the other, others beside them', async () => {
  const lane = await harness.lane();
  const [one = '', two = ''] = await lane.bench.contacts(2, { jobtitle: 'CRO' });
  const hold = await held(lane);
  const first = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await hold.reached();
  const second = await lane.begin([setFields(one, { jobtitle: 'CFO' }), setFields(two, { company: 'Bergen' })]);
  const beside = await lane.begin([setFields(two, { jobtitle: 'CIO' })]);
  await lane.reaches(second, 'waiting-for-records');
  expect(await lane.ends(beside)).toMatchObject({ end: 'committed' });
  expect((await lane.status(second)).phase).toBe('waiting-for-records');
  hold.release();
  expect(await lane.ends(first)).toMatchObject({ end: 'committed' });
  await lane.skip(second, 10_000);
  expect(await lane.ends(second)).toMatchObject({ end: 'committed' });
  expect(await lane.bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CFO' });
});

test('Temporal loses a set that people are asked about: an answer starts it again from the store', async () => {
  const lane = await reviewedLane();
  const [one = ''] = await lane.bench.contacts(1);
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' })]);
  await lane.reaches(id, 'awaiting-approval');
  const diffHash = await diffOf(lane, id);
  await lose(lane, id);
  expect(await lane.sets.decide(id, 'approve', { approver: 'lead', diffHash })).toMatchObject({ outcome: 'approved' });
  expect(await lane.ends(id)).toMatchObject({ end: 'committed' });
});

test('Temporal loses a set in mid-write: the sweeper starts it from the store, and it goes on forward, each effect once', async () => {
  const lane = await harness.lane();
  const [one = ''] = await lane.bench.contacts(1);
  const hold = await held(lane);
  const id = await lane.begin([setFields(one, { jobtitle: 'CEO' }), setFields(one, { company: 'Bergen' })]);
  await hold.reached();
  await lose(lane, id);
  expect(await lane.sets.sweep()).toBe(1);
  hold.release();
  expect(await lane.ends(id)).toMatchObject({ end: 'committed' });
  expect(lane.bench.requests('/batch/update')).toBe(2);
});

/** As if Temporal's database had been lost with it: nobody knows of the workflow. */
async function lose(lane: CrmLane, changeSetId: string): Promise<void> {
  const { client, namespace } = lane.temporal;
  const { workflowId } = lane.handle(changeSetId);
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
  await expect
    .poll(
      () =>
        lane
          .handle(changeSetId)
          .describe()
          .then(
            () => 'known',
            () => 'lost',
          ),
      SOON,
    )
    .toBe('lost');
}
