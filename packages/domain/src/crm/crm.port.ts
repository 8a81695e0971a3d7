/**
 * The port to a CRM, for change sets. A connector translates: it decides nothing and stores nothing, and throws only `ConnectorError` (sync/errors.ts).
 * Every list method is made of calls at the vendor's batch limit, never of one call a record where the vendor has batches.
 */
import type { ConnectorError } from '../sync/errors.ts';
import type { CrmFields, CrmValue, Image, RecordRef } from './change-set.ts';

export interface Crm {
  readonly limits: CrmLimits;
  /** What is known of an object, from the CRM's own schema. Throws `NotFound` for an object that it does not have. */
  describe(object: string): Promise<CrmObject>;
  /** The CRM's owner ids of people by e-mail; those unknown are missing. */
  ownersByEmail(emails: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Ids of records by the value of a unique field (an e-mail); those not found are missing. */
  findByKey(object: string, field: string, values: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Strongly consistent reads by id, one answer each, in order. */
  read(request: ReadRequest): Promise<readonly Reading[]>;
  /**
   * Who has set these fields when, newest first, as far as the CRM remembers since the instant; null where the CRM keeps no history of the object's fields.
   */
  history(request: HistoryRequest): Promise<ReadonlyMap<string, readonly FieldVersion[]> | null>;
  /** Applies writes of one kind of operation on one object, at most `limits.write`. One outcome each, in order; one that fails does not stop the others. */
  write(writes: readonly CrmWrite[]): Promise<readonly CrmOutcome[]>;
  /**
   * Whether a create with this key took effect: the ids of the records by key. Other operations are probed by `read` and `history`.
   */
  findCreated(object: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface CrmLimits {
  readonly read: number;
  readonly write: number;
}

export interface CrmObject {
  readonly object: string;
  readonly fields: ReadonlyMap<string, CrmField>;
  /** The field that names the record's owner; null where there is none. */
  readonly ownerField: string | null;
  /** The unique field in which a create carries its key, so that it can be looked up and never doubles (C5); null where the object has none. */
  readonly keyField: string | null;
  /** Whether an archived record can come back, and then under which id. */
  readonly restores: 'same-id' | 'new-id' | 'never';
}

export interface CrmField {
  readonly name: string;
  readonly type: 'text' | 'number' | 'boolean' | 'date' | 'datetime' | 'choice' | 'choices' | 'reference';
  readonly isWritable: boolean;
  /** Of a choice, those that may be written; null for any. */
  readonly options: readonly string[] | null;
}

export interface ReadRequest {
  readonly object: string;
  readonly recordIds: readonly string[];
  readonly fields: readonly string[];
  /** Ends whose association is asked for, one per record id in order; missing where none is. */
  readonly associations?: readonly (ReadAssociation | null)[];
  /** Whether somebody else's notes, calls, e-mails or tasks hang on the record (case 47): dearer to ask. */
  readonly humanContent?: boolean;
}

export interface ReadAssociation {
  readonly to: RecordRef;
  readonly label: string | null;
}

export interface Reading {
  readonly recordId: string;
  readonly image: Image;
  /** Where the record has been merged into another: that one's id. */
  readonly mergedInto: string | null;
  readonly hasHumanContent?: boolean;
}

export interface HistoryRequest {
  readonly object: string;
  readonly recordIds: readonly string[];
  readonly fields: readonly string[];
  readonly sinceIso: string;
}

export interface FieldVersion {
  readonly field: string;
  readonly value: CrmValue;
  readonly at: string;
  /** Whether this connection's own credentials wrote it. */
  readonly isOurs: boolean;
  /** The CRM's id of the person or app, for the conflict report; null where it does not tell. */
  readonly by: string | null;
  /** The answer that told of it also showed the record itself, with this value. Missing where the CRM tells its histories apart from its records. */
  readonly isShown?: true;
}

/** A write with every target resolved to a record. */
export interface CrmWrite {
  /** From business identity (`<change set>/<ordinal>`, `…/undo`): a create carries it in the object's key field. */
  readonly key: string;
  readonly operation: ResolvedOperation;
  /** The image compared a moment ago: the precondition where the CRM has one. */
  readonly before: Image | null;
}

export type ResolvedOperation =
  | { readonly kind: 'set-fields' | 'assign-owner'; readonly target: RecordRef; readonly fields: CrmFields }
  | {
      readonly kind: 'create' | 'create-task';
      readonly connectionId: string;
      readonly object: string;
      readonly fields: CrmFields;
      readonly associations: readonly ReadAssociation[];
    }
  | { readonly kind: 'associate' | 'dissociate'; readonly target: RecordRef; readonly association: ReadAssociation }
  | { readonly kind: 'archive' | 'restore'; readonly target: RecordRef };

/** `Conflict` as an error: the precondition did not hold, nothing was written. */
export type CrmOutcome =
  | { readonly ok: true; readonly recordId: string; readonly after: Image }
  | { readonly ok: false; readonly error: ConnectorError; readonly fields: readonly string[] };
