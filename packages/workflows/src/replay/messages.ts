import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { ReplayEnd } from '@lockstep/domain/replay/replay.ts';
import type { ReplayAnswer, ReplayStanding } from './activities.ts';

/** Ids only: what is replayed, and where it stands, is read from the store. */
export interface ReplayInput {
  readonly workspaceId: string;
  readonly replayId: string;
}

export interface ReplayOutcome {
  /** Null where there is no replay of this id. */
  readonly end: ReplayEnd | null;
}

/** A yes or a no to one exact plan. */
export interface ReplayDecisionMessage {
  /** Id of an account, never an e-mail. */
  readonly approver: string;
  readonly planHash: string;
  /** Activities whose unsafe effects are accepted; of a no: none. */
  readonly accepts: readonly string[];
}

export interface ReplayHoldMessage {
  /** Id of an account. */
  readonly by: string;
}

export interface ReplayProgress {
  readonly phase: 'opening' | 'awaiting-approval' | 'running' | 'paused' | 'ended';
  readonly targets: number;
  readonly settled: number;
  readonly approvalExpiresAt: string | null;
}

/** Answers when it is on record, or with the rule by which it does not count. */
export const approveReplayUpdate = defineUpdate<ReplayAnswer, [ReplayDecisionMessage]>('approveReplay');
export const rejectReplayUpdate = defineUpdate<ReplayAnswer, [ReplayDecisionMessage]>('rejectReplay');
/** After it no further batch begins; the one under way comes to its end. */
export const pauseReplayUpdate = defineUpdate<ReplayStanding, [ReplayHoldMessage]>('pauseReplay');
export const resumeReplayUpdate = defineUpdate<ReplayStanding, [ReplayHoldMessage]>('resumeReplay');
/** Ends it: what was set back stays so, the rest is left alone. */
export const stopReplayUpdate = defineUpdate<ReplayStanding, [ReplayHoldMessage]>('stopReplay');
export const replayProgressQuery = defineQuery<ReplayProgress>('replayProgress');
