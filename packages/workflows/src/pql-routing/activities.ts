/**
 * The activities of `pqlRouting`, as the workflow sees them: ids, instants and codes. apps/worker implements them over the engine's use cases; each may be
 * repeated at will.
 */
import type { CloseReason } from '@lockstep/domain/routing/close-reason.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';

export interface PqlRoutingActivities {
  /**
   * Takes the account as far as it goes at this instant, in one transaction: scores new evidence, opens a lead, decides, moves clocks on. What has to be
   * told and written because of it is on record before it answers.
   */
  step(request: AccountRequest): Promise<Stepped>;
  /** Puts an answer on record, or says by which rule it does not count. */
  answer(request: AnswerRequest): Promise<Answered>;
  /** Tries the notice on one channel, once. A notice that was delivered is not sent again. */
  tell(request: TellRequest): Promise<Told>;
  /** Starts the change set that shows the decision in the CRM; one that runs is left alone. */
  startChangeSet(request: ChangeSetRequest): Promise<void>;
}

export interface AccountRequest {
  readonly workspaceId: string;
  readonly accountId: string;
  /** Instant of the workflow's clock, ISO. Whoever implements this takes the later one of it and its own. */
  readonly at: string;
}

export interface Stepped {
  readonly state: 'quiet' | 'open' | 'closed';
  /** The next instant at which something is due; null where only an answer or new evidence goes on. */
  readonly wakeAt: string | null;
  /** Ids of notices that are not delivered yet. */
  readonly notices: readonly string[];
  /** Ids of change sets that are not started yet. */
  readonly changeSets: readonly string[];
}

export type AnswerKind = 'accept' | 'decline' | 'snooze' | 'reassign' | 'release' | 'close';

export interface AnswerRequest extends AccountRequest {
  readonly kind: AnswerKind;
  readonly leadId: string;
  /** The offer that was seen: an answer to one that has been taken back counts for nothing (case 25). Null: the one that counts now. */
  readonly offerId: string | null;
  /** Member of the roster, or an account of the API that speaks for one. */
  readonly by: string;
  /** Of a snooze; ISO. */
  readonly until?: string;
  /** Of a reassignment. */
  readonly to?: string;
  /** Of a close. */
  readonly reason?: CloseReason;
}

export interface Answered {
  readonly kind: 'answered';
  /** `already`: the same was said before, nothing changes. `refused`: by the rule that `code` names. */
  readonly outcome: 'taken' | 'already' | 'refused';
  readonly code: string | null;
}

/** In the order in which they are tried (R8). */
export type Channel = 'slack' | 'mail' | 'crm-task';

export interface TellRequest extends AccountRequest {
  readonly noticeId: string;
  readonly channel: Channel;
}

export type Told =
  /** Or it is owed no more. */
  | { readonly kind: 'told'; readonly outcome: 'delivered' }
  | {
      readonly kind: 'told';
      readonly outcome: 'failed';
      readonly code: ConnectorErrorCode;
      /** The channel asked for it. */
      readonly retryAfterMs: number | null;
    };

export interface ChangeSetRequest extends AccountRequest {
  readonly changeSetId: string;
}
