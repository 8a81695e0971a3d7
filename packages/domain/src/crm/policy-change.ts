/** A policy edit is itself four-eyes (case 66): whoever edits it, somebody else says yes to that exact text. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import { mayApprove } from './approval.ts';
import type { ApproverRefusal } from './approval.ts';
import type { ApprovalPolicy, Principal } from './policy.schema.ts';

/** A yes or a no to one exact policy. */
export interface PolicyApproval {
  readonly approver: string;
  readonly decision: 'approve' | 'reject';
  readonly policyHash: string;
}

export interface PolicyChange {
  /** What is in force; null for the first policy. */
  readonly before: ApprovalPolicy | null;
  readonly after: ApprovalPolicy;
  /** Id of the principal who edited it. */
  readonly changedBy: string;
  readonly approvals: readonly PolicyApproval[];
  readonly principals: readonly Principal[];
}

export type PolicyVerdict =
  /** In force, under the version that every later entry names. */
  | { readonly decision: 'accepted'; readonly version: string }
  | { readonly decision: 'unchanged' | 'rejected'; readonly version: string | null }
  /** Nobody who may has said yes yet: the policy before stays. The refusals are of those who have. */
  | { readonly decision: 'waiting'; readonly version: string | null; readonly refused: readonly ApproverRefusal[] }
  /** Another content under the version of the one before: entries could not tell which they mean. */
  | { readonly decision: 'same-version'; readonly version: string };

/** Whether an edited policy comes into force. Looser or stricter makes no difference. `version` is the one in force after it; null for none. */
export function judgePolicyChange({ before, after, changedBy, approvals, principals }: PolicyChange): PolicyVerdict {
  const wanted = policyHash(after);
  if (before !== null && policyHash(before) === wanted) return { decision: 'unchanged', version: before.version };
  if (before?.version === after.version) return { decision: 'same-version', version: before.version };
  const bound = approvals.filter((approval) => approval.policyHash === wanted);
  const version = before?.version ?? null;
  if (bound.some(({ decision }) => decision === 'reject')) return { decision: 'rejected', version };
  const asked = { requestedBy: changedBy, actorKind: 'human' as const };
  const answers = bound.map(({ approver }) => mayApprove({ set: asked, approver: { id: approver }, principals }));
  if (answers.some(({ ok }) => ok)) return { decision: 'accepted', version: after.version };
  return { decision: 'waiting', version, refused: answers.flatMap((answer) => (answer.ok ? [] : [answer.refused])) };
}

/** SHA-256 in hex over the policy's canonical JSON: what an approval of it is bound to. */
export function policyHash(policy: ApprovalPolicy): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize(policy) ?? '')));
}
