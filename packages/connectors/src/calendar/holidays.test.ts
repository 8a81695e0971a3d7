import { describe, expect, it } from 'vitest';
import { coverageAt } from '@lockstep/domain/routing/calendar.ts';
import type { WorkCalendar } from '@lockstep/domain/routing/calendar.ts';
import { createHolidaySource } from './holidays.ts';

const source = createHolidaySource();
const dates = (region: string, ...years: readonly number[]): readonly string[] =>
  source.holidaysOf(region, years).map(({ date, from }) => (from === undefined ? date : `${date} ${from}`));

describe('public holidays', () => {
  it('08 of Bavaria are not those of Berlin, and both have the country’s', () => {
    const [bavaria, berlin, germany] = [dates('DE-BY', 2026), dates('DE-BE', 2026), dates('DE', 2026)];
    expect(bavaria).toContain('2026-01-06');
    expect(berlin).not.toContain('2026-01-06');
    expect(berlin).toContain('2026-03-08');
    expect(germany.every((date) => bavaria.includes(date) && berlin.includes(date))).toBe(true);
    expect(source.holidaysOf('DE-BY', [2026])[1]).toEqual({ date: '2026-01-06', region: 'DE-BY', name: 'Heilige Drei Könige' });
  });

  it('08 Munich is off with the reason HOLIDAY:DE-BY while Berlin works', () => {
    const calendar = (region: string): WorkCalendar => ({
      zone: 'Europe/Berlin',
      week: [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' })),
      holidays: source.holidaysOf(region, [2026]),
      absences: [],
    });
    const at = Date.parse('2026-01-06T10:00Z');
    expect(coverageAt(calendar('DE-BY'), at)).toMatchObject({ reason: 'HOLIDAY:DE-BY', untilMs: Date.parse('2026-01-07T08:00Z') });
    expect(coverageAt(calendar('DE-BE'), at)).toEqual({ kind: 'working' });
  });

  it('08 substitute days count, several days are several dates, and half days begin at noon', () => {
    // 26 December 2026 is a Saturday: the bank holiday is on the Monday.
    expect(dates('GB-ENG', 2026)).toContain('2026-12-28');
    expect(dates('KR', 2026)).toEqual(expect.arrayContaining(['2026-02-17', '2026-02-18', '2026-02-19']));
    expect(dates('TR', 2026)).toEqual(expect.arrayContaining(['2026-03-20', '2026-03-21', '2026-03-22']));
    expect(dates('TR', 2026)).not.toContain('2026-03-23');
    expect(dates('CW', 2026)).toContain('2026-12-31 12:00');
  });

  it('09 of several years come by date', () => {
    const found = dates('DE-BY', 2027, 2026);
    expect(found).toEqual([...found].toSorted());
    expect([found[0], found.at(-1)]).toEqual(['2026-01-01', '2027-12-26']);
  });

  it.each([
    ['XX', 'countries: AD, AE'],
    ['DE-XX', 'states of DE: BB, BE, BW, BY'],
    ['DE-BY-XX', 'regions of DE-BY: A, EVANG'],
    ['DE-BY-A-1', 'parts of a region: none'],
    ['de', 'countries: AD'],
    ['', 'countries: AD'],
    ['constructor', 'countries: AD'],
  ])('08 a region that is not there is refused with those that are: %j', (region, message) => {
    expect(() => source.holidaysOf(region, [2026])).toThrow(message);
  });

  it('08 a year that is none is refused', () => {
    expect(() => source.holidaysOf('DE', [26])).toThrow('holidays DE: expected a year from 1970 to 2100, got 26');
  });
});
