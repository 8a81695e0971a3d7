import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addBusinessMs, allOf, anyOf, businessMsBetween, hoursOf, nextCovered, spansBetween } from './business-time.ts';
import { coverageAt } from './calendar.ts';
import type { WorkCalendar } from './calendar.ts';
import { daysOfChange, stepMinutes } from './minute-oracle.fixture.ts';
import type { OracleCalendar } from './minute-oracle.fixture.ts';

// The domain knows no Node; its tests may be told how many cases to play.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

const RUNS = Number(process.env['LOCKSTEP_HISTORIES'] ?? 2_000);
const DAY_MINUTES = 1_440;
/** Looked ahead at most. */
const MOST_DAYS = 12;

const ZONES = Intl.supportedValuesOf('timeZone');

/** Days that a zone has left out, midnights that did not exist, half hours, and a change of 24 hours. */
const ODD: readonly (readonly [string, string])[] = [
  ['Pacific/Apia', '2011-12-29T00:00Z'],
  ['Pacific/Kwajalein', '1993-08-20T00:00Z'],
  ['Pacific/Fakaofo', '2011-12-29T00:00Z'],
  ['America/Sao_Paulo', '2018-11-03T12:00Z'],
  ['Asia/Beirut', '2023-03-25T12:00Z'],
  ['Africa/Cairo', '2024-04-25T12:00Z'],
  ['America/Santiago', '2024-09-07T12:00Z'],
  ['Australia/Lord_Howe', '2026-04-03T12:00Z'],
  ['Antarctica/Troll', '2026-03-28T00:00Z'],
  ['Africa/Casablanca', '2026-02-14T00:00Z'],
  ['Asia/Pyongyang', '2018-05-04T00:00Z'],
];

const changes = new Map<string, readonly number[]>();

/** A day of a change of that zone and year where it has one, else some day of it. */
function nearChange(zone: string, year: number, pick: number): number {
  const key = `${zone}/${year}`;
  const known = changes.get(key) ?? daysOfChange(zone, year);
  changes.set(key, known);
  return known[pick % Math.max(1, known.length)] ?? Date.UTC(year, 0, 1) / 60_000 + (pick % 365) * DAY_MINUTES;
}

/** Around which minute a case plays, and in which zone: two of three times around a change of clocks. */
const place = fc.oneof(
  { weight: 6, arbitrary: fc.record({ zone: fc.constantFrom(...ZONES), year: fc.integer({ min: 2020, max: 2035 }), pick: fc.nat(1_000) }) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD).map(([zone, iso]) => ({ zone, minute: Date.parse(iso) / 60_000 })) },
  {
    weight: 3,
    arbitrary: fc.record({
      zone: fc.constantFrom(...ZONES),
      minute: fc.integer({ min: Date.UTC(2020, 0, 1) / 60_000, max: Date.UTC(2035, 11, 31) / 60_000 }),
    }),
  },
);

const block = fc.oneof(
  fc.record({
    day: fc.integer({ min: 1, max: 7 }),
    from: fc.integer({ min: 0, max: 1_439 }),
    minutes: fc.integer({ min: 1, max: DAY_MINUTES }),
  }),
  // Where clocks change: between midnight and four.
  fc.record({ day: fc.integer({ min: 1, max: 7 }), from: fc.integer({ min: 0, max: 240 }), minutes: fc.integer({ min: 1, max: 180 }) }),
  fc.record({
    day: fc.integer({ min: 1, max: 7 }),
    from: fc.integer({ min: 1_260, max: 1_439 }),
    minutes: fc.integer({ min: 120, max: 600 }),
  }),
);
const office = [1, 2, 3, 4, 5].map((day) => ({ day, from: 540, minutes: 480 }));
const week = fc.oneof(
  { weight: 1, arbitrary: fc.constant(office) },
  { weight: 3, arbitrary: fc.array(block, { minLength: 1, maxLength: 8 }) },
);
const shape = fc.record({
  week,
  /** By days from the case's. */
  holidays: fc.array(
    fc.record({ day: fc.integer({ min: -2, max: 9 }), from: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1_439 })) }),
    {
      maxLength: 3,
    },
  ),
  /** In minutes from the case's. */
  absences: fc.array(fc.record({ after: fc.integer({ min: -2_000, max: 12_000 }), minutes: fc.integer({ min: 1, max: 4_000 }) }), {
    maxLength: 3,
  }),
});

const testCase = fc
  .record({
    place,
    others: fc.array(fc.record({ zone: fc.constantFrom(...ZONES), shape }), { maxLength: 2 }),
    shape,
    combined: fc.constantFrom('any' as const, 'all' as const),
    beforeMinutes: fc.integer({ min: 0, max: 5 * DAY_MINUTES }),
    days: fc.constantFrom(3, 6, MOST_DAYS),
    restMs: fc.oneof(fc.constant(0), fc.nat(59_999)),
    amountMs: fc.oneof(
      fc.integer({ min: 0, max: 50 * 60 }).map((minutes) => minutes * 60_000),
      fc.nat(50 * 3_600_000),
    ),
  })
  .map(({ place: where, others, shape: own, combined, beforeMinutes, days, restMs, amountMs }) => {
    const around = 'minute' in where ? where.minute : nearChange(where.zone, where.year, where.pick);
    const minute = around - beforeMinutes;
    const calendars = [{ zone: where.zone, shape: own }, ...others].map(
      ({ zone, shape: { week: blocks, holidays, absences } }): OracleCalendar => ({
        zone,
        week: blocks,
        holidays: holidays.map(({ day, from }) => ({ date: Math.floor(minute / DAY_MINUTES) + day, from })),
        absences: absences.map(({ after, minutes }) => ({ from: minute + after, to: minute + after + minutes })),
      }),
    );
    return { calendars, combined, days, fromMs: minute * 60_000 + restMs, amountMs };
  });

function clockTime(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** The same calendar as our code reads it. */
function ours({ zone, week: blocks, holidays, absences }: OracleCalendar): WorkCalendar {
  const iso = (minute: number): string => new Date(minute * 60_000).toISOString();
  return {
    zone,
    week: blocks.map(({ day, from, minutes }) => {
      const end = from + minutes;
      return { day, from: clockTime(from), to: clockTime(end > DAY_MINUTES ? end - DAY_MINUTES : end) };
    }),
    holidays: holidays.map(({ date, from }, index) => ({
      date: iso(date * DAY_MINUTES).slice(0, 10),
      region: 'XX',
      name: `holiday ${index}`,
      ...(from === 0 ? {} : { from: clockTime(from) }),
    })),
    absences: absences.map(({ from, to }, index) => ({ id: `a${index}`, fromIso: iso(from), toIso: iso(to), reason: 'AWAY' })),
  };
}

describe('business time', () => {
  it(
    'R3 a deadline is the one that is found minute by minute with Intl alone, in every zone, around every change of clocks',
    () => {
      fc.assert(
        fc.property(testCase, ({ calendars, combined, days, fromMs, amountMs }) => {
          const wanted = stepMinutes({ calendars, combined, fromMs, amountMs, days });
          const read = calendars.map(ours);
          const hours = combined === 'any' ? anyOf(read.map(hoursOf)) : allOf(read.map(hoursOf));
          const deadline = addBusinessMs(hours, fromMs, amountMs, days);
          const endMs = fromMs + days * 86_400_000;
          const [only] = read;
          const coverage = only !== undefined && read.length === 1 ? coverageAt(only, fromMs, days) : null;
          expect({
            deadlineMs: deadline.kind === 'at' ? deadline.atMs : null,
            firstMs: nextCovered(hours, fromMs, days),
            workedMs: businessMsBetween(hours, fromMs, endMs),
            spansMs: spansBetween(hours, fromMs, endMs).reduce((sum, span) => sum + span.toMs - span.fromMs, 0),
            coveredFromMs: coverage === null ? wanted.firstMs : coverage.kind === 'working' ? fromMs : coverage.untilMs,
          }).toEqual({ ...wanted, spansMs: wanted.workedMs, coveredFromMs: wanted.firstMs });
        }),
        { numRuns: RUNS },
      );
    },
    60_000 + RUNS * 20,
  );

  it('R3 to add and to measure are inverse: so much later, so much has been worked, and not a millisecond before', () => {
    fc.assert(
      fc.property(testCase, ({ calendars, combined, fromMs, amountMs }) => {
        const read = calendars.map((calendar) => hoursOf(ours(calendar)));
        const hours = combined === 'any' ? anyOf(read) : allOf(read);
        const deadline = addBusinessMs(hours, fromMs, amountMs);
        if (deadline.kind === 'never' || amountMs === 0) return;
        expect(businessMsBetween(hours, fromMs, deadline.atMs)).toBe(amountMs);
        expect(businessMsBetween(hours, fromMs, deadline.atMs - 1)).toBe(amountMs - 1);
      }),
      { numRuns: Math.min(RUNS, 500) },
    );
  });
});
