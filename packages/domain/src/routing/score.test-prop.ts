import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decayed } from './decay.ts';
import { tracked } from './event.fixture.ts';
import type { ProductEvent } from './event.ts';
import { scoreAccount } from './score.ts';
import { SCORING } from './scoring.fixture.ts';

// The domain knows no Node; its tests may be told how many cases to try.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };
const RUNS = Math.ceil(Number(process.env['LOCKSTEP_HISTORIES'] ?? 2_000) / 4);

const START = Date.parse('2026-10-01T00:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const instant = fc.integer({ min: 0, max: 60 * 86_400_000 }).map((offset) => START + offset);
const event: fc.Arbitrary<ProductEvent> = fc
  .record({
    id: fc.nat({ max: 30 }),
    name: fc.constantFrom('Teammate Invited', 'Data Imported', 'Pricing Viewed', 'Something Else'),
    rows: fc.constantFrom(10, 1_000),
    ms: instant,
    latency: fc.nat({ max: 86_400_000 }),
    isBackfill: fc.boolean(),
  })
  .map(({ id, name, rows, ms, latency, isBackfill }) =>
    tracked({ messageId: `m${id}`, name, values: { rows }, occurredAt: iso(ms), receivedAt: iso(ms + latency), isBackfill }),
  );
const evidence = fc.array(event, { maxLength: 25 });
const traits = fc.constantFrom({}, { employees: 50, industry: 'finance' }, { employees: 5_000 });

describe('the score of a set of events', () => {
  it('R7 case 12 case 13 does not depend on the order of arrival, nor on how often an event is delivered; R6 bit for bit', () => {
    const histories = evidence.chain((events) =>
      fc.record({
        events: fc.constant(events),
        shuffled: fc.shuffledSubarray(events, { minLength: events.length }),
        again: fc.subarray(events),
        traits,
        at: instant,
      }),
    );
    fc.assert(
      fc.property(histories, ({ events, shuffled, again, traits: given, at }) => {
        const score = scoreAccount(SCORING, events, given, iso(at));
        expect(scoreAccount(SCORING, [...again, ...shuffled, ...again], given, iso(at))).toStrictEqual(score);
      }),
      { numRuns: RUNS },
    );
  });

  it('R7 a late event counts as if it had been there, and one that is still to come does not count', () => {
    fc.assert(
      fc.property(evidence, event, instant, (events, late, at) => {
        const fresh = { ...late, messageId: 'late' };
        const [before, after] = [scoreAccount(SCORING, events, {}, iso(at)), scoreAccount(SCORING, [...events, fresh], {}, iso(at))];
        expect(after.total).toBeGreaterThanOrEqual(before.total);
        const isToCome = Date.parse(fresh.occurredAt) > at;
        expect(isToCome ? after : before).toStrictEqual(before);
      }),
      { numRuns: RUNS },
    );
  });

  it('is the sum of its parts and fit, keeps its caps, and crosses at nextCrossing to the millisecond', () => {
    fc.assert(
      fc.property(evidence, traits, instant, (events, given, at) => {
        const score = scoreAccount(SCORING, events, given, iso(at));
        const micro = score.parts.reduce((sum, { points }) => sum + Math.round(points * 1e6), Math.round(score.fit.points * 1e6));
        expect(Math.round(score.total * 1e6)).toBe(micro);
        for (const [index, { points }] of score.parts.entries()) expect(points).toBeLessThanOrEqual(SCORING.events[index]?.cap ?? 0);
        expect(score.crossed).toBe(score.total >= score.threshold);
        const falls = score.nextCrossing === null ? null : Date.parse(score.nextCrossing);
        expect(falls !== null).toBe(score.crossed);
        if (falls === null) return;
        const known = events.filter(({ occurredAt }) => Date.parse(occurredAt) <= at);
        expect(scoreAccount(SCORING, known, given, iso(falls)).crossed).toBe(false);
        expect(scoreAccount(SCORING, known, given, iso(falls - 1)).crossed).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('an event is never worth more later', () => {
    const span = fc.integer({ min: 0, max: 1e10 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), span, span, (micro, halfLifeMs, a, b) => {
        expect(decayed(micro, Math.max(a, b), halfLifeMs)).toBeLessThanOrEqual(decayed(micro, Math.min(a, b), halfLifeMs));
      }),
    );
  });
});
