/**
 * What a deadline is, worked out a second time and in another way: minute after minute, by what the platform's `Intl.DateTimeFormat` says that the wall shows.
 * Nothing of ours and no polyfill is used here. Intl is asked once a day; where the wall has not gone 24 hours on, the day is halved until the minute of the
 * change is found.
 */

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
/** As many days of a zone are remembered, from 1970 on. */
const KNOWN_DAYS = 25_000;

/** A calendar as the oracle reads it: everything in minutes. */
export interface OracleCalendar {
  readonly zone: string;
  /** `from` and the length of a block that starts on an ISO weekday. */
  readonly week: readonly { readonly day: number; readonly from: number; readonly minutes: number }[];
  /** Dates as days since 1970-01-01, and the minute from which they are one. */
  readonly holidays: readonly { readonly date: number; readonly from: number }[];
  /** In minutes since 1970-01-01T00:00Z. */
  readonly absences: readonly { readonly from: number; readonly to: number }[];
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The minutes since 1970 that a zone's wall shows, as if it were UTC. */
export function wallMinute(zone: string, minute: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...parts });
    formats.set(zone, format);
  }
  // "10/23/2026, 16:30"
  const text = format.format(minute * MINUTE_MS);
  const at = (from: number, to: number): number => Number(text.slice(from, to));
  return Date.UTC(at(6, 10), at(0, 2) - 1, at(3, 5), at(12, 14), at(15, 17)) / MINUTE_MS;
}

const midnights = new Map<string, Float64Array>();

/** What a zone's wall shows at midnight in UTC, of the day with this number since 1970. */
function wallAtMidnight(zone: string, day: number): number {
  let known = midnights.get(zone);
  if (known === undefined) {
    known = new Float64Array(KNOWN_DAYS).fill(Number.NaN);
    midnights.set(zone, known);
  }
  if (Number.isNaN(known[day])) known[day] = wallMinute(zone, day * DAY_MINUTES);
  return known[day] ?? Number.NaN;
}

/** For every minute from the first day to before the last: what the wall shows. */
function wallMinutes(zone: string, firstDay: number, lastDay: number): Float64Array {
  const first = firstDay * DAY_MINUTES;
  const walls = new Float64Array((lastDay - firstDay) * DAY_MINUTES);
  const fill = (low: number, high: number, wallLow: number, wallHigh: number): void => {
    if (wallHigh - wallLow === high - low || high - low === 1) {
      for (let minute = low; minute < high; minute += 1) walls[minute - first] = wallLow + (minute - low);
      return;
    }
    const middle = Math.floor((low + high) / 2);
    const wallMiddle = wallMinute(zone, middle);
    fill(low, middle, wallLow, wallMiddle);
    fill(middle, high, wallMiddle, wallHigh);
  };
  for (let day = firstDay; day < lastDay; day += 1)
    fill(day * DAY_MINUTES, (day + 1) * DAY_MINUTES, wallAtMidnight(zone, day), wallAtMidnight(zone, day + 1));
  return walls;
}

/** Days of a year on which a zone's wall does not go 24 hours on: their first minutes, in UTC. Looks between fortnights, which finds enough of them. */
export function daysOfChange(zone: string, year: number): readonly number[] {
  const last = Date.UTC(year + 1, 0, 1) / MINUTE_MS / DAY_MINUTES;
  const ahead = (day: number): number => wallAtMidnight(zone, day) - day * DAY_MINUTES;
  const found: number[] = [];
  for (let day = Date.UTC(year, 0, 1) / MINUTE_MS / DAY_MINUTES; day < last; day += 14) {
    if (ahead(day) === ahead(day + 14)) continue;
    let [low, high] = [day, day + 14];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (ahead(middle) === ahead(day)) low = middle;
      else high = middle;
    }
    found.push(low * DAY_MINUTES);
  }
  return found;
}

/** Every minute of a plain week, 1 where somebody works. The week begins on a Monday and goes round. */
function minutesOfWeek({ week }: OracleCalendar): Uint8Array {
  const minutes = new Uint8Array(7 * DAY_MINUTES);
  for (const block of week)
    for (let minute = 0; minute < block.minutes; minute += 1)
      minutes[((block.day - 1) * DAY_MINUTES + block.from + minute) % minutes.length] = 1;
  return minutes;
}

/** For every minute of those days: 1 where the calendar works. */
function worked(calendar: OracleCalendar, firstDay: number, lastDay: number): Uint8Array {
  const walls = wallMinutes(calendar.zone, firstDay, lastDay);
  const week = minutesOfWeek(calendar);
  const result = new Uint8Array(walls.length);
  for (let index = 0; index < walls.length; index += 1) {
    const wall = walls[index] ?? 0;
    // 1970-01-05 was a Monday.
    if (week[(((wall - 4 * DAY_MINUTES) % week.length) + week.length) % week.length] === 0) continue;
    const minute = firstDay * DAY_MINUTES + index;
    if (calendar.absences.some(({ from, to }) => from <= minute && minute < to)) continue;
    const date = Math.floor(wall / DAY_MINUTES);
    if (calendar.holidays.some((holiday) => holiday.date === date && wall - date * DAY_MINUTES >= holiday.from)) continue;
    result[index] = 1;
  }
  return result;
}

export interface OracleRequest {
  readonly calendars: readonly OracleCalendar[];
  readonly combined: 'any' | 'all';
  readonly fromMs: number;
  readonly amountMs: number;
  readonly days: number;
}

export interface OracleAnswer {
  /** Null: not within the days. */
  readonly deadlineMs: number | null;
  readonly firstMs: number | null;
  readonly workedMs: number;
}

/** Steps through every minute of the days from `fromMs` on. */
export function stepMinutes({ calendars, combined, fromMs, amountMs, days }: OracleRequest): OracleAnswer {
  const endMs = fromMs + days * DAY_MINUTES * MINUTE_MS;
  const firstDay = Math.floor(fromMs / MINUTE_MS / DAY_MINUTES);
  const lastDay = Math.ceil(endMs / MINUTE_MS / DAY_MINUTES);
  const all = calendars.map((calendar) => worked(calendar, firstDay, lastDay));
  const wanted = combined === 'any' ? 1 : all.length;
  let deadlineMs = amountMs === 0 ? fromMs : null;
  let firstMs: number | null = null;
  let workedMs = 0;
  for (let index = Math.floor(fromMs / MINUTE_MS) - firstDay * DAY_MINUTES; ; index += 1) {
    const minuteMs = (firstDay * DAY_MINUTES + index) * MINUTE_MS;
    if (minuteMs >= endMs) return { deadlineMs, firstMs, workedMs };
    let working = 0;
    for (const minutes of all) working += minutes[index] ?? 0;
    if (working < wanted) continue;
    // The first and the last minute may be parts of one.
    const startMs = Math.max(fromMs, minuteMs);
    const lengthMs = Math.min(endMs, minuteMs + MINUTE_MS) - startMs;
    firstMs ??= startMs;
    if (deadlineMs === null && workedMs + lengthMs >= amountMs) deadlineMs = startMs + amountMs - workedMs;
    workedMs += lengthMs;
  }
}
