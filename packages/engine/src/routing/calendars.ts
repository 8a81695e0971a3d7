/** People's working time: the roster's week, the holidays of their region, and their times away. */
import { coverageAt } from '@lockstep/domain/routing/calendar.ts';
import type { OffReason, WorkCalendar } from '@lockstep/domain/routing/calendar.ts';
import type { Hours } from '@lockstep/domain/routing/business-time.ts';
import { calendarPart, personOf, poolOf } from '@lockstep/domain/routing/roster.ts';
import type { Person, Roster } from '@lockstep/domain/routing/roster.schema.ts';
import type { RoutingReader } from '@lockstep/domain/routing/routing-store.port.ts';
import { hoursFor } from '@lockstep/domain/routing/sla-hours.ts';
import type { SlaSpec } from '@lockstep/domain/routing/sla.schema.ts';
import type { RoutingEngine } from './environment.ts';

/** Calendars by member, as of one instant. */
export type Calendars = ReadonlyMap<string, WorkCalendar>;

/** So many years ahead holidays are known: clocks look 400 days ahead. */
const YEARS_AHEAD = 2;

/** Those of everybody on the roster: what a decision and its clock may look at. One read. */
export async function calendarsOf(engine: RoutingEngine, reader: RoutingReader, roster: Roster, now: string): Promise<Calendars> {
  const ids = roster.people.map(({ id }) => id);
  const away = await reader.absences(ids, now);
  const year = Number(now.slice(0, 4));
  const years = Array.from({ length: YEARS_AHEAD + 1 }, (_, index) => year + index);
  return new Map(roster.people.map((person) => [person.id, calendarOf(engine, person, away.get(person.id) ?? [], years)]));
}

function calendarOf(engine: RoutingEngine, person: Person, away: WorkCalendar['absences'], years: readonly number[]): WorkCalendar {
  const part = calendarPart(person);
  const holidays = person.holidays === null ? [] : engine.holidays.holidaysOf(person.holidays, years);
  return { zone: part.zone, week: part.week, holidays, absences: [...part.absences, ...away] };
}

/** Why somebody does not work now; null while they do. */
export function offReason(calendars: Calendars, memberId: string, now: string): OffReason | null {
  const calendar = calendars.get(memberId);
  if (calendar === undefined) return 'OFF_HOURS';
  const coverage = coverageAt(calendar, Date.parse(now));
  return coverage.kind === 'working' ? null : coverage.reason;
}

export interface HoursRequest {
  readonly sla: SlaSpec;
  readonly roster: Roster;
  readonly calendars: Calendars;
  /** Null while nobody has it. */
  readonly ownerId: string | null;
  /** Whose people are the team; null: everybody of the owner's role. */
  readonly poolId: string | null;
}

/** The hours in which a clock runs. */
export function clockHours({ sla, roster, calendars, ownerId, poolId }: HoursRequest): Hours {
  const owner = ownerId === null ? null : personOf(roster, ownerId);
  const pool = poolId === null ? null : poolOf(roster, poolId);
  const role = pool?.role ?? owner?.role ?? null;
  const team = pool?.members ?? roster.people.filter((person) => role === null || person.role === role).map(({ id }) => id);
  return hoursFor(sla.calendar, {
    owner: owner === null ? null : (calendars.get(owner.id) ?? null),
    team: team.flatMap((id) => calendars.get(id) ?? []),
    customer: null,
  });
}
