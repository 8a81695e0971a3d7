/** What the audit log is told of replays: codes and ids of ours. */
import type { AuditOutcome, NewAuditEntry } from '@lockstep/domain/audit/entry.ts';
import type { Replay, ReplayTarget } from '@lockstep/domain/replay/replay.ts';

export interface Told {
  readonly at: string;
  readonly action: 'plan' | 'judge' | 'approve' | 'reject' | 'pause' | 'resume' | 'stop' | 'expire' | 'finish' | 'reset';
  readonly outcome: AuditOutcome;
  readonly reasons?: readonly string[];
  /** Who acts, where it is not the one who has asked; `system` where it is nobody. */
  readonly by?: string;
}

/** An entry about a replay as a whole. */
export function entryOfReplay(replay: Replay, { at, action, outcome, reasons = [], by }: Told): NewAuditEntry {
  const { replayId, requestedBy, actorKind, approver, planHash } = replay;
  const state = approver === null ? (replay.reasons.length === 0 ? 'autonomous' : 'required') : 'approved';
  return {
    at,
    actor: by ?? requestedBy,
    actorKind: by === undefined || by === requestedBy ? actorKind : by === 'system' ? 'system' : 'human',
    intent: 'replay',
    action,
    subject: null,
    segment: null,
    changeSetId: null,
    stepId: null,
    connectionId: null,
    policyVersion: null,
    confidence: null,
    approval: { state: replay.end === 'rejected' ? 'rejected' : state, approver, policyVersion: null, diffHash: planHash },
    reviewer: approver,
    outcome,
    reasons,
    beforeHash: null,
    afterHash: null,
    content: null,
    correlationId: replayId,
  };
}

/** An entry about one reset. */
export function entryOfTarget(replay: Replay, { ordinal, workflowType }: ReplayTarget, told: Omit<Told, 'action'>): NewAuditEntry {
  const reasons = [workflowType, ...(told.reasons ?? [])];
  return { ...entryOfReplay(replay, { ...told, action: 'reset', reasons }), stepId: `${replay.replayId}/${ordinal}` };
}
