/**
 * Days ⇄ HubSpot's instants. An instant's day is taken in one zone, that of the mapping; a new day is put at noon there, so that it is the same day for
 * readers up to eleven hours away. The time of day that a person chose stays when only the day changes (law S9).
 */

/**
 * HubSpot refuses a task without a due date: this instant says that there is none. It is recognised by value and read as empty, also by a store that was
 * lost and is rebuilt; in lists it sorts last and it is never overdue.
 */
export const NO_DUE_DATE = '2099-12-31T00:00:00.000Z';

const NOON_MS = 12 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** The day of an instant (ISO or epoch milliseconds) or of a day; null for none; undefined where it is neither. */
export function decodeDay(value: string | null, timeZone: string): string | null | undefined {
  if (value === null || value === '') return null;
  if (isDay(value)) return value;
  const atMs = instantOf(value);
  if (atMs === null) return undefined;
  return atMs === Date.parse(NO_DUE_DATE) ? null : new Date(atMs + offsetMs(atMs, timeZone)).toISOString().slice(0, 10);
}

/** The instant for a day: `before` where it is on that day, the same time of day where `before` is on another, else noon. Null for what is no day. */
export function encodeDay(day: string | null, before: string | null, timeZone: string): string | null {
  if (day === null || day === '') return NO_DUE_DATE;
  if (!isDay(day)) return null;
  const old = before === null ? undefined : decodeDay(before, timeZone);
  if (before !== null && old === day) return before;
  const beforeMs = typeof old === 'string' && before !== null ? instantOf(before) : null;
  const timeMs = beforeMs === null ? NOON_MS : modulo(beforeMs + offsetMs(beforeMs, timeZone), DAY_MS);
  return new Date(zoned(Date.parse(day) + timeMs, timeZone)).toISOString();
}

/** `YYYY-MM-DD` of a day that exists. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const atMs = Date.parse(text);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function instantOf(value: string): number | null {
  const atMs = /^-?\d+$/.test(value) ? Number(value) : Date.parse(value);
  return Number.isFinite(atMs) && Math.abs(atMs) < 8.64e15 ? atMs : null;
}

/** The instant at which clocks of the zone show this wall time (as if UTC). Where a clock change skips it, the nearest one. */
function zoned(wallMs: number, timeZone: string): number {
  const guessMs = wallMs - offsetMs(wallMs, timeZone);
  return wallMs - offsetMs(guessMs, timeZone);
}

/** What clocks of the zone are ahead of UTC at an instant. */
function offsetMs(atMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const wallMs = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wallMs - Math.floor(atMs / 1_000) * 1_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const numeric = 'numeric';
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
  formats.set(timeZone, made);
  return made;
}

const modulo = (value: number, by: number): number => ((value % by) + by) % by;
