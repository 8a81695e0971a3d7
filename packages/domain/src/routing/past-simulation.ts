/**
 * Documents against past leads (`lockstep pql simulate`): the leads as they came, played through the production machine (simulation.ts) by the documents in force
 * and by others, beside what was. The model is the same on both sides, so that a difference of the two is the documents' doing; how far the model is from
 * what was is told by the first two.
 */
import type { Absence, Holiday } from './calendar.ts';
import type { PastLead } from './past-lead.ts';
import { acknowledgedAtMs } from './past-lead.ts';
import { pastBehaviour } from './past-behaviour.ts';
import type { AnswerSource, UnknownAnswers } from './past-behaviour.ts';
import { calendarPart } from './roster.ts';
import type { Roster } from './roster.schema.ts';
import { simulate } from './simulation.ts';
import type { SimulatedLead, SimulationDocuments, SimulationRequest } from './simulation-request.ts';
import type { LeadOutcome, LeadResult } from './simulation-result.ts';

/** What is known besides the leads. */
export interface PastWorld {
  /** By region. */
  readonly holidays: Readonly<Record<string, readonly Holiday[]>>;
  /** By person, besides those of the roster. */
  readonly absences: Readonly<Record<string, readonly Absence[]>>;
  /** Of the pools, when the first of the leads came. */
  readonly credits: NonNullable<SimulationRequest['credits']>;
  /** The last instant, ISO: clocks that run then are open. */
  readonly until: string;
  readonly tzVersion: string;
}

/** What became of a lead. */
export interface LeadFate {
  /** Who was asked first; a named person where nobody else could be. */
  readonly firstOwnerId: string | null;
  /** Who had it last. */
  readonly ownerId: string | null;
  readonly slaId: string | null;
  readonly outcome: LeadOutcome;
  readonly isEscalated: boolean;
  readonly isReassigned: boolean;
  /** From its first decision to a person's yes, by the wall; null where nobody has said yes. */
  readonly acknowledgedAfterMs: number | null;
}

export interface PlayedLeads {
  /** In the order of the leads. */
  readonly fates: readonly LeadFate[];
  /** How the answers are known of those who were asked. */
  readonly answers: Readonly<Record<AnswerSource, number>>;
}

/** As it was. */
export function fateOf(lead: PastLead): LeadFate {
  const { offers, clock, escalatedTo, outcome, decidedAt } = lead;
  const acknowledgedMs = acknowledgedAtMs(lead);
  return {
    firstOwnerId: offers[0]?.memberId ?? null,
    ownerId: offers.at(-1)?.memberId ?? null,
    slaId: clock?.slaId ?? null,
    outcome:
      clock === null
        ? outcome === 'excluded'
          ? 'excluded'
          : 'open'
        : (clock.outcome?.kind ?? (clock.state === 'breached' ? 'breached' : 'open')),
    isEscalated: escalatedTo !== null,
    isReassigned: offers.some(({ state }) => state === 'taken-back'),
    acknowledgedAfterMs: acknowledgedMs === null ? null : acknowledgedMs - Date.parse(decidedAt),
  };
}

/** As it would have been by these documents. `leads` in the order in which they came. @throws RangeError as `simulate`. */
export function playPast(
  leads: readonly PastLead[],
  documents: SimulationDocuments,
  world: PastWorld,
  unknown: UnknownAnswers,
): PlayedLeads {
  const roster = withAbsences(documents.roster, world.absences);
  const calendars = new Map(
    roster.people.map((person) => [
      person.id,
      { ...calendarPart(person), holidays: person.holidays === null ? [] : (world.holidays[person.holidays] ?? []) },
    ]),
  );
  const behaviour = pastBehaviour(leads, calendars, unknown);
  const { holidays, credits, until, tzVersion } = world;
  const result = simulate({
    ...{ holidays, credits, until, tzVersion, behaviour, changes: [], outages: [] },
    documents: { ...documents, roster },
    leads: leads.map(({ leadId, decidedAt, facts }): SimulatedLead => ({ ...facts, leadId, arrivesAt: decidedAt })),
  });
  const answers = { known: 0, own: 0, others: 0, none: 0 };
  for (const { leadId, offers } of result.leads)
    for (const { memberId, poolId } of offers) if (poolId !== null) answers[behaviour.sourceOf({ leadId, memberId, as: 'owner' })] += 1;
  return { fates: result.leads.map(fateOfResult), answers };
}

function fateOfResult({ offers, ownerId, slaId, outcome, escalations, acknowledgedAtMs: atMs, startedAtMs }: LeadResult): LeadFate {
  return {
    firstOwnerId: offers[0]?.memberId ?? null,
    ownerId: ownerId ?? offers.at(-1)?.memberId ?? null,
    ...{ slaId, outcome },
    isEscalated: escalations.length > 0,
    isReassigned: offers.some(({ state }) => state === 'taken-back'),
    acknowledgedAfterMs: atMs === null ? null : atMs - startedAtMs,
  };
}

/** Those of calendars stand in the roster as its own do. */
function withAbsences(roster: Roster, absences: PastWorld['absences']): Roster {
  const people = roster.people.map((person) => ({
    ...person,
    absences: [
      ...person.absences,
      ...(absences[person.id] ?? []).map(({ id, fromIso, toIso, reason }) => ({ id, from: fromIso, to: toIso, reason })),
    ],
  }));
  return { ...roster, people };
}

/** Sums of many leads' fates. */
export interface FateSums extends Readonly<Record<LeadOutcome, number>> {
  readonly leads: number;
  readonly escalated: number;
  readonly reassigned: number;
  /** Leads to which somebody has said yes; the two times are theirs alone. */
  readonly acknowledged: number;
  readonly medianMs: number | null;
  readonly p90Ms: number | null;
}

export function sumsOf(fates: readonly LeadFate[]): FateSums {
  const count = (holds: (fate: LeadFate) => boolean): number => fates.filter(holds).length;
  const of = (outcome: LeadOutcome): number => count((fate) => fate.outcome === outcome);
  const times = fates.flatMap(({ acknowledgedAfterMs }) => acknowledgedAfterMs ?? []).toSorted((one, other) => one - other);
  return {
    leads: fates.length,
    ...{ met: of('met'), breached: of('breached'), uncovered: of('uncovered') },
    ...{ withdrawn: of('withdrawn'), open: of('open'), excluded: of('excluded') },
    escalated: count(({ isEscalated }) => isEscalated),
    reassigned: count(({ isReassigned }) => isReassigned),
    acknowledged: times.length,
    medianMs: quantile(times, 0.5),
    p90Ms: quantile(times, 0.9),
  };
}

/** The smallest value that so large a share of the values does not exceed; null of none. */
function quantile(rising: readonly number[], share: number): number | null {
  return rising[Math.max(0, Math.ceil(rising.length * share) - 1)] ?? null;
}

/** How many leads have the same first owner, and the same outcome, on two sides. */
export function likenessOf(
  one: readonly LeadFate[],
  other: readonly LeadFate[],
): { readonly firstOwner: number; readonly outcome: number } {
  const count = (key: 'firstOwnerId' | 'outcome'): number => one.filter((fate, index) => fate[key] === other[index]?.[key]).length;
  return { firstOwner: count('firstOwnerId'), outcome: count('outcome') };
}
