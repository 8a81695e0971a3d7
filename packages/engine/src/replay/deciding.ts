/** A yes or a no of one person to exactly this plan; nobody approves their own request, and what is unsafe has to be named. */
import { mayApprove } from '@lockstep/domain/crm/approval.ts';
import type { ApproverRefusal } from '@lockstep/domain/crm/approval.ts';
import { unsafeActivities } from '@lockstep/domain/replay/effects.ts';
import { planHash } from '@lockstep/domain/replay/plan-hash.ts';
import type { Replay, ReplayTarget } from '@lockstep/domain/replay/replay.ts';
import { audit } from '../crm/audit-entries.ts';
import { entryOfReplay } from './entries.ts';
import { allTargets, replayOf } from './environment.ts';
import type { ReplayEngine } from './environment.ts';
import { moved } from './moving.ts';

export interface ReplayDecision {
  /** Id of an account. */
  readonly approver: string;
  readonly decision: 'approve' | 'reject';
  /** Of the plan that was seen. */
  readonly planHash: string;
  /** Activities whose unsafe effects are accepted, by name. */
  readonly accepts: readonly string[];
}

/** Why an answer does not count. */
export type ReplayRefusal = ApproverRefusal | 'NOT_WAITING' | 'OTHER_PLAN' | 'EXPIRED' | 'UNSAFE_NOT_NAMED';

export interface ReplayDecided {
  readonly outcome: 'approved' | 'rejected' | 'refused';
  readonly code: ReplayRefusal | null;
}

/** Puts the answer on record, or its refusal in the audit log. The same answer of the same person again changes nothing. */
export async function decideReplay(engine: ReplayEngine, replayId: string, given: ReplayDecision, now: string): Promise<ReplayDecided> {
  const { approver, decision, accepts } = given;
  return engine.store.transaction(async (tx) => {
    const replay = (await tx.lockReplay(replayId)) ?? (await replayOf(tx, replayId));
    if (isSaid(replay, given)) return { outcome: decision === 'approve' ? 'approved' : 'rejected', code: null };
    const targets = await allTargets(tx, replayId);
    const code = refusalOf(engine, replay, targets, given, now);
    if (code !== null) {
      await audit(tx, [entryOfReplay(replay, { at: now, action: decision, outcome: 'refused', reasons: [code], by: approver })]);
      return { outcome: 'refused', code };
    }
    const answered = { ...replay, approver, decidedAt: now, acceptedUnsafe: decision === 'approve' ? [...accepts].toSorted() : [] };
    const after = moved(answered, decision === 'approve' ? 'go' : 'rejected', now);
    await tx.saveReplay(after);
    await audit(tx, [entryOfReplay(after, { at: now, action: decision, outcome: 'done', by: approver, reasons: after.acceptedUnsafe })]);
    return { outcome: decision === 'approve' ? 'approved' : 'rejected', code: null };
  });
}

function isSaid(replay: Replay, { approver, decision, planHash: seen }: ReplayDecision): boolean {
  if (replay.approver !== approver || replay.planHash !== seen) return false;
  return (replay.end === 'rejected') === (decision === 'reject');
}

function refusalOf(
  engine: ReplayEngine,
  replay: Replay,
  targets: readonly ReplayTarget[],
  { approver, decision, planHash: seen, accepts }: ReplayDecision,
  now: string,
): ReplayRefusal | null {
  if (replay.state !== 'awaiting-approval') return 'NOT_WAITING';
  if (seen !== replay.planHash || planHash(targets) !== replay.planHash) return 'OTHER_PLAN';
  if (hasExpired(replay, now)) return 'EXPIRED';
  const may = mayApprove({ set: replay, approver: { id: approver }, principals: engine.people.principals() });
  if (!may.ok) return may.refused;
  const isNamed = unsafeActivities(targets).every((activity) => accepts.includes(activity));
  return decision === 'approve' && !isNamed ? 'UNSAFE_NOT_NAMED' : null;
}

/** Nobody has answered in time, or what was answered counts no more. */
export function hasExpired({ reasons, approvalExpiresAt }: Replay, now: string): boolean {
  return reasons.length > 0 && (approvalExpiresAt === null || Date.parse(now) >= Date.parse(approvalExpiresAt));
}
