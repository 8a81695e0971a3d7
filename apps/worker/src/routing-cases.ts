/**
 * What the worker asks of routing: the engine's use cases, bound to one workspace. Activities, API, events and Slack speak to nothing else. `now` is an ISO instant.
 */
import type { Absence } from '@lockstep/domain/routing/calendar.ts';
import type { CloseReason } from '@lockstep/domain/routing/close-reason.ts';
import type { ProductEvent, EventReading } from '@lockstep/domain/routing/event.ts';
import type { CrmWrite, Lead, Offer, OwedNotice, RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import type { ClockCount, ClockRow, DecisionRow } from '@lockstep/domain/routing/routing-store.port.ts';
import type { Score } from '@lockstep/domain/routing/score.ts';
import type { AccountScore } from '@lockstep/domain/routing/stage-outcomes.ts';
import type { SlaAction } from '@lockstep/domain/routing/sla.ts';
import type { PastPage, PastRequest, RoutingContext, routingContext } from '@lockstep/engine/routing/past.ts';
import type { ScoreQuestion } from '@lockstep/engine/routing/scored.ts';
import type { Answered, AnswerKind, Channel, Stepped, Told } from '@lockstep/workflows/contracts.ts';

export interface RoutingCases {
  /** Stores what is new of a delivery, in one transaction: all of it is on record when it resolves. */
  readonly ingest: (readings: readonly EventReading[], now: string) => Promise<Ingested>;
  /** See `PqlRoutingActivities.step`. */
  readonly stepAccount: (accountId: string, now: string) => Promise<Stepped>;
  readonly answer: (answer: LeadAnswer, now: string) => Promise<Answered>;
  /** One attempt on one channel; what fails there is an answer, not an error. */
  readonly tell: (noticeId: string, channel: Channel, now: string) => Promise<Told>;
  /** Plans the change set of an owed write and starts it; one that is there is left alone. */
  readonly startWrite: (changeSetId: string, now: string) => Promise<void>;
  /** By the account's key or its id; null for one that is not known. */
  readonly explainAccount: (keyOrId: string, now: string) => Promise<AccountReading | null>;
  readonly slaReport: (now: string) => Promise<SlaReading>;
  readonly lead: (leadId: string) => Promise<LeadReading | null>;
  /** Newest first. */
  readonly leads: (request: { readonly states: readonly Lead['state'][]; readonly limit: number }) => Promise<readonly LeadReading[]>;
  /** Clocks and offers of these members are worked out anew; the accounts whose workflows have to be woken for it. */
  readonly rosterChanged: (memberIds: readonly string[], now: string) => Promise<readonly string[]>;
  /** What a member's calendar says takes the place of what it said before; the accounts whose workflows have to be woken for it (case 01). */
  takeAbsences(memberId: string, feed: string, absences: readonly Absence[], now: string): Promise<readonly string[]>;
  /** Reads which records of the CRM have come into another stage; the accounts whose workflows have to be woken for it. */
  readonly pullStages: (now: string) => Promise<{ readonly accounts: readonly string[]; readonly more: boolean }>;
  /** Accounts with something to do, by id, a page at a time: open leads, owed notices and writes, evidence that no step has seen. */
  readonly openAccounts: (request: { readonly after: string | null; readonly limit: number }) => Promise<readonly string[]>;
  /** Past leads as they were, a page at a time. */
  readonly pastLeads: (request: PastRequest) => Promise<PastPage>;
  /** What accounts scored when they became leads, or at most. */
  readonly scores: (questions: readonly ScoreQuestion[]) => Promise<readonly (AccountScore | null)[]>;
  /** The documents in force, and what is known of holidays and times away. */
  readonly context: (request: ContextRequest) => Promise<RoutingContext>;
}

export type ContextRequest = Parameters<typeof routingContext>[1];

export interface Ingested {
  readonly fresh: number;
  readonly duplicates: number;
  /** Ids of accounts with new evidence. */
  readonly accounts: readonly string[];
}

/** What a person says to a lead. */
export interface LeadAnswer {
  readonly kind: AnswerKind;
  readonly leadId: string;
  /** The offer that was seen; null: the one that counts now. */
  readonly offerId: string | null;
  readonly by: string;
  /** Of a snooze; ISO. */
  readonly until?: string;
  /** Of a close. */
  readonly reason?: CloseReason;
  /** Of a reassignment. */
  readonly to?: string;
}

/** A lead with who has it and its clocks. */
export interface LeadReading {
  readonly lead: Lead;
  /** The one that counts. */
  readonly offer: Offer | null;
  readonly clocks: readonly ClockRow[];
}

export interface AccountReading {
  readonly account: RoutedAccount;
  /** At this instant; null where nothing counts. */
  readonly score: Score | null;
  /** The newest evidence. */
  readonly events: readonly ProductEvent[];
  readonly leads: readonly (LeadReading & {
    readonly decisions: readonly DecisionRow[];
    readonly offers: readonly Offer[];
    readonly notices: readonly OwedNotice[];
    readonly writes: readonly CrmWrite[];
    readonly actions: readonly SlaAction[];
  })[];
}

export interface SlaReading {
  /** Ends are counted from then on. */
  readonly since: string;
  readonly open: readonly ClockRow[];
  readonly counts: readonly ClockCount[];
}
