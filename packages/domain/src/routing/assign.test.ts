import { describe, expect, it } from 'vitest';
import { assign, creditOf, enrol, takeBack } from './assign.ts';
import type { PoolCredit, PoolMember } from './assign.ts';

const TEAM: readonly PoolMember[] = [
  { memberId: 'ada', weight: '1' },
  { memberId: 'ben', weight: '1' },
  { memberId: 'cleo', weight: '1/2' },
];

/** Deals leads one after the other; the ids of who got them, and the pool's row after. */
function deal(
  credit: PoolCredit,
  eligible: readonly (readonly string[])[],
): { readonly got: readonly string[]; readonly credit: PoolCredit } {
  let row = credit;
  const got = eligible.map((ids) => {
    const result = assign(row, ids);
    if (result === null) return 'nobody';
    row = result.credit;
    return result.assignment.memberId;
  });
  return { got, credit: row };
}

const times = (count: number, ids: readonly string[]): readonly (readonly string[])[] => Array.from({ length: count }, () => ids);
const counts = (got: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(got)].sort().map((id) => [id, got.filter((one) => one === id).length]));

describe('assignment in a pool', () => {
  it('R4 deals by weight, in an order that is known', () => {
    const { got, credit } = deal(enrol(null, TEAM), times(10, ['cleo', 'ben', 'ada']));
    expect(got).toEqual(['ada', 'ben', 'cleo', 'ada', 'ben', 'ada', 'ben', 'cleo', 'ada', 'ben']);
    expect(Object.keys(credit.members).map((id) => creditOf(credit, id))).toEqual(['0', '0', '0']);
  });

  it('R4 the order in which eligible members are listed, and one listed twice, change nothing', () => {
    const start = enrol(null, TEAM);
    expect(deal(start, times(7, ['ben', 'ada', 'ben', 'cleo']))).toEqual(deal(start, times(7, ['ada', 'ben', 'cleo'])));
  });

  it('R6 the same row and the same eligible members give the same owner, also after a trip through JSON', () => {
    const middle = deal(enrol(null, TEAM), times(3, ['ada', 'ben', 'cleo'])).credit;
    const stored = JSON.parse(JSON.stringify(middle)) as PoolCredit;
    expect(assign(stored, ['ada', 'cleo'])).toEqual(assign(middle, ['ada', 'cleo']));
  });

  it('nobody eligible: nobody gets it, and nothing is entitled', () => {
    expect(assign(enrol(null, TEAM), [])).toBeNull();
  });

  /** A row in which the credits are these tenths of a lead, once the next lead's share is counted; the weights are tenths too. */
  const rowOf = (credits: Readonly<Record<string, readonly [weight: number, credit: number]>>): PoolCredit => {
    const start = enrol(
      null,
      Object.entries(credits).map(([memberId, [weight]]) => ({ memberId, weight: `${weight}/10` })),
    );
    const tenth = BigInt(start.unitsPerLead) / 10n;
    const members = Object.entries(start.members).map(([id, member]) => {
      const [weight, credit] = credits[id] ?? [0, 0];
      return [id, { ...member, entitledUnits: `${BigInt(Math.round((credit - weight) * 100)) * (tenth / 100n)}` }] as const;
    });
    return { ...start, members: Object.fromEntries(members) };
  };
  const next = (row: PoolCredit): string | undefined => assign(row, Object.keys(row.members))?.assignment.memberId;

  it('who is overdue and owed most comes first, not the smallest share', () => {
    // Deadlines passed: (0.75 − 0.9) ÷ 0.1 is long ago, (0.75 − 1.4) ÷ 0.8 is not so long.
    expect(next(rowOf({ ada: [1, 9], ben: [8, 14], cleo: [1, -13] }))).toBe('ben');
  });

  it('of those who are due the earliest deadline comes first, from exactly 1/(2k − 2) of a lead on', () => {
    expect(next(rowOf({ ada: [1, 3], ben: [8, 2.5], cleo: [1, 4.5] }))).toBe('ben');
    expect(next(rowOf({ ada: [1, 3], ben: [8, 2.49], cleo: [1, 4.51] }))).toBe('cleo');
  });

  it('nobody due: the one who is owed most', () => {
    expect(next(rowOf({ ada: [8, -9], ben: [1, 1], cleo: [1, -2] }))).toBe('ben');
  });

  it('the row says what is owed, and does not grow with the sets of eligible members', () => {
    const pool = enrol(null, TEAM);
    expect(pool).toEqual({
      epoch: 1,
      unitsPerLead: '5000000000000',
      members: {
        ada: { weight: '1', units: '2000000000000', assigned: 0, entitledUnits: '0' },
        ben: { weight: '1', units: '2000000000000', assigned: 0, entitledUnits: '0' },
        cleo: { weight: '1/2', units: '1000000000000', assigned: 0, entitledUnits: '0' },
      },
    });
    const one = assign(pool, ['ada', 'ben', 'cleo'])?.credit ?? pool;
    expect(['ada', 'ben', 'cleo', 'zoe'].map((id) => creditOf(one, id))).toEqual(['-3/5', '2/5', '1/5', '0']);
    const many = deal(
      one,
      Array.from({ length: 700 }, (_, index) => ['ada', 'ben', 'cleo'].filter((_id, at) => ((index % 7) + 1) & (1 << at))),
    ).credit;
    expect(JSON.stringify(many).length).toBeLessThan(400);
  });

  it('credit of who is away is frozen', () => {
    const before = deal(enrol(null, TEAM), times(3, ['ada', 'ben', 'cleo'])).credit;
    const after = deal(before, times(20, ['ben', 'cleo'])).credit;
    expect(after.members['ada']).toEqual(before.members['ada']);
    expect(after.members['ben']?.assigned).toBeGreaterThan(before.members['ben']?.assigned ?? 0);
  });

  it('20 a new AE with weight 25 % starts a new epoch, in which everybody starts level', () => {
    const old = deal(enrol(null, TEAM), times(4, ['ada', 'ben', 'cleo'])).credit;
    const joined = enrol(old, [...TEAM, { memberId: 'dora', weight: '0.25' }]);
    expect(joined.epoch).toBe(2);
    expect(Object.keys(joined.members).map((id) => creditOf(joined, id))).toEqual(['0', '0', '0', '0']);
    expect(counts(deal(joined, times(1_100, ['ada', 'ben', 'cleo', 'dora'])).got)).toEqual({ ada: 400, ben: 400, cleo: 200, dora: 100 });
  });

  it('the same members in another order, or weights written otherwise, are the same epoch', () => {
    const credit = deal(enrol(null, TEAM), times(2, ['ada', 'ben'])).credit;
    expect(enrol(credit, [...TEAM].toReversed())).toBe(credit);
    expect(
      enrol(
        credit,
        TEAM.map(({ memberId, weight }) => ({ memberId, weight: weight === '1/2' ? '0.50' : '1.0' })),
      ),
    ).toBe(credit);
    expect(enrol(credit, TEAM.slice(1)).epoch).toBe(2);
    expect(
      enrol(
        credit,
        TEAM.map((member) => ({ ...member, weight: '1' })),
      ).epoch,
    ).toBe(2);
  });

  it('21 back after 14 days: at most 1.25 times the fair share in the first 24 h', () => {
    const all = ['ada', 'ben', 'cleo', 'dora', 'emil'];
    const pool = enrol(
      null,
      all.map((memberId) => ({ memberId, weight: '1' })),
    );
    const perDay = 50;
    const before = deal(pool, times(7 * perDay + 3, all)).credit;
    const away = deal(before, times(14 * perDay, all.slice(1))).credit;
    expect(away.members['ada']).toEqual(before.members['ada']);
    const back = deal(away, times(perDay, all)).got.filter((id) => id === 'ada').length;
    expect(back).toBeLessThanOrEqual((1.25 * perDay) / 5);
    expect(back).toBeGreaterThanOrEqual((0.75 * perDay) / 5);
  });

  it('18 an assignment that is void is taken back as if the lead had never come', () => {
    const before = deal(enrol(null, TEAM), times(5, ['ada', 'ben', 'cleo'])).credit;
    const result = assign(before, ['ada', 'cleo']);
    // Two fifths and one fifth of 5·10¹² units, among two.
    expect(result?.assignment.shares).toEqual({ ada: '3333333333334', cleo: '1666666666666' });
    expect(result === null ? null : takeBack(result.credit, result.assignment)).toEqual(before);
  });

  it('18 an assignment of an earlier epoch is not taken back from a later one', () => {
    const result = assign(enrol(null, TEAM), ['ada']);
    const later = enrol(result?.credit ?? null, TEAM.slice(0, 2));
    expect(result === null ? null : takeBack(later, result.assignment)).toBe(later);
  });

  it.each(['0', '-1', 'a lot', ''])('a weight of %j is refused, in words', (weight) => {
    expect(() => enrol(null, [{ memberId: 'ada', weight }])).toThrow(
      `weight of ada: expected a fraction above 0 such as 1, 0.25 or 1/3, got ${weight}`,
    );
  });

  it('an unknown member and one named twice are refused', () => {
    expect(() => assign(enrol(null, TEAM), ['zoe'])).toThrow('got zoe; enrol the pool');
    expect(() => assign(enrol(null, TEAM), ['toString'])).toThrow('got toString');
    expect(() => enrol(null, [...TEAM, { memberId: 'ada', weight: '1' }])).toThrow('got ada twice');
  });
});
