/**
 * The port to the store of truth. One `Store` serves one workspace; the workspace's id is in every key below it.
 *
 * Law S7: a page's writes, its checkpoint and the outbox rows that it causes commit in one `transaction`, with item rows locked in id order.
 * Every list method is one round trip whatever the length of the list. Instants are ISO strings and come in as arguments: the store has no clock.
 */
import type { FieldName, FieldValue, Item, ItemKind } from '../backlog/item.ts';
import type { AuditAppender } from '../audit/audit.port.ts';
import type { CommentReads, CommentWrites } from './comments.port.ts';
import type { Hint } from './connector.port.ts';
import type { Json } from './json.ts';
import type { Link } from './link.ts';
import type { PassReads } from './pass-reads.port.ts';
import type { ParkedReads, RedriveWrites } from './redrive.port.ts';
import type { StandingReads } from './standing.port.ts';

export interface Store {
  /** Runs `work` in one read-committed transaction; retries it as a whole on a serialisation failure or deadlock (at most 5 times). */
  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** A read-only transaction with one snapshot. */
  snapshot<T>(work: (tx: StoreReader) => Promise<T>): Promise<T>;
  /** Runs `work` while nobody else, in whatever process, works under this name; null, and nothing is run, while somebody does. Ends with the process. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T | null>;
  /** Outside of any transaction. */
  readonly passReads: PassReads;
}

/** `open`: writes flow. `plan-first`: writes wait until an operator has seen the plan and applied it. `paused`: nothing is read or written. */
export type Gate = 'open' | 'plan-first' | 'paused';

export interface ConnectionRow {
  readonly connectionId: string;
  readonly connector: string;
  /** Place in the workspace's order, 0 first: settles `order` rules. */
  readonly rank: number;
  readonly gate: Gate;
  /** The gate before a pause, to go back to. */
  readonly gateBeforePause: Gate | null;
  /** Hash of the mapping that the bases were made with. */
  readonly mappingHash: string;
  /** A breaker that is open and why; null in health. Set: no deletes are applied and, for `auth`, nothing is called. */
  readonly breaker: Breaker | null;
  readonly lastPulledAt: string | null;
  readonly lastPushedAt: string | null;
  readonly lastFullScanAt: string | null;
}

export interface Breaker {
  readonly cause: 'mass-delete' | 'mass-unlink' | 'auth' | 'plan';
  readonly message: string;
  readonly count: number;
  readonly since: string;
}

export type OutboxOperation = 'write' | 'remove';
/** Lanes of the rate budget, most urgent first. */
export const LANES = ['person', 'live', 'routine', 'backfill'] as const;
export type Lane = (typeof LANES)[number];

/** A write that is owed to a remote: one row per (item, connection). What to write is computed from canonical and bases when it is sent. */
export interface OutboxRow {
  readonly connectionId: string;
  readonly itemId: string;
  readonly operation: OutboxOperation;
  /** Grows whenever the row is owed again, and is never used twice: a settled write deletes the row only if it is still the version that was claimed. */
  readonly version: number;
  /** Place in the tree, 0 for roots: parents are created first. */
  readonly depth: number;
  readonly lane: Lane;
  /** `owed`: not sent. `sending`: handed to the remote, outcome not on record yet (after a crash: probe first). `parked`: gave up, a person is asked. */
  readonly state: 'owed' | 'sending' | 'parked';
  readonly attempts: number;
  readonly notBefore: string | null;
  /** For parked rows and retries: error code and text. */
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly owedSince: string;
}

export interface NewOutboxRow {
  readonly connectionId: string;
  readonly itemId: string;
  readonly operation: OutboxOperation;
  readonly depth: number;
  readonly lane: Lane;
}

export type ConflictKind =
  | 'concurrent-edit'
  | 'manual'
  | 'edit-after-delete'
  | 'overwritten'
  | 'put-back'
  | 'cycle'
  | 'unresolved-reference'
  | 'ambiguous-match'
  | 'duplicate-marker'
  | 'unmapped-kind'
  | 'notice'
  | 'drift'
  | 'flapping';

/** A question or a remembered loss. `open` waits for a person; `recorded` was settled by a rule and keeps both values on record (laws S2, S6). */
export interface ConflictRow {
  readonly conflictId: string;
  readonly kind: ConflictKind;
  readonly state: 'open' | 'recorded' | 'resolved';
  readonly itemId: string | null;
  readonly field: FieldName | null;
  /** The connection whose value did not win, or where the question arose. */
  readonly connectionId: string;
  /** The remote record, where no item is linked. */
  readonly remoteId: string | null;
  readonly canonicalValue: FieldValue;
  readonly remoteValue: FieldValue;
  readonly baseValue: FieldValue;
  readonly message: string;
  readonly raisedAt: string;
  readonly resolvedAt: string | null;
  readonly resolution: string | null;
}

/** One write with actor, cause, before and after: to the canonical backlog (`target: 'canonical'`) or to a connection. */
export interface LedgerRow {
  readonly at: string;
  readonly runId: string;
  readonly target: string;
  readonly operation: 'create' | 'update' | 'remove' | 'link' | 'restore';
  readonly itemId: string;
  /** The connection whose edit caused it, `operator` or `lockstep`. */
  readonly actor: string;
  readonly cause: string;
  readonly before: { readonly [F in FieldName]?: FieldValue };
  readonly after: { readonly [F in FieldName]?: FieldValue };
  readonly remoteId: string | null;
}

export interface Checkpoint {
  readonly cursor: Json | null;
  /** For compare-and-set: 0 where nothing has been written yet. */
  readonly version: number;
}

/** A cursor's name: the feed of changes, a full scan in progress, or (document) the staged text. */
export type CheckpointName = 'changes' | 'full';

export interface DirtyRecord extends Hint {
  /** Grows with each hint: taking a record clears it only if no newer hint has come in. */
  readonly version: number;
}

/** A webhook delivery as the inbox keeps it. */
export interface StoredDelivery {
  readonly connectionId: string;
  readonly deliveryId: string;
  readonly receivedAt: string;
  readonly body: Uint8Array;
  readonly hints: readonly Hint[];
}

export interface ParkedRecord {
  readonly connectionId: string;
  readonly remoteId: string;
  /** The kind of the conflict that parks it, or the name of an error. */
  readonly cause: string;
  readonly message: string;
  readonly attempts: number;
  readonly firstSeenAt: string;
}

export interface StoreReader extends CommentReads, ParkedReads, StandingReads {
  connections(): Promise<readonly ConnectionRow[]>;
  connection(connectionId: string): Promise<ConnectionRow | null>;
  items(itemIds: readonly string[]): Promise<readonly Item[]>;
  /** A page of items in id order, live ones only unless `deleted`. */
  itemsPage(request: {
    readonly after: string | null;
    readonly limit: number;
    readonly kind?: ItemKind;
    readonly deleted?: boolean;
  }): Promise<readonly Item[]>;
  /** Live items by kind and exact title (after NFC): for first-run matching and for references in words. */
  itemsByTitle(titles: readonly string[]): Promise<readonly Item[]>;
  /** Live items that have one of these ids in `parent` or `dependsOn`. */
  itemsReferencing(itemIds: readonly string[]): Promise<readonly Item[]>;
  /** Items by an id that records carry of them and that is not theirs: the items were made again after a store was lost (K02). */
  aliases(markers: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Every edge of the dependency graph of live items. */
  dependencyEdges(): Promise<readonly { readonly from: string; readonly to: string }[]>;
  linksByRemote(connectionId: string, remoteIds: readonly string[]): Promise<readonly Link[]>;
  linksByItem(itemIds: readonly string[], connectionId?: string): Promise<readonly Link[]>;
  /** A page of a connection's links in item id order. */
  linksPage(
    connectionId: string,
    request: { readonly after: string | null; readonly limit: number; readonly state?: Link['state'] },
  ): Promise<readonly Link[]>;
  outbox(request: {
    readonly connectionId?: string;
    readonly itemIds?: readonly string[];
    readonly state?: OutboxRow['state'];
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly OutboxRow[]>;
  /** Whether a write is owed now that is more urgent than this lane. */
  hasMoreUrgent(connectionId: string, lane: Lane, now: string): Promise<boolean>;
  conflicts(request: {
    readonly state?: ConflictRow['state'];
    readonly itemId?: string;
    readonly connectionId?: string;
    readonly limit: number;
  }): Promise<readonly ConflictRow[]>;
  conflict(conflictId: string): Promise<ConflictRow | null>;
  ledger(request: { readonly itemId?: string; readonly runId?: string; readonly limit: number }): Promise<readonly LedgerRow[]>;
  checkpoint(connectionId: string, name: CheckpointName): Promise<Checkpoint>;
}

export interface StoreTransaction extends StoreReader, CommentWrites, RedriveWrites, AuditAppender {
  /** Serialises pages that create items, so that two connections cannot each create a twin (law S4). Held to the end of the transaction. */
  lockItemCreation(): Promise<void>;
  /** `items` under `for update`, locked in id order. */
  lockItems(itemIds: readonly string[]): Promise<readonly Item[]>;
  /** Inserts or replaces whole rows, in one statement. */
  saveItems(items: readonly Item[], now: string): Promise<void>;
  /** Remembers aliases (see `aliases`), by alias. */
  saveAliases(aliases: ReadonlyMap<string, string>): Promise<void>;
  /** Inserts or replaces whole rows by (item, connection). A remote id that is linked to another item is a unique violation and throws. */
  saveLinks(links: readonly Link[], now: string): Promise<void>;
  /** Remembers when these links, and so their connection, were last pushed (see `PassReads`). */
  touchPushed(connectionId: string, itemIds: readonly string[], now: string): Promise<void>;
  /** Marks writes as owed: a new row, or a higher version, state `owed` (unless `sending`: that is kept, the version grows), attempts and error cleared, the more urgent lane. `remove` replaces `write`, and the reverse. */
  oweWrites(rows: readonly NewOutboxRow[], now: string): Promise<void>;
  /**
   * Takes up to `limit` rows that are owed and due, or left `sending` by a crash, in order of (lane, depth, owedSince, itemId), sets them `sending`,
   * and returns them as they were before (so that `state: 'sending'` tells an uncertain one). Skips rows locked by others; with `lanes`, owed rows of
   * other lanes too.
   */
  claimWrites(connectionId: string, limit: number, now: string, lanes?: readonly Lane[]): Promise<readonly OutboxRow[]>;
  /** Deletes rows that are still of the claimed version; the others go back to `owed`. */
  settleWrites(rows: readonly { readonly connectionId: string; readonly itemId: string; readonly version: number }[]): Promise<void>;
  /** Puts claimed rows back: `owed` and due at `notBefore`, `sending` (outcome unknown), or `parked`. Attempts grow by one where `countAttempt`. */
  returnWrites(
    rows: readonly {
      readonly connectionId: string;
      readonly itemId: string;
      readonly state: 'owed' | 'sending' | 'parked';
      readonly notBefore: string | null;
      readonly countAttempt: boolean;
      readonly error: { readonly code: string; readonly message: string } | null;
    }[],
  ): Promise<void>;
  dropWrites(connectionId: string, itemIds: readonly string[]): Promise<void>;
  /** Adds conflicts; one that is open already for the same (kind, item, field, connection, remote) is updated instead of doubled. */
  raiseConflicts(rows: readonly ConflictRow[]): Promise<void>;
  resolveConflicts(conflictIds: readonly string[], resolution: string, now: string): Promise<void>;
  appendLedger(rows: readonly LedgerRow[]): Promise<void>;
  /** Compare-and-set; throws `StaleCheckpoint` when the version has moved. */
  saveCheckpoint(connectionId: string, name: CheckpointName, cursor: Json | null, expectedVersion: number): Promise<void>;
  saveConnection(row: ConnectionRow): Promise<void>;
  /** A page was read at this instant, the last one of a full scan where `isFullScan`. */
  notePulled(connectionId: string, at: string, isFullScan: boolean): Promise<void>;
  /** Webhook inbox: stores the delivery and marks its records dirty, once per delivery id. Returns false for a duplicate. */
  acceptDelivery(delivery: StoredDelivery): Promise<boolean>;
  /** `acceptDelivery` for many, in one statement. An answer for each, in their order. */
  acceptDeliveries(deliveries: readonly StoredDelivery[]): Promise<readonly boolean[]>;
  markDirty(connectionId: string, hints: readonly Hint[], now: string): Promise<void>;
  /** Dirty records, oldest first, marked no later than with version `upTo` where that is given; they stay dirty until cleared. */
  dirtyRecords(connectionId: string, limit: number, upTo?: number): Promise<readonly DirtyRecord[]>;
  clearDirty(connectionId: string, records: readonly DirtyRecord[]): Promise<void>;
  /** Clears the marks of records that a listing has shown which began when `lastVersion` was the last. Reported deletes stay: only a read by id confirms them. */
  clearListed(connectionId: string, remoteIds: readonly string[], lastVersion: number): Promise<void>;
  markSeen(connectionId: string, remoteIds: readonly string[], scanId: string): Promise<void>;
  /** After a complete scan: counts one more miss (one per scan id, however often called) on every linked record that `scanId` has not seen, resets the others, returns the missed. */
  countMissed(connectionId: string, scanId: string): Promise<readonly Link[]>;
  parkRecords(rows: readonly ParkedRecord[]): Promise<void>;
  unparkRecords(connectionId: string, remoteIds: readonly string[]): Promise<void>;
}

/** Another run of the same connection has moved the checkpoint: this page is stale and must be read again. */
export class StaleCheckpoint extends Error {
  override readonly name = 'StaleCheckpoint';
}
