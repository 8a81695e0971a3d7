/** Clocks at risk are counted in SQL, however many there are: held against the word that people are shown of each. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { standingWord } from '@lockstep/domain/routing/clock.ts';
import type { Clock } from '@lockstep/domain/routing/clock.ts';
import { createRoutingStore } from './routing-store.ts';
import { aClock, inOne, LONG_AGO } from './routing.fixture.ts';
import { NOW, useTestStore } from './testing.ts';

const database = useTestStore();
const NOW_MS = Date.parse(NOW);

const span = fc
  .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 0, max: 20 }))
  .map(([from, length]) => ({ fromMs: NOW_MS + from, toMs: NOW_MS + from + length }));
const clock: fc.Arbitrary<Partial<Clock>> = fc.record({
  state: fc.constantFrom('running', 'warned', 'snoozed', 'escalated', 'breached', 'uncovered') as fc.Arbitrary<Clock['state']>,
  startedAtMs: fc.integer({ min: -30, max: 5 }).map((ms) => NOW_MS + ms),
  budgetMs: fc.integer({ min: 1, max: 40 }),
  bufferMs: fc.integer({ min: 0, max: 20 }),
  usedMs: fc.integer({ min: 0, max: 20 }),
  spans: fc.array(span, { maxLength: 3 }),
  marks: fc.array(
    fc.record({
      ...{ key: fc.constant('m'), move: fc.constantFrom('warn', 'remind', 'lose-cover', 'escalate'), isDone: fc.boolean() },
      ...{ atUsedMs: fc.constant(null), atMs: fc.constant(NOW_MS), to: fc.constant(null), untilMs: fc.constant(null) },
    }),
    { maxLength: 2 },
  ),
});

test('R2 as many clocks are at risk as people are shown to be, however many there are', async () => {
  let [atRisk, onTime] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(clock, { minLength: 1, maxLength: 30 }), async (clocks) => {
      const store = createRoutingStore({ pool: database.pool, workspaceId: database.workspaceId() });
      const rows = clocks.map((one, place) => aClock(`c${place}`, one));
      await inOne(store, async (tx) => {
        for (const row of rows) await tx.saveClock(row);
      });
      const counted = await store.snapshot((reader) => reader.clockCounts({ since: LONG_AGO, now: NOW }));
      const expected = rows.filter((row) => standingWord(row.clock, NOW_MS) === 'at-risk').length;
      expect(counted.reduce((sum, one) => sum + one.atRisk, 0)).toBe(expected);
      atRisk += expected;
      onTime += rows.filter((row) => standingWord(row.clock, NOW_MS) === 'on-time').length;
    }),
    { numRuns: 40 },
  );
  expect([atRisk > 20, onTime > 20]).toEqual([true, true]);
});
