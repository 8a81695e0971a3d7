/**
 * The audit log of one workspace: an append-only Merkle tree (RFC 6962, 2.1) over entries in canonical JSON (RFC 8785).
 *
 * No entry, no write: whoever has an effect appends first, in the transaction that puts the effect on record, and has the effect only when that
 * transaction has committed.
 */
import type { NewAuditEntry } from './entry.ts';

/** Part of a store's transaction. */
export interface AuditAppender {
  /**
   * Appends in the order given, with the caller's transaction or not at all. Two statements for any number of entries.
   *
   * The log's end is locked until the transaction ends, so that places have no gaps: call it last in the transaction, once.
   * @throws InvalidEntry (entry.schema.ts) where an entry holds anything but codes, ids and hashes: it names the field, never the value.
   */
  appendAudit(entries: readonly NewAuditEntry[]): Promise<AuditReceipt>;
}

/** Where the entries stand: places `from` to `size - 1`. `size` is the log's after them. */
export interface AuditReceipt {
  readonly from: number;
  readonly size: number;
}

export interface AuditLog {
  /** `appendAudit` in a transaction of its own, for what has no other: a refusal, an alarm. */
  append(entries: readonly NewAuditEntry[]): Promise<AuditReceipt>;
  /** How many entries there are. */
  size(): Promise<number>;
  /** Entries in order, from a place on. */
  page(request: { readonly from: number; readonly limit: number }): Promise<readonly AuditRow[]>;
  /** Leaf hashes of the places `from` to `to - 1`, in order. */
  leafHashes(request: { readonly from: number; readonly to: number }): Promise<readonly Uint8Array[]>;
  /** The one of the greatest size; null for none. */
  latestCheckpoint(): Promise<StoredCheckpoint | null>;
  /** By size, from those above `after` on. */
  checkpoints(request: { readonly after: number; readonly limit: number }): Promise<readonly SignedCheckpoint[]>;
  /** Keeps it; another one of its size stays as it is. */
  saveCheckpoint(checkpoint: StoredCheckpoint): Promise<void>;
}

/** An entry as it is stored: its exact text, and the hash of that text as a leaf. */
export interface AuditRow {
  readonly seq: number;
  readonly canonical: string;
  readonly leafHash: Uint8Array;
}

/** "This log had this root at this size." Hashes are lower-case hex. */
export interface Checkpoint {
  readonly workspaceId: string;
  readonly size: number;
  readonly root: string;
  readonly at: string;
  readonly keyId: string;
}

export interface SignedCheckpoint extends Checkpoint {
  /** Ed25519 over `checkpointText`, base64. */
  readonly signature: string;
}

export interface StoredCheckpoint extends SignedCheckpoint {
  /** Roots of the complete subtrees at the tree's right edge, largest first: what the next checkpoint goes on from. */
  readonly edge: readonly string[];
}

/** A second place for checkpoints, out of reach of whoever owns the database. Append-only. */
export interface AuditWitness {
  readonly latest: () => Promise<SignedCheckpoint | null>;
  readonly append: (checkpoint: SignedCheckpoint) => Promise<void>;
}

export interface CheckpointSigner {
  readonly keyId: string;
  /** Ed25519, base64. */
  readonly sign: (text: string) => string;
}
