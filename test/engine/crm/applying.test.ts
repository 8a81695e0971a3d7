/** Applying change sets: the real engine, store and connector, and the simulator's HubSpot over HTTP. */
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import { acquire } from '@lockstep/engine/crm/leasing.ts';
import { judgeSet } from '@lockstep/engine/crm/judging.ts';
import { previewSet } from '@lockstep/engine/crm/preview.ts';
import { verifySet } from '@lockstep/engine/crm/verifying.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { CRM, contact, editBetween, MARIA, openBench, setFields } from './bench.ts';

const database = useTestStore();
const UPDATE = '/contacts/batch/update$';
const READ = '/contacts/batch/read';

test('C1 C3: a set is applied, its images are on record, it commits and its records are free', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' }), setFields(two, { jobtitle: 'COO' })]);
  expect(await bench.run(id)).toBe('committed');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
  expect(await bench.step(id, 1)).toMatchObject({
    state: 'done',
    before: { fields: { jobtitle: 'CRO' } },
    after: { fields: { jobtitle: 'COO' } },
  });
  expect(await bench.store.snapshot((reader) => reader.leaseHolders())).toEqual([]);
  expect(await bench.auditOutcomes()).toEqual([
    'judge done',
    'set-fields intended',
    'set-fields intended',
    'set-fields done',
    'set-fields done',
    'commit done',
  ]);
});

test('C1: a before-image is durable before its step is sent', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  // The process is not told what became of its request.
  bench.fault(UPDATE, { kind: 'lose-request' });
  await expect(applyBatch(bench.engine, id, bench.now())).rejects.toMatchObject({ code: 'OutcomeUnknown' });
  expect(await bench.step(id, 0)).toMatchObject({
    state: 'sending',
    before: { presence: 'present', fields: { jobtitle: 'CRO' } },
    after: null,
  });
});

test('a preview shows every change, its class and what the policy asks for; nothing is written', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([
    { kind: 'assign-owner', target: contact(one), fields: { hubspot_owner_id: MARIA } },
    {
      kind: 'create-task',
      connectionId: CRM,
      object: 'tasks',
      fields: { hs_task_subject: 'Call', hs_timestamp: '2026-12-01T09:00:00.000Z' },
      associations: [],
    },
  ]);
  const preview = await previewSet(bench.engine, id, { from: 0, limit: 100 }, bench.now());
  expect(preview.rows.filter(({ field }) => field !== null)).toMatchObject([
    { field: 'hubspot_owner_id', before: null, after: MARIA, reversibility: 'B' },
    { field: 'hs_task_subject', before: null, after: 'Call', reversibility: 'C' },
    { field: 'hs_timestamp' },
  ]);
  expect(preview).toMatchObject({ verdict: { decision: 'go' }, counts: { planned: 2 }, next: null });
  expect(bench.requests('/batch/(create|update)')).toBe(0);
});

test('a set in which steps depend on each other: a task that is created is tied, changed and counted once', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1);
  const task = { connectionId: CRM, object: 'tasks', createdBy: 0 };
  const id = await bench.plan([
    {
      kind: 'create-task',
      connectionId: CRM,
      object: 'tasks',
      fields: { hs_task_subject: 'Call', hs_timestamp: '2026-12-01T09:00:00.000Z' },
      associations: [],
    },
    { kind: 'associate', target: task, association: { to: contact(one), label: null } },
    { kind: 'set-fields', target: task, fields: { hs_task_subject: 'Call back' } },
  ]);
  expect(await bench.run(id)).toBe('committed');
  const { createdId } = await bench.step(id, 0);
  expect(await bench.shows('tasks', createdId ?? '', 'hs_task_subject')).toEqual({ hs_task_subject: 'Call back' });
  expect(await bench.step(id, 1)).toMatchObject({ state: 'done', before: { isAssociated: false }, after: { isAssociated: true } });
});

test('C4: an edit between compare and write is found by the history and on record with all values; an undo restores it', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  bench.fault(READ, editBetween('contacts', one, { jobtitle: 'Head of Sales' }));
  bench.advance(1_000);
  await applyBatch(bench.engine, id, bench.now());
  expect(await bench.kept(id)).toMatchObject([
    {
      step: { changeSetId: id, ordinal: 0 },
      field: 'jobtitle',
      code: 'CONFLICT_HUMAN',
      before: 'CRO',
      ours: 'CEO',
      now: 'Head of Sales',
      by: expect.any(String),
    },
  ]);
  expect(await bench.takeBack(id, 'cancelled')).toBe('rolled-back');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'Head of Sales' });
});

test('C6: an edit before our compare voids what was approved: nothing is sent, and the edit is on record', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  await bench.person.edit('contacts', one, { jobtitle: 'Head of Sales' });
  expect(await applyBatch(bench.engine, id, bench.now())).toEqual({ outcome: 'refused', cause: 'drift' });
  expect(bench.requests(UPDATE)).toBe(0);
  expect(await bench.kept(id)).toMatchObject([{ before: 'CRO', ours: 'CEO', now: 'Head of Sales' }]);
  expect(await bench.takeBack(id, 'drift')).toBe('rolled-back');
});

test.each(['lose-answer', 'cut', 'lose-request'] as const)(
  'C5 case 41: %s of a batch of updates and of creates: one effect each',
  async (kind) => {
    const bench = await openBench(database);
    const ids = await bench.contacts(3, { jobtitle: 'CRO' });
    const creates = ['a', 'b'].map((name) => {
      const fields = { email: `${kind}-${name}@made.example` };
      return { kind: 'create' as const, connectionId: CRM, object: 'contacts', fields, associations: [] };
    });
    const id = await bench.plan([...ids.map((one) => setFields(one, { jobtitle: 'CEO' })), ...creates]);
    bench.fault(UPDATE, { kind });
    bench.fault('/contacts/batch/create$', { kind });
    const seq = bench.served.log.lastSeq();
    expect(await bench.run(id)).toBe('committed');
    const effects = bench.served.log.counts({ tool: 'hubspot', account: 'lockstep', after: seq });
    expect(effects).toMatchObject({ creates: 2, updates: 3, deletes: 0 });
  },
);

test('C4: an edit that our write has gone over is on record beside one that has come after it, which stands', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  bench.fault(READ, editBetween('contacts', one, { jobtitle: 'before ours' }));
  bench.fault(UPDATE, editBetween('contacts', one, { jobtitle: 'after ours' }));
  await bench.applyAll(id);
  await verifySet(bench.engine, id, bench.now());
  expect((await bench.kept(id)).map(({ now }) => now)).toEqual(['before ours', 'after ours']);
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'after ours' });
});

test('C4 a history that ends with our write verifies it: a set of one batch costs a read to plan, to admit, to compare, and one look into the history', async () => {
  const bench = await openBench(database);
  const ids = await bench.contacts(3, { jobtitle: 'CRO' });
  const seq = bench.served.log.lastSeq();
  const id = await bench.plan(ids.map((one) => setFields(one, { jobtitle: 'CEO' })));
  expect(await bench.run(id)).toBe('committed');
  expect([bench.requests(READ, seq), bench.requests(UPDATE, seq)]).toEqual([4, 1]);
  expect((await bench.step(id, 2)).verifiedAt).toBeDefined();
});

test('C4 one that ends with somebody else’s does not: that record alone is read once more, and their edit stands and is on record', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' }), setFields(two, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  bench.fault(UPDATE, editBetween('contacts', two, { jobtitle: 'CIO' }));
  await bench.applyAll(id);
  expect([(await bench.step(id, 0)).verifiedAt === undefined, (await bench.step(id, 1)).verifiedAt]).toEqual([false, undefined]);
  const seq = bench.served.log.lastSeq();
  await verifySet(bench.engine, id, bench.now());
  const reads = bench.served.log.list({ tool: 'hubspot', after: seq }, 100).filter(({ path }) => new RegExp(READ).test(path));
  // The reading, and the history that tells whose it is.
  expect(reads).toHaveLength(2);
  expect((await bench.kept(id)).map(({ field, ours, now }) => [field, ours, now])).toEqual([['jobtitle', 'CEO', 'CIO']]);
});

test('C3 a CRM that says yes and stores nothing is not verified by a history without our write: it is read, and the set is taken back', async () => {
  const bench = await openBench(database, {
    wrapCrm: (make) => ({
      ...make(),
      write: async (writes) =>
        writes.flatMap(({ operation, before }) =>
          before !== null && 'target' in operation && 'fields' in operation
            ? [{ ok: true as const, recordId: operation.target.recordId, after: { ...before, fields: operation.fields } }]
            : [],
        ),
    }),
  });
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  await bench.applyAll(id);
  expect(await verifySet(bench.engine, id, bench.now())).toEqual({ outcome: 'refused', cause: 'refused' });
});

test('C8: a throttled and an overloaded CRM is waited for; only what it refuses for good refuses the set', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  bench.fault(UPDATE, { kind: 'throttle', status: 429, retryAfterSeconds: 1 });
  await expect(applyBatch(bench.engine, id, bench.now())).rejects.toMatchObject({ code: 'Throttled' });
  expect(await bench.states(id)).toEqual(['planned']);
  bench.advance(2_000);
  expect(await bench.applyAll(id)).toEqual({ outcome: 'applied', cause: null });
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
});

test('case 75: no audit entry, no write; the set says so and goes on when the log is back', async () => {
  let isDown = false;
  const bench = await openBench(database, {
    wrapStore: (store) => ({
      snapshot: (work) => store.snapshot(work),
      transaction: (work) =>
        store.transaction((tx) =>
          work({ ...tx, appendAudit: (entries) => (isDown ? Promise.reject(new Error('audit store down')) : tx.appendAudit(entries)) }),
        ),
    }),
  });
  const [one = ''] = await bench.contacts(1);
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.admit(id);
  isDown = true;
  await expect(applyBatch(bench.engine, id, bench.now())).rejects.toMatchObject({ name: 'AuditUnavailable' });
  expect(bench.requests(UPDATE)).toBe(0);
  expect(await bench.states(id)).toEqual(['planned']);
  expect(await bench.store.snapshot((reader) => reader.changeSet(id))).toMatchObject({ state: 'applying', cause: 'audit' });
  isDown = false;
  expect(await bench.applyAll(id)).toEqual({ outcome: 'applied', cause: null });
  expect(await bench.store.snapshot((reader) => reader.changeSet(id))).toMatchObject({ state: 'verifying', cause: null });
});

test('C10: sets that want the same record go one after the other', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2);
  const first = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  const second = await bench.plan([setFields(two, { jobtitle: 'CEO' }), setFields(one, { company: 'Northwind' })]);
  await bench.admit(first);
  await judgeSet(bench.engine, second, bench.now());
  expect(await acquire(bench.engine, second, bench.now())).toEqual({ heldBy: [{ record: contact(one), changeSetId: first }] });
  // All or none: the other record is free for a third set.
  const third = await bench.plan([setFields(two, { company: 'Southwind' })]);
  expect(await bench.run(third)).toBe('committed');
  await bench.applyAll(first);
  expect(await bench.takeBack(first, 'cancelled')).toBe('rolled-back');
  expect(await acquire(bench.engine, second, bench.now())).toEqual({ heldBy: [] });
});

test('a batch is at most one read, one write and one history for a hundred records', async () => {
  const bench = await openBench(database);
  const ids = await bench.contacts(100, { jobtitle: 'CRO' });
  const id = await bench.plan(ids.map((one) => setFields(one, { jobtitle: 'CEO' })));
  await bench.admit(id);
  const seq = bench.served.log.lastSeq();
  await bench.applyAll(id);
  expect(bench.requests(UPDATE, seq)).toBe(1);
  // One to compare, and histories are told of fifty at a time.
  expect(bench.requests(READ, seq)).toBe(3);
});
