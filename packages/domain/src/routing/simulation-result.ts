/** What a simulation of routing gives, and how two of them differ. Instants are epoch milliseconds. */
import type { Outcome } from './clock.ts';
import type { OfferState } from './lead.ts';
import type { LeadState } from './lead-table.ts';
import type { PoolFairness, Return } from './simulation-fairness.ts';

/** A named person was told. */
export interface Escalation {
  readonly personId: string;
  readonly reason: string;
  readonly atMs: number;
  /** When it was delivered. */
  readonly heardAtMs: number;
}

export type LeadOutcome = Outcome['kind'] | 'open' | 'excluded';

export interface LeadResult {
  readonly leadId: string;
  readonly state: LeadState;
  /** Null where no clock was started: it was excluded. */
  readonly slaId: string | null;
  /** Who has it, or had it last. */
  readonly ownerId: string | null;
  readonly offers: readonly {
    readonly memberId: string;
    readonly poolId: string | null;
    readonly atMs: number;
    readonly state: OfferState;
  }[];
  readonly escalations: readonly Escalation[];
  /** `breached` from the deadline on; `open`: the simulation ended before. */
  readonly outcome: LeadOutcome;
  readonly startedAtMs: number;
  readonly deadlineMs: number | null;
  readonly acknowledgedAtMs: number | null;
  /** Until it was acknowledged or the simulation ended: by the wall, on the clock, and the time that nobody covered. */
  readonly wallMs: number;
  readonly usedMs: number;
  readonly uncoveredMs: number;
  /**
   * R2: the deadline passed unacknowledged, and before it no person of the roster had been told, delivery counted. That it went from one to the next does not
   * make it loud: this is stricter than the law.
   */
  readonly isSilentBreach: boolean;
}

export interface SimulationTotals extends Readonly<Record<LeadOutcome, number>> {
  readonly leads: number;
  /** Leads of which a named person heard. */
  readonly escalated: number;
  readonly reassigned: number;
  readonly silentBreaches: number;
  /** Decisions that gave somebody more than their capacity (R5). */
  readonly overCapacity: number;
  /** The longest way of a notice to its reader (R8). */
  readonly longestDeliveryMs: number;
}

export interface SimulationResult {
  /** In the order of their arrival. */
  readonly leads: readonly LeadResult[];
  readonly totals: SimulationTotals;
  readonly pools: readonly PoolFairness[];
  /** Of times away that ended before the simulation did. */
  readonly returns: readonly Return[];
}

/** A lead that two simulations treat in different ways; null where one of them does not have it. */
export interface LeadDifference {
  readonly leadId: string;
  readonly a: LeadSide | null;
  readonly b: LeadSide | null;
}

export interface LeadSide extends Pick<LeadResult, 'slaId' | 'ownerId' | 'outcome' | 'wallMs' | 'usedMs'> {
  /** Whom the first decision gave it to. */
  readonly firstOwnerId: string | null;
  readonly isEscalated: boolean;
}

export interface Comparison {
  readonly same: number;
  /** In the order of `a`, then those that only `b` has. */
  readonly different: readonly LeadDifference[];
  /** How many of those have another first owner. */
  readonly otherFirstOwner: number;
  readonly otherOutcome: number;
  /** `b` less `a`. */
  readonly totals: SimulationTotals;
}

/** Who would have got what, and what that does to the service levels: a policy against another, on the same leads. */
export function compare(a: SimulationResult, b: SimulationResult): Comparison {
  const others = new Map(b.leads.map((lead) => [lead.leadId, lead]));
  const mine = new Set(a.leads.map(({ leadId }) => leadId));
  const pairs = [
    ...a.leads.map((lead) => ({ leadId: lead.leadId, a: sideOf(lead), b: sideOf(others.get(lead.leadId)) })),
    ...b.leads.filter(({ leadId }) => !mine.has(leadId)).map((lead) => ({ leadId: lead.leadId, a: null, b: sideOf(lead) })),
  ];
  const different = pairs.filter(({ a: left, b: right }) => !isSame(left, right));
  return {
    same: pairs.length - different.length,
    different,
    otherFirstOwner: different.filter(({ a: left, b: right }) => left?.firstOwnerId !== right?.firstOwnerId).length,
    otherOutcome: different.filter(({ a: left, b: right }) => left?.outcome !== right?.outcome).length,
    totals: less(b.totals, a.totals),
  };
}

function sideOf(lead: LeadResult | undefined): LeadSide | null {
  if (lead === undefined) return null;
  const { slaId, ownerId, outcome, wallMs, usedMs, offers, escalations } = lead;
  return { slaId, ownerId, outcome, wallMs, usedMs, firstOwnerId: offers[0]?.memberId ?? null, isEscalated: escalations.length > 0 };
}

function isSame(left: LeadSide | null, right: LeadSide | null): boolean {
  if (left === null || right === null) return left === right;
  return (Object.keys(left) as (keyof LeadSide)[]).every((key) => left[key] === right[key]);
}

function less(from: SimulationTotals, what: SimulationTotals): SimulationTotals {
  const names = Object.keys(from) as (keyof SimulationTotals)[];
  return Object.fromEntries(names.map((name) => [name, from[name] - what[name]])) as unknown as SimulationTotals;
}
