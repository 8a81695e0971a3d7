/** The diff that people approve, and its hash (C6). */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { Association, CrmValue, Image, OperationKind, Reversibility, Step, Target } from './change-set.ts';

/** One line of a diff. */
export interface DiffRow {
  readonly ordinal: number;
  /** What a create makes is named by its own ordinal. */
  readonly record: Target;
  readonly operation: OperationKind;
  /** Null where the line is about the record itself, or about an association. */
  readonly field: string | null;
  /** Null where the line is about no association. */
  readonly association: Association | null;
  /** Of a field its values; of an association whether it stands; of a record its presence. Null before what was not read. */
  readonly before: CrmValue;
  readonly after: CrmValue;
  readonly reversibility: Reversibility;
}

/** What the steps change, in order, fields by name. Every step has a line at least, and what a step would set to what it is has one, too. */
export function diffOf(steps: readonly Step[]): readonly DiffRow[] {
  return steps.flatMap((step) => rowsOf(step));
}

/**
 * SHA-256 in hex over the canonical JSON (RFC 8785) of the exact diff, before-images included, and the policy's version. What the diff does not show
 * (revisions, instants of reading, states) does not change it.
 */
export function diffHash(steps: readonly Step[], policyVersion: string): string {
  const rows = diffOf(steps).map((row) => ({ ...row, before: exact(row.before), after: exact(row.after) }));
  return bytesToHex(sha256(utf8ToBytes(canonicalize({ policyVersion, rows }) ?? '')));
}

function rowsOf(step: Step): readonly DiffRow[] {
  const { operation, before, ordinal, reversibility } = step;
  const row = (record: Target, rest: Pick<DiffRow, 'field' | 'association' | 'before' | 'after'>): DiffRow => ({
    ordinal,
    record,
    operation: operation.kind,
    ...rest,
    reversibility,
  });
  switch (operation.kind) {
    case 'set-fields':
    case 'assign-owner':
      return Object.keys(operation.fields).length === 0
        ? [row(operation.target, presence(before, before?.presence ?? null))]
        : fieldRows(operation.fields, before).map((rest) => row(operation.target, rest));
    case 'create':
    case 'create-task': {
      const record = { connectionId: operation.connectionId, object: operation.object, createdBy: ordinal };
      const associations = operation.associations.map((association) => ({ field: null, association, before: false, after: true }));
      return [presence(null, 'present'), ...fieldRows(operation.fields, null), ...associations].map((rest) => row(record, rest));
    }
    case 'associate':
    case 'dissociate':
      return [
        row(operation.target, {
          field: null,
          association: operation.association,
          before: before?.isAssociated ?? null,
          after: operation.kind === 'associate',
        }),
      ];
    case 'archive':
      return [row(operation.target, presence(before, 'archived'))];
    case 'restore':
      return [row(operation.target, presence(before, 'present'))];
  }
}

type Change = Pick<DiffRow, 'field' | 'association' | 'before' | 'after'>;

function presence(before: Image | null, after: CrmValue): Change {
  return { field: null, association: null, before: before?.presence ?? null, after };
}

function fieldRows(fields: Readonly<Record<string, CrmValue>>, before: Image | null): readonly Change[] {
  return Object.keys(fields)
    .sort()
    .map((field) => ({ field, association: null, before: before?.fields[field] ?? null, after: fields[field] ?? null }));
}

/** RFC 8785 refuses text with half a surrogate pair, and numbers that are none: such a value is hashed as its escapes, which no value is equal to. */
function exact(value: CrmValue): CrmValue | { readonly escaped: string } {
  if (typeof value === 'string' && !value.isWellFormed()) return { escaped: JSON.stringify(value) };
  return typeof value === 'number' && !Number.isFinite(value) ? { escaped: String(value) } : value;
}
