/**
 * The SLA machine: pure functions over a clock's row. The caller stores the row, sleeps until `dueAt`, and does what the actions say. R2 holds by construction:
 * the schema wants a rung that escalates to a person before the deadline, no state but an end drops that rung, and where no hours are in sight the person hears
 * at once. What was late is done late and says by how much; a deadline that passes is always reported.
 *
 * Nothing here knows a calendar, so that a workflow may load it: `clock-start.ts` and `rebase.ts` work hours out, in an activity.
 */
import { inState, isCoveredAt, nextDue, standingAt } from './clock.ts';
import type { Clock, Due, Outcome } from './clock.ts';
import type { Mark } from './sla-plan.ts';
import { moveClock } from './sla-table.ts';
import type { ClockState } from './sla-table.ts';

/** What every action says of itself. */
export interface Said {
  /** From business identity: the same whenever it is worked out again. */
  readonly key: string;
  /** When it fell due. */
  readonly atMs: number;
  /** How much later it is done. */
  readonly lateMs: number;
}

/** What is to be done, as data. */
export type SlaAction =
  | (Said & { readonly kind: 'warn' | 'remind' | 'reassign' })
  | (Said & { readonly kind: 'escalate'; readonly to: string; readonly reason: string })
  | (Said & { readonly kind: 'report-breach' })
  /** Nobody covers it; `untilMs` null: nor within the days that were looked at. */
  | (Said & { readonly kind: 'report-uncovered'; readonly untilMs: number | null })
  | (Said & { readonly kind: 'report-end'; readonly outcome: Outcome })
  /** To the one who had it and the one who has it now (case 01). */
  | (Said & {
      readonly kind: 'tell-owners';
      readonly from: string | null;
      readonly to: string | null;
      readonly remainingMs: number;
      readonly deadlineMs: number | null;
    })
  /** For the audit: why the deadline is another one (case 09). */
  | (Said & { readonly kind: 'rebased'; readonly cause: RebaseCause; readonly fromMs: number | null; readonly toMs: number | null })
  /** The hours that were known are over: call `rebase`. */
  | (Said & { readonly kind: 'look-again' });

export interface Moved {
  /** The same object where nothing has changed. */
  readonly clock: Clock;
  readonly actions: readonly SlaAction[];
}

/** Why a clock is worked out anew (see `rebase`). */
export type RebaseCause = 'OWNER_CHANGED' | 'OWNER_CHANGED_BY_PERSON' | 'ABSENCE' | 'HOLIDAY' | 'WORKING_HOURS' | 'TZ_DATA' | 'HORIZON';

/** What happens to a clock from outside. */
export type SlaEvent =
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** Something that may be what stops it: `acknowledged`, `first-touch`, a stage. */
  | { readonly kind: 'happened'; readonly what: string }
  /** Its owner asks for quiet. Not beyond the moment at which a named person hears. */
  | { readonly kind: 'snooze'; readonly untilMs: number }
  /** Nobody can be found, or somebody gives up: the named person takes it. `reason` is a code. */
  | { readonly kind: 'escalate'; readonly reason: string; readonly to?: string }
  /** The lead is gone: excluded, merged, closed in the CRM. */
  | { readonly kind: 'withdraw' };

/**
 * A clock after an event at an instant of the server: first all that had fallen due until then, in its order, then the event. Strict: what stops a clock in the
 * very millisecond of its deadline is late. Doubles and late events change nothing and say nothing (case 25); an instant that goes back is taken as the last one.
 */
export function advance(clock: Clock, event: SlaEvent, nowMs: number): Moved {
  const atMs = Math.max(nowMs, clock.settledAtMs);
  const before = settle(clock, atMs);
  return followedBy(before, happen(before.clock, event, atMs));
}

function happen(clock: Clock, event: SlaEvent, atMs: number): Moved {
  const unchanged = { clock, actions: [] };
  switch (event.kind) {
    case 'tick':
      return unchanged;
    case 'happened': {
      if (event.what !== clock.stopsOn) return unchanged;
      const { usedMs, isCovered } = standingAt(clock, atMs);
      return ended(clock, usedMs > 0 || isCovered ? 'stop' : 'stop-unrun', atMs);
    }
    case 'withdraw':
      return ended(clock, 'withdraw', atMs);
    case 'snooze': {
      const heard = clock.marks.find((mark) => mark.move === 'escalate' && !mark.isDone)?.atMs;
      const untilMs = Math.min(event.untilMs, heard ?? Infinity, clock.deadlineMs ?? Infinity);
      const state = moveClock(clock.state, 'snooze');
      if (state === null || untilMs <= atMs || untilMs === clock.snoozedUntilMs) return unchanged;
      return { clock: { ...clock, state, snoozedUntilMs: untilMs }, actions: [] };
    }
    case 'escalate': {
      const state = moveClock(clock.state, 'escalate');
      const key = `escalate/${event.reason}`;
      const isTold = clock.marks.some((mark) => mark.key === key);
      if (state === null || isTold) return unchanged;
      const to = event.to ?? clock.escalateTo;
      const told: Mark = { key, move: 'escalate', atUsedMs: null, to, atMs, untilMs: null, isDone: true };
      return {
        clock: inState({ ...clock, marks: [...clock.marks, told] }, state, atMs),
        actions: [{ key: `${clock.clockId}/${key}`, atMs, lateMs: 0, kind: 'escalate', to, reason: event.reason }],
      };
    }
  }
}

/** A clock at its end, with both figures. */
export function ended(clock: Clock, move: 'stop' | 'stop-unrun' | 'withdraw', atMs: number): Moved {
  const state = moveClock(clock.state, move);
  if (state === null) return { clock, actions: [] };
  const { wallMs, usedMs, uncoveredMs } = standingAt(clock, atMs);
  const outcome: Outcome = { kind: endOf(clock.state, move), endedAtMs: atMs, wallMs, usedMs, uncoveredMs };
  const actions: readonly SlaAction[] = [{ key: `${clock.clockId}/end`, atMs, lateMs: 0, kind: 'report-end', outcome }];
  return { clock: { ...inState(clock, state, atMs), outcome }, actions };
}

/** A deadline that has passed stays breached, however it ends; and what nobody covered is never met. */
function endOf(state: ClockState, move: 'stop' | 'stop-unrun' | 'withdraw'): Outcome['kind'] {
  if (state === 'breached') return 'breached';
  if (move === 'stop') return 'met';
  return move === 'stop-unrun' || state === 'uncovered' ? 'uncovered' : 'withdrawn';
}

/** All that has fallen due until an instant, in its order; then whether it runs now. */
export function settle(clock: Clock, nowMs: number): Moved {
  let moved: Moved = { clock, actions: [] };
  for (let due = nextDue(clock); due !== null && due.atMs <= nowMs; due = nextDue(moved.clock))
    moved = followedBy(moved, fall(withCover(moved.clock, due.atMs), due, nowMs));
  const clockNow = withCover(moved.clock, nowMs);
  return { clock: clockNow, actions: moved.actions };
}

function withCover(clock: Clock, atMs: number): Clock {
  const state = moveClock(clock.state, isCoveredAt(clock, atMs) ? 'begin' : 'pause');
  return state === null ? clock : { ...clock, state };
}

function fall(clock: Clock, due: Due, nowMs: number): Moved {
  const said = (what: string): Said => ({ key: `${clock.clockId}/${what}`, atMs: due.atMs, lateMs: nowMs - due.atMs });
  switch (due.kind) {
    case 'wake':
      return { clock: inState(clock, moveClock(clock.state, 'wake') ?? clock.state, due.atMs), actions: [] };
    case 'begin':
      // `withCover` has seen it.
      return { clock, actions: [] };
    case 'look-again':
      return { clock: { ...clock, horizonMs: null }, actions: [{ ...said(`look-again/${due.atMs}`), kind: 'look-again' }] };
    case 'expire':
      return {
        clock: inState(clock, moveClock(clock.state, 'expire') ?? 'breached', due.atMs),
        actions: [{ ...said('breach'), kind: 'report-breach' }],
      };
    case 'mark':
      return fallenMark(clock, due.mark, said(due.mark.key));
  }
}

function fallenMark(clock: Clock, mark: Mark, said: Said): Moved {
  const marks = clock.marks.map((each) => (each.key === mark.key ? { ...each, isDone: true } : each));
  const state = moveClock(clock.state, mark.move);
  if (state === null) return { clock: { ...clock, marks }, actions: [] };
  const moved = inState({ ...clock, marks }, state, said.atMs);
  const to = mark.to ?? clock.escalateTo;
  if (mark.move === 'escalate') return { clock: moved, actions: [{ ...said, kind: 'escalate', to, reason: 'LADDER' }] };
  if (mark.move !== 'lose-cover') return { clock: moved, actions: [{ ...said, kind: mark.move }] };
  const reported: SlaAction = { ...said, kind: 'report-uncovered', untilMs: mark.untilMs };
  // Where a named person has it already, the books hear of it and nobody else.
  const told: SlaAction = { ...said, key: `${said.key}/told`, kind: 'escalate', to, reason: 'UNCOVERED' };
  return { clock: moved, actions: state === 'uncovered' ? [reported, told] : [reported] };
}

/** One thing after the other: the clock of the second, the actions of both. */
export function followedBy(first: Moved, second: Moved): Moved {
  return { clock: second.clock, actions: [...first.actions, ...second.actions] };
}
