/** Rollbacks, on the real engine, store and connector and the simulator's HubSpot over HTTP. */
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import { judgeSet } from '@lockstep/engine/crm/judging.ts';
import { previewSet } from '@lockstep/engine/crm/preview.ts';
import { planRollback } from '@lockstep/engine/crm/rollback.ts';
import type { StepSelection } from '@lockstep/domain/crm/change-set-store.port.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { CRM, contact, openBench, setFields } from './bench.ts';
import type { Bench } from './bench.ts';

const database = useTestStore();
let rollbacks = 0;

async function rollBack(bench: Bench, selection: StepSelection): Promise<string> {
  const changeSetId = `rb-${(rollbacks += 1)}`;
  await planRollback(bench.engine, { changeSetId, selection, requestedBy: 'ops', actorKind: 'human', reason: 'a mistake' }, bench.now());
  return changeSetId;
}

const preview = (bench: Bench, id: string) => previewSet(bench.engine, id, { from: 0, limit: 1_000 }, bench.now());

test('C9 C4 case 33: an owner that a person has changed since is skipped as CONFLICT_HUMAN, the others are restored, the report lists it', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { hubspot_owner_id: '77405866', jobtitle: 'CEO' }), setFields(two, { jobtitle: 'COO' })]);
  await bench.run(id);
  bench.advance(1_000);
  await bench.person.edit('contacts', one, { hubspot_owner_id: '77405867' });
  const rollback = await rollBack(bench, { changeSetIds: [id] });
  // Preview first: nothing is written before it is applied.
  expect(await bench.shows('contacts', two, 'jobtitle')).toEqual({ jobtitle: 'COO' });
  const plan = await preview(bench, rollback);
  expect(plan.rows.map(({ field, before, after }) => [field, before, after])).toEqual([
    ['jobtitle', 'COO', 'CRO'],
    ['jobtitle', 'CEO', 'CRO'],
  ]);
  expect(plan.kept).toMatchObject([
    {
      step: { changeSetId: id, ordinal: 0 },
      field: 'hubspot_owner_id',
      code: 'CONFLICT_HUMAN',
      before: null,
      ours: '77405866',
      now: '77405867',
      at: expect.any(String),
    },
  ]);
  expect(plan.set).toMatchObject({ kind: 'rollback', rollsBack: [id] });
  expect(await bench.run(rollback)).toBe('committed');
  expect(await bench.shows('contacts', one, 'jobtitle', 'hubspot_owner_id')).toEqual({ jobtitle: 'CRO', hubspot_owner_id: '77405867' });
  expect(await bench.shows('contacts', two, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
  expect(await bench.states(id)).toEqual(['undone', 'undone']);
});

test('C4 case 33: an edit after the preview is left alone as well, and asked about before the first write', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' }), setFields(two, { jobtitle: 'COO' })]);
  await bench.run(id);
  const rollback = await rollBack(bench, { changeSetIds: [id] });
  bench.advance(1_000);
  await bench.person.edit('contacts', one, { jobtitle: 'Head of Sales' });
  await expect(bench.admit(rollback)).rejects.toThrow('drifted');
  await bench.admit(rollback);
  bench.advance(1_000);
  await bench.person.edit('contacts', two, { jobtitle: 'Head of Service' });
  expect(await bench.applyAll(rollback)).toEqual({ outcome: 'applied', cause: null });
  expect(await bench.states(rollback)).toEqual(['kept', 'kept']);
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'Head of Sales' });
  expect(await bench.shows('contacts', two, 'jobtitle')).toEqual({ jobtitle: 'Head of Service' });
  expect(await bench.kept(rollback)).toHaveLength(2);
});

test('C4: who sets the value anew that we wrote, after the preview, has made it theirs', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' }), setFields(two, { jobtitle: 'CEO' })]);
  await bench.run(id);
  const rollback = await rollBack(bench, { changeSetIds: [id] });
  bench.advance(1_000);
  await bench.person.edit('contacts', one, { jobtitle: 'CFO' });
  await bench.person.edit('contacts', one, { jobtitle: 'CEO' });
  expect(await bench.run(rollback)).toBe('committed');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
  expect(await bench.shows('contacts', two, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
  expect(await bench.kept(rollback)).toMatchObject([{ field: 'jobtitle', code: 'CONFLICT_HUMAN' }]);
});

test('C10: sets on one record are taken back in the reverse of their order, each by what it wrote', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'a' });
  const ids: string[] = [];
  for (const jobtitle of ['b', 'c', 'd']) {
    bench.advance(1_000);
    const id = await bench.plan([setFields(one, { jobtitle })]);
    await bench.run(id);
    ids.push(id);
  }
  const rollback = await rollBack(bench, { record: contact(one) });
  expect((await preview(bench, rollback)).rows.map(({ before, after }) => [before, after])).toEqual([
    ['d', 'c'],
    ['c', 'b'],
    ['b', 'a'],
  ]);
  expect(await bench.run(rollback)).toBe('committed');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'a' });
  // The first alone is not ours to restore while a later set stands.
  const again = await bench.plan([setFields(one, { jobtitle: 'b' })]);
  await bench.run(again);
  bench.advance(1_000);
  await bench.run(await bench.plan([setFields(one, { jobtitle: 'c' })]));
  const alone = await preview(bench, await rollBack(bench, { changeSetIds: [again] }));
  expect(alone.rows).toEqual([]);
  expect(alone.kept).toMatchObject([{ field: 'jobtitle', before: 'a', ours: 'b', now: 'c' }]);
});

test('case 46: a record that was merged into another after our write is refused with a plan for a person', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.run(id);
  bench.advance(1_000);
  await bench.person.merge('contacts', two, one);
  const plan = await preview(bench, await rollBack(bench, { changeSetIds: [id] }));
  expect(plan.rows).toEqual([]);
  expect(plan.kept).toMatchObject([
    { field: 'jobtitle', code: 'MERGED', before: 'CRO', ours: 'CEO', message: expect.stringContaining('by hand') },
  ]);
  expect(await judgeSet(bench.engine, plan.set.changeSetId, bench.now())).toMatchObject({ decision: 'deny', reasons: ['NO_STEPS'] });
});

test('case 47: a created record on which people have worked is not archived', async () => {
  const bench = await openBench(database);
  const creates = ['a', 'b'].map((name) => {
    const fields = { email: `case47-${name}@made.example` };
    return { kind: 'create' as const, connectionId: CRM, object: 'contacts', fields, associations: [] };
  });
  const id = await bench.plan(creates);
  await bench.run(id);
  const { createdId } = await bench.step(id, 0);
  bench.advance(1_000);
  await bench.person.note('contacts', createdId ?? '');
  const rollback = await rollBack(bench, { changeSetIds: [id] });
  const plan = await preview(bench, rollback);
  expect(plan.rows).toMatchObject([{ operation: 'archive', reversibility: 'D' }]);
  expect(plan.kept).toMatchObject([{ step: { ordinal: 0 }, code: 'HAS_HUMAN_CONTENT' }]);
});

test('case 50: an option that was removed since is a failure of its field, the rest is done', async () => {
  const bench = await openBench(database);
  const level = `/crm/properties/2026-09/contacts/case50_level`;
  const options = (values: readonly string[]) =>
    values.map((value, displayOrder) => ({ label: value, value, displayOrder, hidden: false }));
  const property = { name: 'case50_level', label: 'Level', type: 'enumeration', fieldType: 'select', groupName: 'contactinformation' };
  await bench.person.ask('POST', '/crm/properties/2026-09/contacts', { ...property, options: options(['gold', 'silver']) });
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO', case50_level: 'gold' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO', case50_level: 'silver' })]);
  await bench.run(id);
  await bench.person.ask('PATCH', level, { options: options(['silver']) });
  bench.advance(3_600_000);
  const rollback = await rollBack(bench, { changeSetIds: [id] });
  expect((await preview(bench, rollback)).kept).toMatchObject([
    { field: 'case50_level', code: 'FIELD_GONE', before: 'gold', ours: 'silver' },
  ]);
  expect(await bench.run(rollback)).toBe('committed');
  expect(await bench.shows('contacts', one, 'jobtitle', 'case50_level')).toEqual({ jobtitle: 'CRO', case50_level: 'silver' });
});

test('C9 case 52: a rollback of a rollback brings back what was, by the same rules and with its lineage', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' }), setFields(two, { jobtitle: 'COO' })]);
  await bench.run(id);
  bench.advance(1_000);
  const first = await rollBack(bench, { changeSetIds: [id] });
  await bench.run(first);
  bench.advance(1_000);
  await bench.person.edit('contacts', two, { jobtitle: 'Head of Sales' });
  const second = await rollBack(bench, { changeSetIds: [first] });
  expect(await preview(bench, second)).toMatchObject({ set: { rollsBack: [first] }, kept: [{ code: 'CONFLICT_HUMAN' }] });
  expect(await bench.run(second)).toBe('committed');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
  expect(await bench.shows('contacts', two, 'jobtitle')).toEqual({ jobtitle: 'Head of Sales' });
  const restored = await bench.step(second, 0);
  const undone = await bench.step(first, restored.undoes?.ordinal ?? -1);
  expect([restored.undoes?.changeSetId, undone.undoes]).toEqual([first, { changeSetId: id, ordinal: 0 }]);
  // And what was brought back can be taken back again.
  bench.advance(1_000);
  expect(await bench.run(await rollBack(bench, { changeSetIds: [second] }))).toBe('committed');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CRO' });
});

test('C9: a rollback that fails half-way is itself taken back, and what it had restored can be rolled back again', async () => {
  const bench = await openBench(database);
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.run(id);
  const rollback = await rollBack(bench, { changeSetIds: [id] });
  await bench.admit(rollback);
  await applyBatch(bench.engine, rollback, bench.now());
  expect(await bench.states(id)).toEqual(['undone']);
  await bench.takeBack(rollback, 'cancelled');
  expect(await bench.shows('contacts', one, 'jobtitle')).toEqual({ jobtitle: 'CEO' });
  expect(await bench.states(id)).toEqual(['done']);
});

test('C9: by actor and time range', async () => {
  const bench = await openBench(database);
  const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
  await bench.run(await bench.plan([setFields(one, { jobtitle: 'CEO' })]));
  bench.advance(60_000);
  const from = bench.now();
  bench.advance(60_000);
  await bench.run(await bench.plan([setFields(two, { jobtitle: 'COO' })]));
  const recordsOf = async (selection: StepSelection) =>
    (await preview(bench, await rollBack(bench, selection))).rows.map(({ record }) => ('recordId' in record ? record.recordId : ''));
  expect(await recordsOf({ actor: 'ops' })).toEqual([two, one]);
  expect(await recordsOf({ actor: 'ops', from })).toEqual([two]);
  expect(await recordsOf({ to: from })).toEqual([one]);
  expect(await recordsOf({ actor: 'nobody' })).toEqual([]);
});
