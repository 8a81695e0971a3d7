/**
 * Recurrence rules: those that calendars for people make, expanded by ical.js by the wall. Its iterator does not come to an end for some rules that match
 * nothing, or jump far (DAILY with BYMONTHDAY=30 in February; INTERVAL=999999999), and gives 2 March for a 30 February; so only shapes are let in for which
 * `ics-rule.test-prop.ts` shows that it gives what stepping from day to day gives. Source: RFC 5545, section 3.3.10.
 */
import ICAL from 'ical.js';

type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** What may stand beside BYDAY's weekdays, per frequency. */
const ALLOWED: Readonly<Record<Frequency, readonly string[]>> = {
  DAILY: ['byday'],
  WEEKLY: ['byday'],
  MONTHLY: ['byday', 'bymonthday', 'bysetpos'],
  YEARLY: ['bymonth', 'byday', 'bymonthday', 'bysetpos'],
};
const ALWAYS_ALLOWED: readonly string[] = ['freq', 'interval', 'count', 'until', 'wkst'];
const MOST_INTERVAL = 400;
/** February as in most years: ical.js leaves out all other days of a year in which one does not exist. */
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A rule as ical.js reads it: parts in small letters. */
export type RuleParts = Readonly<Record<string, unknown>>;

/** Why a rule is not expanded for an entry that starts on this day (a wall time, as if it were UTC); null where it is. */
export function ruleProblem(rule: unknown, startMs: number): string | null {
  if (typeof rule !== 'object' || rule === null) return 'RRULE: expected a rule, got none';
  const parts = rule as RuleParts;
  const freq = String(parts['freq']);
  if (!isFrequency(freq)) return `RRULE: expected DAILY, WEEKLY, MONTHLY or YEARLY, got ${freq.slice(0, 20)}`;
  const odd = Object.keys(parts).find((part) => !ALWAYS_ALLOWED.includes(part) && !ALLOWED[freq].includes(part));
  if (odd !== undefined)
    return `RRULE: expected ${freq} with no more than ${ALLOWED[freq].join(', ').toUpperCase()}, got ${odd.toUpperCase().slice(0, 20)}`;
  const isLeapDay = new Date(startMs).toISOString().slice(5, 10) === '02-29';
  if (freq === 'YEARLY' && isLeapDay && parts['byday'] === undefined)
    return 'RRULE: expected a YEARLY rule to start on a day that every year has, got a 29 February';
  return countsProblem(parts) ?? daysProblem(freq, parts);
}

function isFrequency(freq: string): freq is Frequency {
  return Object.hasOwn(ALLOWED, freq);
}

function countsProblem({ interval = 1, count }: RuleParts): string | null {
  const isCount = (value: unknown, most: number): boolean =>
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
  if (!isCount(interval, MOST_INTERVAL))
    return `RRULE: expected INTERVAL from 1 to ${MOST_INTERVAL}, got ${JSON.stringify(interval).slice(0, 20)}`;
  if (count !== undefined && !isCount(count, 1_000_000))
    return `RRULE: expected COUNT from 1 on, got ${JSON.stringify(count).slice(0, 20)}`;
  return null;
}

function daysProblem(freq: Frequency, parts: RuleParts): string | null {
  const [weekdays, days] = [listOf(parts['byday']).map(String), listOf(parts['bymonthday']).map(Number)];
  const [months, places] = [listOf(parts['bymonth']).map(Number), listOf(parts['bysetpos']).map(Number)];
  const isOrdinal = weekdays.some((weekday) => /\d/.test(weekday));
  if (weekdays.length > 0 && days.length > 0) return 'RRULE: expected BYDAY or BYMONTHDAY, got both';
  if (weekdays.some((weekday) => !/^([+-]?[1-5])?(SU|MO|TU|WE|TH|FR|SA)$/.test(weekday)))
    return 'RRULE: expected weekdays such as MO, 2TU or -1FR in BYDAY, got others';
  if (freq === 'DAILY' && weekdays.length > 0 && (parts['interval'] ?? 1) !== 1)
    return 'RRULE: expected BYDAY in a DAILY rule with INTERVAL=1, got another';
  if (isOrdinal && (freq === 'DAILY' || freq === 'WEEKLY')) return `RRULE: expected plain weekdays in a ${freq} rule, got the n-th of them`;
  if (places.length > 0 && (weekdays.length === 0 || isOrdinal)) return 'RRULE: expected BYSETPOS with plain weekdays, got it without';
  // Every month has four of every weekday: what lies beyond may never come.
  if (places.some((place) => place === 0 || Math.abs(place) > 4))
    return 'RRULE: expected BYSETPOS from 1 to 4 or from -1 to -4, got another';
  if (freq === 'YEARLY' && (weekdays.length > 0 || days.length > 0) && months.length === 0)
    return 'RRULE: expected BYMONTH in a YEARLY rule with days, got none';
  const most = Math.min(...months.map((month) => MONTH_DAYS[month - 1] ?? 0), 31);
  if (days.some((day) => day === 0 || Math.abs(day) > most)) return `RRULE: expected days of a month from 1 to ${most}, got another`;
  return null;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** The days of a rule that was let in, from the first one on, as ical.js finds them: wall times as if they were UTC. UNTIL is the caller's. */
export function* occurrencesOf(rule: RuleParts, startMs: number): Generator<number> {
  const { until: _until, ...parts } = rule;
  const start = new Date(startMs);
  const first = new ICAL.Time(
    {
      year: start.getUTCFullYear(),
      month: start.getUTCMonth() + 1,
      day: start.getUTCDate(),
      hour: start.getUTCHours(),
      minute: start.getUTCMinutes(),
      second: start.getUTCSeconds(),
      isDate: false,
    },
    ICAL.Timezone.utcTimezone,
  );
  const iterator = ICAL.Recur.fromData(parts).iterator(first);
  for (let next = iterator.next(); next as unknown; next = iterator.next())
    yield Date.UTC(next.year, next.month - 1, next.day, next.hour, next.minute, next.second);
}
