/** Who has to say yes, who may, and until when: the engine over a real store, the policy and the people of the moment. */
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import { decide, judgeSet } from '@lockstep/engine/crm/judging.ts';
import { acquire } from '@lockstep/engine/crm/leasing.ts';
import { refreshSet } from '@lockstep/engine/crm/refreshing.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { openBench, setFields } from './bench.ts';
import type { Bench } from './bench.ts';

const database = useTestStore();
const ASKS = policySchema.parse({ version: 'p2', rules: [{ name: 'one', actors: ['human'], approvers: 1 }] });
const AGENTS = policySchema.parse({
  version: 'p3',
  rules: [
    {
      name: 'agents',
      actors: ['agent'],
      leastConfidence: 0.7,
      perDay: [
        { upTo: 3, approvers: 0 },
        { upTo: 6, approvers: 1 },
      ],
    },
  ],
});

/** A set that waits for one person. */
async function waiting(bench: Bench): Promise<{ readonly id: string; readonly record: string; readonly diffHash: string }> {
  bench.governing.policy = ASKS;
  const [record = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(record, { jobtitle: 'CEO' })]);
  const { decision, diffHash } = await judgeSet(bench.engine, id, bench.now());
  expect(decision).toBe('review');
  return { id, record, diffHash };
}

const approve = (bench: Bench, { id, diffHash }: { id: string; diffHash: string }, approver: string) =>
  decide(bench.engine, id, { approver, decision: 'approve', diffHash }, bench.now());

test.each([
  ['ops', 'REQUESTER'],
  ['ops-2', 'SAME_PERSON'],
  ['bot', 'NOT_A_PERSON'],
  ['stranger', 'UNKNOWN'],
])('C6 case 59: %s may not approve (%s), and the refusal is on the log', async (approver, code) => {
  const bench = await openBench(database);
  const asked = await waiting(bench);
  expect(await approve(bench, asked, approver)).toEqual({ outcome: 'refused', code });
  expect((await bench.auditOutcomes()).at(-1)).toBe('approve refused');
  await expect(acquire(bench.engine, asked.id, bench.now())).rejects.toMatchObject({ name: 'SetElsewhere' });
});

test('C6: a yes to exactly this diff lets it go; to another diff, or too late, it does not', async () => {
  const bench = await openBench(database);
  const asked = await waiting(bench);
  expect(await approve(bench, { ...asked, diffHash: 'another' }, 'lead')).toEqual({ outcome: 'refused', code: 'OTHER_DIFF' });
  const late = await waiting(bench);
  expect(await approve(bench, asked, 'lead')).toEqual({ outcome: 'approved', code: null });
  // Said twice it is one approval.
  expect(await approve(bench, asked, 'lead')).toEqual({ outcome: 'approved', code: null });
  expect(await bench.store.snapshot((reader) => reader.approvals(asked.id))).toHaveLength(1);
  expect(await bench.run(asked.id)).toBe('committed');
  bench.advance(4 * 3_600_000);
  expect(await approve(bench, late, 'lead')).toEqual({ outcome: 'refused', code: 'EXPIRED' });
});

test('C6: an edit after the approval voids it, and the new diff is asked for', async () => {
  const bench = await openBench(database);
  const asked = await waiting(bench);
  await approve(bench, asked, 'lead');
  await bench.person.edit('contacts', asked.record, { jobtitle: 'Head of Sales' });
  await acquire(bench.engine, asked.id, bench.now());
  expect(await refreshSet(bench.engine, asked.id, bench.now())).toEqual({ outcome: 'drifted' });
  expect(await bench.store.snapshot((reader) => reader.approvals(asked.id))).toMatchObject([
    { approver: 'lead', voidedAt: expect.any(String) },
  ]);
  const again = await judgeSet(bench.engine, asked.id, bench.now());
  expect(again.decision).toBe('review');
  expect(again.diffHash).not.toBe(asked.diffHash);
  await expect(applyBatch(bench.engine, asked.id, bench.now())).rejects.toMatchObject({ name: 'SetElsewhere' });
  expect(await approve(bench, { id: asked.id, diffHash: again.diffHash }, 'lead')).toMatchObject({ outcome: 'approved' });
  expect(await bench.run(asked.id)).toBe('committed');
});

test('case 62: an approver who has lost the role before the set runs has approved nothing', async () => {
  const bench = await openBench(database);
  const asked = await waiting(bench);
  await approve(bench, asked, 'lead');
  bench.governing.principals = bench.governing.principals.map((one) => (one.id === 'lead' ? { ...one, roles: [] } : one));
  await acquire(bench.engine, asked.id, bench.now());
  expect(await refreshSet(bench.engine, asked.id, bench.now())).toEqual({ outcome: 'void' });
  expect(await judgeSet(bench.engine, asked.id, bench.now())).toMatchObject({ decision: 'review' });
});

test('C6 case 40: an approval that ran out before the first write holds no more', async () => {
  const bench = await openBench(database);
  const asked = await waiting(bench);
  await approve(bench, asked, 'lead');
  await acquire(bench.engine, asked.id, bench.now());
  bench.advance(4 * 3_600_000);
  expect(await refreshSet(bench.engine, asked.id, bench.now())).toEqual({ outcome: 'void' });
  expect(bench.requests('/batch/update')).toBe(0);
});

test('case 58: a price takes two different people, whatever the rule says', async () => {
  const bench = await openBench(database);
  bench.governing.policy = { ...ASKS, version: 'p4', fields: [{ object: '*', field: 'jobtitle', as: 'price' }] };
  const [record = ''] = await bench.contacts(1);
  const id = await bench.plan([setFields(record, { jobtitle: 'CEO' })]);
  const { diffHash, approvers } = await judgeSet(bench.engine, id, bench.now());
  expect(approvers).toBe(2);
  expect(await approve(bench, { id, diffHash }, 'lead')).toMatchObject({ outcome: 'more-needed' });
  expect(await approve(bench, { id, diffHash }, 'head')).toMatchObject({ outcome: 'approved' });
});

test('case 55: records that other sets of the agent have touched or hold approved count, also when two are judged at once', async () => {
  const bench = await openBench(database);
  bench.governing.policy = AGENTS;
  const agent = { requestedBy: 'agent-1', actorKind: 'agent', confidence: 0.9 } as const;
  const ids = await bench.contacts(8);
  const planned = async (from: number, to: number): Promise<string> =>
    bench.plan(
      ids.slice(from, to).map((one) => setFields(one, { jobtitle: 'CEO' })),
      agent,
    );
  const [first, second] = [await planned(0, 3), await planned(3, 6)];
  const decisions = await Promise.all([first, second].map((id) => judgeSet(bench.engine, id, bench.now())));
  expect(decisions.map(({ decision }) => decision).toSorted()).toEqual(['go', 'review']);
  expect(await judgeSet(bench.engine, await planned(6, 8), bench.now())).toMatchObject({ decision: 'review', reasons: ['MANY_RECORDS'] });
});

test('cases 65 and 70: with no policy nothing is written; the kill switch stops agents', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1);
  bench.governing.policy = null;
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  expect(await judgeSet(bench.engine, id, bench.now())).toMatchObject({ decision: 'deny', reasons: ['NO_POLICY'] });
  await expect(applyBatch(bench.engine, id, bench.now())).rejects.toMatchObject({ name: 'SetElsewhere' });
  expect(await bench.takeBack(id, 'policy')).toBe('rolled-back');
  bench.governing.policy = AGENTS;
  const agents = await bench.plan([setFields(one, { jobtitle: 'CEO' })], { requestedBy: 'agent-1', actorKind: 'agent', confidence: 0.9 });
  await bench.admit(agents);
  bench.governing.isStopped = true;
  expect(await applyBatch(bench.engine, agents, bench.now())).toEqual({ outcome: 'refused', cause: 'policy' });
  expect(bench.requests('/batch/update')).toBe(0);
});
