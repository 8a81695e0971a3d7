import { describe, expect, it } from 'vitest';
import { calibrate, checkMonth, figuresAt } from './calibrate.ts';
import type { OutcomeRow } from './calibrate.schema.ts';
import { readOutcomes } from './outcomes.ts';
import { problemText } from './problem.ts';
import { wilsonLowerBound } from './wilson.ts';

/** Computed outside of this project by bisection of the definition, |p̂ − p| = z·√(p(1 − p)/n) with z = 1.959963984540054, in decimals of 50 digits. */
const WILSON: readonly (readonly [number, number, number])[] = [
  [0, 1, 0],
  [1, 1, 0.206549],
  [0, 10, 0],
  [7, 10, 0.396778],
  [10, 10, 0.722467],
  [9, 9, 0.700855],
  [8, 9, 0.565],
  [9, 10, 0.59585],
  [14, 20, 0.481027],
  [20, 20, 0.838875],
  [35, 50, 0.562496],
  [42, 50, 0.714858],
  [70, 100, 0.604151],
  [78, 100, 0.689296],
  [79, 100, 0.7002],
  [728, 1_000, 0.699586],
  [729, 1_000, 0.700614],
  [999, 1_000, 0.994357],
  [1, 1_000, 0.000177],
];

interface Group {
  readonly won: number;
  readonly lost: number;
  readonly open?: number;
  readonly score?: number;
  readonly tier?: OutcomeRow['tier'];
}

let lines = 1;
/** Rows scored on one day, closed 30 days later. */
function rowsOf(day: string, { won, lost, open = 0, score = 50, tier = 'smb' }: Group): readonly OutcomeRow[] {
  const outcomes = [
    ...Array<'closed-won'>(won).fill('closed-won'),
    ...Array<'closed-lost'>(lost).fill('closed-lost'),
    ...Array<'open'>(open).fill('open'),
  ];
  const scoredAt = `${day}T00:00:00.000Z`;
  const closedAt = new Date(Date.parse(scoredAt) + 30 * 86_400_000).toISOString();
  return outcomes.map((outcome) => {
    lines += 1;
    return {
      line: lines,
      accountId: `a${lines}`,
      scoredAt,
      score,
      tier,
      outcome,
      outcomeAt: outcome === 'open' ? null : closedAt,
      lastEventAt: scoredAt,
      fired: null,
    };
  });
}

const smbOf = (rows: readonly OutcomeRow[], options: Parameters<typeof calibrate>[1] = { holdout: 0.5 }) => {
  const result = calibrate(rows, options);
  if (result.kind === 'refused') throw new Error(result.problems.map(problemText).join('\n'));
  return result.tiers.find(({ tier }) => tier === 'smb');
};

describe('Wilson’s lower bound', () => {
  it.each(WILSON)('%s of %s is %s, as computed elsewhere', (successes, trials, expected) => {
    expect(wilsonLowerBound(successes, trials)).toBeCloseTo(expected, 6);
  });

  it('of nothing is nothing', () => {
    expect(wilsonLowerBound(0, 0)).toBe(0);
  });
});

describe('a calibration', () => {
  it('claims on the later part what was chosen on the earlier', () => {
    const rows = [...rowsOf('2026-01-01', { won: 90, lost: 10 }), ...rowsOf('2026-06-01', { won: 85, lost: 15 })];
    expect(smbOf(rows)).toMatchObject({
      chosenOn: { threshold: 50, closed: 100, won: 90, precision: 0.9, recall: 1 },
      claimedOn: { threshold: 50, closed: 100, won: 85, precision: 0.85, recall: 1 },
      claim: { kind: 'proven', precision: 0.85 },
    });
  });

  it('refuses 70 % that the bound does not support, however good the earlier part was', () => {
    const earlier = rowsOf('2026-01-01', { won: 100, lost: 0 });
    const claim = (won: number): unknown => smbOf([...earlier, ...rowsOf('2026-06-01', { won, lost: 100 - won })])?.claim;
    expect(claim(78)).toEqual({
      kind: 'refused',
      reason: 'BOUND_TOO_LOW',
      message:
        'smb: 78 of 100 closed rows won at 50 and above: at least 68.9 % precise with 95 % confidence, expected 70 %; add rows, or a better spec',
    });
    expect(claim(79)).toEqual({ kind: 'proven', precision: 0.79 });
  });

  it('chooses the lowest threshold that holds, so that the fewest leads are lost', () => {
    const rows = [
      ...rowsOf('2026-01-01', { won: 40, lost: 0, score: 90 }),
      ...rowsOf('2026-01-01', { won: 35, lost: 5, score: 60 }),
      ...rowsOf('2026-01-01', { won: 10, lost: 60, score: 30 }),
      ...rowsOf('2026-06-01', { won: 80, lost: 5, score: 70 }),
      ...rowsOf('2026-06-01', { won: 20, lost: 85, score: 10 }),
    ];
    const smb = smbOf(rows);
    expect(smb?.chosenOn).toMatchObject({ threshold: 60, closed: 80, won: 75, recall: 75 / 85 });
    expect(smb?.claimedOn).toMatchObject({ closed: 85, won: 80, recall: 0.8 });
    expect(smb?.curve.map(({ threshold, closed, won }) => [threshold, closed, won])).toEqual([
      [30, 150, 85],
      [60, 80, 75],
      [90, 40, 40],
    ]);
    for (const figures of smb?.curve ?? []) expect(figures).toEqual(figuresAt(rows.slice(0, 150), figures.threshold));
  });

  it('an outcome that came after the split was not known when the threshold was chosen', () => {
    const late = rowsOf('2026-05-20', { won: 50, lost: 0, score: 40 });
    const rows = [...rowsOf('2026-01-01', { won: 30, lost: 0 }), ...late, ...rowsOf('2026-06-01', { won: 70, lost: 10 })];
    expect(smbOf(rows)?.chosenOn).toMatchObject({ threshold: 50, closed: 30, open: 0 });
    expect(smbOf(rows)?.curve[0]).toMatchObject({ threshold: 40, closed: 30, open: 50 });
  });

  it('judges a threshold that is in force as it is', () => {
    const rows = [
      ...rowsOf('2026-01-01', { won: 5, lost: 5, score: 60 }),
      ...rowsOf('2026-06-01', { won: 40, lost: 2, score: 60 }),
      ...rowsOf('2026-06-01', { won: 9, lost: 0, score: 59 }),
    ];
    expect(smbOf(rows, { holdout: 0.8, thresholds: { smb: 60 } })).toMatchObject({
      chosenOn: { threshold: 60, closed: 10, won: 5 },
      claimedOn: { threshold: 60, closed: 42, won: 40 },
      claim: { kind: 'proven' },
    });
  });

  it('claims nothing while most are open, nor for a tier without rows', () => {
    const rows = [...rowsOf('2026-01-01', { won: 60, lost: 0 }), ...rowsOf('2026-06-01', { won: 30, lost: 0, open: 31 })];
    expect(smbOf(rows)?.claim).toMatchObject({ kind: 'refused', reason: 'TOO_MANY_OPEN' });
    const result = calibrate(rows, { holdout: 0.5 });
    expect(
      result.kind === 'calibrated' ? result.tiers.map(({ claim }) => (claim.kind === 'refused' ? claim.reason : claim.kind)) : [],
    ).toEqual(['NO_ROWS', 'TOO_MANY_OPEN', 'NO_ROWS']);
  });

  it('says so where nobody can tell what the score knew', () => {
    const rows = [...rowsOf('2026-01-01', { won: 9, lost: 0 }), ...rowsOf('2026-06-01', { won: 9, lost: 0 })];
    expect(calibrate(rows)).toMatchObject({ caveats: [] });
    expect(calibrate(rows.map((row) => ({ ...row, lastEventAt: null })))).toMatchObject({ caveats: ['FEATURE_TIMES_UNKNOWN'] });
  });

  it('needs an earlier and a later part', () => {
    for (const rows of [[], rowsOf('2026-01-01', { won: 9, lost: 0 })]) expect(calibrate(rows)).toMatchObject({ kind: 'refused' });
  });
});

describe('the leakage guard', () => {
  const clean = [...rowsOf('2026-01-01', { won: 5, lost: 0 }), ...rowsOf('2026-06-01', { won: 5, lost: 0 })];
  const spoilt = (index: number, change: Partial<OutcomeRow>): readonly string[] => {
    const result = calibrate(clean.map((row, at) => (at === index ? { ...row, ...change, line: 77 } : row)));
    return result.kind === 'refused' ? result.problems.map(({ line, path }) => `${line}: ${path}`) : [];
  };

  it('takes rows that know nothing', () => {
    expect(spoilt(3, {})).toEqual([]);
  });

  it('refuses a score from after the outcome, by line', () => {
    expect(spoilt(3, { outcomeAt: '2026-01-01T00:00:00.000Z' })).toEqual(['77: scoredAt']);
  });

  it('refuses an event from after the score, by line', () => {
    expect(spoilt(3, { lastEventAt: '2026-01-01T00:00:00.001Z' })).toEqual(['77: lastEventAt']);
  });

  it('refuses an account in both parts, and twice in one, by line', () => {
    expect(spoilt(7, { accountId: clean[0]?.accountId ?? '' })).toEqual(['77: accountId']);
    expect(spoilt(1, { accountId: clean[0]?.accountId ?? '' })).toEqual(['77: accountId']);
  });
});

describe('rows of outcomes.csv', () => {
  const CELLS = {
    accountId: 'a',
    scoredAt: '2026-01-01T00:00:00Z',
    score: '41.5',
    tier: 'smb',
    outcome: 'closed-won',
    outcomeAt: '2026-02-01T01:00:00+01:00',
  };

  it('name the rules that gave points, with a semicolon between them', () => {
    const { rows } = readOutcomes([{ line: 2, cells: { ...CELLS, fired: 'invited; pricing;' } }]);
    expect(rows[0]?.fired).toEqual(['invited', 'pricing']);
  });

  it('are read with their line; instants become UTC', () => {
    expect(readOutcomes([{ line: 2, cells: CELLS }])).toEqual({
      problems: [],
      rows: [
        {
          ...CELLS,
          line: 2,
          score: 41.5,
          scoredAt: '2026-01-01T00:00:00.000Z',
          outcomeAt: '2026-02-01T00:00:00.000Z',
          lastEventAt: null,
          fired: null,
        },
      ],
    });
    expect(readOutcomes([{ line: 2, cells: { ...CELLS, outcome: 'open', outcomeAt: '' } }]).problems).toEqual([]);
  });

  it.each([
    [{ score: '' }, 'score: expected a number, got ""'],
    [{ score: 'NaN' }, 'score: expected a number, got "NaN"'],
    [{ tier: 'SMB' }, 'tier: expected prosumer, smb or enterprise, got "SMB"'],
    [{ outcome: 'won' }, 'outcome: expected closed-won, closed-lost or open, got "won"'],
    [{ outcome: 'open' }, 'outcomeAt: expected an empty cell for an open outcome'],
    [{ outcomeAt: '' }, 'outcomeAt: expected when it was closed-won, got ""'],
    [{ scoredAt: '2026-01-01' }, 'scoredAt: expected an ISO 8601 instant with a zone'],
    [{ accountId: '' }, 'accountId: expected an account, got ""'],
    [{ owner: 'x' }, 'expected only keys that are known, got "owner"'],
  ])('%j is refused with its line, and loses nothing of the others', (change, message) => {
    const read = readOutcomes([
      { line: 2, cells: CELLS },
      { line: 3, cells: { ...CELLS, ...change } },
    ]);
    expect(read.rows).toHaveLength(1);
    expect(read.problems.map((problem) => problemText({ ...problem, file: 'outcomes.csv' }))[0]).toContain(message);
    expect(read.problems[0]?.line).toBe(3);
  });
});

describe('the monthly check', () => {
  const month = (won: number, lost: number, score = 50): readonly string[] =>
    checkMonth(rowsOf('2026-05-15', { won, lost, score }), '2026-06', { smb: 50 }).map(({ verdict }) => verdict);

  it('sends leads to people when precision falls below 70 %, and says nothing of few', () => {
    expect(month(7, 3)).toEqual(['route']);
    expect(month(69, 31)).toEqual(['route to people']);
    expect(month(0, 9)).toEqual(['too few']);
    expect(month(90, 10, 49)).toEqual(['too few']);
  });

  it('looks at outcomes of that month and at tiers with a threshold', () => {
    const rows = rowsOf('2026-05-15', { won: 20, lost: 0 });
    expect(checkMonth(rows, '2026-05', { smb: 50 }).map(({ verdict }) => verdict)).toEqual(['too few']);
    expect(checkMonth(rows, '2026-06', {})).toEqual([]);
    expect(checkMonth(rows, '2026-06', { enterprise: 50 })).toMatchObject([{ tier: 'enterprise', verdict: 'too few' }]);
  });
});
