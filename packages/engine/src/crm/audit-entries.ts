/** What the audit log is told of change sets: codes, ids of ours and keyed hashes; never a value (C12). */
import type { AuditAppender } from '@lockstep/domain/audit/audit.port.ts';
import type { AuditApproval, AuditOutcome, NewAuditEntry } from '@lockstep/domain/audit/entry.ts';
import { InvalidEntry } from '@lockstep/domain/audit/entry.schema.ts';
import type { Approval, ChangeSet, Image, Step } from '@lockstep/domain/crm/change-set.ts';
import type { ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import type { CrmEngine } from './environment.ts';
import { writeKey } from './environment.ts';
import { objectOf, recordOf } from './targets.ts';

/** The log takes no entry now: nothing that needs one is done (case 75). What went before it in the transaction is not on record either. */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
}

/** The last call of a transaction. @throws AuditUnavailable; InvalidEntry where an entry is one that the log will never take. */
export async function audit(tx: AuditAppender, entries: readonly NewAuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  try {
    await tx.appendAudit(entries);
  } catch (error) {
    if (error instanceof InvalidEntry) throw error;
    throw new AuditUnavailable('audit log: expected it to take entries, it failed; nothing was written', { cause: error });
  }
}

/** What a step is about, for its entries. */
export interface AuditedStep {
  readonly step: Step;
  /** The write itself, of the step or of its inverse. */
  readonly operation: ResolvedOperation;
}

export interface Told {
  readonly at: string;
  readonly outcome: AuditOutcome;
  /** `undo` where the inverse is meant. */
  readonly action?: string;
  readonly reasons?: readonly string[];
  readonly approvals: readonly Approval[];
}

/** An entry about one write. */
export function entryOfStep(engine: CrmEngine, set: ChangeSet, { step, operation }: AuditedStep, told: Told): NewAuditEntry {
  const record = recordOf(operation) ?? createdRecord(step, operation);
  const image = (shown: Image | null): string | null => (record === null || shown === null ? null : engine.pseudonyms.image(record, shown));
  return {
    ...entryOfSet(set, { ...told, action: told.action ?? operation.kind }),
    subject: record === null ? null : engine.pseudonyms.subject(record),
    stepId: writeKey(step),
    connectionId: objectOf(operation).connectionId,
    beforeHash: image(step.before),
    afterHash: image(step.after),
  };
}

/** An entry about a set as a whole. */
export function entryOfSet(set: ChangeSet, told: Told & { readonly action: string }): NewAuditEntry {
  return {
    at: told.at,
    actor: set.requestedBy,
    actorKind: set.actorKind,
    intent: set.kind,
    action: told.action,
    subject: null,
    segment: null,
    changeSetId: set.changeSetId,
    stepId: null,
    connectionId: null,
    policyVersion: set.policyVersion,
    confidence: set.confidence,
    approval: approvalOf(set, told.approvals),
    reviewer: valid(told.approvals)[0]?.approver ?? null,
    outcome: told.outcome,
    reasons: told.reasons ?? [],
    beforeHash: null,
    afterHash: null,
    content: null,
    correlationId: set.changeSetId,
  };
}

function approvalOf(set: ChangeSet, approvals: readonly Approval[]): AuditApproval {
  const [first] = valid(approvals);
  const state = first === undefined ? (set.state === 'awaiting-approval' ? 'required' : 'autonomous') : 'approved';
  return { state, approver: first?.approver ?? null, policyVersion: set.policyVersion, diffHash: set.diffHash };
}

function valid(approvals: readonly Approval[]): readonly Approval[] {
  return approvals.filter(({ decision, voidedAt }) => decision === 'approve' && voidedAt === null);
}

function createdRecord(step: Step, operation: ResolvedOperation) {
  return step.createdId === null ? null : { ...objectOf(operation), recordId: step.createdId };
}
