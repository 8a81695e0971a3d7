/** The start of an SLA clock: the instants of its row by the hours of now. */
import type { Hours } from './business-time.ts';
import type { Clock } from './clock.ts';
import { settle } from './sla.ts';
import type { Moved } from './sla.ts';
import { marksOf, planRest, timed } from './sla-plan.ts';
import type { SlaSpec } from './sla.schema.ts';

const MINUTE_MS = 60_000;

export interface StartRequest {
  readonly clockId: string;
  readonly ownerId: string | null;
  readonly startedAtMs: number;
  /** Of the calendars that the service level names; see `hoursFor`. */
  readonly hours: Hours;
  readonly tzVersion: string;
}

/** A clock that starts now. Its actions are what is due at once: where nobody is in sight, that a named person hears. */
export function startClock(spec: SlaSpec, request: StartRequest): Moved {
  const { startedAtMs } = request;
  const marks = marksOf(spec);
  const budgetMs = spec.budgetMinutes * MINUTE_MS;
  const longestWaitMs = spec.longestWaitMinutes * MINUTE_MS;
  const plan = planRest({
    hours: request.hours,
    kind: spec.clock,
    hasBegun: false,
    nowMs: startedAtMs,
    usedMs: 0,
    budgetMs,
    uncoveredSinceMs: startedAtMs,
    longestWaitMs,
  });
  const clock: Clock = {
    clockId: request.clockId,
    slaId: spec.id,
    revision: 0,
    state: 'waiting',
    kind: spec.clock,
    stopsOn: spec.stop,
    ownerId: request.ownerId,
    escalateTo: marks.find(({ move }) => move === 'escalate')?.to ?? '',
    onHandOver: spec.onHandOver,
    startedAtMs,
    budgetMs,
    bufferMs: spec.bufferMinutes * MINUTE_MS,
    longestWaitMs,
    usedMs: 0,
    settledAtMs: startedAtMs,
    uncoveredSinceMs: startedAtMs,
    spans: plan.spans,
    deadlineMs: plan.deadlineMs,
    horizonMs: plan.horizonMs,
    marks: timed(marks, plan, 0, startedAtMs),
    snoozedUntilMs: null,
    tzVersion: request.tzVersion,
    outcome: null,
  };
  return settle(clock, startedAtMs);
}
