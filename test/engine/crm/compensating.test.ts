/** Taking sets back, on the real engine, store and connector and the simulator's HubSpot over HTTP. */
import type { Operation } from '@lockstep/domain/crm/change-set.ts';
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import { compensateBatch } from '@lockstep/engine/crm/compensating.ts';
import { endSet, takeOver } from '@lockstep/engine/crm/ending.ts';
import { acquire, sweep } from '@lockstep/engine/crm/leasing.ts';
import { judgeSet } from '@lockstep/engine/crm/judging.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { CRM, contact, MARIA, openBench, setFields } from './bench.ts';
import type { Bench } from './bench.ts';

const database = useTestStore();
const UPDATE = '/contacts/batch/update$';

/** Five steps of five kinds, so that each goes in a call of its own; the third is one that HubSpot refuses. */
async function fiveSteps(bench: Bench): Promise<{ readonly id: string; readonly ids: readonly string[] }> {
  const ids = await bench.contacts(3, { jobtitle: 'CRO' });
  const [one = '', two = '', three = ''] = ids;
  const task = { hs_task_subject: 'Call', hs_timestamp: '2026-12-01T09:00:00.000Z' };
  const operations: readonly Operation[] = [
    setFields(one, { jobtitle: 'CEO' }),
    { kind: 'create-task', connectionId: CRM, object: 'tasks', fields: task, associations: [] },
    { kind: 'assign-owner', target: contact(two), fields: { hubspot_owner_id: '1', lifecyclestage: 'no such stage' } },
    { kind: 'associate', target: contact(three), association: { to: { connectionId: CRM, object: 'tasks', createdBy: 1 }, label: null } },
    setFields(two, { jobtitle: 'CEO' }),
  ];
  return { id: await bench.plan(operations), ids };
}

test('C3 C8 case 36: step 3 of 5 is refused for business reasons: the inverses of steps 2 and 1 run in reverse', async () => {
  const bench = await openBench(database);
  const { id, ids } = await fiveSteps(bench);
  await bench.admit(id);
  expect(await bench.applyAll(id)).toEqual({ outcome: 'refused', cause: 'refused' });
  expect(await bench.states(id)).toEqual(['done', 'done', 'refused', 'planned', 'planned']);
  const { createdId } = await bench.step(id, 1);
  const seq = bench.served.log.lastSeq();
  expect(await bench.takeBack(id, 'refused')).toBe('rolled-back-with-residue');
  expect(await bench.states(id)).toEqual(['undone', 'undone', 'refused', 'planned', 'planned']);
  const writes = bench.served.log.list({ tool: 'hubspot', after: seq }, 100).filter(({ effect }) => effect !== 'read');
  expect(writes.map(({ path }) => path)).toEqual([
    expect.stringMatching(/tasks\/batch\/archive$/),
    expect.stringMatching(/contacts\/batch\/update$/),
  ]);
  expect(await bench.shows('contacts', ids[0] ?? '', 'jobtitle')).toEqual({ jobtitle: 'CRO' });
  expect(await bench.step(id, 1)).toMatchObject({ createdId, finding: { code: 'RESIDUE' } });
  // Each inverse is idempotent: once more changes nothing.
  const before = bench.served.log.counts({ tool: 'hubspot', account: 'lockstep' });
  expect(await compensateBatch(bench.engine, id, 'refused', bench.now())).toEqual({ outcome: 'compensated' });
  expect(bench.served.log.counts({ tool: 'hubspot', account: 'lockstep' })).toMatchObject({
    updates: before.updates,
    deletes: before.deletes,
  });
});

test.each(['lose-answer', 'lose-request'] as const)('C5 case 36: an inverse with %s has one effect', async (kind) => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  await bench.applyAll(id);
  bench.fault(UPDATE, { kind });
  const seq = bench.served.log.lastSeq();
  expect(await bench.takeBack(id, 'cancelled')).toBe('rolled-back');
  expect(bench.served.log.counts({ tool: 'hubspot', account: 'lockstep', after: seq })).toMatchObject({ updates: 1 });
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
});

test('C7 case 37: the inverse of step 2 fails for good: that of step 1 still runs, the set needs an operator, its records stay leased', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' }), setFields(two, { jobtitle: 'COO' })]);
  await bench.admit(id);
  await bench.applyAll(id);
  bench.fault(UPDATE, { kind: 'partial', rows: `"${two}"`, message: 'the record is locked' }, { times: 'always' });
  expect(await bench.takeBack(id, 'cancelled')).toBe('needs-operator');
  expect(await bench.states(id)).toEqual(['undone', 'stuck']);
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
  const next = await bench.plan([setFields(one, { company: 'Northwind' })]);
  await judgeSet(bench.engine, next, bench.now());
  expect((await acquire(bench.engine, next, bench.now())).heldBy).toHaveLength(1);
  // The sweeper leaves them, too; only a person gives them back.
  expect(await sweep(bench.engine, () => Promise.resolve(true))).toEqual({ orphans: [], released: [] });
  await sweep(bench.engine, (asked) => Promise.resolve(asked === next));
  expect((await acquire(bench.engine, next, bench.now())).heldBy).toHaveLength(1);
  await takeOver(bench.engine, id, 'lead', bench.now());
  expect((await acquire(bench.engine, next, bench.now())).heldBy).toEqual([]);
});

test('C4: what somebody has changed since stays as it is, is on record with the three values, and the rest goes back', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO', company: 'Northwind' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO', company: 'Southwind' })]);
  await bench.admit(id);
  await bench.applyAll(id);
  bench.advance(1_000);
  await bench.person.edit('contacts', one, { jobtitle: 'Head of Sales' });
  expect(await bench.takeBack(id, 'cancelled')).toBe('rolled-back-with-residue');
  expect(await bench.shows('contacts', one, 'jobtitle', 'company')).toEqual({ jobtitle: 'Head of Sales', company: 'Northwind' });
  expect(await bench.kept(id)).toMatchObject([
    { field: 'jobtitle', code: 'CONFLICT_HUMAN', before: 'CRO', ours: 'CEO', now: 'Head of Sales' },
  ]);
});

test('C4: a person who has set the very value that we wrote keeps it: history decides, not the value', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  await bench.applyAll(id);
  for (const jobtitle of ['COO', 'CEO']) {
    bench.advance(1_000);
    await bench.person.edit('contacts', one, { jobtitle });
  }
  await bench.takeBack(id, 'cancelled');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
});

test('C8 case 39: the CRM is down for two hours in mid-set: it goes on by itself, and nothing is rolled back', async () => {
  const bench = await openBench(database);
  const ids = await bench.contacts(2, { jobtitle: 'CRO' });
  const [one = '', two = ''] = ids;
  const id = await bench.plan([
    setFields(one, { jobtitle: 'CEO' }),
    { kind: 'assign-owner', target: contact(two), fields: { hubspot_owner_id: MARIA } },
  ]);
  await bench.admit(id);
  expect(await applyBatch(bench.engine, id, bench.now())).toEqual({ outcome: 'more', cause: null });
  bench.fault('/crm/', { kind: 'throttle', status: 503, retryAfterSeconds: null }, { times: 'always' });
  for (let waitedMs = 0; waitedMs < 2 * 3_600_000; waitedMs += 600_000) {
    await expect(applyBatch(bench.engine, id, bench.now())).rejects.toMatchObject({ name: 'ConnectorError' });
    expect(await bench.states(id)).toEqual(['done', 'planned']);
    bench.advance(600_000);
  }
  bench.served.faults.clear();
  expect(await bench.applyAll(id)).toEqual({ outcome: 'applied', cause: null });
});

test('C11 case 43: a set whose workflow is gone is found by its leases, and cleaned up', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([
    setFields(one, { jobtitle: 'CEO' }),
    { kind: 'assign-owner', target: contact(two), fields: { hubspot_owner_id: MARIA } },
  ]);
  await bench.admit(id);
  await applyBatch(bench.engine, id, bench.now());
  expect(await sweep(bench.engine, () => Promise.resolve(true))).toEqual({ orphans: [], released: [] });
  expect(await sweep(bench.engine, () => Promise.resolve(false))).toEqual({ orphans: [id], released: [] });
  expect(await bench.takeBack(id, 'terminated')).toBe('rolled-back');
  expect(await sweep(bench.engine, () => Promise.resolve(false))).toEqual({ orphans: [], released: [] });
  expect(await bench.store.snapshot((reader) => reader.leaseHolders())).toEqual([]);
});

test('C3: a set that was stopped before its first write has rolled back nothing; an end is never left', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1);
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  expect(await bench.takeBack(id, 'rejected')).toBe('rolled-back');
  expect(await applyBatch(bench.engine, id, bench.now())).toEqual({ outcome: 'refused', cause: 'rejected' });
  expect(await endSet(bench.engine, id, 'cancelled', bench.now())).toBe('rolled-back');
  expect(bench.requests(UPDATE)).toBe(0);
});
