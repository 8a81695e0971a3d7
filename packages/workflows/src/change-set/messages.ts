import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { SetCause, SetEnd } from '@lockstep/domain/crm/change-set.ts';
import type { Decided } from './activities.ts';

/** Ids only: where the set stands is read from the store. */
export interface ChangeSetInput {
  readonly workspaceId: string;
  readonly changeSetId: string;
  /** Take back what is done instead of going on: the sweeper's start (C11), or a run that carries a compensation on. */
  readonly cleanUp?: SetCause;
}

export interface ChangeSetOutcome {
  readonly end: SetEnd;
  readonly cause: SetCause | null;
}

/** A yes or a no to one exact diff. */
export interface DecisionMessage {
  /** Id of a principal, never an e-mail. */
  readonly approver: string;
  readonly diffHash: string;
}

export type ChangeSetPhase =
  | 'judging'
  | 'awaiting-approval'
  | 'waiting-for-records'
  | 'refreshing'
  | 'applying'
  | 'verifying'
  | 'compensating'
  | 'needs-operator'
  | 'ended';

export interface ChangeSetStatus {
  readonly phase: ChangeSetPhase;
  /** What is asked for; null before it was judged. */
  readonly diffHash: string | null;
  readonly approvalExpiresAt: string | null;
  readonly deadlineAt: string | null;
  /** Since when the CRM does not serve: calls in a row that were put off. */
  readonly putOff: number;
  readonly isCancelled: boolean;
}

/** Approves the diff of this hash; answers when it is on record, or by which rule it does not count. */
export const approveUpdate = defineUpdate<Decided, [DecisionMessage]>('approve');
export const rejectUpdate = defineUpdate<Decided, [DecisionMessage]>('reject');
/** An operator has taken over a set that needs one: no more reminders. */
export const takeOverUpdate = defineUpdate<ChangeSetStatus, [Record<string, never>]>('takeOver');
export const changeSetStatusQuery = defineQuery<ChangeSetStatus>('status');
