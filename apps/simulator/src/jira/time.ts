/** Times as Jira shows and takes them: in the user's zone. */

/** Clocks change at quarters of an hour: within one an offset is worked out once. */
const QUARTER_MS = 900_000;
const MOST_KNOWN = 10_000;
const known = new Map<string, number>();

/** Minutes that a zone is ahead of UTC at an instant. */
function offsetMinutes(atMs: number, timeZone: string): number {
  const key = `${timeZone} ${Math.floor(atMs / QUARTER_MS)}`;
  const minutes = known.get(key) ?? workedOut(atMs, timeZone);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, minutes);
  return minutes;
}

function workedOut(atMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(atMs);
  const part = (type: string): number => Number(parts.find((candidate) => candidate.type === type)?.value);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return Math.round((local - Math.floor(atMs / 1_000) * 1_000) / 60_000);
}

/** `2026-04-28T15:55:26.678+0200` */
export function shownTime(atMs: number, timeZone: string): string {
  const minutes = offsetMinutes(atMs, timeZone);
  const local = new Date(atMs + minutes * 60_000).toISOString().slice(0, -1);
  const size = Math.abs(minutes);
  return `${local}${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}${String(size % 60).padStart(2, '0')}`;
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A JQL time (`yyyy-MM-dd HH:mm`, `yyyy/MM/dd`, `-2h`, epoch milliseconds) as an instant; null where it is none. */
export function jqlInstant(text: string, timeZone: string, nowMs: number): number | null {
  const relative = /^([+-]?\d+)([mhdw])$/.exec(text);
  if (relative !== null) return nowMs + Number(relative[1]) * (UNITS[relative[2] ?? ''] ?? 0);
  if (/^\d{9,}$/.test(text)) return Number(text);
  if (text === 'now()') return nowMs;
  const absolute = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:\s+(\d{1,2}):(\d{2}))?$/.exec(text);
  if (absolute === null) return null;
  const [, year, month, day, hour = '0', minute = '0'] = absolute;
  const asUtc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  // The offset at that moment is not known before the moment is: the second look settles the hours around a change of clocks.
  const near = asUtc - offsetMinutes(asUtc, timeZone) * 60_000;
  return asUtc - offsetMinutes(near, timeZone) * 60_000;
}
