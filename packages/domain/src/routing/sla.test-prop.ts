import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyOf, businessMsBetween, hoursOf } from './business-time.ts';
import type { Hours } from './business-time.ts';
import type { WorkCalendar } from './calendar.ts';
import { dueAt, standingAt } from './clock.ts';
import type { Clock } from './clock.ts';
import { startClock } from './clock-start.ts';
import { rebase } from './rebase.ts';
import { shippedSlas } from './shipped-slas.ts';
import { at, BOSS, MINUTE_MS, TZ } from './sla.fixture.ts';
import { advance } from './sla.ts';
import type { RebaseCause, SlaAction, SlaEvent } from './sla.ts';

// The domain knows no Node; its tests may be told how many cases to play.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

const RUNS = Number(process.env['LOCKSTEP_HISTORIES'] ?? 2_000);
const START = at('2026-10-19T00:00');
const DAY_MINUTES = 1_440;

const spec = fc.constantFrom(...shippedSlas(BOSS));

const calendar: fc.Arbitrary<WorkCalendar> = fc
  .record({
    zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'),
    from: fc.integer({ min: 0, max: 23 }),
    hours: fc.integer({ min: 1, max: 12 }),
    days: fc.subarray([1, 2, 3, 4, 5, 6, 7]),
    holidays: fc.subarray(['2026-10-20', '2026-10-21', '2026-10-26']),
    absence: fc.option(fc.record({ from: fc.nat(14 * DAY_MINUTES), minutes: fc.integer({ min: 1, max: 9 * DAY_MINUTES }) })),
  })
  .map(({ zone, from, hours, days, holidays, absence }) => {
    const time = (hour: number): string => `${String(hour % 24).padStart(2, '0')}:00`;
    const iso = (minute: number): string => new Date(START + minute * MINUTE_MS).toISOString();
    return {
      zone,
      week: days.map((day) => ({ day, from: time(from), to: time(from + hours) })),
      holidays: holidays.map((date) => ({ date, region: 'XX', name: date })),
      absences:
        absence === null ? [] : [{ id: 'a', fromIso: iso(absence.from), toIso: iso(absence.from + absence.minutes), reason: 'ABSENT' }],
    };
  });
const hours: fc.Arbitrary<Hours> = fc.array(calendar, { maxLength: 3 }).map((all) => anyOf(all.map(hoursOf)));

/** Something that happens, some minutes after what happened before. */
type Step = {
  readonly afterMinutes: number;
  readonly what:
    | { readonly kind: 'rebase'; readonly hours: Hours; readonly ownerId: string; readonly cause: RebaseCause }
    | { readonly kind: 'snooze-for'; readonly minutes: number }
    | SlaEvent;
};
const what: fc.Arbitrary<Step['what']> = fc.oneof(
  fc.constant({ kind: 'tick' as const }),
  fc.integer({ min: -10, max: 600 }).map((minutes) => ({ kind: 'snooze-for' as const, minutes })),
  fc.record({
    kind: fc.constant('rebase' as const),
    hours,
    ownerId: fc.constantFrom('ann', 'bob'),
    cause: fc.constantFrom<RebaseCause>('OWNER_CHANGED', 'OWNER_CHANGED_BY_PERSON', 'ABSENCE', 'HOLIDAY'),
  }),
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.record({ afterMinutes: fc.integer({ min: 0, max: 900 }), what }), {
  maxLength: 6,
});
const story = fc.record({ spec, hours, startMinute: fc.nat(7 * DAY_MINUTES), steps });

interface Told {
  readonly clock: Clock;
  readonly actions: readonly SlaAction[];
}

/** Does a step at an instant. */
function doStep(clock: Clock, step: Step['what'], nowMs: number): Told {
  if (step.kind === 'rebase') return rebase(clock, { ...step, tzVersion: TZ }, nowMs);
  if (step.kind === 'snooze-for') return advance(clock, { kind: 'snooze', untilMs: nowMs + step.minutes * MINUTE_MS }, nowMs);
  return advance(clock, step, nowMs);
}

/** Plays a story as the workflow does: it wakes when something is due; then lets time pass until nothing is due, or the clock has no deadline. */
function play({ spec: sla, hours: first, startMinute, steps: all }: typeof story extends fc.Arbitrary<infer T> ? T : never): Told {
  const startedAtMs = START + startMinute * MINUTE_MS;
  let { clock, actions }: Told = startClock(sla, { clockId: 'c', ownerId: 'ann', startedAtMs, hours: first, tzVersion: TZ });
  const take = (moved: Told): void => {
    clock = moved.clock;
    actions = [...actions, ...moved.actions];
  };
  const sleepUntil = (untilMs: number): void => {
    for (let due = dueAt(clock); due !== null && due <= untilMs; due = dueAt(clock)) take(advance(clock, { kind: 'tick' }, due));
  };
  let nowMs = startedAtMs;
  for (const step of all) {
    nowMs += step.afterMinutes * MINUTE_MS;
    sleepUntil(nowMs);
    take(doStep(clock, step.what, nowMs));
  }
  sleepUntil(Infinity);
  return { clock, actions };
}

describe('a random story of a clock that nobody acknowledges', () => {
  it('R2 a named person hears before the deadline, whatever happens; and a deadline that passes is reported', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { clock, actions } = play(told);
        const escalations = actions.filter(({ kind }) => kind === 'escalate');
        const { deadlineMs } = clock;
        expect({
          heard: escalations.map(({ lateMs, ...action }) => ('to' in action ? [action.to, lateMs] : [])),
          isHeardInTime: escalations.some(({ atMs }) => atMs < (deadlineMs ?? Infinity)),
          isBreached: clock.state === 'breached',
          breaches: actions.filter(({ kind }) => kind === 'report-breach').map(({ atMs, lateMs }) => [atMs, lateMs]),
          unusedMs: deadlineMs === null ? 0 : clock.budgetMs - standingAt(clock, deadlineMs).usedMs,
        }).toEqual({
          heard: escalations.map(() => [BOSS, 0]),
          isHeardInTime: true,
          isBreached: deadlineMs !== null,
          breaches: deadlineMs === null ? [] : [[deadlineMs, 0]],
          unusedMs: 0,
        });
      }),
      { numRuns: RUNS },
    );
  });

  it('R2 no wait that is longer than the service level allows for goes unreported', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { clock, actions } = play({ ...told, steps: [] });
        const longest = told.spec.longestWaitMinutes * MINUTE_MS;
        let sinceMs = clock.startedAtMs;
        const gaps: number[] = [];
        for (const { fromMs, toMs } of clock.spans) {
          if (fromMs - sinceMs > longest) gaps.push(sinceMs);
          sinceMs = toMs;
        }
        if (clock.deadlineMs === null) gaps.push(sinceMs);
        expect(actions.filter(({ kind }) => kind === 'report-uncovered').map(({ atMs }) => atMs)).toEqual(gaps);
      }),
      { numRuns: RUNS },
    );
  });

  it('25 every action is said once', () => {
    fc.assert(
      fc.property(story, (told) => {
        const keys = play(told).actions.map(({ key, kind }) => `${kind} ${key}`);
        expect(keys).toEqual([...new Set(keys)]);
      }),
      { numRuns: RUNS },
    );
  });

  it('R2 to be woken late says the same as to be woken in time, only later', () => {
    fc.assert(
      fc.property(story, ({ steps: _steps, ...told }) => {
        const inTime = play({ ...told, steps: [] });
        const { clock } = startClock(told.spec, {
          clockId: 'c',
          ownerId: 'ann',
          startedAtMs: inTime.clock.startedAtMs,
          hours: told.hours,
          tzVersion: TZ,
        });
        const lateMs = inTime.clock.startedAtMs + 500 * DAY_MINUTES * MINUTE_MS;
        const late = advance(clock, { kind: 'tick' }, lateMs);
        const first = inTime.actions.length - late.actions.length;
        expect(late.actions).toEqual(inTime.actions.slice(first).map((action) => ({ ...action, lateMs: lateMs - action.atMs })));
        expect(late.clock).toEqual(inTime.clock);
      }),
      { numRuns: Math.min(RUNS, 500) },
    );
  });
});

describe('a clock that is worked out anew', () => {
  it('09 by the same hours, at any time: the same deadline and the same marks', () => {
    fc.assert(
      fc.property(story, fc.nat(3 * DAY_MINUTES), ({ spec: sla, hours: same, startMinute }, afterMinutes) => {
        const startedAtMs = START + startMinute * MINUTE_MS;
        const { clock } = startClock(sla, { clockId: 'c', ownerId: 'ann', startedAtMs, hours: same, tzVersion: TZ });
        const nowMs = startedAtMs + afterMinutes * MINUTE_MS;
        const before = advance(clock, { kind: 'tick' }, nowMs);
        const after = rebase(clock, { hours: same, ownerId: 'ann', cause: 'TZ_DATA', tzVersion: TZ }, nowMs);
        expect(after.actions).toEqual(before.actions);
        expect(after.clock.deadlineMs).toBe(before.clock.deadlineMs);
        expect(after.clock.state).toBe(before.clock.state);
        if (before.clock.state === 'breached' || before.clock.deadlineMs === null) return;
        const open = (of: Clock) => of.marks.filter(({ isDone }) => !isDone).map(({ key, atMs }) => [key, atMs]);
        expect(open(after.clock)).toEqual(open(before.clock));
      }),
      { numRuns: RUNS },
    );
  });

  it('01 R2 what is used is never given back, and what is left is counted by the hours of now', () => {
    fc.assert(
      fc.property(story, hours, fc.nat(3 * DAY_MINUTES), (told, other, afterMinutes) => {
        const startedAtMs = START + told.startMinute * MINUTE_MS;
        const { clock } = startClock(told.spec, { clockId: 'c', ownerId: 'ann', startedAtMs, hours: told.hours, tzVersion: TZ });
        const nowMs = startedAtMs + afterMinutes * MINUTE_MS;
        const { usedMs } = standingAt(clock, nowMs);
        const moved = rebase(clock, { hours: other, ownerId: 'bob', cause: 'OWNER_CHANGED', tzVersion: TZ }, nowMs).clock;
        expect(standingAt(moved, nowMs).usedMs).toBe(usedMs);
        if (told.spec.clock === 'elapsed') return;
        expect(usedMs).toBe(Math.min(clock.budgetMs, businessMsBetween(told.hours, startedAtMs, nowMs)));
        if (moved.deadlineMs === null || moved.state === 'breached') return;
        expect(businessMsBetween(other, nowMs, moved.deadlineMs)).toBe(clock.budgetMs - usedMs);
      }),
      { numRuns: RUNS },
    );
  });
});
