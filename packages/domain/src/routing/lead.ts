/** A product-qualified lead, the offers of it to people, and what they are told: rows of the store. Plain JSON; instants are ISO. */
import type { RecordRef } from '../crm/change-set.ts';
import type { Assignment } from './assign.ts';
import type { LeadEnd } from './lead-end.ts';
import type { LeadState } from './lead-table.ts';
import type { Match } from './match.ts';
import type { Notice, NoticeReceipt } from './messenger.port.ts';
import type { Motion } from './motion.ts';
import type { Score } from './score.ts';

/** Whose product events are counted together. */
export interface RoutedAccount {
  /** A digest of the key: it may stand in ids of workflows. */
  readonly accountId: string;
  /** `group:<id>`, `domain:<domain>` or `person:<mail or id>` (event.ts). Personal data. */
  readonly accountKey: string;
  /** The account in the CRM; null where it has not been looked up or is none. */
  readonly record: RecordRef | null;
  readonly match: Match | null;
  /** Grows with every delivery of its events; of an account that is saved: what has been looked at. */
  readonly evidenceVersion: number;
}

export interface Lead {
  readonly leadId: string;
  readonly accountId: string;
  readonly state: LeadState;
  /** What made it one (R6). */
  readonly score: Score;
  readonly source: string;
  readonly isBackfill: boolean;
  readonly openedAt: string;
  readonly closedAt: string | null;
  /** Null while it is open. */
  readonly closeReason: LeadEnd | null;
  /** Who has closed it, of the roster; null where the CRM has shown its end, or a decision has left it out. */
  readonly closedBy: string | null;
  /** Of one that is followed: who is told, of the roster; null otherwise. */
  readonly followedBy: string | null;
  /** The offer that counts; null while nobody has it. */
  readonly offerId: string | null;
  /** A named person who knows of it; null before it was escalated. */
  readonly escalatedTo: string | null;
  readonly decisions: number;
  /** Who has it is a person's choice: the ladder does not take it away (people win). */
  readonly isChosen: boolean;
}

export type OfferState =
  | 'open'
  | 'accepted'
  | 'declined'
  /** By the ladder, an absence, or because its member has left. */
  | 'taken-back'
  | 'released'
  /** A person has given the lead to somebody else. */
  | 'handed-over'
  | 'closed';

/** A lead in somebody's hands: it takes a place of their capacity while it is `open` or `accepted` (R5). */
export interface Offer {
  readonly offerId: string;
  readonly leadId: string;
  readonly memberId: string;
  /** Null where a person has chosen, or it was escalated. */
  readonly poolId: string | null;
  /** What it has moved in the pool's credit; null where it has moved nothing. */
  readonly assignment: Assignment | null;
  readonly state: OfferState;
  readonly offeredAt: string;
  readonly answeredAt: string | null;
}

/** Why a notice is sent. One notice for each purpose of an offer, however often it is worked out. */
export type NoticePurpose = 'offer' | 'remind' | 'warn' | 'taken-back' | 'moved' | 'escalate' | 'accepted' | 'uncovered' | 'closed';

/** A notice on its way: owed until it is delivered on some channel. */
export interface OwedNotice {
  /** `<lead>/<purpose>/<what of>`: the channel's key too. */
  readonly noticeId: string;
  readonly leadId: string;
  readonly purpose: NoticePurpose;
  /** Of the roster. */
  readonly memberId: string;
  readonly notice: Notice;
  readonly owedSince: string;
  /** The first attempt on the channel that is tried now; null: nobody has tried. */
  readonly triedSince: string | null;
  readonly deliveredAt: string | null;
  readonly receipt: NoticeReceipt | null;
}

/** `owner-refused`: the CRM does not take this owner (case 18). `not-written`: for any other reason, as no policy that allows it; the lead goes on (case 65). */
export type CrmWriteEnd = 'committed' | 'owner-refused' | 'not-written';

/** What the CRM is to show because of a decision: the change set that says so. */
export interface CrmWrite {
  readonly changeSetId: string;
  readonly leadId: string;
  readonly offerId: string;
  readonly motion: Motion | null;
  readonly owedSince: string;
  readonly startedAt: string | null;
  /** How the change set has ended; null while it has not. */
  readonly end: CrmWriteEnd | null;
  /** Of one that was not written: the CRM's owner when that was seen, whom nobody has chosen because of the lead; null otherwise. */
  readonly keptOwner: string | null;
}
