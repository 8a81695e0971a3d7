import { describe, expect, it } from 'vitest';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { createBudget, retryAfterMs } from './budget.ts';

/** A budget at a time that the test moves. */
function bench(random = 0.5) {
  const time = { nowMs: 1_000_000 };
  const budget = createBudget(
    () => time.nowMs,
    () => random,
  );
  const held = (): number | null => {
    try {
      budget.take();
      return null;
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'Throttled') throw error;
      return error.retryAfterMs;
    }
  };
  return { time, budget, held };
}

describe('budget of an account', () => {
  it('J01 holds for as long as the vendor says, to the millisecond, and then lets go', () => {
    const { time, budget, held } = bench();
    expect(held()).toBeNull();
    expect(budget.refused(30_000)).toBe(30_000);
    time.nowMs += 29_999;
    expect(held()).toBe(1);
    time.nowMs += 1;
    expect(held()).toBeNull();
  });

  it('J01 the longest of several waits counts', () => {
    const { budget, held } = bench();
    budget.exhausted(10_000);
    budget.refused(2_000);
    expect(held()).toBe(10_000);
  });

  it.each([0, 0.5, 0.999])(
    'J02 without a time the wait grows to a bound, never to nothing, and begins anew after a success (%d)',
    (random) => {
      const { budget } = bench(random);
      const waits = Array.from({ length: 10 }, () => budget.refused(null));
      for (const [index, wait] of waits.entries()) {
        const ceiling = Math.min(60_000, 1_000 * 2 ** index);
        expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
        expect(wait).toBeLessThanOrEqual(ceiling);
      }
      budget.passed();
      expect(budget.refused(null)).toBe(waits[0]);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -5])('J02 a wait that is none (%d) is one that was not said', (asked) => {
    const { budget } = bench();
    expect(budget.refused(asked)).toBe(750);
  });

  it('J02 a header that asks for weeks is held to a day', () => {
    expect(bench().budget.refused(30 * 86_400_000)).toBe(86_400_000);
  });

  it.each([
    ['30', 30_000],
    ['0', 0],
    ['1.5', 1_500],
    ['Wed, 25 Nov 2026 10:00:30 GMT', 30_000],
    ['Wed, 25 Nov 2026 09:00:00 GMT', 0],
    ['', null],
    ['soon', null],
    ['-3', null],
    [null, null],
  ])('J02 Retry-After %j is %j ms', (header, wanted) => {
    expect(retryAfterMs(header, Date.parse('2026-11-25T10:00:00Z'))).toBe(wanted);
  });
});
