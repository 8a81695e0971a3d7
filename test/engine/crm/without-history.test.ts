/** A CRM that keeps no history of its fields (Salesforce's tasks): the value alone has to tell whose it is. */
import { useTestStore } from '@lockstep/store/testing.ts';
import { applyBatch } from '@lockstep/engine/crm/apply.ts';
import { expect, test } from 'vitest';
import { openBench, setFields } from './bench.ts';

const database = useTestStore();

test('C4 C5 case 41: a write whose answer was lost is found, and what a person has set beside it meanwhile is not taken for ours', async () => {
  const bench = await openBench(database, { wrapCrm: (make) => ({ ...make(), history: async () => null }) });
  const [one = ''] = await bench.contacts(1, { jobtitle: 'CRO', firstname: 'Bo' });
  const id = await bench.plan([setFields(one, { jobtitle: 'CEO', firstname: 'Bea' })]);
  await bench.admit(id);
  bench.fault('/contacts/batch/update$', { kind: 'lose-answer' });
  await expect(applyBatch(bench.engine, id, bench.now())).rejects.toMatchObject({ code: 'OutcomeUnknown' });
  await bench.person.edit('contacts', one, { firstname: 'Tom' });
  await applyBatch(bench.engine, id, bench.now()).catch(() => undefined);
  await bench.takeBack(id, 'cancelled');
  expect((await bench.shows('contacts', one, 'jobtitle', 'firstname'))['firstname']).toBe('Tom');
  expect(bench.requests('/contacts/batch/update$')).toBeLessThanOrEqual(2);
});
