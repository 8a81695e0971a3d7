/**
 * An entry of the audit log: who did what to whom, why, by whose leave, and how it ended. The fields are those of E.2 of the customer's plan, generalised.
 *
 * No free text and no personal data: codes, ids of ours, and keyed hashes (pseudonym.ts) only. `entry.schema.ts` enforces it.
 */

/**
 * What became of the action. An action with an effect has two entries: `intended` before the effect (no entry, no write), and another one when it is known.
 * `refused` by policy, a person or the vendor · `failed` for technical reasons · `unknown` until it is probed · `skipped` as it was not ours to do any more ·
 * `escalated` to a person.
 */
export type AuditOutcome = 'intended' | 'done' | 'refused' | 'failed' | 'unknown' | 'skipped' | 'escalated';

/** `autonomous` needed none · `required` is asked for and not given · `void` was given to a diff that has moved since, or by somebody who may not. */
export type ApprovalState = 'autonomous' | 'required' | 'approved' | 'rejected' | 'expired' | 'void';

export interface AuditApproval {
  readonly state: ApprovalState;
  /** Id of the person whose answer it is; null while nobody has answered. */
  readonly approver: string | null;
  readonly policyVersion: string | null;
  /** Hash of the exact diff that it binds (C6), lower-case hex. */
  readonly diffHash: string | null;
}

/** What a caller appends. The log adds the place, the workspace and the version. */
export interface NewAuditEntry {
  /** By the clock of whoever acts, ISO in UTC with milliseconds. Order is by `seq`, never by this. */
  readonly at: string;
  /** Id of a person, an agent or a part of Lockstep; never an e-mail. */
  readonly actor: string;
  readonly actorKind: 'human' | 'agent' | 'system';
  /** Code of what it is for: `bulk`, `rollback`, `route-lead`. */
  readonly intent: string;
  /** Code of what is done: `set-fields`, `assign-owner`, `approve`. */
  readonly action: string;
  /** Pseudonym of the record (`Pseudonyms.subject`); null where it is about none. */
  readonly subject: string | null;
  /** Code of the subject's segment, never of a person: `smb`; null where there is none. */
  readonly segment: string | null;
  readonly changeSetId: string | null;
  readonly stepId: string | null;
  readonly connectionId: string | null;
  readonly policyVersion: string | null;
  /** Of an agent, 0–1; null where no agent judged. */
  readonly confidence: number | null;
  readonly approval: AuditApproval | null;
  /** Id of the person who has looked at it; null for nobody. */
  readonly reviewer: string | null;
  readonly outcome: AuditOutcome;
  /** Codes, in the order of the reasoning; at most 32. */
  readonly reasons: readonly string[];
  /** Keyed hashes of the images before and after (`Pseudonyms.image`). */
  readonly beforeHash: string | null;
  readonly afterHash: string | null;
  /** Keyed hash of a subject line that goes to a person, and the length of its body in characters; null where nothing is sent. */
  readonly content: { readonly subjectHash: string; readonly bodyLength: number } | null;
  /** Joins what belongs together: a workflow's id, a request's id. */
  readonly correlationId: string;
}

export interface AuditEntry extends NewAuditEntry {
  /** Of this shape. */
  readonly version: 1;
  readonly workspaceId: string;
  /** Place in the workspace's log, from 0, without gaps: the index of its leaf. */
  readonly seq: number;
}
