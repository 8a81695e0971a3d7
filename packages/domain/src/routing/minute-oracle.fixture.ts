/**
 * What a deadline is, worked out a second time and in another way: minute after minute, by what the platform's `Intl.DateTimeFormat` says that the wall shows.
 * Nothing of ours and no polyfill is used here. Intl is asked at the ends of six hours; where the wall has not gone six hours on, they are halved until the
 * minute of the change is found.
 */

const DAY_MINUTES = 1_440;
const MINUTE_MS = 60_000;
const STEP_MINUTES = 360;

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

/** For every minute from the first to before the last: what the wall shows. */
export function wallMinutes(zone: string, first: number, last: number): Float64Array {
  const walls = new Float64Array(last - first);
  const fill = (low: number, high: number, wallLow: number, wallHigh: number): void => {
    if (wallHigh - wallLow === high - low || high - low === 1) {
      for (let minute = low; minute < Math.min(high, last); minute += 1) walls[minute - first] = wallLow + (minute - low);
      return;
    }
    const middle = Math.floor((low + high) / 2);
    const wallMiddle = wallMinute(zone, middle);
    fill(low, middle, wallLow, wallMiddle);
    fill(middle, high, wallMiddle, wallHigh);
  };
  let wall = wallMinute(zone, first);
  for (let low = first; low < last; low += STEP_MINUTES) {
    const next = wallMinute(zone, low + STEP_MINUTES);
    fill(low, low + STEP_MINUTES, wall, next);
    wall = next;
  }
  return walls;
}

/** The days of a year on which a zone's wall does not go 24 hours on: their first minutes, in UTC. */
export function daysOfChange(zone: string, year: number): readonly number[] {
  const first = Date.UTC(year, 0, 1) / MINUTE_MS;
  const last = Date.UTC(year + 1, 0, 1) / MINUTE_MS;
  const found: number[] = [];
  let wall = wallMinute(zone, first);
  for (let minute = first; minute < last; minute += DAY_MINUTES) {
    const next = wallMinute(zone, minute + DAY_MINUTES);
    if (next - wall !== DAY_MINUTES) found.push(minute);
    wall = next;
  }
  return found;
}

/** Whether a calendar works in the minute that begins at `minute` UTC, when its wall shows `wall`. */
function works(calendar: OracleCalendar, minute: number, wall: number): boolean {
  const date = Math.floor(wall / DAY_MINUTES);
  const ofDay = wall - date * DAY_MINUTES;
  // 1970-01-05 was a Monday.
  const weekday = ((((date - 4) % 7) + 7) % 7) + 1;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  for (const absence of calendar.absences) if (absence.from <= minute && minute < absence.to) return false;
  for (const holiday of calendar.holidays) if (holiday.date === date && ofDay >= holiday.from) return false;
  for (const block of calendar.week) {
    if (block.day === weekday && ofDay >= block.from && ofDay < block.from + block.minutes) return true;
    if (block.day === yesterday && ofDay + DAY_MINUTES >= block.from && ofDay + DAY_MINUTES < block.from + block.minutes) return true;
  }
  return false;
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
  const first = Math.floor(fromMs / MINUTE_MS);
  const endMs = fromMs + days * DAY_MINUTES * MINUTE_MS;
  const last = Math.ceil(endMs / MINUTE_MS);
  const walls = calendars.map(({ zone }) => wallMinutes(zone, first, last));
  let deadlineMs = amountMs === 0 ? fromMs : null;
  let firstMs: number | null = null;
  let workedMs = 0;
  for (let minute = first; minute < last; minute += 1) {
    const at = (calendar: OracleCalendar, index: number): boolean => works(calendar, minute, walls[index]?.[minute - first] ?? 0);
    if (!(combined === 'any' ? calendars.some(at) : calendars.every(at))) continue;
    // The first and the last minute may be parts of one.
    const startMs = Math.max(fromMs, minute * MINUTE_MS);
    const lengthMs = Math.min(endMs, (minute + 1) * MINUTE_MS) - startMs;
    firstMs ??= startMs;
    if (deadlineMs === null && workedMs + lengthMs >= amountMs) deadlineMs = startMs + amountMs - workedMs;
    workedMs += lengthMs;
  }
  return { deadlineMs, firstMs, workedMs };
}
