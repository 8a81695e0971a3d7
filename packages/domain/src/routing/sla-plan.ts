/** When the rest of a budget runs, and what falls due on the way: the instants of a clock's row, worked out from hours. */
import { addBusinessMs, nextCovered, spansBetween } from './business-time.ts';
import type { Hours } from './business-time.ts';
import type { Span } from './calendar.ts';
import type { SlaSpec } from './sla.schema.ts';
import { DAY_MS } from './zone.ts';

/** Something that falls due once, when so much of the budget is used. */
export interface Mark {
  /** Names it within its clock; with the clock's id the key of what it sets off. */
  readonly key: string;
  readonly move: 'warn' | 'remind' | 'reassign' | 'escalate' | 'lose-cover';
  /** Null of `lose-cover`, which falls due by the hours. */
  readonly atUsedMs: number | null;
  /** Who is told; null where the owner is. */
  readonly to: string | null;
  /** Null: not within the hours that are known. */
  readonly atMs: number | null;
  /** Of `lose-cover`: when somebody is there again; null: nobody within the days that were looked at. */
  readonly untilMs: number | null;
  readonly isDone: boolean;
}

/** So far ahead hours are looked for. */
const HORIZON_DAYS = 400;

export interface PlanRequest {
  readonly hours: Hours;
  readonly kind: SlaSpec['clock'];
  /** An elapsed clock that has begun does not wait for anybody any more. */
  readonly hasBegun: boolean;
  readonly nowMs: number;
  readonly usedMs: number;
  readonly budgetMs: number;
  /** Since when nobody covers it; now where somebody does. */
  readonly uncoveredSinceMs: number;
  readonly longestWaitMs: number;
}

export interface Plan {
  /** When the rest of the budget runs, from now on; ends with the deadline. */
  readonly spans: readonly Span[];
  /** Null: the hours within `horizonMs` are not enough. */
  readonly deadlineMs: number | null;
  /** Only where there is no deadline: when to look again. */
  readonly horizonMs: number | null;
  readonly gaps: readonly Mark[];
}

/** The rest of a clock. The wall's 5 minutes are minutes of the wall once somebody is there; business minutes are sums of hours. */
export function planRest(request: PlanRequest): Plan {
  const { hours, kind, nowMs, usedMs, budgetMs } = request;
  const leftMs = budgetMs - usedMs;
  const limitMs = nowMs + HORIZON_DAYS * DAY_MS;
  if (kind === 'elapsed') {
    const beginMs = request.hasBegun ? nowMs : nextCovered(hours, nowMs, HORIZON_DAYS);
    const spans = beginMs === null ? [] : [{ fromMs: beginMs, toMs: beginMs + leftMs }];
    return finished(request, spans, beginMs === null ? null : beginMs + leftMs, limitMs);
  }
  const end = addBusinessMs(hours, nowMs, leftMs, HORIZON_DAYS);
  const deadlineMs = end.kind === 'at' ? end.atMs : null;
  return finished(request, spansBetween(hours, nowMs, deadlineMs ?? limitMs), deadlineMs, limitMs);
}

function finished(request: PlanRequest, spans: readonly Span[], deadlineMs: number | null, limitMs: number): Plan {
  const { nowMs, longestWaitMs } = request;
  const gaps: Mark[] = [];
  let sinceMs = request.uncoveredSinceMs;
  const look = (untilMs: number | null): void => {
    const isLong = untilMs === null || untilMs - sinceMs > longestWaitMs;
    // What is too long is known at once; the gaps to come, when they begin.
    const key = `uncovered/${sinceMs}`;
    if (isLong) gaps.push({ key, move: 'lose-cover', atUsedMs: null, to: null, atMs: Math.max(sinceMs, nowMs), untilMs, isDone: false });
  };
  for (const { fromMs, toMs } of spans) {
    if (fromMs > sinceMs) look(fromMs);
    sinceMs = toMs;
  }
  if (deadlineMs === null) look(null);
  return { spans, deadlineMs, horizonMs: deadlineMs === null ? limitMs : null, gaps };
}

/** Warnings and rungs of a service level, not yet timed. */
export function marksOf(spec: SlaSpec): readonly Mark[] {
  const budgetMs = spec.budgetMinutes * 60_000;
  const plain = { atMs: null, untilMs: null, isDone: false };
  const share = (percent: number): number => Math.round((budgetMs * percent) / 100);
  const warnings = spec.warnings.map((warning, index): Mark => {
    const atUsedMs = 'atPercent' in warning ? share(warning.atPercent) : budgetMs - warning.minutesBefore * 60_000;
    return { ...plain, key: `warn/${index}`, move: 'warn', atUsedMs, to: null };
  });
  const rungs = spec.ladder.map((rung, index): Mark => {
    const to = rung.do === 'escalate' ? rung.to : null;
    return { ...plain, key: `${rung.do}/${index}`, move: rung.do, atUsedMs: share(rung.atPercent), to };
  });
  return [...warnings, ...rungs];
}

/** Marks of shares with their instants by a new plan, gaps anew; what is done stays done, and at its instant. */
export function timed(marks: readonly Mark[], plan: Plan, usedMs: number, nowMs: number): readonly Mark[] {
  const done = marks.filter(({ isDone }) => isDone);
  const open = marks.filter(({ isDone, atUsedMs }) => !isDone && atUsedMs !== null);
  const gaps = plan.gaps.filter(({ key }) => done.every((mark) => mark.key !== key));
  return [...done, ...open.map((mark) => ({ ...mark, atMs: instantOfUse(plan.spans, (mark.atUsedMs ?? 0) - usedMs, nowMs) })), ...gaps];
}

/** When so much more is used; at once where it is used already; null where the spans do not reach it. */
function instantOfUse(spans: readonly Span[], moreMs: number, nowMs: number): number | null {
  if (moreMs <= 0) return nowMs;
  let leftMs = moreMs;
  for (const { fromMs, toMs } of spans) {
    if (leftMs <= toMs - fromMs) return fromMs + leftMs;
    leftMs -= toMs - fromMs;
  }
  return null;
}
