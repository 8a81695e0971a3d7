/** A plain service level, calendars and short ways to move a clock, for tests. */
import { hoursOf } from './business-time.ts';
import type { Hours } from './business-time.ts';
import type { Absence, WorkCalendar } from './calendar.ts';
import type { Clock } from './clock.ts';
import { startClock } from './clock-start.ts';
import { rebase } from './rebase.ts';
import type { RebaseRequest } from './rebase.ts';
import { shippedSlas } from './shipped-slas.ts';
import { advance } from './sla.ts';
import type { Moved, SlaAction, SlaEvent } from './sla.ts';
import type { SlaSpec } from './sla.schema.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const BOSS = 'nora.lind';
export const TZ = '2026c';

/** An instant of ISO text; without a date, of Wednesday 2026-11-25, in UTC. */
export function at(time: string): number {
  return Date.parse(time.includes('T') ? `${time}Z` : `2026-11-25T${time}Z`);
}

export function sla(id: string, change: Partial<SlaSpec> = {}): SlaSpec {
  const found = shippedSlas(BOSS).find((spec) => spec.id === id);
  if (found === undefined) throw new Error(`sla: expected one that ships, got ${id}`);
  return { ...found, ...change };
}

/** Works 09:00–17:00 UTC, Monday to Friday. */
export function office(parts: Partial<WorkCalendar> = {}): WorkCalendar {
  const week = [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' }));
  return { zone: 'UTC', week, holidays: [], absences: [], ...parts };
}

export function away(from: string, to: string): Absence {
  return { id: `${from}/${to}`, fromIso: new Date(at(from)).toISOString(), toIso: new Date(at(to)).toISOString(), reason: 'ABSENT' };
}

export function started(spec: SlaSpec, startedAt: string, hours: Hours = hoursOf(office())): Moved {
  return startClock(spec, { clockId: 'c1', ownerId: 'ann', startedAtMs: at(startedAt), hours, tzVersion: TZ });
}

export function after(clock: Clock, event: SlaEvent, time: string): Moved {
  return advance(clock, event, at(time));
}

export function tick(clock: Clock, time: string): Moved {
  return after(clock, { kind: 'tick' }, time);
}

export function acknowledged(clock: Clock, time: string): Moved {
  return after(clock, { kind: 'happened', what: 'acknowledged' }, time);
}

export function rebased(clock: Clock, change: Partial<RebaseRequest>, time: string): Moved {
  const request: RebaseRequest = { cause: 'ABSENCE', ownerId: clock.ownerId, hours: hoursOf(office()), tzVersion: TZ, ...change };
  return rebase(clock, request, at(time));
}

/** What actions say, in short: "remind 09:30". */
export function said(actions: readonly SlaAction[]): readonly string[] {
  return actions.map((action) => {
    const time = new Date(action.atMs).toISOString().slice(action.atMs < at('00:00') || action.atMs >= at('24:00') ? 5 : 11, 16);
    return action.kind === 'escalate' ? `escalate ${time} ${action.to} ${action.reason}` : `${action.kind} ${time}`;
  });
}
