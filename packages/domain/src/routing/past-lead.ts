/** A lead of the past, as it was: what its first decision knew, who was asked, and how its clock ended. Plain JSON. */
import type { Clock } from './clock.ts';
import type { Decision, DecisionInput } from './decide.ts';
import type { OfferState } from './lead.ts';
import type { LeadState } from './lead-table.ts';

export interface PastOffer {
  readonly memberId: string;
  /** Null where a person has chosen, or it was escalated. */
  readonly poolId: string | null;
  readonly state: OfferState;
  readonly offeredAtMs: number;
  /** When it was accepted, or came to its end; null while it is open. */
  readonly answeredAtMs: number | null;
}

export interface PastLead {
  readonly leadId: string;
  /** Of its first decision; a page goes on behind it. */
  readonly decisionId: string;
  /** ISO. */
  readonly decidedAt: string;
  readonly policyHash: string;
  readonly rosterHash: string;
  /** All that the first decision knew of the lead itself. */
  readonly facts: Omit<DecisionInput, 'at' | 'passed' | 'members' | 'credits'>;
  readonly outcome: Decision['outcome']['kind'];
  readonly state: LeadState;
  /** ISO; null while it is open. */
  readonly closedAt: string | null;
  /** A named person who knows of it; null before it was escalated. */
  readonly escalatedTo: string | null;
  /** When a named person was told first; null where nobody was. */
  readonly escalatedAtMs: number | null;
  /** In the order in which they were made. */
  readonly offers: readonly PastOffer[];
  /** The first one; null where none was started: it was excluded. */
  readonly clock: Pick<Clock, 'slaId' | 'stopsOn' | 'state' | 'outcome'> | null;
}

/** When it was acknowledged by a person; null where it was not, or nobody knows any more. */
export function acknowledgedAtMs({ offers, clock }: PastLead): number | null {
  const accepted = offers.find(({ state }) => state === 'accepted' || state === 'closed');
  if (clock?.outcome != null && clock.stopsOn === 'acknowledged' && (clock.outcome.kind === 'met' || clock.outcome.kind === 'breached'))
    return clock.outcome.endedAtMs;
  return accepted?.answeredAtMs ?? null;
}
