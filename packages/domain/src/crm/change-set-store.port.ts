/**
 * The store of change sets, of one workspace. Each method is one transaction unless it says otherwise; instants come in as arguments.
 */
import type { AuditAppender } from '../audit/audit.port.ts';
import type { Approval, ChangeSet, KeptField, RecordRef, SetState, Step, StepRef, StepState } from './change-set.ts';
import type { OwedSetNotice } from './notice.ts';

export interface ChangeSetStore {
  transaction<T>(work: (tx: ChangeSetTransaction) => Promise<T>): Promise<T>;
  snapshot<T>(work: (tx: ChangeSetReader) => Promise<T>): Promise<T>;
}

/** Which steps a rollback is about (change-sets.md, "Rollback, as an operator meets it"). Members are joined by and. */
export interface StepSelection {
  readonly changeSetIds?: readonly string[];
  readonly record?: RecordRef;
  /** Who asked for the set. */
  readonly actor?: string;
  readonly from?: string;
  readonly to?: string;
}

/** How many sets stand open, and since when the oldest of them waits for people; ISO, null where none does. */
export interface SetStanding {
  /** Sets that have not ended, by state; states with none are missing. */
  readonly open: Readonly<Partial<Record<Exclude<SetState, 'ended'>, number>>>;
  readonly oldestAwaitingSince: string | null;
  /** Sets that need an operator and still hold their records. */
  readonly needOperator: number;
  readonly oldestNeedSince: string | null;
  /** Notices of sets that no channel has delivered yet. */
  readonly owedNotices: number;
  readonly oldestOwedAt: string | null;
}

export interface ChangeSetReader {
  /** For the figures by which operators decide; one statement. */
  standing(): Promise<SetStanding>;
  changeSet(changeSetId: string): Promise<ChangeSet | null>;
  /** Newest first. */
  changeSets(request: {
    readonly state?: ChangeSet['state'];
    readonly limit: number;
    readonly before?: string;
  }): Promise<readonly ChangeSet[]>;
  /** Steps in order, from an ordinal on. */
  steps(changeSetId: string, request: { readonly from: number; readonly limit: number }): Promise<readonly Step[]>;
  /** Steps by ordinal, in order. */
  stepsByOrdinal(changeSetId: string, ordinals: readonly number[]): Promise<readonly Step[]>;
  /** Done steps of ended sets, latest first by `doneAt`, then by ordinal: the order in which they are taken back (C10). */
  doneSteps(selection: StepSelection, limit: number): Promise<readonly Step[]>;
  /** How many steps stand in which state. */
  stepCounts(changeSetId: string): Promise<Readonly<Partial<Record<Step['state'], number>>>>;
  /** Steps in one of these states, at most `limit`: the first by ordinal in order, or the last in reverse. */
  stepsIn(
    changeSetId: string,
    request: { readonly states: readonly StepState[]; readonly limit: number; readonly order: 'first' | 'last' },
  ): Promise<readonly Step[]>;
  /** Steps of any sets, in no order; those that are not on record are missing. */
  stepsByRef(refs: readonly StepRef[]): Promise<readonly Step[]>;
  /** Distinct records that the set writes to or ties to others, those that its own creates have made among them, in key order. */
  recordsOf(changeSetId: string): Promise<readonly RecordRef[]>;
  /** What was left as it is, in order of noting. */
  kept(changeSetId: string, limit: number): Promise<readonly KeptField[]>;
  approvals(changeSetId: string): Promise<readonly Approval[]>;
  /**
   * Distinct records that sets of this actor have touched since the instant or hold planned and approved (in-flight reservations count, case 55), without
   * those of `except`.
   */
  recordsTouchedSince(request: { readonly actor: string; readonly since: string; readonly except: string }): Promise<number>;
  /** Newest ids of records that have been restored under others (case 48), by `recordKey`; the others are missing. */
  currentIds(records: readonly RecordRef[]): Promise<ReadonlyMap<string, string>>;
  /** Sets that hold leases, with the instant of their last sign of life: the sweeper's list (C11, case 43). */
  leaseHolders(): Promise<readonly { readonly changeSetId: string; readonly since: string; readonly seenAt: string }[]>;
  /** What people were to be told of a set, the oldest first. */
  setNotices(changeSetId: string): Promise<readonly OwedSetNotice[]>;
  /** Owed notices of any set whose next attempt is due, the oldest first. */
  dueSetNotices(now: string, limit: number): Promise<readonly OwedSetNotice[]>;
  /** When the next of all owed notices is due; null where none is owed. */
  nextSetNoticeAt(): Promise<string | null>;
}

export interface ChangeSetTransaction extends ChangeSetReader, AuditAppender {
  /** The row under `for update`. */
  lockChangeSet(changeSetId: string): Promise<ChangeSet | null>;
  saveChangeSet(set: ChangeSet): Promise<void>;
  /** Serialises judgements of one actor's sets, so that two cannot each find the same room in a limit (case 55). Held to the end of the transaction. */
  lockActor(actor: string): Promise<void>;
  /** Inserts or replaces whole rows by (set, ordinal), in one statement. */
  saveSteps(steps: readonly Step[]): Promise<void>;
  /** Inserts or replaces by (set, step, field). */
  saveKept(kept: readonly KeptField[]): Promise<void>;
  addApproval(approval: Approval): Promise<void>;
  voidApprovals(changeSetId: string, now: string): Promise<void>;
  /** Takes the leases of these records for the set, all or none; answers those that other sets hold (C10). Idempotent for the same set. */
  acquireLeases(
    changeSetId: string,
    records: readonly RecordRef[],
    now: string,
  ): Promise<readonly { readonly record: RecordRef; readonly heldBy: string }[]>;
  /** A sign of life for the sweeper. */
  touchLeases(changeSetId: string, now: string): Promise<void>;
  releaseLeases(changeSetId: string): Promise<void>;
  /** Remembers that a record came back under another id. */
  saveNewId(record: RecordRef, newId: string, now: string): Promise<void>;
  /** Those that are owed or settled already stay as they are. */
  oweSetNotices(notices: readonly OwedSetNotice[]): Promise<void>;
  /** Inserts or replaces by (notice, person). */
  saveSetNotice(notice: OwedSetNotice): Promise<void>;
}
