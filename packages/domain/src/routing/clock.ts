/** The row of an SLA clock, and what can be read off it without any calendar. Everything in it is plain JSON. */
import type { Span } from './calendar.ts';
import type { Mark } from './sla-plan.ts';
import type { SlaSpec } from './sla.schema.ts';
import { isEnded } from './sla-table.ts';
import type { ClockState } from './sla-table.ts';

/** A clock as it is stored. Instants are epoch milliseconds of the server, never of a worker (case 28). */
export interface Clock {
  readonly clockId: string;
  readonly slaId: string;
  /** How often it was worked out anew. */
  readonly revision: number;
  readonly state: ClockState;
  readonly kind: SlaSpec['clock'];
  /** The event that stops it. */
  readonly stopsOn: string;
  /** Whom it runs for; null while nobody has it. */
  readonly ownerId: string | null;
  /** A person by id, who hears when nobody covers it. */
  readonly escalateTo: string;
  readonly onHandOver: SlaSpec['onHandOver'];
  readonly startedAtMs: number;
  readonly budgetMs: number;
  readonly bufferMs: number;
  readonly longestWaitMs: number;
  /** What was used before `settledAtMs`. It is never given back: whatever changes later counts from there on (cases 01, 09). */
  readonly usedMs: number;
  readonly settledAtMs: number;
  /** Since when nobody had covered it at `settledAtMs`; that instant itself where somebody did. */
  readonly uncoveredSinceMs: number;
  /** When the rest of the budget runs, from `settledAtMs` to the deadline. */
  readonly spans: readonly Span[];
  /** Null: no hours are known in which it could run out. */
  readonly deadlineMs: number | null;
  /** Only without a deadline: when to look at the hours again. */
  readonly horizonMs: number | null;
  readonly marks: readonly Mark[];
  readonly snoozedUntilMs: number | null;
  /** The version of the time-zone data that the instants were worked out with. */
  readonly tzVersion: string;
  readonly outcome: Outcome | null;
}

/** How a clock has ended, with both figures: by the wall, and on the clock. */
export interface Outcome {
  /** `uncovered`: nobody was on duty until it ended; it is neither met nor breached. */
  readonly kind: 'met' | 'breached' | 'uncovered' | 'withdrawn';
  readonly endedAtMs: number;
  readonly wallMs: number;
  readonly usedMs: number;
  /** Time in which nobody covered it. */
  readonly uncoveredMs: number;
}

/** What a clock shows at an instant. */
export interface Standing {
  readonly wallMs: number;
  readonly usedMs: number;
  /** Of the budget; 0 from the deadline on. */
  readonly remainingMs: number;
  readonly uncoveredMs: number;
  readonly isCovered: boolean;
}

/** The clock's figures at an instant; they stand still at its end. */
export function standingAt(clock: Clock, atMs: number): Standing {
  const { outcome } = clock;
  const nowMs = Math.max(clock.startedAtMs, outcome?.endedAtMs ?? atMs);
  const lastMs = clock.spans.at(-1)?.toMs ?? clock.settledAtMs;
  const ranMs = clock.spans.reduce((sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(nowMs, toMs) - fromMs), 0);
  // Past the deadline the hours are not in the row any more: the time is late, not uncovered.
  const lateMs = clock.deadlineMs === null ? 0 : Math.max(0, nowMs - lastMs);
  const wallMs = nowMs - clock.startedAtMs;
  const usedMs = outcome?.usedMs ?? clock.usedMs + ranMs;
  return {
    wallMs,
    usedMs,
    remainingMs: Math.max(0, clock.budgetMs - usedMs),
    uncoveredMs: outcome?.uncoveredMs ?? wallMs - usedMs - lateMs,
    isCovered: isCoveredAt(clock, nowMs),
  };
}

/** One word for a person: what is late, what nobody covers, what is about to be late. */
export type StandingWord = 'on-time' | 'at-risk' | 'uncovered' | 'breached' | 'ended';

export function standingWord(clock: Clock, atMs: number): StandingWord {
  const { state, outcome, marks, bufferMs } = clock;
  if (outcome !== null) return 'ended';
  if (state === 'breached' || state === 'uncovered') return state;
  const isWarned = marks.some(({ isDone, move }) => isDone && move !== 'lose-cover');
  return isWarned || standingAt(clock, atMs).remainingMs <= bufferMs ? 'at-risk' : 'on-time';
}

/** Whether the budget runs at an instant. */
export function isCoveredAt(clock: Clock, atMs: number): boolean {
  return clock.spans.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
}

/** Since when nobody covers it: the instant itself where somebody does. */
export function uncoveredSince(clock: Clock, atMs: number): number {
  if (isCoveredAt(clock, atMs)) return atMs;
  return clock.spans.findLast(({ toMs }) => toMs <= atMs)?.toMs ?? clock.uncoveredSinceMs;
}

/** Something that falls due by itself. */
export type Due =
  | { readonly kind: 'wake'; readonly atMs: number }
  /** Somebody is there again. */
  | { readonly kind: 'begin'; readonly atMs: number }
  | { readonly kind: 'mark'; readonly atMs: number; readonly mark: Mark }
  | { readonly kind: 'expire'; readonly atMs: number }
  | { readonly kind: 'look-again'; readonly atMs: number };

/** The clock in another state from an instant on. Quiet is a matter of `snoozed` alone: what it held back falls due when it is left. */
export function inState(clock: Clock, state: ClockState, atMs: number): Clock {
  if (state === 'snoozed' || clock.snoozedUntilMs === null) return { ...clock, state };
  const marks = clock.marks.map((mark) =>
    !mark.isDone && isHeldBack(mark) && mark.atMs !== null ? { ...mark, atMs: Math.max(mark.atMs, atMs) } : mark,
  );
  return { ...clock, state, snoozedUntilMs: null, marks };
}

/** What its owner does not want to hear for a while. */
function isHeldBack({ move }: Mark): boolean {
  return move === 'remind' || move === 'reassign';
}

/** At one instant: quiet ends first, then what is said, from the mildest to the gravest; the deadline last. */
const ORDER = ['warn', 'remind', 'reassign', 'lose-cover', 'escalate'];

/** What falls due next; null when nothing does any more. */
export function nextDue(clock: Clock): Due | null {
  if (isEnded(clock.state)) return null;
  const { snoozedUntilMs, deadlineMs, horizonMs, state } = clock;
  const all: { readonly due: Due; readonly rank: number }[] = [];
  if (snoozedUntilMs !== null) all.push({ due: { kind: 'wake', atMs: snoozedUntilMs }, rank: -1 });
  if (state === 'uncovered') {
    const lostMs = clock.marks.findLast((mark) => mark.move === 'lose-cover' && mark.isDone)?.atMs ?? clock.settledAtMs;
    const span = clock.spans.find(({ fromMs }) => fromMs >= lostMs);
    if (span !== undefined) all.push({ due: { kind: 'begin', atMs: span.fromMs }, rank: -1 });
  }
  for (const mark of clock.marks) {
    if (mark.isDone || mark.atMs === null) continue;
    const atMs = snoozedUntilMs !== null && isHeldBack(mark) ? Math.max(mark.atMs, snoozedUntilMs) : mark.atMs;
    all.push({ due: { kind: 'mark', atMs, mark }, rank: ORDER.indexOf(mark.move) });
  }
  if (deadlineMs !== null && state !== 'breached') all.push({ due: { kind: 'expire', atMs: deadlineMs }, rank: ORDER.length });
  if (horizonMs !== null) all.push({ due: { kind: 'look-again', atMs: horizonMs }, rank: ORDER.length });
  return all.toSorted((left, right) => left.due.atMs - right.due.atMs || left.rank - right.rank)[0]?.due ?? null;
}

/** The next instant at which the clock has something to do; null when it has not. Waking earlier does nothing, waking later does all that is due. */
export function dueAt(clock: Clock): number | null {
  return nextDue(clock)?.atMs ?? null;
}
