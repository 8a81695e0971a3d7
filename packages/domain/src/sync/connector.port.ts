/**
 * The port that every connection's connector implements: the document, Jira, Notion, HubSpot, Salesforce.
 *
 * A connector translates; it decides nothing and stores nothing. It throws only `ConnectorError` (errors.ts). Values cross this port in
 * canonical form (decoded by the connector's field codecs), except references, which are remote ids here: the engine translates them.
 */
import type { FieldMap, FieldName, FieldValue, ItemKind } from '../backlog/item.ts';
import type { Discusses, Discussion } from './comments.port.ts';
import type { ConnectorError } from './errors.ts';
import type { Json } from './json.ts';

/** A record of the remote, decoded. */
export interface RemoteRecord {
  readonly remoteId: string;
  readonly remoteKey: string | null;
  readonly url: string | null;
  /** The kind that the mapping reads from the record, or null where the mapping has none for it (the engine parks the record). */
  readonly kind: ItemKind | null;
  /** Our item id, found in the record's marker (label, property, unique field); null where the record has none. */
  readonly marker: string | null;
  /**
   * Decoded fields. A missing key means that the remote did not say (a partial answer, no permission, an undecodable value), never "cleared".
   * `ref` and `refSet` fields hold `id:<remoteId>` or `text:<words>` (a remote that names its parent in words).
   */
  readonly fields: FieldMap;
  /** Opaque; grows or changes with every change of the record. Compared inside this remote only, and only for equality. */
  readonly revision: string;
  /** True where the remote says in so many words that the record is deleted, archived or in the trash. */
  readonly deleted: boolean;
  /** What the connector could not read of the record; each becomes an entry on record (law S6). */
  readonly notices: readonly FieldNotice[];
  /** What people have left on it, where the answer that showed the record showed that too. */
  readonly discussion?: Discussion;
  /** The vendor's own body, for the codecs' in-place writes. Never persisted, never logged. */
  readonly raw?: unknown;
}

/** Something that a connector could not carry over, to be shown to a person. */
export interface FieldNotice {
  readonly field: FieldName | null;
  readonly cause: 'clipped' | 'unmapped-value' | 'unreadable' | 'unwritable' | 'retyped' | 'ambiguous';
  /** For a person; says what was expected and what was found. Holds no personal data. */
  readonly message: string;
  /** The value as the remote shows it, where that helps a person. */
  readonly value?: string;
}

/** `changes`: what may have changed since the cursor. `full`: every record in scope, for reconciliation and proofs of absence. */
export type PullMode = 'changes' | 'full';

export interface PullRequest {
  readonly mode: PullMode;
  /** What the connector returned as `nextCursor` of the page before (of this mode), or null for the beginning. */
  readonly cursor: Json | null;
  /** Remote ids that we wrote lately: vendors with a lagging search index are asked to reconcile them. */
  readonly recentlyWrittenIds: readonly string[];
  /** The cursor of the feed of changes, whatever the mode: the document, whose records carry no ids, keeps their identity in it. */
  readonly changesCursor?: Json | null;
}

export interface PullPage {
  readonly records: readonly RemoteRecord[];
  /** Committed together with the page's effects. Typed and versioned by the connector; plain JSON. */
  readonly nextCursor: Json;
  /** More pages follow at once. */
  readonly more: boolean;
  /** Remote ids that are known to be deleted without a record to show (a removed row of the document). */
  readonly deletedIds: readonly string[];
  /** What a person must look at and that belongs to no record (an ambiguous row of the document). */
  readonly notices: readonly FieldNotice[];
}

/** What a strongly consistent read by id found. */
export type FetchOutcome =
  | { readonly found: true; readonly record: RemoteRecord }
  /**
   * `absent`: deleted, as far as the remote can tell. `forbidden`: out of our reach, or not shown by a remote that would show a deleted record as deleted;
   * nothing is inferred from it (F03).
   */
  | { readonly found: false; readonly remoteId: string; readonly reason: 'absent' | 'forbidden' };

/** A record to create. `marker` is written inside it, so that an unknown outcome can be looked up. */
export interface RemoteDraft {
  readonly marker: string;
  readonly kind: ItemKind;
  /** Canonical values; references as `id:<remoteId>` or `text:<words>`. Only fields that the mapping writes. */
  readonly fields: FieldMap;
}

/** Fields to set on a record that exists. */
export interface RemoteChange {
  readonly remoteId: string;
  readonly marker: string;
  readonly kind: ItemKind;
  readonly fields: FieldMap;
  /** The record as the engine compared it a moment ago: the precondition, and the raw body to edit in place. */
  readonly before: RemoteRecord;
}

export interface RemoteRemoval {
  readonly remoteId: string;
  readonly marker: string;
  readonly kind: ItemKind;
}

/** A value of someone else that our write replaced after we had compared: found in the remote's history, reported as a conflict. */
export interface Overwritten {
  readonly field: FieldName;
  readonly value: FieldValue;
}

/** The outcome of one write, in the order of the request. */
export type WriteOutcome =
  | {
      readonly ok: true;
      /** Read back after the write: the remote's normalised form. For a removal, the record as it is now or null where nothing is left. */
      readonly record: RemoteRecord | null;
      readonly overwritten: readonly Overwritten[];
      /** Fields of the request that were not written, and why; the others were. */
      readonly refused: readonly FieldNotice[];
    }
  | { readonly ok: false; readonly error: ConnectorError };

/** What one connection can hold, from its mapping. */
export interface MappedField {
  readonly field: FieldName;
  /** `in`: read only. `out`: written only, edits there are put back. `both`: a peer. */
  readonly direction: 'in' | 'out' | 'both';
  /** How references are shown at this remote: by the record's id or in words. Only for `ref` and `refSet`. */
  readonly refersBy?: 'id' | 'title';
  /** Some records of the kind have no place for the field (a plan with tasks in tables and in checkboxes): it is theirs only where they show it. */
  readonly partial?: boolean;
}

/** The parts of a batch, at the vendor's limits. */
export interface BatchLimits {
  readonly create: number;
  readonly update: number;
  readonly remove: number;
  readonly fetch: number;
  /**
   * Records that one call finds by marker, only where a read by id takes a call a record: many marked records are looked up by marker then, and read by id
   * only where that shows something else than we know.
   */
  readonly byMarker?: number;
}

/** `reserved`: the account's calls for the day are nearly spent, and what is left is for people's edits (J09). */
export type Quota = 'ample' | 'reserved';

export interface Connector {
  /** Fields of this kind that the connection holds; empty where it does not hold the kind at all. */
  mappedFields(kind: ItemKind): readonly MappedField[];
  readonly limits: BatchLimits;
  /** As the vendor's last answer told; only where it tells. */
  readonly quota?: () => Quota;
  readonly pulls: Pulls;
  readonly pushes: Pushes;
  /** Only where the remote has comments. */
  readonly discusses?: Discusses;
  /** Only where the remote sends webhooks. */
  readonly watches?: Watches;
  /** Read-only check of credentials, scopes and mapping, for `lockstep doctor`. Never throws: what fails is a finding. */
  check(): Promise<readonly Finding[]>;
}

export interface Pulls {
  pull(request: PullRequest): Promise<PullPage>;
  /** Reads by id from the primary store, at most `limits.fetch` ids. One outcome per id, in order. `changesCursor`: see `PullRequest`. */
  fetch(remoteIds: readonly string[], changesCursor?: Json | null): Promise<readonly FetchOutcome[]>;
  /** Finds records by our marker, by the most consistent path that the vendor has; only those found are in the answer. */
  findByMarker(markers: readonly string[], changesCursor?: Json | null): Promise<readonly RemoteRecord[]>;
}

export interface Pushes {
  /**
   * Called, and its result committed as the connection's cursor, before `create`, `update` or `remove` of the same batch: lets the document
   * write down what it is about to do, so that a crash can be told from an edit. Vendors with markers do not have it.
   */
  readonly stage?: (batch: WriteBatch, cursor: Json | null) => Promise<{ readonly stagedCursor: Json; readonly doneCursor: Json }>;
  create(drafts: readonly RemoteDraft[]): Promise<readonly WriteOutcome[]>;
  update(changes: readonly RemoteChange[]): Promise<readonly WriteOutcome[]>;
  remove(removals: readonly RemoteRemoval[]): Promise<readonly WriteOutcome[]>;
}

export interface WriteBatch {
  readonly creates: readonly RemoteDraft[];
  readonly updates: readonly RemoteChange[];
  readonly removals: readonly RemoteRemoval[];
}

/** A webhook delivery, raw. */
export interface Delivery {
  readonly method: string;
  /** The full URL as the vendor called it (HubSpot signs it). */
  readonly url: string;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Instant of receipt, ISO; signatures with a time are held against it. */
  readonly receivedAt: string;
}

export type Verification =
  | { readonly ok: true; readonly deliveryId: string; readonly hints: readonly Hint[]; readonly ignored: number }
  /** A handshake: answer with this body; nothing is stored. */
  | { readonly ok: true; readonly handshake: string }
  | { readonly ok: false; readonly reason: 'bad-signature' | 'stale' | 'malformed' };

/** A record that may have changed. Carries no content: the same path as the poll reads it. */
export interface Hint {
  readonly remoteId: string;
  /** The event said that the record was deleted; confirmed by a read before it counts. */
  readonly deleted: boolean;
  /** Only its comments have changed: they are read, the record is not. */
  readonly discussed?: boolean;
}

export interface Watches {
  /** Verifies over the raw body, in constant time, and fails closed. Unknown event types give no hints and count as ignored. */
  verify(delivery: Delivery): Verification;
  /** Keeps subscriptions alive that run out (C07); called now and then. Answers with what a person must know. Rejects with `ConnectorError`. */
  readonly upkeep?: () => Promise<readonly FieldNotice[]>;
}

/** One line of `lockstep doctor`. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly subject: string;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
}
