import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { occurrencesOf, ruleProblem } from './ics-rule.ts';
import type { RuleParts } from './ics-rule.ts';

const DAY_MS = 86_400_000;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const NINE_MS = 9 * 3_600_000;

const weekday = fc.constantFrom(...WEEKDAYS);
const someWeekdays = fc.uniqueArray(weekday, { minLength: 1, maxLength: 4 });
const nth = fc.tuple(fc.constantFrom(1, 2, 3, 4, -1), weekday).map(([n, day]) => `${n}${day}`);
const monthDays = fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 3 });
const months = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 3 });
const setPos = fc.constantFrom(1, 2, -1);
const interval = fc.integer({ min: 1, max: 4 });

/** Days from 2020-01-01; the 31 January and the 29 February among them. */
const startDay = fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.constantFrom(30, 59));

/** The rules that people's calendars make. */
const rule: fc.Arbitrary<RuleParts> = fc.oneof(
  fc.record({ freq: fc.constant('DAILY'), interval }),
  fc.record({ freq: fc.constant('DAILY'), byday: someWeekdays }),
  fc.record({ freq: fc.constant('WEEKLY'), interval }),
  fc.record({ freq: fc.constant('WEEKLY'), interval, byday: someWeekdays }),
  fc.record({ freq: fc.constant('MONTHLY'), interval }),
  fc.record({ freq: fc.constant('MONTHLY'), interval, bymonthday: monthDays }),
  fc.record({ freq: fc.constant('MONTHLY'), interval, bymonthday: fc.constant([-1]) }),
  fc.record({ freq: fc.constant('MONTHLY'), interval, byday: fc.array(nth, { minLength: 1, maxLength: 1 }) }),
  fc.record({ freq: fc.constant('MONTHLY'), interval, byday: someWeekdays, bysetpos: setPos.map((n) => [n]) }),
  fc.record({ freq: fc.constant('YEARLY'), interval }),
  fc.record({ freq: fc.constant('YEARLY'), interval, bymonth: months, bymonthday: monthDays }),
  fc.record({ freq: fc.constant('YEARLY'), interval, bymonth: months, byday: fc.array(nth, { minLength: 1, maxLength: 1 }) }),
);

/** Whether a day is one of a rule's, by what the RFC says and nothing else. Weeks begin on Monday. */
function isDay(parts: RuleParts, first: Date, day: Date): boolean {
  const list = (name: string): readonly (string | number)[] => (parts[name] as (string | number)[] | undefined) ?? [];
  const every = Number(parts['interval'] ?? 1);
  const week = (date: Date): number => Math.floor((date.getTime() / DAY_MS + 3) / 7);
  const month = (date: Date): number => date.getUTCFullYear() * 12 + date.getUTCMonth();
  const apart: Readonly<Record<string, number>> = {
    DAILY: Math.round((day.getTime() - first.getTime()) / DAY_MS),
    WEEKLY: week(day) - week(first),
    MONTHLY: month(day) - month(first),
    YEARLY: day.getUTCFullYear() - first.getUTCFullYear(),
  };
  if ((apart[String(parts['freq'])] ?? 0) % every !== 0) return false;
  if (list('bymonth').length > 0 && !list('bymonth').includes(day.getUTCMonth() + 1)) return false;
  const [date, last] = [day.getUTCDate(), new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate()];
  if (list('bymonthday').length > 0 && !list('bymonthday').some((wanted) => wanted === date || wanted === date - last - 1)) return false;
  const name = (of: number): string => WEEKDAYS[new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), of)).getUTCDay()] ?? '';
  const byDay = list('byday').map(String);
  if (byDay.length > 0) {
    const [fromStart, fromTheEnd] = [Math.ceil(date / 7), -Math.ceil((last - date + 1) / 7)];
    const own = name(date);
    if (!byDay.some((wanted) => wanted === own || wanted === `${fromStart}${own}` || wanted === `${fromTheEnd}${own}`)) return false;
  }
  const setAt = list('bysetpos');
  if (setAt.length > 0) {
    const all = Array.from({ length: last }, (_, index) => index + 1).filter((each) => byDay.includes(name(each)));
    return setAt.some((n) => all.at(Number(n) > 0 ? Number(n) - 1 : Number(n)) === date);
  }
  if (parts['freq'] === 'YEARLY' && parts['bymonth'] === undefined)
    return day.getUTCMonth() === first.getUTCMonth() && day.getUTCDate() === first.getUTCDate();
  if (parts['freq'] === 'MONTHLY' && byDay.length === 0 && list('bymonthday').length === 0) return date === first.getUTCDate();
  if (parts['freq'] === 'WEEKLY' && byDay.length === 0) return day.getUTCDay() === first.getUTCDay();
  return true;
}

/** The first days of a rule by stepping; the start is put on the first of them, as the RFC wants it. */
function stepped(parts: RuleParts, fromMs: number, most: number): readonly number[] {
  let first: Date | null = null;
  const found: number[] = [];
  for (let step = 0; step < 12_000 && found.length < most; step += 1) {
    const day = new Date(fromMs + step * DAY_MS);
    if (first === null && isDay({ ...parts, interval: 1 }, day, day)) first = day;
    if (first !== null && isDay(parts, first, day)) found.push(day.getTime());
  }
  return found;
}

describe('a recurrence rule that is let in', () => {
  it('01 gives the days that stepping from day to day gives', () => {
    fc.assert(
      fc.property(rule, startDay, (parts, offset) => {
        const wanted = stepped(parts, Date.UTC(2020, 0, 1) + offset * DAY_MS + NINE_MS, 12);
        const [firstMs] = wanted;
        fc.pre(firstMs !== undefined && ruleProblem(parts, firstMs) === null);
        const found: number[] = [];
        for (const atMs of occurrencesOf(parts, firstMs ?? 0)) {
          found.push(atMs);
          if (found.length === wanted.length) break;
        }
        expect(found.map((ms) => new Date(ms).toISOString())).toEqual(wanted.map((ms) => new Date(ms).toISOString()));
      }),
      { numRuns: 500 },
    );
  });
});
