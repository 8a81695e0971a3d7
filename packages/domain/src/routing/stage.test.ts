import { describe, expect, it } from 'vitest';
import { disqualifiedAfter, isStageClock, mergeEntries, reachedAfter, stageClockId, stageOf, stageRuns, stageShownBy } from './stage.ts';
import type { ShownStage, StageEntry, StageRecord } from './stage.ts';

const at = (hour: number): string => `2026-11-24T${String(hour).padStart(2, '0')}:00:00.000Z`;
const entry = (stage: ShownStage, hour: number): StageEntry => ({ stage, at: at(hour) });
const record = (key: string, ...entries: StageEntry[]): StageRecord => ({ key, entries });

describe('when a service level between two stages runs', () => {
  it('from the stage on until the next is reached', () => {
    const records = [record('ann', entry(null, 1), entry('MQL', 2), entry('SQL', 5))];
    expect(stageRuns(records, 'MQL', 'SQL')).toEqual([{ startedAt: at(2), end: { kind: 'reached', at: at(5) } }]);
    expect(stageRuns(records, 'SQL', 'opportunity')).toEqual([{ startedAt: at(5), end: null }]);
  });

  it('a stage that is left out is passed all the same', () => {
    expect(stageRuns([record('ann', entry('MQL', 2), entry('opportunity', 3))], 'MQL', 'SQL')).toEqual([
      { startedAt: at(2), end: { kind: 'reached', at: at(3) } },
    ]);
    expect(stageRuns([record('ann', entry('MQL', 2), entry('opportunity', 3))], 'SQL', 'opportunity')).toEqual([]);
  });

  it('what goes back begins anew, and what it was on its way to is left', () => {
    const records = [record('ann', entry('MQL', 1), entry('SQL', 2), entry('MQL', 3), entry(null, 4))];
    expect(stageRuns(records, 'MQL', 'SQL')).toEqual([
      { startedAt: at(1), end: { kind: 'reached', at: at(2) } },
      { startedAt: at(3), end: { kind: 'left', at: at(4) } },
    ]);
    expect(stageRuns(records, 'SQL', 'opportunity')).toEqual([{ startedAt: at(2), end: { kind: 'left', at: at(3) } }]);
  });

  it('several records of an account are one clock: from the first that comes, to the first that goes on, or until the last has left', () => {
    const [ann, ben] = [record('ann', entry('MQL', 1), entry(null, 4)), record('ben', entry('MQL', 2))];
    expect(stageRuns([ben, ann], 'MQL', 'SQL')).toEqual([{ startedAt: at(1), end: null }]);
    expect(stageRuns([ann, record('ben', entry('MQL', 2), entry('SQL', 3))], 'MQL', 'SQL')).toEqual([
      { startedAt: at(1), end: { kind: 'reached', at: at(3) } },
    ]);
    expect(stageRuns([ann, record('ben', entry('MQL', 2), entry(null, 6))], 'MQL', 'SQL')).toEqual([
      { startedAt: at(1), end: { kind: 'left', at: at(6) } },
    ]);
  });

  it('a deal that is made is the opportunity of every record of the account; one that was made before is not', () => {
    const ann = record('ann', entry('SQL', 5));
    expect(stageRuns([ann, record('deal', entry('opportunity', 7))], 'SQL', 'opportunity')).toEqual([
      { startedAt: at(5), end: { kind: 'reached', at: at(7) } },
    ]);
    expect(stageRuns([ann, record('deal', entry('opportunity', 3))], 'SQL', 'opportunity')).toEqual([{ startedAt: at(5), end: null }]);
  });

  it('where nothing is to be reached it runs until it is left', () => {
    expect(stageRuns([record('ann', entry('MQL', 1), entry('SQL', 2), entry(null, 3))], 'MQL', null)).toEqual([
      { startedAt: at(1), end: { kind: 'left', at: at(3) } },
    ]);
  });
});

describe('what is known of a record', () => {
  it('R7 the same entry is there once, and one that comes late has its place', () => {
    const known = [entry('MQL', 2), entry('SQL', 5)];
    expect(mergeEntries(known, known)).toEqual(known);
    expect(mergeEntries(known, [entry(null, 3), entry('MQL', 4)])).toEqual([
      entry('MQL', 2),
      entry(null, 3),
      entry('MQL', 4),
      entry('SQL', 5),
    ]);
  });

  it('of a stage that is seen again and again the first and the last instant stay', () => {
    const seen = Array.from({ length: 9 }, (_, hour) => entry('MQL', hour));
    const known = seen.reduce<readonly StageEntry[]>((all, one) => mergeEntries(all, [one]), []);
    expect(known).toEqual([entry('MQL', 0), entry('MQL', 8)]);
    expect(stageRuns([record('ann', ...known)], 'MQL', 'SQL')).toEqual([{ startedAt: at(0), end: null }]);
  });
});

it('a stage is reached by itself or by one beyond it, after an instant and not at it', () => {
  const records = [record('ann', entry('MQL', 1), entry('opportunity', 6)), record('ben', entry('SQL', 4))];
  expect(reachedAfter(records, 'SQL', at(1))).toBe(at(4));
  expect(reachedAfter(records, 'SQL', at(4))).toBe(at(6));
  expect(reachedAfter(records, 'SQL', at(6))).toBeNull();
});

it('names of stages and ids of their clocks', () => {
  expect(['stage:MQL', 'stage:opportunity', 'stage:mql', 'acknowledged'].map(stageOf)).toEqual(['MQL', 'opportunity', null, null]);
  expect(stageClockId('l-1', 'mql-to-sql', 7)).toBe('l-1/mql-to-sql/at-7');
  expect(isStageClock(stageClockId('l-1', 'mql-to-sql', 7))).toBe(true);
  expect(isStageClock('l-1/mql-to-sql/1')).toBe(false);
});

describe('an account that is disqualified', () => {
  it('once the last of its people who stood in a stage is, after the instant', () => {
    const [ann, bea] = [record('ann', entry('MQL', 1), entry('disqualified', 5)), record('bea', entry('SQL', 2))];
    expect(disqualifiedAfter([ann, bea], at(0))).toBeNull();
    const out = record('bea', entry('SQL', 2), entry('disqualified', 7));
    expect(disqualifiedAfter([ann, out], at(0))).toBe(at(7));
    expect(disqualifiedAfter([ann, out], at(7))).toBeNull();
    expect(disqualifiedAfter([ann, record('bea', entry('SQL', 2), entry(null, 3))], at(0))).toBe(at(5));
  });

  it('not where it has only gone back, or has come in again; and it stands in no stage', () => {
    expect(disqualifiedAfter([record('ann', entry('MQL', 1), entry(null, 2))], at(0))).toBeNull();
    const back = [record('ann', entry('MQL', 1), entry('disqualified', 2), entry('MQL', 3))];
    expect(disqualifiedAfter(back, at(0))).toBeNull();
    expect(stageRuns(back, 'MQL', 'SQL')).toEqual([
      { startedAt: at(1), end: { kind: 'left', at: at(2) } },
      { startedAt: at(3), end: null },
    ]);
  });
});

describe('what a value of the CRM means', () => {
  const values = { MQL: ['mql'], SQL: ['sql', 'demo'], opportunity: [], disqualified: ['junk'] };
  it.each([
    ['demo', 'SQL'],
    ['junk', 'disqualified'],
    ['lead', null],
    [null, null],
    [7, null],
  ])('%j is %j', (value, stage) => {
    expect(stageShownBy(values, value)).toBe(stage);
    expect(stageShownBy({ MQL: [], SQL: [], opportunity: [] }, value)).toBeNull();
  });
});
