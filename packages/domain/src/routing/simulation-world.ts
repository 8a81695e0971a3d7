/** The world that a simulation plays in, as of its own now: who is on the roster, when they work, what they hold, and whether they can be told. */
import type { PoolCredit } from './assign.ts';
import type { Hours } from './business-time.ts';
import { addBusinessMs, hoursOf, isCovered, nextCovered } from './business-time.ts';
import { coverageAt } from './calendar.ts';
import type { Holiday, OffReason, WorkCalendar } from './calendar.ts';
import type { Clock } from './clock.ts';
import type { decide } from './decide.ts';
import { deliveryStep } from './delivery.ts';
import { createEventQueue } from './event-queue.ts';
import type { EventQueue } from './event-queue.ts';
import type { OfferState } from './lead.ts';
import type { LeadState } from './lead-table.ts';
import { calendarPart, personOf, poolOf } from './roster.ts';
import type { Person, Roster } from './roster.schema.ts';
import type { Behaviour, Change, Outage, Reaction, SimulatedLead, SimulationDocuments, SimulationRequest } from './simulation-request.ts';
import type { Escalation } from './simulation-result.ts';
import { createBook } from './simulation-fairness.ts';
import type { PoolBook } from './simulation-fairness.ts';
import { hoursFor } from './sla-hours.ts';
import type { SlaSpec } from './sla.schema.ts';

/** What is to come. */
export type SimulationEvent =
  | { readonly kind: 'arrives'; readonly lead: SimulatedLead }
  | { readonly kind: 'due'; readonly file: LeadFile }
  /** Somebody has made up their mind about an offer; `asked` counts how often, from 1. */
  | {
      readonly kind: 'answers';
      readonly file: LeadFile;
      readonly offer: OfferFile;
      readonly memberId: string;
      readonly asked: number;
      readonly reaction: Exclude<Reaction, { readonly kind: 'ignore' }>;
    }
  | { readonly kind: 'is-done'; readonly file: LeadFile; readonly offer: OfferFile }
  | { readonly kind: 'changes'; readonly change: Change };

/** A lead on its way. */
export interface LeadFile {
  readonly lead: SimulatedLead;
  readonly offers: OfferFile[];
  readonly escalations: Escalation[];
  readonly startedAtMs: number;
  state: LeadState;
  /** Null while nobody has it. */
  current: OfferFile | null;
  clock: Clock | null;
  /** When the queue wakes it next; null where it does not. */
  wakesAtMs: number | null;
  escalatedTo: string | null;
  acknowledgedAtMs: number | null;
}

export interface OfferFile {
  readonly memberId: string;
  readonly poolId: string | null;
  readonly atMs: number;
  state: OfferState;
}

export interface World {
  readonly documents: SimulationDocuments;
  readonly decide: typeof decide;
  readonly behaviour: Behaviour;
  readonly tzVersion: string;
  readonly outages: readonly { readonly of: Outage['of']; readonly fromMs: number; readonly toMs: number }[];
  readonly queue: EventQueue<SimulationEvent>;
  readonly files: LeadFile[];
  /** Leads in somebody's hands. */
  readonly held: Map<string, Set<LeadFile>>;
  readonly credits: Record<string, PoolCredit>;
  readonly books: ReadonlyMap<string, PoolBook>;
  readonly poolMembers: readonly string[];
  readonly calendars: Map<string, WorkCalendar>;
  /** Kept until somebody's calendar changes. */
  readonly hours: Map<string, Hours>;
  roster: Roster;
  nowMs: number;
  overCapacity: number;
  longestDeliveryMs: number;
}

export function createWorld(request: SimulationRequest, production: typeof decide): World {
  const { documents, holidays, outages } = request;
  const { roster } = documents;
  return {
    documents,
    decide: request.decide ?? production,
    behaviour: request.behaviour,
    tzVersion: request.tzVersion,
    outages: outages.map(({ of, from, to }) => ({ of, fromMs: Date.parse(from), toMs: Date.parse(to) })),
    queue: createEventQueue(),
    files: [],
    held: new Map(roster.people.map(({ id }) => [id, new Set()])),
    credits: { ...request.credits },
    books: new Map(roster.pools.map(({ id }) => [id, createBook(id)])),
    poolMembers: [...new Set(roster.pools.flatMap(({ members }) => members))],
    calendars: new Map(roster.people.map((person) => [person.id, calendarOf(person, holidays)])),
    hours: new Map(),
    roster,
    nowMs: Number.NEGATIVE_INFINITY,
    overCapacity: 0,
    longestDeliveryMs: 0,
  };
}

function calendarOf(person: Person, holidays: SimulationRequest['holidays']): WorkCalendar {
  return { ...calendarPart(person), holidays: person.holidays === null ? [] : (holidays[person.holidays] ?? []) };
}

/** Somebody's calendar from now on. */
export function recalendar(
  world: World,
  memberId: string,
  change: { readonly holiday?: Holiday; readonly absence?: WorkCalendar['absences'][number] },
): void {
  const calendar = world.calendars.get(memberId);
  if (calendar === undefined) return;
  world.calendars.set(memberId, {
    ...calendar,
    holidays: [...calendar.holidays, ...(change.holiday === undefined ? [] : [change.holiday])],
    absences: [...calendar.absences, ...(change.absence === undefined ? [] : [change.absence])],
  });
  world.hours.clear();
}

/** When somebody works next: now where they do; null: not within the days that were looked at. */
export function worksNext({ calendars }: World, memberId: string, atMs: number): number | null {
  const calendar = calendars.get(memberId);
  return calendar === undefined ? null : nextCovered(hoursOf(calendar), atMs);
}

/** When somebody has worked for so long from an instant on; null: not within the days that were looked at. */
export function worksUntil({ calendars }: World, memberId: string, fromMs: number, amountMs: number): number | null {
  const calendar = calendars.get(memberId);
  const end = calendar === undefined ? null : addBusinessMs(hoursOf(calendar), fromMs, amountMs);
  return end?.kind === 'at' ? end.atMs : null;
}

/** Why somebody does not work now; null while they do. */
export function offReason({ calendars }: World, memberId: string, atMs: number): OffReason | null {
  const calendar = calendars.get(memberId);
  if (calendar === undefined) return 'OFF_HOURS';
  // What the reason is costs more than whether there is one.
  if (isCovered(hoursOf(calendar), atMs)) return null;
  const coverage = coverageAt(calendar, atMs, 0);
  return coverage.kind === 'working' ? null : coverage.reason;
}

/** The hours in which a clock runs: as the engine works them out (packages/engine/src/routing/calendars.ts). */
export function clockHours(world: World, sla: SlaSpec, ownerId: string | null, poolId: string | null): Hours {
  const key = `${sla.calendar} ${ownerId ?? ''} ${poolId ?? ''}`;
  const kept = world.hours.get(key);
  if (kept !== undefined) return kept;
  const { roster, calendars } = world;
  const owner = ownerId === null ? null : personOf(roster, ownerId);
  const pool = poolId === null ? null : poolOf(roster, poolId);
  const role = pool?.role ?? owner?.role ?? null;
  const team = pool?.members ?? roster.people.filter((person) => role === null || person.role === role).map(({ id }) => id);
  const hours = hoursFor(sla.calendar, {
    owner: owner === null ? null : (calendars.get(owner.id) ?? null),
    team: team.flatMap((id) => calendars.get(id) ?? []),
    customer: null,
  });
  world.hours.set(key, hours);
  return hours;
}

/** The end of an outage that lies on an instant; the instant itself where none does. */
export function afterOutage({ outages }: World, of: Outage['of'], atMs: number): number {
  return outages.reduce((ms, outage) => (outage.of === of && outage.fromMs <= ms && ms < outage.toMs ? outage.toMs : ms), atMs);
}

/** When somebody hears of what is sent now: while Slack is down, by the way that delivery.ts falls back (R8). */
export function heardAt(world: World): number {
  const sinceMs = world.nowMs;
  let atMs = sinceMs;
  for (let attempts = 1; afterOutage(world, 'slack', atMs) > atMs; attempts += 1) {
    const failed = { code: 'Transient', retryAfterMs: null, attempts, elapsedMs: atMs - sinceMs, isUnsettled: false } as const;
    const step = deliveryStep(failed);
    if (step.kind === 'fall-back') break;
    atMs += step.afterMs;
  }
  world.longestDeliveryMs = Math.max(world.longestDeliveryMs, atMs - sinceMs);
  return atMs;
}

/** @throws RangeError for one that is not there. */
export function slaOf({ documents }: World, id: string): SlaSpec {
  const sla = documents.slas.find((one) => one.id === id);
  if (sla === undefined) throw new RangeError(`service levels: expected one of the id ${id}, got none; run \`lockstep routing check\``);
  return sla;
}
