/** Conditions on times: a day stands for all of it (UTC), an instant for itself, a word for a day or a span around now. */
import { type Json, objectAt, onlyKeys, refuse, stringAt } from './check.ts';

const DAY_MS = 86_400_000;
/** From here to there, the end not included. Epoch milliseconds. */
type Span = readonly [number, number];

const dayOf = (ms: number): Span => {
  const start = Math.floor(ms / DAY_MS) * DAY_MS;
  return [start, start + DAY_MS];
};

const monthsFrom = (ms: number, months: number): number => {
  const date = new Date(ms);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.getTime();
};

const WORDS: Readonly<Record<string, (nowMs: number) => number>> = {
  today: (now) => now,
  tomorrow: (now) => now + DAY_MS,
  yesterday: (now) => now - DAY_MS,
  one_week_ago: (now) => now - 7 * DAY_MS,
  one_week_from_now: (now) => now + 7 * DAY_MS,
  one_month_ago: (now) => monthsFrom(now, -1),
  one_month_from_now: (now) => monthsFrom(now, 1),
};

const SPANS: Readonly<Record<string, (nowMs: number) => Span>> = {
  this_week: (now) => {
    const sunday = dayOf(now)[0] - new Date(now).getUTCDay() * DAY_MS;
    return [sunday, sunday + 7 * DAY_MS];
  },
  past_week: (now) => [dayOf(now - 7 * DAY_MS)[0], dayOf(now)[1]],
  past_month: (now) => [dayOf(monthsFrom(now, -1))[0], dayOf(now)[1]],
  past_year: (now) => [dayOf(monthsFrom(now, -12))[0], dayOf(now)[1]],
  next_week: (now) => [dayOf(now)[0], dayOf(now + 7 * DAY_MS)[1]],
  next_month: (now) => [dayOf(now)[0], dayOf(monthsFrom(now, 1))[1]],
  next_year: (now) => [dayOf(now)[0], dayOf(monthsFrom(now, 12))[1]],
};

const TESTS: Readonly<Record<string, (ms: number, span: Span) => boolean>> = {
  equals: (ms, [from, to]) => ms >= from && ms < to,
  before: (ms, [from]) => ms < from,
  after: (ms, [, to]) => ms >= to,
  on_or_before: (ms, [, to]) => ms < to,
  on_or_after: (ms, [from]) => ms >= from,
};

/** The epoch milliseconds of a stored date or instant; a text without an offset is UTC. */
export function instantOf(text: string): number {
  return Date.parse(/T/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text);
}

function spanAt(value: unknown, path: string, nowMs: number): Span {
  const text = stringAt(value, path);
  const word = WORDS[text];
  if (word !== undefined) return dayOf(word(nowMs));
  const ms = instantOf(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(ms)) refuse(path, 'a valid ISO 8601 date string', value);
  return text.length === 10 ? dayOf(ms) : [ms, ms + 1];
}

/**
 * Compiles a date condition; the test takes a date or instant as text, null where there is none.
 * @throws validation_error for an unknown condition or a text that is no date
 */
export function instantTest(condition: unknown, path: string, nowMs: number): (text: string | null) => boolean {
  const given: Json = objectAt(condition, path);
  onlyKeys(given, path, [...Object.keys(TESTS), ...Object.keys(SPANS), 'is_empty', 'is_not_empty']);
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const [first] = entries;
  if (first === undefined || entries.length > 1) return refuse(path, 'exactly one condition', condition);
  const [name, value] = first;
  if (name === 'is_empty' || name === 'is_not_empty') {
    if (value !== true) refuse(`${path}.${name}`, '`true`', value);
    return (text) => (text === null) === (name === 'is_empty');
  }
  const span = SPANS[name]?.(nowMs) ?? spanAt(value, `${path}.${name}`, nowMs);
  const test = TESTS[name] ?? TESTS['equals'];
  return (text) => text !== null && (test?.(instantOf(text), span) ?? false);
}
