/**
 * What a remote is owed: the fields whose canonical value it has not agreed to yet.
 */
import type { MappedField } from '../sync/connector.port.ts';
import type { Base, Link } from '../sync/link.ts';
import type { FieldMap, FieldName, FieldValue, Item } from './item.ts';
import { emptyValue, isEmpty, isReference, sameValue } from './value.ts';

/** Shows a reference field as far as the remote can hold it: the targets that have a record there. Sorted. */
export type Projection = (field: FieldName, value: FieldValue) => FieldValue;

/** Fields to write, with their canonical values (references projected). Empty where the remote is in step. */
export function owedFields(item: Item, link: Link, mapped: readonly MappedField[], project: Projection): FieldMap {
  const owed: Partial<Record<FieldName, FieldValue>> = {};
  for (const { field, direction, partial } of mapped) {
    const canonical = item.fields[field];
    if (direction === 'in' || canonical === undefined) continue;
    const base = link.bases[field];
    if (base?.held !== undefined || (base === undefined && partial === true)) continue;
    const value = isReference(field) ? project(field, canonical) : canonical;
    const isShown =
      base === undefined ? isEmpty(value) : sameValue(value, base.remote) || (!isReference(field) && sameValue(value, base.agreed));
    if (!isShown) owed[field] = value;
  }
  return owed;
}

/** Fields of a record that is to be created: every outward field that has something to say. */
export function draftFields(item: Item, mapped: readonly MappedField[], project: Projection): FieldMap {
  const draft: Partial<Record<FieldName, FieldValue>> = {};
  for (const { field, direction } of mapped) {
    const canonical = item.fields[field];
    if (direction === 'in' || canonical === undefined) continue;
    const value = isReference(field) ? project(field, canonical) : canonical;
    if (!isEmpty(value)) draft[field] = value;
  }
  return draft;
}

/**
 * The bases after a write: the remote's form as read back, standing for the canonical value that was sent. A field that was not sent keeps its base;
 * one that has none yet takes what the remote shows as the form of what we have, so that a remote's default value is not taken for an edit.
 */
export function basesAfterWrite(request: {
  readonly bases: Link['bases'];
  readonly mapped: readonly MappedField[];
  /** Canonical values as sent. */
  readonly sent: FieldMap;
  /** Canonical values of the item at the time of sending. */
  readonly canonical: FieldMap;
  /** Read back after the write, references in item ids. */
  readonly readBack: FieldMap;
}): Link['bases'] {
  const bases: Partial<Record<FieldName, Base>> = { ...request.bases };
  for (const { field, partial } of request.mapped) {
    const sent = request.sent[field];
    const seen = request.readBack[field];
    const previous = bases[field];
    if (partial === true && seen === undefined) continue;
    if (sent !== undefined) {
      const overwrote =
        previous === undefined ? {} : { overwrote: previous.remote, ...(previous.flips === undefined ? {} : { flips: previous.flips }) };
      // What the remote shows counts, also where it shows nothing: a value that it did not take is not taken for one that somebody clears there later (S2).
      bases[field] = { remote: seen === undefined ? sent : seen, agreed: request.canonical[field] ?? sent, ...overwrote };
    } else if (previous === undefined && seen !== undefined) {
      bases[field] = { remote: seen, agreed: request.canonical[field] ?? emptyValue(field) };
    }
  }
  return bases;
}
