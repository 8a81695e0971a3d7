/**
 * Business time on epoch milliseconds: sums over the instants in which somebody works. `Hours` are such instants, of one calendar, of a team (anyone works) or
 * of several at once (all of them work). What is worked out is kept, four weeks at a time, so that a deadline costs a few binary searches.
 */
import type { Span, WorkCalendar } from './calendar.ts';
import { joined, workingIn } from './calendar.ts';
import { CHUNK_MS, DAY_MS } from './zone.ts';

/** Working instants. Made by `hoursOf`, `anyOf`, `allOf`; keep and share them: they hold what was worked out. */
export interface Hours {
  /** What lies in the chunk `floor(ms / CHUNK_MS)`. */
  readonly spansIn: (chunk: number) => Spans;
}

/** The spans of one chunk, in order and not touching, with running sums. */
interface Spans {
  readonly spans: readonly Span[];
  /** For each span, the working milliseconds of the chunk before it. */
  readonly beforeMs: readonly number[];
  readonly totalMs: number;
}

/** How far ahead a deadline is looked for where nobody says otherwise. */
const LIMIT_DAYS = 400;

const ofCalendars = new WeakMap<WorkCalendar, Hours>();

/** The hours of one calendar. @throws RangeError, when they are first asked, as `readCalendar`. */
export function hoursOf(calendar: WorkCalendar): Hours {
  let hours = ofCalendars.get(calendar);
  if (hours === undefined) {
    hours = keeping((chunk) => workingIn(calendar, chunk));
    ofCalendars.set(calendar, hours);
  }
  return hours;
}

/** The hours in which at least one of them works: a team. Of nobody: none. */
export function anyOf(members: readonly Hours[]): Hours {
  const [only] = members;
  if (only !== undefined && members.length === 1) return only;
  return keeping((chunk) => {
    const all = members.flatMap((member) => member.spansIn(chunk).spans);
    return joined(all.toSorted((left, right) => left.fromMs - right.fromMs));
  });
}

/** The hours in which all of them work: our team's and the customer's (case 05). Of nobody: all of time. */
export function allOf(members: readonly Hours[]): Hours {
  const [only] = members;
  if (only !== undefined && members.length === 1) return only;
  return keeping((chunk) =>
    members.reduce<readonly Span[]>(
      (shared, member) => inBoth(shared, member.spansIn(chunk).spans),
      [{ fromMs: chunk * CHUNK_MS, toMs: (chunk + 1) * CHUNK_MS }],
    ),
  );
}

/** Around the clock. */
export const ALWAYS: Hours = allOf([]);

export type Deadline =
  | { readonly kind: 'at'; readonly atMs: number }
  /** Not enough hours within so many days of the start. */
  | { readonly kind: 'never'; readonly withinDays: number };

/**
 * The first instant at which `amountMs` of working time have passed since `fromMs`; so a deadline may be the end of a day's work and never the start of the
 * next. Nothing to pass: `fromMs` itself.
 */
export function addBusinessMs(hours: Hours, fromMs: number, amountMs: number, limitDays = LIMIT_DAYS): Deadline {
  if (amountMs <= 0) return { kind: 'at', atMs: fromMs };
  const lastMs = fromMs + limitDays * DAY_MS;
  let chunk = Math.floor(fromMs / CHUNK_MS);
  // Counted from the chunk's start.
  let leftMs = amountMs + workedBefore(hours.spansIn(chunk), fromMs);
  for (; chunk * CHUNK_MS < lastMs; chunk += 1) {
    const { spans, beforeMs, totalMs } = hours.spansIn(chunk);
    if (leftMs <= totalMs) {
      const index = lastBelow(beforeMs, leftMs);
      const atMs = (spans[index]?.fromMs ?? 0) + leftMs - (beforeMs[index] ?? 0);
      return atMs <= lastMs ? { kind: 'at', atMs } : { kind: 'never', withinDays: limitDays };
    }
    leftMs -= totalMs;
  }
  return { kind: 'never', withinDays: limitDays };
}

/** Working milliseconds from one instant to another; 0 where the second is not later. */
export function businessMsBetween(hours: Hours, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0;
  const [first, last] = [Math.floor(fromMs / CHUNK_MS), Math.floor(toMs / CHUNK_MS)];
  let sumMs = workedBefore(hours.spansIn(last), toMs) - workedBefore(hours.spansIn(first), fromMs);
  for (let chunk = first; chunk < last; chunk += 1) sumMs += hours.spansIn(chunk).totalMs;
  return sumMs;
}

/** The first working instant at or after `fromMs`; null: none within so many days, whose end is not one of them. */
export function nextCovered(hours: Hours, fromMs: number, limitDays = LIMIT_DAYS): number | null {
  const lastMs = fromMs + limitDays * DAY_MS;
  for (let chunk = Math.floor(fromMs / CHUNK_MS); chunk * CHUNK_MS < lastMs; chunk += 1) {
    const next = hours.spansIn(chunk).spans.find(({ toMs }) => toMs > fromMs);
    if (next === undefined) continue;
    const atMs = Math.max(next.fromMs, fromMs);
    return atMs < lastMs ? atMs : null;
  }
  return null;
}

/** Whether an instant is worked. */
export function isCovered(hours: Hours, atMs: number): boolean {
  return nextCovered(hours, atMs, 1) === atMs;
}

/** The working spans from one instant to another, in order, not touching. */
export function spansBetween(hours: Hours, fromMs: number, toMs: number): readonly Span[] {
  const found: Span[] = [];
  for (let chunk = Math.floor(fromMs / CHUNK_MS); chunk * CHUNK_MS < toMs; chunk += 1) {
    for (const span of hours.spansIn(chunk).spans) {
      const cut = { fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) };
      if (cut.fromMs < cut.toMs) found.push(cut);
    }
  }
  return joined(found);
}

function keeping(compute: (chunk: number) => readonly Span[]): Hours {
  const kept = new Map<number, Spans>();
  return {
    spansIn: (chunk) => {
      let found = kept.get(chunk);
      if (found === undefined) {
        found = summed(compute(chunk));
        kept.set(chunk, found);
      }
      return found;
    },
  };
}

function summed(spans: readonly Span[]): Spans {
  let totalMs = 0;
  const beforeMs = spans.map(({ fromMs, toMs }) => {
    const before = totalMs;
    totalMs += toMs - fromMs;
    return before;
  });
  return { spans, beforeMs, totalMs };
}

/** Working milliseconds of a chunk before an instant of it. */
function workedBefore({ spans, beforeMs }: Spans, atMs: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.fromMs ?? atMs) < atMs) low = middle + 1;
    else high = middle;
  }
  const span = spans[low - 1];
  return span === undefined ? 0 : (beforeMs[low - 1] ?? 0) + Math.min(atMs, span.toMs) - span.fromMs;
}

/** The index of the last value below a bound, in rising values of which the first is below it. */
function lastBelow(rising: readonly number[], bound: number): number {
  let [low, high] = [0, rising.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? bound) < bound) low = middle;
    else high = middle;
  }
  return low;
}

function inBoth(left: readonly Span[], right: readonly Span[]): readonly Span[] {
  const shared: Span[] = [];
  let [l, r] = [0, 0];
  for (;;) {
    const [a, b] = [left[l], right[r]];
    if (a === undefined || b === undefined) return shared;
    const span = { fromMs: Math.max(a.fromMs, b.fromMs), toMs: Math.min(a.toMs, b.toMs) };
    if (span.fromMs < span.toMs) shared.push(span);
    if (a.toMs <= b.toMs) l += 1;
    else r += 1;
  }
}
