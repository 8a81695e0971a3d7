/** Jira's times: shown with the reader's offset, asked for in the reader's zone to the minute. */

const MINUTE_MS = 60_000;
/** Clocks go back by an hour, or by half of one (Lord Howe). */
const SHIFTS_MS = [30 * MINUTE_MS, 60 * MINUTE_MS];

/** `2026-04-28T15:55:26.678+0200` as an instant; null for anything else. */
export function instantOf(text: unknown): Date | null {
  if (typeof text !== 'string') return null;
  const atMs = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(atMs) ? null : new Date(atMs);
}

/**
 * A JQL time not later than the instant: `yyyy-MM-dd HH:mm` in the zone. In the hour that a zone shows twice a year an earlier time is given, because
 * Jira may take the text for the second of the two.
 */
export function jqlTime(atMs: number, timeZone: string): string {
  let at = atMs;
  while (SHIFTS_MS.some((shift) => localMinute(at, timeZone) === localMinute(at + shift, timeZone))) at -= 30 * MINUTE_MS;
  return localMinute(at, timeZone);
}

/** Made once a zone: to make one takes far longer than to use it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const digits = '2-digit' as const;
  const parts = { year: 'numeric', month: digits, day: digits, hour: digits, minute: digits } as const;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...parts });
  formats.set(timeZone, format);
  return format;
}

function localMinute(atMs: number, timeZone: string): string {
  const parts = formatOf(timeZone).formatToParts(atMs);
  const part = (type: string): string => parts.find((candidate) => candidate.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}`;
}
