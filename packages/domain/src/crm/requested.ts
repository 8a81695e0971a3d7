/** A bulk change as people write it (a file, the API): records by id or by a unique field, owners by e-mail. */
import type { CrmFields, OperationKind } from './change-set.ts';

/** One step of a request. */
export interface RequestedStep {
  /** Where it stands in the request, for messages: `line 12`, `steps[3]`. */
  readonly place: string;
  readonly operation: OperationKind;
  readonly connectionId: string;
  /** The CRM's own name: `contacts`, `Contact`. */
  readonly object: string;
  /** Null for creates. */
  readonly record: RequestedRecord | null;
  readonly fields: CrmFields;
  /** E-mail of the new owner, for `assign-owner` and creates; null for none. */
  readonly owner: string | null;
  /** Other ends: one for `associate` and `dissociate`, any number for creates. */
  readonly associations: readonly RequestedAssociation[];
}

/** By the CRM's id, by the value of a unique field, or as what an earlier step creates (its place in the request, from 0). */
export type RequestedRecord = { readonly id: string } | { readonly field: string; readonly value: string } | { readonly step: number };

export interface RequestedAssociation {
  readonly object: string;
  readonly record: RequestedRecord;
  readonly label: string | null;
}

/** Why a step cannot be planned: what was expected and what was found. Names places and fields, and may quote the request. */
export interface RequestProblem {
  readonly place: string;
  readonly message: string;
}
