/** Who has to say yes to a set, and what they have said, by the policy and the people of this moment (C6). */
import { judge, mayApprove, standing } from '@lockstep/domain/crm/approval.ts';
import type { ApproverRefusal, Standing, Verdict } from '@lockstep/domain/crm/approval.ts';
import type { Approval, ChangeSet, Step } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetReader, ChangeSetTransaction } from '@lockstep/domain/crm/change-set-store.port.ts';
import { diffHash as hashOf } from '@lockstep/domain/crm/diff.ts';
import type { ApprovalPolicy } from '@lockstep/domain/crm/policy.schema.ts';
import { audit, entryOfSet } from './audit-entries.ts';
import { NO_POLICY, withClasses } from './create.ts';
import { allSteps, chunks, PAGE, setOf } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { moved } from './moving.ts';

/** A set that nobody had to be asked about is done within it, or taken back. */
const DEADLINE_MS = 24 * 3_600_000;

export interface Judgement {
  /** `go`: nobody is asked, or all who were have approved this diff. */
  readonly decision: Verdict['decision'];
  /** Different people who have to approve. */
  readonly approvers: number;
  readonly samplePercent: number;
  readonly reasons: readonly string[];
  readonly diffHash: string;
  /** After it no approval counts. */
  readonly approvalExpiresAt: string;
  readonly deadlineAt: string;
}

/**
 * Holds the exact diff against the policy. A set that may go reserves its records in the actor's limits in the same transaction (case 55). Idempotent while
 * diff, policy and approvals are the same; the expiry of a diff is set once. Writes nothing to a CRM, and reads one only where the policy has changed.
 */
export async function judgeSet(engine: CrmEngine, changeSetId: string, now: string): Promise<Judgement> {
  const policy = engine.policies.current();
  const { set, steps } = await engine.store.snapshot(async (reader) => ({
    set: await setOf(reader, changeSetId),
    steps: await allSteps(reader, changeSetId),
  }));
  const classed = set.policyVersion === (policy ?? NO_POLICY).version ? steps : await withClasses(engine, steps, policy ?? NO_POLICY);
  return engine.store.transaction(async (tx) => {
    await tx.lockActor(set.requestedBy);
    const current = (await tx.lockChangeSet(changeSetId)) ?? set;
    if (classed !== steps) for (const page of chunks(classed, PAGE)) await tx.saveSteps(page);
    return judgeLocked(engine, tx, current, { policy, steps: classed, now });
  });
}

interface Judged {
  readonly policy: ApprovalPolicy | null;
  readonly steps: readonly Step[];
  readonly now: string;
}

async function judgeLocked(
  engine: CrmEngine,
  tx: ChangeSetTransaction,
  set: ChangeSet,
  { policy, steps, now }: Judged,
): Promise<Judgement> {
  const { changeSetId } = set;
  const { version } = policy ?? NO_POLICY;
  const diffHash = hashOf(steps, version);
  const verdict = await verdictOn(engine, tx, set, steps, now);
  const isSame = set.diffHash === diffHash && set.policyVersion === version && set.approvalExpiresAt !== null;
  const expires = new Date(Date.parse(now) + verdict.expiresAfterMs).toISOString();
  const approvalExpiresAt = isSame && set.approvalExpiresAt !== null ? set.approvalExpiresAt : expires;
  const late = verdict.decision === 'review' ? approvalExpiresAt : new Date(Date.parse(now) + DEADLINE_MS).toISOString();
  const deadlineAt = isSame && set.deadlineAt !== null ? set.deadlineAt : late;
  const judged: ChangeSet = { ...set, diffHash, policyVersion: version, approvalExpiresAt, deadlineAt, updatedAt: now };
  const approvals = await tx.approvals(changeSetId);
  const stands = standing({ ...atHand(engine, judged, now), verdict, approvals, diffHash, policyVersion: version });
  const decision = verdict.decision === 'review' && stands === 'approved' ? 'go' : verdict.decision;
  const placed = afterJudgement(judged, decision, now);
  await tx.saveChangeSet(placed);
  const outcome = decision === 'go' ? ('done' as const) : decision === 'deny' ? ('refused' as const) : ('escalated' as const);
  await audit(tx, [entryOfSet(placed, { at: now, action: 'judge', outcome, reasons: verdict.reasons, approvals })]);
  const { approvers, samplePercent, reasons } = verdict;
  return { decision, approvers, samplePercent, reasons, diffHash, approvalExpiresAt, deadlineAt };
}

/** Judging moves a set only before its first write. */
function afterJudgement(set: ChangeSet, decision: Verdict['decision'], now: string): ChangeSet {
  if (decision === 'deny') return set.state === 'planned' || set.state === 'awaiting-approval' ? { ...set, cause: 'policy' } : set;
  return moved(set, decision === 'go' ? 'go' : 'asked', now, null);
}

function atHand(engine: CrmEngine, set: ChangeSet, now: string) {
  return { set, principals: engine.policies.principals(), now };
}

/** What the policy of today says of the steps. */
export async function verdictOn(
  engine: Pick<CrmEngine, 'policies'>,
  reader: Pick<ChangeSetReader, 'recordsTouchedSince'>,
  set: ChangeSet,
  steps: readonly Step[],
  now: string,
): Promise<Verdict> {
  const since = `${now.slice(0, 10)}T00:00:00.000Z`;
  const touchedToday = await reader.recordsTouchedSince({ actor: set.requestedBy, since, except: set.changeSetId });
  const due = steps.filter(({ state }) => state !== 'kept');
  const isStopped = engine.policies.isStopped?.() === true;
  return judge({ policy: engine.policies.current(), set, steps: due, touchedToday, now, isStopped });
}

/** Whether the approvals of a set still hold for a diff: asked again right before it runs (case 62). */
export async function standingOf(
  engine: CrmEngine,
  reader: ChangeSetReader,
  set: ChangeSet,
  { steps, now, diffHash }: { readonly steps: readonly Step[]; readonly now: string; readonly diffHash: string },
): Promise<Standing> {
  const verdict = await verdictOn(engine, reader, set, steps, now);
  const policyVersion = (engine.policies.current() ?? NO_POLICY).version;
  return standing({ ...atHand(engine, set, now), verdict, approvals: await reader.approvals(set.changeSetId), diffHash, policyVersion });
}

/** Why an answer does not count. */
export type DecisionRefusal = ApproverRefusal | 'NOT_WAITING' | 'OTHER_DIFF' | 'EXPIRED' | 'NO_POLICY' | 'OTHER_POLICY';

export interface Decided {
  /** `refused`: by the rule that `code` names; nothing is on record but the refusal. */
  readonly outcome: 'approved' | 'more-needed' | 'rejected' | 'refused';
  readonly code: DecisionRefusal | null;
}

/** A yes or no of one person to exactly this diff; the same one again changes nothing. */
export async function decide(
  engine: CrmEngine,
  changeSetId: string,
  { approver, decision, diffHash }: Pick<Approval, 'approver' | 'decision' | 'diffHash'>,
  now: string,
): Promise<Decided> {
  return engine.store.transaction(async (tx) => {
    const set = (await tx.lockChangeSet(changeSetId)) ?? (await setOf(tx, changeSetId));
    const approvals = await tx.approvals(changeSetId);
    const earlier = approvals.find((one) => one.approver === approver && one.diffHash === diffHash && one.voidedAt === null);
    const code = earlier?.decision === decision ? null : refusalOf(engine, set, { approver, diffHash }, now);
    if (code !== null) {
      await audit(tx, [
        { ...entryOfSet(set, { at: now, action: decision, outcome: 'refused', reasons: [code], approvals }), ...by(approver) },
      ]);
      return { outcome: 'refused', code };
    }
    const given: Approval = { changeSetId, approver, decision, diffHash, policyVersion: set.policyVersion ?? '', at: now, voidedAt: null };
    if (earlier?.decision !== decision) await tx.addApproval(given);
    const outcome = await outcomeAfter(engine, tx, set, now);
    const entry = entryOfSet(set, { at: now, action: decision, outcome: 'done', approvals: [...approvals, given] });
    if (earlier?.decision !== decision) await audit(tx, [{ ...entry, ...by(approver) }]);
    return { outcome, code: null };
  });
}

/** Who acts is the person who answers, not the one who asked. */
function by(approver: string): { readonly actor: string; readonly actorKind: 'human'; readonly reviewer: string } {
  return { actor: approver, actorKind: 'human', reviewer: approver };
}

async function outcomeAfter(engine: CrmEngine, tx: ChangeSetTransaction, set: ChangeSet, now: string): Promise<Decided['outcome']> {
  const steps = await allSteps(tx, set.changeSetId);
  const stands = await standingOf(engine, tx, set, { steps, now, diffHash: set.diffHash ?? '' });
  if (set.state !== 'awaiting-approval') return stands === 'rejected' ? 'rejected' : 'approved';
  if (stands === 'rejected') await tx.saveChangeSet({ ...set, cause: 'rejected', updatedAt: now });
  if (stands === 'approved') await tx.saveChangeSet(moved(set, 'go', now));
  return stands === 'rejected' || stands === 'approved' ? stands : 'more-needed';
}

function refusalOf(
  engine: CrmEngine,
  set: ChangeSet,
  { approver, diffHash }: Pick<Approval, 'approver' | 'diffHash'>,
  now: string,
): DecisionRefusal | null {
  const policy = engine.policies.current();
  if (set.state !== 'awaiting-approval') return 'NOT_WAITING';
  if (diffHash !== set.diffHash) return 'OTHER_DIFF';
  if (set.approvalExpiresAt === null || Date.parse(now) >= Date.parse(set.approvalExpiresAt)) return 'EXPIRED';
  if (policy === null) return 'NO_POLICY';
  if (policy.version !== set.policyVersion) return 'OTHER_POLICY';
  const may = mayApprove({ set, approver: { id: approver }, principals: engine.policies.principals() });
  return may.ok ? null : may.refused;
}
