/** Who has to say yes to a change set, who may, and whether they have (C6). Rules are the policy's; what no policy can waive is here. */
import type { Approval, ChangeSet, Operation, Step, Target } from './change-set.ts';
import { recordKey } from './change-set.ts';
import type { ApprovalPolicy, PolicyRule, Principal } from './policy.schema.ts';
import { isNamed, objectOf, sensitivitiesOf } from './sensitivity.ts';

/** Why a verdict is what it is: codes, for the log and for people. */
export type VerdictReason =
  | 'NO_POLICY'
  | 'NOT_IN_FORCE'
  | 'NO_STEPS'
  | 'NO_RULE'
  | 'RULE_DENIES'
  | 'RULE_ASKS'
  | 'STOPPED'
  | 'CONFIDENCE_INVALID'
  | 'CONFIDENCE_MISSING'
  | 'CONFIDENCE_LOW'
  | 'TOO_MANY_RECORDS'
  | 'MANY_RECORDS'
  | 'COUNT_UNKNOWN'
  | 'PRICE'
  | 'CONTRACT'
  | 'IRREVERSIBLE';

export interface Verdict {
  readonly decision: 'deny' | 'go' | 'review';
  /** Different people who have to approve; 0 for `deny` and `go`. */
  readonly approvers: 0 | 1 | 2;
  /** How long an approval may be waited for, and counts. */
  readonly expiresAfterMs: number;
  /** Share of the steps that an approver has to look through; 0 for `deny` and `go`. */
  readonly samplePercent: number;
  readonly reasons: readonly VerdictReason[];
}

export interface JudgeRequest {
  /** Null where there is none or it cannot be read: nothing is written then (case 65). */
  readonly policy: ApprovalPolicy | null;
  readonly set: Pick<ChangeSet, 'kind' | 'actorKind' | 'confidence'>;
  readonly steps: readonly Pick<Step, 'operation' | 'reversibility'>[];
  /** Records that the actor's other sets have touched today, or hold planned and approved (case 55). */
  readonly touchedToday: number;
  /** ISO. */
  readonly now: string;
  /** The kill switch: agents write nothing (case 70). */
  readonly isStopped?: boolean;
}

/** What one reason asks for. The strictest of all demands decides. */
interface Demand {
  readonly deny: boolean;
  readonly approvers: 0 | 1 | 2;
  readonly samplePercent: number;
  readonly reason: VerdictReason;
}

const NO_EXPIRY = 0;

/** Judges a set by a policy. Total and monotone: one more record, step or sensitive field never needs less approval. */
export function judge(request: JudgeRequest): Verdict {
  const { policy, set, steps, now } = request;
  if (policy === null) return denied('NO_POLICY', NO_EXPIRY);
  if (policy.inForceFrom !== undefined && Date.parse(now) < Date.parse(policy.inForceFrom))
    return denied('NOT_IN_FORCE', policy.approvalExpiresAfterMs);
  if (steps.length === 0) return denied('NO_STEPS', policy.approvalExpiresAfterMs);
  const stopped = request.isStopped === true && set.actorKind === 'agent' ? [deny('STOPPED')] : [];
  const rules = new Set<PolicyRule | null>(steps.map(({ operation }) => ruleFor(policy, set, operation)));
  const touched = request.touchedToday + recordsOf(steps);
  const demands = [
    ...stopped,
    ...[...rules].flatMap((rule) => (rule === null ? [deny('NO_RULE')] : demandsOf(rule, set, touched))),
    ...steps.flatMap((step) => floorOf(step, policy)),
  ];
  return verdictOf(demands, policy.approvalExpiresAfterMs);
}

/** The first rule that matches a step. */
function ruleFor(policy: ApprovalPolicy, set: JudgeRequest['set'], operation: Operation): PolicyRule | null {
  const object = objectOf(operation);
  return (
    policy.rules.find(
      (rule) =>
        (rule.kinds?.includes(set.kind) ?? true) &&
        (rule.actors?.includes(set.actorKind) ?? true) &&
        (rule.operations?.includes(operation.kind) ?? true) &&
        (rule.objects?.some((pattern) => isNamed(pattern, object)) ?? true),
    ) ?? null
  );
}

function demandsOf(rule: PolicyRule, set: JudgeRequest['set'], touched: number): readonly Demand[] {
  if (rule.deny) return [deny('RULE_DENIES')];
  return [
    ...(rule.approvers === 0 ? [] : [ask(rule.approvers, 'RULE_ASKS')]),
    ...confidenceDemands(rule, set.confidence),
    ...countDemands(rule, touched),
  ];
}

/** Case 57. A confidence that is none is not taken for a low one. */
function confidenceDemands({ leastConfidence }: PolicyRule, confidence: number | null): readonly Demand[] {
  if (confidence !== null && (confidence < 0 || confidence > 1)) return [deny('CONFIDENCE_INVALID')];
  if (leastConfidence === undefined) return [];
  if (confidence === null || Number.isNaN(confidence)) return [ask(1, 'CONFIDENCE_MISSING')];
  return confidence < leastConfidence ? [ask(1, 'CONFIDENCE_LOW')] : [];
}

/** Case 55. */
function countDemands({ perDay }: PolicyRule, touched: number): readonly Demand[] {
  if (perDay === undefined) return [];
  if (!(touched >= 0)) return [deny('COUNT_UNKNOWN')];
  const band = perDay.find(({ upTo }) => upTo === null || touched <= upTo);
  if (band === undefined) return [deny('TOO_MANY_RECORDS')];
  return band.approvers === 0 ? [] : [{ ...ask(band.approvers, 'MANY_RECORDS'), samplePercent: band.samplePercent }];
}

/** What no rule waives (case 58): prices and contracts take two people, what cannot be taken back takes one, before. */
function floorOf({ operation, reversibility }: JudgeRequest['steps'][number], policy: ApprovalPolicy): readonly Demand[] {
  const marks = sensitivitiesOf(operation, policy);
  return [
    ...(marks.has('price') ? [ask(2, 'PRICE')] : []),
    ...(marks.has('contract') ? [ask(2, 'CONTRACT')] : []),
    ...(marks.has('irreversible') || reversibility === 'D' ? [ask(1, 'IRREVERSIBLE')] : []),
  ];
}

/** Different records that the steps touch, both ends of an association included; what a step creates is one. */
export function recordsOf(steps: readonly Pick<Step, 'operation'>[]): number {
  const existing = steps.flatMap(({ operation }) =>
    endsOf(operation).flatMap((target) => ('recordId' in target ? [recordKey(target)] : [])),
  );
  const created = steps.filter(({ operation }) => !('target' in operation)).length;
  return new Set(existing).size + created;
}

function endsOf(operation: Operation): readonly Target[] {
  if (!('target' in operation)) return operation.associations.map(({ to }) => to);
  return 'association' in operation ? [operation.target, operation.association.to] : [operation.target];
}

function verdictOf(demands: readonly Demand[], expiresAfterMs: number): Verdict {
  const reasons = [...new Set(demands.map(({ reason }) => reason))];
  if (demands.some((demand) => demand.deny)) return { decision: 'deny', approvers: 0, expiresAfterMs, samplePercent: 0, reasons };
  const approvers = demands.reduce<0 | 1 | 2>((most, demand) => (demand.approvers > most ? demand.approvers : most), 0);
  if (approvers === 0) return { decision: 'go', approvers, expiresAfterMs, samplePercent: 0, reasons };
  return {
    decision: 'review',
    approvers,
    expiresAfterMs,
    samplePercent: Math.max(...demands.map((demand) => demand.samplePercent)),
    reasons,
  };
}

function denied(reason: VerdictReason, expiresAfterMs: number): Verdict {
  return verdictOf([deny(reason)], expiresAfterMs);
}

function deny(reason: VerdictReason): Demand {
  return { deny: true, approvers: 0, samplePercent: 0, reason };
}

function ask(approvers: 0 | 1 | 2, reason: VerdictReason): Demand {
  return { deny: false, approvers, samplePercent: 100, reason };
}

/** Why somebody may not approve. */
export type ApproverRefusal =
  /** The account that asked. */
  | 'REQUESTER'
  /** Another account of who asked, or somebody of the group or behind the bot that asked. */
  | 'SAME_PERSON'
  /** A bot, an agent or a group; or an account of which nobody knows whose it is. */
  | 'NOT_A_PERSON'
  | 'NO_ROLE'
  | 'UNKNOWN'
  /** The account that asked is not on the list, so that nobody can tell who it was. */
  | 'REQUESTER_UNKNOWN';

export interface MayApproveRequest {
  readonly set: Pick<ChangeSet, 'requestedBy' | 'actorKind'>;
  readonly approver: Pick<Principal, 'id'>;
  /** As they stand now: a role that was lost counts no more (case 62). */
  readonly principals: readonly Principal[];
}

/** Whether an account may approve a set (case 59). Asked again before the set runs. */
export function mayApprove({
  set,
  approver,
  principals,
}: MayApproveRequest): { readonly ok: true } | { readonly ok: false; readonly refused: ApproverRefusal } {
  const refused = refusal(set, approver.id, principals);
  return refused === null ? { ok: true } : { ok: false, refused };
}

function refusal(set: MayApproveRequest['set'], approverId: string, principals: readonly Principal[]): ApproverRefusal | null {
  if (approverId === set.requestedBy) return 'REQUESTER';
  const approver = principals.find(({ id }) => id === approverId);
  if (approver === undefined) return 'UNKNOWN';
  if (approver.kind !== 'human' || approver.person === null) return 'NOT_A_PERSON';
  const requester = principals.find(({ id }) => id === set.requestedBy);
  if (requester === undefined) {
    if (set.actorKind === 'human') return 'REQUESTER_UNKNOWN';
  } else if (requester.person === approver.person || requester.members.includes(approver.person)) return 'SAME_PERSON';
  return approver.roles.includes('approver') ? null : 'NO_ROLE';
}

export interface StandingRequest {
  readonly set: Pick<ChangeSet, 'requestedBy' | 'actorKind' | 'approvalExpiresAt'>;
  /** Of `judge`, made anew. */
  readonly verdict: Verdict;
  readonly approvals: readonly Approval[];
  readonly principals: readonly Principal[];
  /** Of the diff as it is now, and the policy that is in force. */
  readonly diffHash: string;
  readonly policyVersion: string;
  /** ISO. */
  readonly now: string;
}

/**
 * `void`: somebody has approved, but another diff or under another policy, or may no longer approve: it is asked for again. `expired`: nobody, or not enough
 * people, answered in time; or they did, and nothing was written before their answer ran out.
 */
export type Standing = 'waiting' | 'approved' | 'rejected' | 'expired' | 'void';

/** Where a set stands with its approvals. Only `approved` may be written, and the question is asked again right before. */
export function standing(request: StandingRequest): Standing {
  const { set, verdict, principals, diffHash, policyVersion, now } = request;
  if (verdict.decision === 'deny') return 'rejected';
  const open = request.approvals.filter(({ voidedAt }) => voidedAt === null);
  const isBound = (approval: Approval): boolean => approval.diffHash === diffHash && approval.policyVersion === policyVersion;
  if (open.some((approval) => approval.decision === 'reject' && isBound(approval))) return 'rejected';
  if (verdict.decision === 'go') return 'approved';
  if (set.approvalExpiresAt === null) return 'waiting';
  if (!(Date.parse(now) < Date.parse(set.approvalExpiresAt))) return 'expired';
  const given = open.filter(({ decision }) => decision === 'approve');
  const counting = given.filter((approval) => isBound(approval) && mayApprove({ set, approver: { id: approval.approver }, principals }).ok);
  const people = new Set(counting.map(({ approver }) => principals.find(({ id }) => id === approver)?.person));
  if (people.size >= verdict.approvers) return 'approved';
  return counting.length < given.length ? 'void' : 'waiting';
}
