/** The activities of `replay`, as the workflow sees them: ids, counts and codes. apps/worker implements them over the engine's use cases; each may be repeated at will. */
import type { ReplayEnd, ReplayState } from '@lockstep/domain/replay/replay.ts';

export interface ReplayActivities {
  /** Judges a replay that is planned, and says where it stands; null where there is none of this id. */
  openReplay(request: ReplayRequest): Promise<ReplayStanding | null>;
  /** Puts a yes or a no on record, or says by which rule it does not count. */
  decideReplay(request: ReplayDecisionRequest): Promise<ReplayAnswer>;
  /** Pauses it, goes on with it, or ends it, where it can be moved so. */
  holdReplay(request: ReplayHoldRequest): Promise<ReplayStanding>;
  /** Settles the next batch. */
  replayBatch(request: ReplayRequest): Promise<ReplayBatch>;
}

export interface ReplayRequest {
  readonly workspaceId: string;
  readonly replayId: string;
  /** Instant of the workflow's clock, ISO. Whoever implements this takes the later one of it and its own. */
  readonly at: string;
}

export interface ReplayStanding {
  readonly state: ReplayState;
  readonly end: ReplayEnd | null;
  /** After it no approval counts; null where nobody is asked. */
  readonly approvalExpiresAt: string | null;
  readonly planHash: string;
  readonly targets: number;
  /** Of these, settled. */
  readonly settled: number;
  readonly perSecond: number;
}

export interface ReplayDecisionRequest extends ReplayRequest {
  /** Id of an account. */
  readonly approver: string;
  readonly decision: 'approve' | 'reject';
  readonly planHash: string;
  /** Activities whose unsafe effects are accepted. */
  readonly accepts: readonly string[];
}

export interface ReplayAnswer {
  /** `refused`: by the rule that `code` names; nothing is on record but the refusal. */
  readonly outcome: 'approved' | 'rejected' | 'refused';
  readonly code: string | null;
}

export interface ReplayHoldRequest extends ReplayRequest {
  readonly event: 'paused' | 'resumed' | 'stopped' | 'expired';
  /** Id of an account, or `system`. */
  readonly by: string;
}

export interface ReplayBatch {
  /** `more`: call again. `held`: somebody has paused or ended it. `ended`: nothing is left. */
  readonly outcome: 'more' | 'held' | 'ended';
  readonly settled: number;
}
