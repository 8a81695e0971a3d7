import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CloseReason } from '@lockstep/domain/routing/close-reason.ts';
import type { Answered } from './activities.ts';
import type { Delivery } from './channels.ts';

/** Ids only: where the lead stands is read from the store. */
export interface PqlRoutingInput {
  readonly workspaceId: string;
  /** Of the account, a digest: never a name, a domain or an address (C12). */
  readonly accountId: string;
  /** Of the run before this one: notices on their way, so that no patience begins anew. */
  readonly telling?: readonly Delivery[];
}

/** What came of it. `quiet`: its evidence crosses no threshold (yet); `closed`: every lead of the account has its end. */
export interface PqlRoutingOutcome {
  readonly state: 'quiet' | 'closed';
}

/** What a person says to an offer, from Slack, by the API or by hand in the CRM. */
export interface AnswerMessage {
  readonly leadId: string;
  /** The offer that was seen: an answer to one that has been taken back counts for nothing (case 25). Null: the one that counts now. */
  readonly offerId: string | null;
  /** Id of a member of the roster or of an account of the API, never an e-mail. */
  readonly by: string;
}

export interface SnoozeMessage extends AnswerMessage {
  /** ISO; never later than the deadline allows. */
  readonly until: string;
}

export interface ReassignMessage extends AnswerMessage {
  /** Id of a member of the roster. */
  readonly to: string;
}

export interface CloseMessage extends AnswerMessage {
  readonly reason: CloseReason;
}

export interface PqlRoutingStatus {
  readonly phase: 'stepping' | 'waiting' | 'ended';
  /** The next instant at which something is due by the clock; null where nothing is. */
  readonly wakeAt: string | null;
  /** Notices on their way. */
  readonly telling: number;
  readonly steps: number;
}

/** There is new evidence, or something has changed that the decision or the clock depends on. At most one look is pending, however many come. */
export const evidenceSignal = defineSignal<[Record<string, never>]>('evidence');
export const acceptUpdate = defineUpdate<Answered, [AnswerMessage]>('accept');
export const declineUpdate = defineUpdate<Answered, [AnswerMessage]>('decline');
export const snoozeUpdate = defineUpdate<Answered, [SnoozeMessage]>('snooze');
export const reassignUpdate = defineUpdate<Answered, [ReassignMessage]>('reassign');
/** Gives the lead back: it is decided anew, and whoever had it has the capacity back. */
export const releaseUpdate = defineUpdate<Answered, [AnswerMessage]>('release');
/** The lead is over, whoever has it. */
export const closeUpdate = defineUpdate<Answered, [CloseMessage]>('close');
export const pqlStatusQuery = defineQuery<PqlRoutingStatus>('pqlStatus');
