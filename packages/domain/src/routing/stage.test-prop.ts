import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeEntries, stageRuns, STAGES } from './stage.ts';
import type { StageEntry, StageRecord } from './stage.ts';

const MINUTE_MS = 60_000;
const entry = fc
  .record({ stage: fc.constantFrom(...STAGES, 'disqualified' as const, null), minute: fc.integer({ min: 0, max: 60 }) })
  .map(({ stage, minute }): StageEntry => ({ stage, at: new Date(minute * MINUTE_MS).toISOString() }));
/** Of a CRM with a history: at any instant a record stands in one stage, and each entry is a change. */
const history = fc
  .uniqueArray(entry, { maxLength: 8, selector: ({ at }) => at })
  .map((all) => all.toSorted((one, other) => (one.at < other.at ? -1 : 1)))
  .map((all) => all.filter(({ stage }, index) => stage !== all[index - 1]?.stage));
const records = fc
  .array(history, { maxLength: 4 })
  .map((all): readonly StageRecord[] => all.map((entries, index) => ({ key: `r${index}`, entries })));

describe('R7 stages', () => {
  it('R7 a history that is read any number of times, each time as far as it went then, in any order: as if it had been read once', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 8 }), { maxLength: 6 }), fc.nat({ max: 6 }), (entries, lengths, place) => {
        // Once it was read whole.
        const readings = lengths.toSpliced(place, 0, entries.length).map((length) => entries.slice(0, length));
        expect(readings.reduce<readonly StageEntry[]>(mergeEntries, [])).toEqual(entries);
      }),
    );
  });

  it('R7 a CRM without a history, looked at again and again: the changes are those that were seen, at the instants at which they were seen first', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STAGES, 'disqualified' as const, null), { minLength: 1, maxLength: 20 }), (stages) => {
        const seen = stages.map((stage, minute): StageEntry => ({ stage, at: new Date(minute * MINUTE_MS).toISOString() }));
        const known = seen.reduce<readonly StageEntry[]>((all, one) => mergeEntries(all, [one]), []);
        expect(known.length).toBeLessThanOrEqual(seen.length);
        expect(stageRuns([{ key: 'r', entries: known }], 'MQL', 'SQL')).toEqual(stageRuns([{ key: 'r', entries: seen }], 'MQL', 'SQL'));
      }),
    );
  });

  it('R7 the order of records and of their entries changes nothing', () => {
    fc.assert(
      fc.property(records, (all) => {
        const turned = all.toReversed().map(({ key, entries }) => ({ key, entries: entries.toReversed() }));
        expect(stageRuns(turned, 'MQL', 'SQL')).toEqual(stageRuns(all, 'MQL', 'SQL'));
      }),
    );
  });

  it('runs do not overlap, come in the order of time, and only the last one goes on', () => {
    fc.assert(
      fc.property(records, (all) => {
        const runs = stageRuns(all, 'MQL', 'opportunity');
        const instants = runs.flatMap(({ startedAt, end }) => [startedAt, ...(end === null ? [] : [end.at])]);
        expect(instants).toEqual(instants.toSorted());
        expect(runs.slice(0, -1).every(({ end }) => end !== null)).toBe(true);
      }),
    );
  });

  it('what has begun was begun by a record that came into the stage at that instant', () => {
    fc.assert(
      fc.property(records, (all) => {
        for (const { startedAt } of stageRuns(all, 'SQL', 'opportunity'))
          expect(all.some(({ entries }) => entries.some(({ stage, at }) => stage === 'SQL' && at === startedAt))).toBe(true);
      }),
    );
  });
});
