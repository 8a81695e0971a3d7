/** A running clock by other hours or for another owner: an absence, a holiday, a hand-over (cases 01, 09, 23). The clock is never reset. */
import type { Hours } from './business-time.ts';
import { inState, standingAt, uncoveredSince } from './clock.ts';
import type { Clock } from './clock.ts';
import { ended, followedBy, settle } from './sla.ts';
import type { Moved, RebaseCause, Said, SlaAction } from './sla.ts';
import { planRest, timed } from './sla-plan.ts';
import { isEnded, moveClock } from './sla-table.ts';

export interface RebaseRequest {
  readonly cause: RebaseCause;
  /** Whom it runs for from now on; the same as before where only the hours have changed. */
  readonly ownerId: string | null;
  readonly hours: Hours;
  readonly tzVersion: string;
}

/**
 * The same clock by other hours or for another owner: what is used stays used, as it was counted until now; the rest runs by the new hours from now on. What had
 * fallen due before is done first. An owner whom a person has chosen is not taken away again by a rung (case 23). An end, and a deadline that has passed, stay.
 */
export function rebase(clock: Clock, request: RebaseRequest, nowMs: number): Moved {
  const atMs = Math.max(nowMs, clock.settledAtMs);
  const before = settle(clock, atMs);
  if (isEnded(before.clock.state)) return before;
  const isHandOver = request.ownerId !== before.clock.ownerId;
  const byPerson = isHandOver && request.cause === 'OWNER_CHANGED_BY_PERSON';
  if (byPerson && before.clock.onHandOver === 'close') return followedBy(before, ended(before.clock, 'withdraw', atMs));
  const state = isHandOver ? moveClock(before.clock.state, 'hand-over') : null;
  const handed = {
    ...inState(before.clock, state ?? before.clock.state, atMs),
    ownerId: request.ownerId,
    revision: before.clock.revision + 1,
  };
  const owned = byPerson ? withoutReassigning(handed) : handed;
  const replanned = owned.state === 'breached' ? owned : replan(owned, request, atMs);
  const told = { clock: replanned, actions: changes(before.clock, replanned, request.cause, atMs) };
  return followedBy(followedBy(before, told), settle(replanned, atMs));
}

function withoutReassigning(clock: Clock): Clock {
  return { ...clock, marks: clock.marks.map((mark) => (mark.move === 'reassign' ? { ...mark, isDone: true } : mark)) };
}

function replan(clock: Clock, { hours, tzVersion }: RebaseRequest, atMs: number): Clock {
  const { usedMs, isCovered } = standingAt(clock, atMs);
  const uncoveredSinceMs = uncoveredSince(clock, atMs);
  const plan = planRest({
    hours,
    kind: clock.kind,
    hasBegun: usedMs > 0 || isCovered,
    nowMs: atMs,
    usedMs,
    budgetMs: clock.budgetMs,
    uncoveredSinceMs,
    longestWaitMs: clock.longestWaitMs,
  });
  return {
    ...clock,
    usedMs,
    settledAtMs: atMs,
    uncoveredSinceMs,
    tzVersion,
    spans: plan.spans,
    deadlineMs: plan.deadlineMs,
    horizonMs: plan.horizonMs,
    marks: timed(clock.marks, plan, usedMs, atMs),
  };
}

/** Why the deadline is another one, for the audit; and both owners are told. */
function changes(before: Clock, after: Clock, cause: RebaseCause, atMs: number): readonly SlaAction[] {
  const said = (what: string): Said => ({ key: `${after.clockId}/${what}/${after.revision}`, atMs, lateMs: 0 });
  const actions: SlaAction[] = [];
  if (before.deadlineMs !== after.deadlineMs)
    actions.push({ ...said('rebased'), kind: 'rebased', cause, fromMs: before.deadlineMs, toMs: after.deadlineMs });
  if (before.ownerId !== after.ownerId)
    actions.push({
      ...said(`owner/${after.ownerId ?? ''}`),
      kind: 'tell-owners',
      from: before.ownerId,
      to: after.ownerId,
      remainingMs: standingAt(after, atMs).remainingMs,
      deadlineMs: after.deadlineMs,
    });
  return actions;
}
