import { describe, expect, it } from 'vitest';
import type { OutcomeRow } from './calibrate.schema.ts';
import { rateOf, ruleRates } from './rule-rates.ts';
import { wilsonBounds, wilsonLowerBound } from './wilson.ts';

let line = 1;
const rows = (count: number, outcome: OutcomeRow['outcome'], fired: readonly string[] | null): readonly OutcomeRow[] =>
  Array.from({ length: count }, () => ({
    ...{ accountId: `a${line}`, scoredAt: '2026-01-01T00:00:00.000Z', score: 50, tier: 'smb' as const, outcome },
    ...{ outcomeAt: outcome === 'open' ? null : '2026-02-01T00:00:00.000Z', lastEventAt: null, fired: fired === null ? null : [...fired] },
    line: (line += 1),
  }));

describe('what a rule has been worth', () => {
  it('is told by how many were won with it and without it, and only where the intervals lie apart', () => {
    const all = [
      ...rows(40, 'closed-won', ['invited', 'pricing']),
      ...rows(10, 'closed-lost', ['invited']),
      ...rows(5, 'closed-won', ['student']),
      ...rows(45, 'closed-lost', ['pricing', 'student']),
      ...rows(20, 'open', ['invited']),
    ];
    const [invited, pricing, student, never] = ruleRates(all, ['invited', 'pricing', 'student', 'sso']);
    expect(invited).toMatchObject({ fired: { won: 40, closed: 50, share: 0.8 }, quiet: { won: 5, closed: 50, share: 0.1 }, tells: 'more' });
    expect(pricing).toMatchObject({ fired: { won: 40, closed: 85 }, quiet: { won: 5, closed: 15 }, tells: null });
    expect(student?.tells).toBe('less');
    expect(never).toEqual({
      ...{ rule: 'sso', tells: null },
      fired: { won: 0, closed: 0, share: null, low: 0, high: 1 },
      quiet: rateOf(all),
    });
  });

  it('rows of which nobody knows what fired count for no rule', () => {
    const [rate] = ruleRates([...rows(9, 'closed-won', null), ...rows(1, 'closed-lost', ['invited'])], ['invited']);
    expect(rate).toMatchObject({ fired: { closed: 1 }, quiet: { closed: 0 } });
  });
});

describe('Wilson’s interval', () => {
  it.each([
    [9, 10, 0.59585, 0.982122],
    [0, 10, 0, 0.277533],
    [10, 10, 0.722467, 1],
  ])('%s of %s is %s to %s, as computed elsewhere', (won, closed, low, high) => {
    const [least, most] = wilsonBounds(won, closed);
    expect([least, most]).toEqual([expect.closeTo(low, 5), expect.closeTo(high, 5)]);
    expect(least).toBe(wilsonLowerBound(won, closed));
  });
});
