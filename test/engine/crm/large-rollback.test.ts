/** Rollbacks of many records: as many calls as batches, and not one more. 300 steps in `npm test`, 10,000 in the long lane. */
import { judgeSet } from '@lockstep/engine/crm/judging.ts';
import { previewSet } from '@lockstep/engine/crm/preview.ts';
import { planRollback } from '@lockstep/engine/crm/rollback.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { expect, test } from 'vitest';
import { openBench, setFields } from './bench.ts';

const database = useTestStore();
const LONGEST_MS = 20 * 60_000;
const STEPS = process.env['LOCKSTEP_LONG'] === undefined ? 300 : 10_000;

test(`C9: the rollback of ${STEPS} steps is planned by batch reads, its preview lists every one`, { timeout: LONGEST_MS }, async () => {
  const bench = await openBench(database);
  const ids = await made(bench, STEPS);
  const id = await bench.plan(ids.map((one) => setFields(one, { jobtitle: 'CEO' })));
  expect(await bench.run(id)).toBe('committed');
  bench.advance(1_000);
  await bench.person.edit('contacts', ids[5] ?? '', { jobtitle: 'Head of Sales' });
  const seq = bench.served.log.lastSeq();
  const asked = { requestedBy: 'ops', actorKind: 'human', reason: 'a mistake' } as const;
  await planRollback(bench.engine, { changeSetId: 'large', selection: { changeSetIds: [id] }, ...asked }, bench.now());
  const { set, kept } = await previewSet(bench.engine, 'large', { from: 0, limit: 1 }, bench.now());
  expect(set.steps).toBe(STEPS - 1);
  expect(kept).toMatchObject([{ step: { ordinal: 5 }, now: 'Head of Sales' }]);
  // A hundred records a read, fifty a history.
  expect(bench.requests('/batch/read', seq)).toBe(STEPS / 100 + STEPS / 50);
  expect(await judgeSet(bench.engine, 'large', bench.now())).toMatchObject({ decision: 'go' });
});

/** People's records, a hundred a call. */
async function made(bench: Awaited<ReturnType<typeof openBench>>, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let from = 0; from < count; from += 100) {
    const inputs = Array.from({ length: 100 }, (_, index) => ({
      properties: { email: `p${from + index}@large.example`, jobtitle: 'CRO' },
    }));
    const answer = (await bench.person.ask('POST', '/crm/objects/2026-09/contacts/batch/create', { inputs })) as {
      results: { id: string }[];
    };
    ids.push(...answer.results.map(({ id }) => id));
  }
  return ids;
}
