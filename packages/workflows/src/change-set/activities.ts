/**
 * The activities of `changeSet`, as the workflow sees them: ids, instants and codes, never a body. apps/worker implements them over the engine's use
 * cases; each may be repeated at will.
 */
import type { SetCause, SetEnd, SetState } from '@lockstep/domain/crm/change-set.ts';
import type { SetNotice } from '@lockstep/domain/crm/notice.ts';

export interface ChangeSetActivities {
  /** Where the set stands by the store; null where there is none of this id. */
  readSet(request: SetRequest): Promise<Standing | null>;
  /** Holds the exact diff against the policy; a set that was judged before is judged by the policy of today. */
  judgeSet(request: SetRequest): Promise<Judgement | Wait>;
  /** Puts a yes or a no on record, or says by which rule it does not count. */
  decideSet(request: DecisionRequest): Promise<Decided>;
  /** Takes the leases of all its records, or none. */
  acquireLeases(request: SetRequest): Promise<Acquired | Wait>;
  /** Reads the before-images again, under the leases, and looks whether the approvals still hold. */
  refreshSet(request: SetRequest): Promise<Refreshed | Wait>;
  applyBatch(request: SetRequest): Promise<Applied | Wait>;
  verifySet(request: SetRequest): Promise<Verified | Wait>;
  commitSet(request: SetRequest): Promise<Done | Wait>;
  /** Runs inverses, the latest first; one that fails for good does not stop the others (C7). */
  compensateBatch(request: CauseRequest): Promise<Compensated | Wait>;
  /** Puts the end on record and gives the leases back, but for those of a set that needs an operator. */
  endSet(request: CauseRequest): Promise<Ended | Wait>;
  /** A set like this one, with a diff of today, under an id that follows from this one's; its workflow is started. */
  askAgain(request: SetRequest): Promise<AskedAgain | Wait>;
  /** Tells people. More than once is better than not at all. */
  tellPeople(request: NoticeRequest): Promise<void>;
}

export interface SetRequest {
  readonly workspaceId: string;
  readonly changeSetId: string;
  /** Instant of the workflow's clock, ISO. Whoever implements this takes the later one of it and its own. */
  readonly at: string;
}

/** The CRM, or something on the way to it, does not serve now: nothing is decided, ask again later (C8). */
export interface Wait {
  readonly kind: 'wait';
  /** The remote asked for it; null where it did not, then the workflow's own patience counts. */
  readonly waitMs: number | null;
  /** Code of a `ConnectorError`. */
  readonly code: string;
}

export interface Standing {
  readonly kind: 'standing';
  readonly state: SetState;
  readonly end: SetEnd | null;
  readonly cause: SetCause | null;
  /** The instant at which it stops and is compensated; null before it was judged. */
  readonly deadlineAt: string | null;
  /** People have approved it. */
  readonly isReviewed: boolean;
}

export interface Judgement {
  readonly kind: 'judged';
  /** `go`: nobody is asked, or all who were have approved this diff. */
  readonly verdict: 'go' | 'review' | 'deny';
  readonly diffHash: string;
  /** After it no approval counts. */
  readonly approvalExpiresAt: string;
  readonly deadlineAt: string;
}

export interface DecisionRequest extends SetRequest {
  /** Id of a principal. */
  readonly approver: string;
  readonly decision: 'approve' | 'reject';
  readonly diffHash: string;
}

export interface Decided {
  readonly kind: 'decided';
  /** `refused`: by the rule that `code` names; nothing is on record but the refusal. */
  readonly outcome: 'approved' | 'more-needed' | 'rejected' | 'refused';
  readonly code: string | null;
}

export interface Acquired {
  readonly kind: 'acquired';
  /** Records that other sets hold; 0 where all are ours now. */
  readonly heldByOthers: number;
}

export interface Refreshed {
  readonly kind: 'refreshed';
  /** `drifted`: the diff is another one; `void`: an approval does not hold any more. Either is judged, and asked for, again (C6). */
  readonly outcome: 'same' | 'drifted' | 'void';
}

export interface Applied {
  readonly kind: 'applied';
  readonly more: boolean;
  /** Why it has to be compensated; null where nothing is against it. */
  readonly stop: SetCause | null;
}

export interface Verified {
  readonly kind: 'verified';
  readonly stop: SetCause | null;
}

export interface Done {
  readonly kind: 'done';
}

export interface CauseRequest extends SetRequest {
  readonly cause: SetCause;
}

export interface Compensated {
  readonly kind: 'compensated';
  readonly more: boolean;
}

export interface Ended {
  readonly kind: 'ended';
  readonly end: SetEnd;
}

export interface AskedAgain {
  readonly kind: 'asked-again';
  /** Null where it has been asked often enough. */
  readonly changeSetId: string | null;
}

export interface NoticeRequest extends SetRequest {
  readonly notice: SetNotice;
}
