/** Records that come back under another id. */
import type { Crm } from '@lockstep/domain/crm/crm.port.ts';
import { previewSet } from '@lockstep/engine/crm/preview.ts';
import { planRollback } from '@lockstep/engine/crm/rollback.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { contact, openBench, setFields } from './bench.ts';

const database = useTestStore();

/**
 * HubSpot's API restores nothing. What there is for CRMs like it makes the record again, under a new id: this is the real connector, whose restores are
 * such creates.
 */
function restoring(crm: Crm): Crm {
  return {
    ...crm,
    describe: async (object) => ({ ...(await crm.describe(object)), restores: 'new-id' }),
    write: (writes) =>
      crm.write(
        writes.map(({ key, operation, before }) => {
          if (operation.kind !== 'restore') return { key, operation, before };
          const { connectionId, object } = operation.target;
          const fields = { email: `${key.replaceAll('/', '-')}@restored.example`, jobtitle: 'CRO' };
          return { key, before: null, operation: { kind: 'create' as const, connectionId, object, fields, associations: [] } };
        }),
      ),
  };
}

test('case 48: a deleted record that came back under a new id: later steps, leases and the log go by it, and both ids stay tied', async () => {
  const bench = await openBench(database, { wrapCrm: (make) => restoring(make()) });
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO' });
  const edit = await bench.plan([setFields(one, { jobtitle: 'CEO' })]);
  await bench.run(edit);
  const archive = await bench.plan([{ kind: 'archive', target: contact(one) }]);
  await bench.admit(archive);
  await bench.applyAll(archive);
  // Taken back: the record stands again, under another id.
  expect(await bench.takeBack(archive, 'cancelled')).toBe('rolled-back-with-residue');
  const newest = await bench.store.snapshot((reader) => reader.currentIds([contact(one)]));
  const [newId = ''] = [...newest.values()];
  expect(newId).not.toBe(one);
  // A set that names the old id writes to the new record.
  const later = await bench.plan([setFields(one, { company: 'Northwind' })]);
  expect(await bench.run(later)).toBe('committed');
  expect(await bench.shows('contacts', newId, 'jobtitle', 'company')).toEqual({ jobtitle: 'CRO', company: 'Northwind' });
  // And its rollback finds it by either id.
  for (const [index, id] of [one, newId].entries()) {
    const changeSetId = `case48-${index}`;
    const selection = { record: contact(id), changeSetIds: [later] };
    await planRollback(bench.engine, { changeSetId, selection, requestedBy: 'ops', actorKind: 'human', reason: 'a test' }, bench.now());
    const { rows } = await previewSet(bench.engine, changeSetId, { from: 0, limit: 10 }, bench.now());
    expect(rows).toMatchObject([{ record: contact(newId), field: 'company', before: 'Northwind', after: null }]);
  }
});
