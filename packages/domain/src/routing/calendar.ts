/**
 * A working calendar is data: a zone, weekly blocks, holidays as dates, absences as instants. One rule says what it means, whatever the clocks do:
 *
 * **An instant is working while the zone's clock on the wall shows a time that lies in a block, on a date that is no holiday, and no absence covers it.**
 *
 * So where clocks are put forward, a block that starts in the hour that is missing begins at the gap's end, one that ends in it ends at the gap's start, and
 * one that lies in it is not there on that day. Where clocks are put back, what the wall shows twice counts twice: a night shift from 22:00 to 06:00 has nine
 * hours. A date that a zone leaves out (Pacific/Apia, 2011-12-30) has no instants; a midnight that does not exist is a gap like any other.
 */
import { CHUNK_MS, DAY_MS, isZone, offsetAt, offsetsOf } from './zone.ts';

/** Hours of work on one day of the week, by the wall: from `from` to before `to`. */
export interface WeeklyBlock {
  /** The ISO weekday on which it starts: 1 is Monday, 7 is Sunday. */
  readonly day: number;
  /** `HH:MM`, 00:00 to 23:59. */
  readonly from: string;
  /** `HH:MM`, 00:00 to 24:00. Not after `from`: it ends on the next day (a night shift; `09:00` to `09:00` is 24 hours). */
  readonly to: string;
}

export interface Holiday {
  /** `YYYY-MM-DD`: the date on the wall, from midnight to midnight. */
  readonly date: string;
  /** Where it is one: `DE-BY`. */
  readonly region: string;
  readonly name: string;
  /** `HH:MM`: it begins then (New Year's Eve from noon). Left out: the whole date. */
  readonly from?: string;
}

/** Time away, to the minute or better: an afternoon is an absence as well as a fortnight. */
export interface Absence {
  /** The same for the same absence, whenever it is read. */
  readonly id: string;
  readonly fromIso: string;
  /** Not included. */
  readonly toIso: string;
  /** A code, never somebody's words: why people are away is theirs. */
  readonly reason: string;
}

export interface WorkCalendar {
  /** IANA name. */
  readonly zone: string;
  readonly week: readonly WeeklyBlock[];
  readonly holidays: readonly Holiday[];
  readonly absences: readonly Absence[];
}

/** Time from `fromMs` to before `toMs`, epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** A part of a day, in minutes of the wall. */
interface Minutes {
  readonly from: number;
  readonly to: number;
}

/** A calendar, read: what the wall shows on a plain Monday … Sunday, the dates that differ, and when nobody is there. */
export interface ReadCalendar {
  readonly zone: string;
  /** By ISO weekday, 1–7, in order, not touching; the night before is in it. */
  readonly days: readonly (readonly Minutes[])[];
  /** By the date's number, days since 1970-01-01. */
  readonly holidays: ReadonlyMap<number, readonly { readonly holiday: Holiday; readonly from: number }[]>;
  /** In order, not touching. */
  readonly absences: readonly Span[];
}

/** A calendar's objects do not change: what was read of one is kept as long as it is. */
const readings = new WeakMap<WorkCalendar, ReadCalendar>();

/** What is wrong with a calendar, each as one line: where, expected, got. Empty: every function here takes it. */
export function calendarProblems(calendar: WorkCalendar): readonly string[] {
  const problems: string[] = [];
  if (!isZone(calendar.zone)) problems.push(`zone: expected an IANA name such as Europe/Berlin, got ${JSON.stringify(calendar.zone)}`);
  for (const [index, { day, from, to }] of calendar.week.entries()) {
    if (!Number.isInteger(day) || day < 1 || day > 7)
      problems.push(`week[${index}].day: expected an ISO weekday, 1 to 7, got ${String(day)}`);
    if (!(minutesOf(from) < DAY_MINUTES)) problems.push(`week[${index}].from: expected HH:MM, 00:00 to 23:59, got ${JSON.stringify(from)}`);
    if (Number.isNaN(minutesOf(to))) problems.push(`week[${index}].to: expected HH:MM, 00:00 to 24:00, got ${JSON.stringify(to)}`);
  }
  for (const [index, { date, from = '00:00' }] of calendar.holidays.entries()) {
    if (Number.isNaN(dateNumber(date))) problems.push(`holidays[${index}].date: expected a date, YYYY-MM-DD, got ${JSON.stringify(date)}`);
    if (!(minutesOf(from) < DAY_MINUTES))
      problems.push(`holidays[${index}].from: expected HH:MM, 00:00 to 23:59, got ${JSON.stringify(from)}`);
  }
  for (const [index, { id, fromIso, toIso }] of calendar.absences.entries())
    if (!(instantMs(fromIso) < instantMs(toIso)))
      problems.push(`absences[${index}] (${id}): expected instants with a zone, from before to, got ${fromIso} to ${toIso}`);
  return problems;
}

/** A calendar, read once. @throws RangeError that names every problem: a calendar that is half understood gives wrong deadlines. */
export function readCalendar(calendar: WorkCalendar): ReadCalendar {
  const kept = readings.get(calendar);
  if (kept !== undefined) return kept;
  const problems = calendarProblems(calendar);
  if (problems.length > 0) throw new RangeError(`calendar: ${problems.join('; ')}`);
  const holidays = new Map<number, { holiday: Holiday; from: number }[]>();
  for (const holiday of calendar.holidays) {
    const date = dateNumber(holiday.date);
    holidays.set(date, [...(holidays.get(date) ?? []), { holiday, from: minutesOf(holiday.from ?? '00:00') }]);
  }
  const absences = joined(
    calendar.absences
      .map(({ fromIso, toIso }) => ({ fromMs: instantMs(fromIso), toMs: instantMs(toIso) }))
      .toSorted((left, right) => left.fromMs - right.fromMs),
  );
  const read = { zone: calendar.zone, days: daysOf(calendar.week), holidays, absences };
  readings.set(calendar, read);
  return read;
}

/** The instants of one chunk of time (`CHUNK_MS`) in which a calendar is working: in order, not touching. */
export function workingIn(calendar: WorkCalendar, chunk: number): readonly Span[] {
  const read = readCalendar(calendar);
  const spans: Span[] = [];
  for (const { fromMs, toMs, offsetMs } of offsetsOf(read.zone, chunk)) {
    const lastDate = Math.floor((toMs - 1 + offsetMs) / DAY_MS);
    for (let date = Math.floor((fromMs + offsetMs) / DAY_MS); date <= lastDate; date += 1) {
      const endsAt = holidayFrom(read, date);
      for (const { from, to } of read.days[weekdayOf(date)] ?? []) {
        const start = Math.max(fromMs, date * DAY_MS + from * MINUTE_MS - offsetMs);
        const end = Math.min(toMs, date * DAY_MS + Math.min(to, endsAt) * MINUTE_MS - offsetMs);
        if (start < end) spans.push({ fromMs: start, toMs: end });
      }
    }
  }
  return without(joined(spans), read.absences);
}

/** Why nobody works at an instant. `HOLIDAY:DE-BY` goes before `ABSENT`, and that before `OFF_HOURS`. */
export type OffReason = `HOLIDAY:${string}` | 'ABSENT' | 'OFF_HOURS';

export type Coverage =
  | { readonly kind: 'working' }
  | {
      readonly kind: 'off';
      readonly reason: OffReason;
      /** The holiday's name or the absence's id; null out of hours. */
      readonly detail: string | null;
      /** When work begins again; null: not within the days that were looked at, whose end is not one of them. */
      readonly untilMs: number | null;
    };

/** Whether a calendar is working at an instant; where it is not, why, and until when. Looks `limitDays` ahead. @throws RangeError as `readCalendar`. */
export function coverageAt(calendar: WorkCalendar, atMs: number, limitDays = 400): Coverage {
  const last = Math.floor((atMs + limitDays * DAY_MS) / CHUNK_MS);
  let untilMs: number | null = null;
  for (let chunk = Math.floor(atMs / CHUNK_MS); chunk <= last && untilMs === null; chunk += 1) {
    const next = workingIn(calendar, chunk).find(({ toMs }) => toMs > atMs);
    if (next !== undefined) untilMs = next.fromMs;
  }
  if (untilMs !== null && untilMs <= atMs) return { kind: 'working' };
  return { kind: 'off', ...reasonAt(calendar, atMs), untilMs: untilMs !== null && untilMs < atMs + limitDays * DAY_MS ? untilMs : null };
}

function reasonAt(calendar: WorkCalendar, atMs: number): { readonly reason: OffReason; readonly detail: string | null } {
  const read = readCalendar(calendar);
  const wallMs = atMs + offsetAt(read.zone, atMs);
  const minute = (wallMs - Math.floor(wallMs / DAY_MS) * DAY_MS) / MINUTE_MS;
  const found = read.holidays.get(Math.floor(wallMs / DAY_MS))?.find(({ from }) => from <= minute);
  if (found !== undefined) return { reason: `HOLIDAY:${found.holiday.region}`, detail: found.holiday.name };
  const absence = calendar.absences.find(({ fromIso, toIso }) => instantMs(fromIso) <= atMs && atMs < instantMs(toIso));
  return absence === undefined ? { reason: 'OFF_HOURS', detail: null } : { reason: 'ABSENT', detail: absence.id };
}

/** The minute of a date from which it is a holiday; past the day's end where it is none. */
function holidayFrom(read: ReadCalendar, date: number): number {
  return Math.min(DAY_MINUTES, ...(read.holidays.get(date) ?? []).map(({ from }) => from));
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(date: number): number {
  return ((((date + 3) % 7) + 7) % 7) + 1;
}

/** The week by the days of the wall: a night shift is the end of one day and the start of the next. */
function daysOf(week: readonly WeeklyBlock[]): readonly (readonly Minutes[])[] {
  const days: Minutes[][] = Array.from({ length: 8 }, () => []);
  for (const block of week) {
    const [from, to] = [minutesOf(block.from), minutesOf(block.to)];
    if (to > from) days[block.day]?.push({ from, to });
    else {
      days[block.day]?.push({ from, to: DAY_MINUTES });
      if (to > 0) days[(block.day % 7) + 1]?.push({ from: 0, to });
    }
  }
  return days.map((parts) => {
    const ordered = parts.map(({ from, to }) => ({ fromMs: from, toMs: to })).toSorted((left, right) => left.fromMs - right.fromMs);
    return joined(ordered).map(({ fromMs, toMs }) => ({ from: fromMs, to: toMs }));
  });
}

/** Spans in the order of their starts, those that touch or overlap made one. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const before = result.at(-1);
    if (before !== undefined && span.fromMs <= before.toMs) {
      if (span.toMs > before.toMs) result[result.length - 1] = { fromMs: before.fromMs, toMs: span.toMs };
    } else result.push(span);
  }
  return result;
}

/** What is left of spans when others are taken away; both in order and not touching. */
function without(spans: readonly Span[], away: readonly Span[]): readonly Span[] {
  if (away.length === 0) return spans;
  return spans.flatMap((span) => {
    const left: Span[] = [];
    let fromMs = span.fromMs;
    for (const gap of away) {
      if (gap.toMs <= fromMs || gap.fromMs >= span.toMs) continue;
      if (gap.fromMs > fromMs) left.push({ fromMs, toMs: gap.fromMs });
      fromMs = gap.toMs;
    }
    return fromMs < span.toMs ? [...left, { fromMs, toMs: span.toMs }] : left;
  });
}

/** Minutes since midnight; NaN for what is no time of a day. */
function minutesOf(time: string): number {
  const [, hours = '', minutes = ''] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(time) ?? [];
  const total = hours === '' ? Number.NaN : Number(hours) * 60 + Number(minutes);
  return total <= DAY_MINUTES ? total : Number.NaN;
}

/** Days since 1970-01-01; NaN for what is no date. */
function dateNumber(date: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date) ? ms / DAY_MS : Number.NaN;
}

/** An instant with a zone; a text without one would mean another instant on another machine. */
function instantMs(iso: string): number {
  return /T.*(Z|[+-]\d\d:?\d\d)$/.test(iso) ? Date.parse(iso) : Number.NaN;
}
