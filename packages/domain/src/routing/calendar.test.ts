import { describe, expect, it } from 'vitest';
import { addBusinessMs, allOf, anyOf, businessMsBetween, hoursOf, nextCovered, spansBetween } from './business-time.ts';
import { calendarProblems, coverageAt, readCalendar } from './calendar.ts';
import type { WeeklyBlock, WorkCalendar } from './calendar.ts';
import { instantOf, isZone, offsetAt } from './zone.ts';

const at = (iso: string): number => Date.parse(iso);
const HOUR_MS = 3_600_000;

function week(from: string, to: string, days: readonly number[] = [1, 2, 3, 4, 5]): readonly WeeklyBlock[] {
  return days.map((day) => ({ day, from, to }));
}

function calendar(zone: string, parts: Partial<WorkCalendar> = {}): WorkCalendar {
  return { zone, week: week('09:00', '17:00'), holidays: [], absences: [], ...parts };
}

/** The working spans of some time, as text. */
function spans(of: WorkCalendar, from: string, to: string): readonly string[] {
  const short = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
  return spansBetween(hoursOf(of), at(from), at(to)).map(({ fromMs, toMs }) => `${short(fromMs)} ${short(toMs)}`);
}

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

describe('a working calendar', () => {
  it('03 R3 four business hours over the end of summer time end at 11:30Z, not at 10:30Z', () => {
    const berlin = hoursOf(calendar('Europe/Berlin'));
    expect(addBusinessMs(berlin, at('2026-10-23T14:30Z'), 4 * HOUR_MS)).toEqual({ kind: 'at', atMs: at('2026-10-26T11:30Z') });
  });

  it('05 customer hours of a Berlin team and a New York customer overlap by five hours of difference in the mismatch week, by six before and after', () => {
    const both = allOf([hoursOf(calendar('Europe/Berlin')), hoursOf(calendar('America/New_York'))]);
    // 2026: Berlin leaves summer time on 25 October, New York on 1 November.
    const overlap = (date: string): readonly [string, string] | undefined => {
      const [span] = spansBetween(both, at(`${date}T00:00Z`), at(`${date}T23:59Z`));
      return span && [new Date(span.fromMs).toISOString().slice(11, 16), new Date(span.toMs).toISOString().slice(11, 16)];
    };
    expect(overlap('2026-10-23')).toEqual(['13:00', '15:00']);
    expect(overlap('2026-10-28')).toEqual(['13:00', '16:00']);
    expect(overlap('2026-11-03')).toEqual(['14:00', '16:00']);
    expect(addBusinessMs(both, at('2026-10-28T08:00Z'), 4 * HOUR_MS)).toEqual({ kind: 'at', atMs: at('2026-10-29T14:00Z') });
  });

  it('08 a public holiday in the region of one is none at headquarters: HOLIDAY:DE-BY, and a colleague in Berlin works', () => {
    const epiphany = { date: '2026-01-06', region: 'DE-BY', name: 'Heilige Drei Könige' };
    const munich = calendar('Europe/Berlin', { holidays: [epiphany] });
    expect(coverageAt(munich, at('2026-01-06T09:00Z'))).toEqual({
      kind: 'off',
      reason: 'HOLIDAY:DE-BY',
      detail: 'Heilige Drei Könige',
      untilMs: at('2026-01-07T08:00Z'),
    });
    expect(coverageAt(calendar('Europe/Berlin'), at('2026-01-06T09:00Z'))).toEqual({ kind: 'working' });
    expect(nextCovered(anyOf([hoursOf(munich), hoursOf(calendar('Europe/Berlin'))]), at('2026-01-06T09:00Z'))).toBe(
      at('2026-01-06T09:00Z'),
    );
  });

  it('01 a timed absence takes an afternoon away, to the minute, and nothing else', () => {
    const away = calendar('Europe/Berlin', {
      absences: [{ id: 'a1', fromIso: '2026-11-25T11:00:00+01:00', toIso: '2026-11-25T15:00:00+01:00', reason: 'ABSENT' }],
    });
    expect(spans(away, '2026-11-25T00:00Z', '2026-11-26T00:00Z')).toEqual([
      '2026-11-25T08:00 2026-11-25T10:00',
      '2026-11-25T14:00 2026-11-25T16:00',
    ]);
    expect(coverageAt(away, at('2026-11-25T10:00Z'))).toEqual({
      kind: 'off',
      reason: 'ABSENT',
      detail: 'a1',
      untilMs: at('2026-11-25T14:00Z'),
    });
    expect(coverageAt(away, at('2026-11-25T09:59Z'))).toEqual({ kind: 'working' });
    expect(coverageAt(away, at('2026-11-25T14:00Z'))).toEqual({ kind: 'working' });
    expect(coverageAt(away, at('2026-11-25T16:00Z'))).toEqual({
      kind: 'off',
      reason: 'OFF_HOURS',
      detail: null,
      untilMs: at('2026-11-26T08:00Z'),
    });
  });

  it('01 absences that overlap, or that cover several blocks, are one time away', () => {
    const away = calendar('UTC', {
      absences: [
        { id: 'a2', fromIso: '2026-11-25T12:00Z', toIso: '2026-11-26T10:00Z', reason: 'ABSENT' },
        { id: 'a1', fromIso: '2026-11-25T10:00Z', toIso: '2026-11-25T13:00Z', reason: 'ABSENT' },
        { id: 'a3', fromIso: '2026-11-26T12:00Z', toIso: '2026-11-26T12:30Z', reason: 'ABSENT' },
      ],
    });
    expect(spans(away, '2026-11-25T00:00Z', '2026-11-27T00:00Z')).toEqual([
      '2026-11-25T09:00 2026-11-25T10:00',
      '2026-11-26T10:00 2026-11-26T12:00',
      '2026-11-26T12:30 2026-11-26T17:00',
    ]);
  });

  it('R3 a block that starts in the missing hour begins at the end of the gap; one that ends in it ends at its start; one within it is not there', () => {
    // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
    const on = (from: string, to: string): readonly string[] =>
      spans(calendar('Europe/Berlin', { week: week(from, to, [7]) }), '2026-03-28T12:00Z', '2026-03-29T12:00Z');
    expect(on('02:30', '04:00')).toEqual(['2026-03-29T01:00 2026-03-29T02:00']);
    expect(on('01:00', '02:30')).toEqual(['2026-03-29T00:00 2026-03-29T01:00']);
    expect(on('02:00', '03:00')).toEqual([]);
    expect(on('01:30', '03:30')).toEqual(['2026-03-29T00:30 2026-03-29T01:30']);
  });

  it('R3 what the wall shows twice counts twice: a night shift over the end of summer time has nine hours', () => {
    // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00Z.
    const night = calendar('Europe/Berlin', { week: week('22:00', '06:00', [6]) });
    expect(spans(night, '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual(['2026-10-24T20:00 2026-10-25T05:00']);
    const early = calendar('Europe/Berlin', { week: week('01:30', '02:30', [7]) });
    expect(spans(early, '2026-10-24T12:00Z', '2026-10-25T12:00Z')).toEqual([
      '2026-10-24T23:30 2026-10-25T00:30',
      '2026-10-25T01:00 2026-10-25T01:30',
    ]);
  });

  it('R3 a night shift belongs to the day on which it starts; on Sunday it runs into Monday', () => {
    const night = calendar('UTC', { week: week('22:00', '06:00', [7]) });
    expect(spans(night, '2026-11-22T00:00Z', '2026-11-24T00:00Z')).toEqual(['2026-11-22T22:00 2026-11-23T06:00']);
    // A holiday is a date on the wall: the shift of the evening before ends at midnight.
    const holiday = calendar('UTC', { week: night.week, holidays: [{ date: '2026-11-23', region: 'XX', name: 'Monday' }] });
    expect(spans(holiday, '2026-11-22T00:00Z', '2026-11-24T00:00Z')).toEqual(['2026-11-22T22:00 2026-11-23T00:00']);
  });

  it('R3 a date that a zone leaves out has no instants', () => {
    const days = (zone: string, from: string, to: string): readonly string[] =>
      spans(calendar(zone, { week: week('09:00', '10:00', EVERY_DAY) }), from, to);
    // Samoa went from 29 to 31 December 2011, Kwajalein from 20 to 22 August 1993.
    expect(days('Pacific/Apia', '2011-12-29T00:00Z', '2012-01-01T00:00Z')).toEqual([
      '2011-12-29T19:00 2011-12-29T20:00',
      '2011-12-30T19:00 2011-12-30T20:00',
      '2011-12-31T19:00 2011-12-31T20:00',
    ]);
    expect(days('Pacific/Kwajalein', '1993-08-20T00:00Z', '1993-08-22T23:00Z')).toEqual([
      '1993-08-20T21:00 1993-08-20T22:00',
      '1993-08-21T21:00 1993-08-21T22:00',
      '1993-08-22T21:00 1993-08-22T22:00',
    ]);
    expect(offsetAt('Pacific/Apia', at('2011-12-30T09:59:59Z'))).toBe(-10 * HOUR_MS);
    expect(offsetAt('Pacific/Apia', at('2011-12-30T10:00:00Z'))).toBe(14 * HOUR_MS);
  });

  it('R3 a midnight that does not exist is a gap like any other', () => {
    // São Paulo, 2018-11-04: 00:00 becomes 01:00 at 03:00Z. It is a Sunday.
    const day = calendar('America/Sao_Paulo', { week: week('00:00', '24:00', [7]) });
    expect(spans(day, '2018-11-03T00:00Z', '2018-11-06T00:00Z')).toEqual(['2018-11-04T03:00 2018-11-05T02:00']);
    const holiday = calendar('America/Sao_Paulo', {
      week: week('00:00', '00:00', EVERY_DAY),
      holidays: [{ date: '2018-11-04', region: 'BR', name: 'Sunday' }],
    });
    expect(spans(holiday, '2018-11-03T12:00Z', '2018-11-05T12:00Z')).toEqual([
      '2018-11-03T12:00 2018-11-04T03:00',
      '2018-11-05T02:00 2018-11-05T12:00',
    ]);
  });

  it('08 a holiday may begin at noon; the earliest of two on one date decides', () => {
    const eve = { date: '2026-12-31', region: 'CW', name: 'Oudejaarsavond', from: '12:00' };
    const half = calendar('UTC', { holidays: [eve] });
    expect(spans(half, '2026-12-31T00:00Z', '2027-01-01T00:00Z')).toEqual(['2026-12-31T09:00 2026-12-31T12:00']);
    expect(coverageAt(half, at('2026-12-31T11:59Z'))).toEqual({ kind: 'working' });
    expect(coverageAt(half, at('2026-12-31T12:00Z'))).toMatchObject({ reason: 'HOLIDAY:CW' });
    const two = calendar('UTC', { holidays: [eve, { ...eve, region: 'XX', from: '10:00' }] });
    expect(spans(two, '2026-12-31T00:00Z', '2027-01-01T00:00Z')).toEqual(['2026-12-31T09:00 2026-12-31T10:00']);
    expect(coverageAt(two, at('2026-12-31T11:00Z'))).toMatchObject({ reason: 'HOLIDAY:XX' });
  });

  it('08 the date of a holiday is that of the wall, not of UTC', () => {
    const auckland = calendar('Pacific/Auckland', { holidays: [{ date: '2026-01-01', region: 'NZ', name: 'New Year’s Day' }] });
    // Ten in the morning there, and still the year before at Greenwich; eleven in the morning of the next day.
    expect(coverageAt(auckland, at('2025-12-31T21:00Z'))).toMatchObject({ reason: 'HOLIDAY:NZ' });
    expect(coverageAt(auckland, at('2026-01-01T22:00Z'))).toEqual({ kind: 'working' });
    expect(coverageAt(auckland, at('2026-01-02T18:00Z'))).toMatchObject({ reason: 'OFF_HOURS' });
  });

  it('08 a holiday goes before an absence, and an absence before the hours', () => {
    const off = calendar('UTC', {
      holidays: [{ date: '2026-12-25', region: 'DE', name: 'Weihnachten' }],
      absences: [{ id: 'a1', fromIso: '2026-12-24T00:00Z', toIso: '2026-12-28T00:00Z', reason: 'ABSENT' }],
    });
    const reason = (iso: string): unknown => coverageAt(off, at(iso));
    expect(reason('2026-12-25T10:00Z')).toMatchObject({ reason: 'HOLIDAY:DE', untilMs: at('2026-12-28T09:00Z') });
    expect(reason('2026-12-24T03:00Z')).toMatchObject({ reason: 'ABSENT' });
    expect(reason('2026-12-28T00:00Z')).toMatchObject({ reason: 'OFF_HOURS' });
  });

  it('15 who never works is off without an end, and a deadline is never, within so many days', () => {
    const nobody = calendar('UTC', { week: [] });
    expect(coverageAt(nobody, at('2026-11-25T10:00Z'))).toMatchObject({ kind: 'off', untilMs: null });
    expect(addBusinessMs(hoursOf(nobody), at('2026-11-25T10:00Z'), 1, 30)).toEqual({ kind: 'never', withinDays: 30 });
    expect(nextCovered(hoursOf(nobody), 0, 30)).toBeNull();
    expect(nextCovered(anyOf([]), 0, 30)).toBeNull();
    const away = calendar('UTC', { absences: [{ id: 'a', fromIso: '2026-01-01T00:00Z', toIso: '2026-02-10T00:00Z', reason: 'ABSENT' }] });
    expect(coverageAt(away, at('2026-01-05T10:00Z'), 30)).toMatchObject({ reason: 'ABSENT', untilMs: null });
    expect(coverageAt(away, at('2026-01-05T10:00Z'))).toMatchObject({ reason: 'ABSENT', untilMs: at('2026-02-10T09:00Z') });
    expect(nextCovered(hoursOf(away), at('2026-01-05T10:00Z'), 30)).toBeNull();
    expect(addBusinessMs(hoursOf(away), at('2026-02-09T10:00Z'), 8 * HOUR_MS, 1)).toEqual({ kind: 'never', withinDays: 1 });
  });

  it('R3 what begins at the very end of the days that are looked at is not within them', () => {
    const monday = calendar('Africa/Abidjan', { week: [{ day: 1, from: '00:00', to: '00:01' }] });
    const friday = at('2021-01-08T00:00Z');
    expect([nextCovered(hoursOf(monday), friday, 3), nextCovered(hoursOf(monday), friday + 1, 3)]).toEqual([null, at('2021-01-11T00:00Z')]);
    expect([coverageAt(monday, friday, 3), coverageAt(monday, friday + 1, 3)]).toMatchObject([
      { kind: 'off', untilMs: null },
      { kind: 'off', untilMs: at('2021-01-11T00:00Z') },
    ]);
  });

  it('R3 a deadline may be the end of a day’s work, never the start of the next', () => {
    const hours = hoursOf(calendar('UTC'));
    expect(addBusinessMs(hours, at('2026-11-25T16:00Z'), HOUR_MS)).toEqual({ kind: 'at', atMs: at('2026-11-25T17:00Z') });
    expect(addBusinessMs(hours, at('2026-11-25T16:00Z'), HOUR_MS + 1)).toEqual({ kind: 'at', atMs: at('2026-11-26T09:00Z') + 1 });
    expect(addBusinessMs(hours, at('2026-11-25T17:00Z'), 1)).toEqual({ kind: 'at', atMs: at('2026-11-26T09:00Z') + 1 });
  });

  it('R3 around the clock is time itself, and nothing to add is the same instant', () => {
    const fromMs = at('2026-11-25T23:59:59.999Z');
    expect(addBusinessMs(allOf([]), fromMs, 90 * 24 * HOUR_MS)).toEqual({ kind: 'at', atMs: fromMs + 90 * 24 * HOUR_MS });
    expect(businessMsBetween(allOf([]), fromMs, fromMs + 90 * 24 * HOUR_MS)).toBe(90 * 24 * HOUR_MS);
    expect(addBusinessMs(hoursOf(calendar('UTC')), fromMs, 0)).toEqual({ kind: 'at', atMs: fromMs });
    expect(businessMsBetween(allOf([]), fromMs, fromMs - 1)).toBe(0);
    expect(spansBetween(allOf([]), fromMs, fromMs + 90 * 24 * HOUR_MS)).toEqual([{ fromMs, toMs: fromMs + 90 * 24 * HOUR_MS }]);
  });

  it('says of a calendar what is wrong with it, where, and what it got', () => {
    const wrong: WorkCalendar = {
      zone: 'Europe/Berln',
      week: [
        { day: 8, from: '24:00', to: '24:30' },
        { day: 1.5, from: '9:00', to: '' },
      ],
      holidays: [{ date: '2026-02-30', region: 'DE', name: 'none', from: '25:00' }],
      absences: [
        { id: 'a1', fromIso: '2026-11-25T11:00', toIso: '2026-11-25T15:00', reason: 'ABSENT' },
        { id: 'a2', fromIso: '2026-11-25T11:00Z', toIso: '2026-11-25T11:00Z', reason: 'ABSENT' },
      ],
    };
    expect(calendarProblems(wrong)).toEqual([
      'zone: expected an IANA name such as Europe/Berlin, got "Europe/Berln"',
      'week[0].day: expected an ISO weekday, 1 to 7, got 8',
      'week[0].from: expected HH:MM, 00:00 to 23:59, got "24:00"',
      'week[0].to: expected HH:MM, 00:00 to 24:00, got "24:30"',
      'week[1].day: expected an ISO weekday, 1 to 7, got 1.5',
      'week[1].from: expected HH:MM, 00:00 to 23:59, got "9:00"',
      'week[1].to: expected HH:MM, 00:00 to 24:00, got ""',
      'holidays[0].date: expected a date, YYYY-MM-DD, got "2026-02-30"',
      'holidays[0].from: expected HH:MM, 00:00 to 23:59, got "25:00"',
      'absences[0] (a1): expected instants with a zone, from before to, got 2026-11-25T11:00 to 2026-11-25T15:00',
      'absences[1] (a2): expected instants with a zone, from before to, got 2026-11-25T11:00Z to 2026-11-25T11:00Z',
    ]);
    expect(() => readCalendar(wrong)).toThrow(
      'calendar: zone: expected an IANA name such as Europe/Berlin, got "Europe/Berln"; week[0].day',
    );
    expect(calendarProblems(calendar('Europe/Berlin'))).toEqual([]);
  });

  it.each(['+02:00', '-0530', '', 'CET ', 'Mars/Olympus'])('a zone is a name, not %j', (zone) => {
    expect(isZone(zone)).toBe(false);
  });

  it.each([
    ['once', 'Europe/Berlin', '2026-07-01T12:00Z', '2026-07-01T10:00Z'],
    ['twice: the first time', 'Europe/Berlin', '2026-10-25T02:30Z', '2026-10-25T00:30Z'],
    ['never: as if the clocks had not changed', 'Europe/Berlin', '2026-03-29T02:30Z', '2026-03-29T01:30Z'],
    ['just before a gap', 'Europe/Berlin', '2026-03-29T01:59Z', '2026-03-29T00:59Z'],
    ['just after a gap', 'Europe/Berlin', '2026-03-29T03:00Z', '2026-03-29T01:00Z'],
    ['just after what is shown twice', 'Europe/Berlin', '2026-10-25T03:00Z', '2026-10-25T02:00Z'],
    ['on a date that was left out', 'Pacific/Apia', '2011-12-30T12:00Z', '2011-12-30T22:00Z'],
    ['on the date after it', 'Pacific/Apia', '2011-12-31T06:00Z', '2011-12-30T16:00Z'],
  ])('a wall time that is shown %s (%s %s) is the instant %s', (_, zone, wall, instant) => {
    expect(new Date(instantOf(zone, at(wall))).toISOString()).toBe(new Date(at(instant)).toISOString());
  });
});
