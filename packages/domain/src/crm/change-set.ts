/**
 * A change set: every write that Lockstep makes to CRMs for one reason. Planned, judged, applied, verified and, when asked, undone.
 *
 * Rows of the store have these shapes. Images and values may hold personal data: they live in PostgreSQL and in the CRM, never in a workflow, an id or a log.
 */

/** A value as a CRM stores it; null is empty. */
export type CrmValue = string | number | boolean | null;

/** Fields of a record by the CRM's own names (`hubspot_owner_id`, `OwnerId`). */
export type CrmFields = Readonly<Record<string, CrmValue>>;

/** A record that exists. `object` is the CRM's own name: `contacts`, `Contact`. */
export interface RecordRef {
  readonly connectionId: string;
  readonly object: string;
  readonly recordId: string;
}

/** A record as the key of a map. */
export function recordKey({ connectionId, object, recordId }: RecordRef): string {
  return JSON.stringify([connectionId, object, recordId]);
}

/** A record that exists, or the one that an earlier step of the set creates. */
export type Target = RecordRef | CreatedRef;

export interface CreatedRef {
  readonly connectionId: string;
  readonly object: string;
  /** Ordinal of the step that creates it. */
  readonly createdBy: number;
}

/** What a step does. `assign-owner` is a `set-fields` that people are told of, and policies name it. */
export type Operation =
  | { readonly kind: 'set-fields' | 'assign-owner'; readonly target: Target; readonly fields: CrmFields }
  | {
      readonly kind: 'create' | 'create-task';
      readonly connectionId: string;
      readonly object: string;
      readonly fields: CrmFields;
      readonly associations: readonly Association[];
    }
  | { readonly kind: 'associate' | 'dissociate'; readonly target: Target; readonly association: Association }
  | { readonly kind: 'archive' | 'restore'; readonly target: Target };

export type OperationKind = Operation['kind'];

/** The other end of an association, and its label; null for the unlabelled one. */
export interface Association {
  readonly to: Target;
  readonly label: string | null;
}

/** **A** exact, **B** exact with residue, **C** compensable only, **D** irreversible. */
export type Reversibility = 'A' | 'B' | 'C' | 'D';

/** What a record showed of the fields that a step touches. */
export interface Image {
  /** Whether the record was there, in the bin, gone into another, or nowhere. */
  readonly presence: 'present' | 'archived' | 'merged' | 'absent';
  readonly fields: CrmFields;
  /** Whether the association of an `associate` or `dissociate` stood. */
  readonly isAssociated?: boolean;
  /** Opaque; compared for equality, and the precondition of a write where the CRM has one. */
  readonly revision: string | null;
  /** Instant of the reading by the CRM's clock where it tells it, else by ours; ISO. */
  readonly readAt: string;
}

/**
 * `planned` nothing sent · `sending` handed to the CRM, outcome not on record (probe first) · `done` · `refused` by the CRM for business reasons, no effect ·
 * `undoing` its inverse is handed over · `undone` · `kept` the inverse was skipped, as somebody has changed it since · `stuck` the inverse failed for good.
 */
export type StepState = 'planned' | 'sending' | 'done' | 'refused' | 'undoing' | 'undone' | 'kept' | 'stuck';

export interface Step {
  readonly changeSetId: string;
  /** Place in the set, from 0. */
  readonly ordinal: number;
  readonly operation: Operation;
  readonly reversibility: Reversibility;
  readonly state: StepState;
  /** Durable before the step is sent (C1); null before. */
  readonly before: Image | null;
  /** As the CRM stored it; null before. */
  readonly after: Image | null;
  /** Of a `create`, or of a `restore` that came back under a new id (case 48). */
  readonly createdId: string | null;
  /** Instants between which the CRM took the write, ISO; null before. */
  readonly sentAt: string | null;
  readonly doneAt: string | null;
  readonly undoneAt: string | null;
  /** What the CRM or the undo said: a code and a text without personal data. */
  readonly finding: StepFinding | null;
  /** Of a rollback: the step that this one takes back. */
  readonly undoes?: StepRef;
  /** When the record and its history were seen to end with what this step has written; missing where it has to be read once more before the set commits. */
  readonly verifiedAt?: string;
}

/** A step of any set. */
export interface StepRef {
  readonly changeSetId: string;
  readonly ordinal: number;
}

/** What an undo leaves as it is, or a write has gone over unseen, with all three values: C4's report, and a rollback's list of what is skipped. */
export interface KeptField {
  /** The set whose run or plan has met it. */
  readonly changeSetId: string;
  /** The step that it is about: of the same set, or of one that is rolled back. */
  readonly step: StepRef;
  /** Null where it is about the record as a whole. */
  readonly field: string | null;
  readonly code: FindingCode;
  /** For a person, without personal data. */
  readonly message: string;
  /** Before the step, as the step stored it, and somebody else's. */
  readonly before: CrmValue;
  readonly ours: CrmValue;
  readonly now: CrmValue;
  /** Who has set it when, where the CRM tells. */
  readonly by: string | null;
  readonly at: string | null;
  readonly notedAt: string;
}

export interface StepFinding {
  readonly code: FindingCode;
  readonly message: string;
  /** The fields that it is about. */
  readonly fields: readonly string[];
}

export type FindingCode =
  | 'CONFLICT_HUMAN'
  | 'HAS_HUMAN_CONTENT'
  | 'MERGED'
  | 'GONE'
  | 'FIELD_GONE'
  | 'INVALID'
  | 'FORBIDDEN'
  | 'LOCKED'
  | 'IRREVERSIBLE'
  | 'RESIDUE';

/** Why the set is there. */
export type ChangeSetKind = 'bulk' | 'rollback' | 'undo' | 'routing';

/** Where a set stands; the last is the only end (C3), whose kinds are `SetEnd`. */
export type SetState = 'planned' | 'awaiting-approval' | 'waiting-for-records' | 'applying' | 'verifying' | 'compensating' | 'ended';

/** There is no fifth end. A set that was rejected, expired or cancelled before its first write has rolled back nothing. */
export type SetEnd = 'committed' | 'rolled-back' | 'rolled-back-with-residue' | 'needs-operator';

/** Why a set did not commit. */
export type SetCause =
  | 'refused'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'terminated'
  | 'deadline'
  | 'policy'
  | 'drift'
  | 'stuck'
  | 'audit';

export interface ChangeSet {
  readonly changeSetId: string;
  readonly kind: ChangeSetKind;
  /** Who asked: an operator's or agent's id; and its e-mail is nowhere here. */
  readonly requestedBy: string;
  readonly actorKind: 'human' | 'agent' | 'system';
  readonly requestedAt: string;
  /** For a person; never leaves PostgreSQL. */
  readonly reason: string;
  /** Of an agent's proposal, 0–1; null where a person asked. */
  readonly confidence: number | null;
  /** Sets whose steps this one takes back, with what selected them. */
  readonly rollsBack: readonly string[];
  readonly steps: number;
  readonly state: SetState;
  readonly end: SetEnd | null;
  readonly cause: SetCause | null;
  /** Hash of the exact diff, and the policy version that it was judged by (C6); null before it was judged. */
  readonly diffHash: string | null;
  readonly policyVersion: string | null;
  /** After it no approval counts, and what is under way is compensated at `deadlineAt`. */
  readonly approvalExpiresAt: string | null;
  readonly deadlineAt: string | null;
  readonly updatedAt: string;
}

/** A yes or no that a person has given to one exact diff. */
export interface Approval {
  readonly changeSetId: string;
  readonly approver: string;
  readonly decision: 'approve' | 'reject';
  readonly diffHash: string;
  readonly policyVersion: string;
  readonly at: string;
  /** Set when the diff has moved since (drift), or the approver has lost the role (case 62). */
  readonly voidedAt: string | null;
}
