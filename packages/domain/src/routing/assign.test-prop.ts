/** R4 against an oracle that knows nothing of credits: ideal shares in integers, from the weights and the number of leads alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign, creditOf, enrol } from './assign.ts';
import type { PoolCredit } from './assign.ts';
import { rational, readRational } from './rational.ts';

// The domain knows no Node; its tests may be told how many histories to play.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

/** A history is hundreds of leads. */
const RUNS = Math.ceil(Number(process.env['LOCKSTEP_HISTORIES'] ?? 2_000) / 50);

const name = (index: number): string => `ae${String(index).padStart(2, '0')}`;
/** Quarters, so that '0.25' is among them and the oracle stays in integers. */
const quarters = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(1, 4, 4, 100, 399));
const text = (quarter: number): string =>
  quarter % 4 === 0 ? `${quarter / 4}` : quarter % 2 === 0 ? `${quarter / 2}/2` : `${quarter / 4}`;

function pool(weights: readonly number[]): PoolCredit {
  return enrol(
    null,
    weights.map((quarter, index) => ({ memberId: name(index), weight: text(quarter) })),
  );
}

/** Plays leads for a fixed eligible set and says after each who got it. */
function play(credit: PoolCredit, eligible: readonly string[], leads: number, seen: (memberId: string, lead: number) => void): PoolCredit {
  let row = credit;
  for (let lead = 1; lead <= leads; lead += 1) {
    const result = assign(row, eligible);
    if (result === null) throw new Error('expected an owner, got nobody');
    row = result.credit;
    seen(result.assignment.memberId, lead);
  }
  return row;
}

/** Tijdeman's bound in integers: |assigned·W − w·n| · (2k − 2) ≤ W · (2k − 3); for one member no deviation at all. */
function holdsBound(weights: readonly number[], counts: readonly number[], lead: number): boolean {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const k = weights.length;
  return counts.every((count, index) => {
    const off = Math.abs(count * total - (weights[index] ?? 0) * lead);
    return k === 1 ? off === 0 : off * (2 * k - 2) <= total * (2 * k - 3);
  });
}

/** The first prefix at which somebody is further from the ideal share than Tijdeman allows; null where none is. */
function firstBreach(weights: readonly number[], leads: number): string | null {
  const counts = weights.map(() => 0);
  const ids = weights.map((_, index) => name(index));
  let breach: string | null = null;
  play(pool(weights), ids, leads, (memberId, lead) => {
    const index = ids.indexOf(memberId);
    counts[index] = (counts[index] ?? 0) + 1;
    if (breach === null && !holdsBound(weights, counts, lead))
      breach = `lead ${lead}: ${counts.join(' ')} for weights ${weights.join(' ')}`;
  });
  return breach;
}

describe('R4 fairness', () => {
  it('R4 case 20 |assigned − ideal share| ≤ 1 − 1/(2k − 2) < 1 for each member at every prefix while all are available', () => {
    fc.assert(
      fc.property(fc.array(quarters, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 400 }), (weights, leads) => {
        expect(firstBreach(weights, leads)).toBeNull();
      }),
      { numRuns: RUNS },
    );
  });

  it.each([
    ['50 members, all alike', Array.from({ length: 50 }, () => 4)],
    ['50 members, weights of every size', Array.from({ length: 50 }, (_, index) => 1 + ((index * 37) % 29))],
    ['one has half of it, 49 share the rest', [4 * 49, ...Array.from({ length: 49 }, () => 4)]],
    ['a new AE at 25 % among seven', [4, 4, 4, 4, 4, 4, 4, 1]],
  ])('R4 20 %s: 2,000 leads, at every prefix', (_, weights) => {
    expect(firstBreach(weights, 2_000)).toBeNull();
  });

  it('R4 case 21 away, then back: at most 1.25 times the fair share in a day of eight fair leads or more, else less than two leads above it', () => {
    const history = fc.record({
      weights: fc.array(quarters, { minLength: 2, maxLength: 8 }),
      before: fc.integer({ min: 0, max: 60 }),
      away: fc.integer({ min: 1, max: 200 }),
      day: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(history, ({ weights, before, away, day }) => {
        const ids = weights.map((_, index) => name(index));
        const absent = ids[0] ?? '';
        const nothing = (): void => undefined;
        const start = play(pool(weights), ids, before, nothing);
        const back = play(start, ids.slice(1), away, nothing);
        expect(back.members[absent]).toEqual(start.members[absent]);
        let got = 0;
        play(back, ids, day, (memberId) => (got += memberId === absent ? 1 : 0));
        const fair = (day * (weights[0] ?? 0)) / weights.reduce((sum, weight) => sum + weight, 0);
        expect(got).toBeLessThanOrEqual(fair >= 8 ? 1.25 * fair : fair + 2);
      }),
      { numRuns: RUNS },
    );
  });

  it('R4 whoever is eligible when: credits sum to 0, the frozen do not move, and nobody is left behind by two leads', () => {
    const history = fc.record({
      weights: fc.array(quarters, { minLength: 2, maxLength: 8 }),
      masks: fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 150 }),
    });
    fc.assert(
      fc.property(history, ({ weights, masks }) => {
        let row = pool(weights);
        for (const mask of masks) {
          const eligible = weights.flatMap((_, index) => (((mask >> index) & 1) === 1 ? [name(index)] : []));
          const result = assign(row, eligible);
          expect(result === null).toBe(eligible.length === 0);
          if (result === null) continue;
          const before = row;
          row = result.credit;
          const away = Object.keys(row.members).filter((id) => !eligible.includes(id));
          for (const id of away) expect(row.members[id]).toBe(before.members[id]);
          const credits = Object.keys(row.members).map((id) => readRational(creditOf(row, id)) ?? rational(99n));
          // In units, of which all credits have a whole number.
          const units = credits.map(({ numerator, denominator }) => (numerator * BigInt(row.unitsPerLead)) / denominator);
          expect(units.reduce((sum, one) => sum + one, 0n)).toBe(0n);
          expect(credits.every(({ numerator, denominator }) => numerator < 2n * denominator && numerator > -2n * denominator)).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });
});
