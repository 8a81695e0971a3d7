/** What a simulation of routing takes. Instants are ISO. */
import type { Absence, Holiday } from './calendar.ts';
import type { decide, DecisionInput } from './decide.ts';
import type { RoutingPolicy } from './policy.schema.ts';
import type { Roster } from './roster.schema.ts';
import type { SlaSpec } from './sla.schema.ts';

export interface SimulationDocuments {
  readonly policy: RoutingPolicy;
  readonly roster: Roster;
  readonly slas: readonly SlaSpec[];
}

/** A lead: what a decision knows of it (a past one's `DecisionInput` has it all), and when it came. */
export interface SimulatedLead extends Omit<DecisionInput, 'at' | 'passed' | 'members' | 'credits'> {
  readonly leadId: string;
  /** ISO. */
  readonly arrivesAt: string;
}

/** What is put to somebody. */
export interface Question {
  readonly leadId: string;
  readonly memberId: string;
  /** As the one who has it, or as the named person who hears that nobody has taken it. */
  readonly as: 'owner' | 'named';
  /** How often this one is asked about this offer, from 1: again after a snooze. */
  readonly asked: number;
  /** How many have had the lead, this one counted. */
  readonly offers: number;
}

/** What they do, and when. */
export type Reaction =
  | (Delay & { readonly kind: 'accept' | 'decline' })
  | (Delay & { readonly kind: 'snooze'; readonly forMinutes: number })
  | { readonly kind: 'ignore' };

interface Delay {
  /** Of their own working time; `isByWall`: whatever the hour, since people have phones. */
  readonly afterMinutes: number;
  readonly isByWall?: boolean;
}

/** Pure: asked twice it gives the same, else a simulation cannot be played again. */
export interface Behaviour {
  readonly reactTo: (question: Question) => Reaction;
  /** How long a lead that was accepted takes a place of its owner's capacity, by the wall. */
  readonly keepsMinutes: (lead: { readonly leadId: string; readonly memberId: string }) => number;
}

/** What changes while leads come. `at`, ISO: when it becomes known. */
export type Change =
  | { readonly kind: 'absence'; readonly at: string; readonly memberId: string; readonly absence: Absence }
  | { readonly kind: 'holiday'; readonly at: string; readonly memberIds: readonly string[]; readonly holiday: Holiday }
  /** Takes no leads from then on; what they hold goes to others (case 19). */
  | { readonly kind: 'leaves'; readonly at: string; readonly memberId: string };

/** `slack`: nothing is delivered there. `worker`: nothing is done at all, and all of it when it is back. ISO; `to` not included. */
export interface Outage {
  readonly of: 'slack' | 'worker';
  readonly from: string;
  readonly to: string;
}

export interface SimulationRequest {
  readonly documents: SimulationDocuments;
  /** By region. */
  readonly holidays: Readonly<Record<string, readonly Holiday[]>>;
  readonly leads: readonly SimulatedLead[];
  readonly behaviour: Behaviour;
  readonly changes: readonly Change[];
  readonly outages: readonly Outage[];
  /** The last instant, ISO. */
  readonly until: string;
  readonly tzVersion: string;
  /** The pools' credits to begin with; left out: everybody starts level. */
  readonly credits?: DecisionInput['credits'];
  /** Another decision in the place of decide.ts. */
  readonly decide?: typeof decide;
}
