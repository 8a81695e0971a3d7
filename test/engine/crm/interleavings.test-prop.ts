/**
 * Random interleavings of our sets and rollbacks with people, other apps, failures and edits between compare and write, on the real engine, store and
 * connector over HTTP. A failure prints its seed and shrinks; `LOCKSTEP_CHANGE_SET_HISTORIES` sets how many.
 */
import { useTestStore } from '@lockstep/store/testing.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBench } from './bench.ts';
import { Interleaving } from './interleaving.ts';
import type { Happening } from './interleaving.ts';

const RUNS = Number(process.env['LOCKSTEP_CHANGE_SET_HISTORIES'] ?? 200);
const LONGEST_MS = 6 * 3_600_000;

const database = useTestStore();
const bit = fc.constantFrom(0 as const, 1 as const);
const place = { record: bit, field: bit };
const on = fc.constantFrom('read' as const, 'update' as const);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('person' as const, 'app' as const), ...place }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('race' as const), on, skip: fc.constantFrom(2, 2, 2, 0, 1, 3, 4), ...place }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fault' as const),
      kind: fc.constantFrom('lose-request' as const, 'lose-answer' as const, 'cut' as const, 'throttle' as const),
      on,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('set' as const),
      steps: fc.array(fc.record(place), { minLength: 1, maxLength: 3 }),
      end: fc.constantFrom('commit' as const, 'commit' as const, 'cancel' as const, 'partly' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('rollback' as const), latest: fc.constantFrom(1 as const, 2 as const) }) },
);

test(
  `C3 C4 C5 over ${RUNS} random interleavings: 0 edits of others overwritten without a word, 0 effects doubled, all that is ours taken back`,
  { timeout: LONGEST_MS },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 12 }), async (happenings) => {
        const bench = await openBench(database, { keep: true });
        try {
          const played = await Interleaving.begin(bench);
          for (const one of happenings) await played.happen(one);
          expect(await played.settle()).toEqual([]);
        } finally {
          await bench.served.close();
        }
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  },
);
