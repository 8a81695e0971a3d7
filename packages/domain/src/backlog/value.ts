import { FIELD_TYPES } from './item.ts';
import type { FieldMap, FieldName, FieldValue } from './item.ts';

/** True where the field holds several values. */
export function isSetField(field: FieldName): boolean {
  return FIELD_TYPES[field] === 'set' || FIELD_TYPES[field] === 'refSet';
}

/** True where the field points at other items. */
export function isReference(field: FieldName): boolean {
  return FIELD_TYPES[field] === 'ref' || FIELD_TYPES[field] === 'refSet';
}

/** The empty value of a field: an empty list for sets, null for all others. */
export function emptyValue(field: FieldName): FieldValue {
  return isSetField(field) ? [] : null;
}

/** A value's canonical form: text in NFC, sets sorted by code unit and distinct. Idempotent. */
export function normalise(value: FieldValue): FieldValue {
  if (value === null) return null;
  if (typeof value === 'string') return value.normalize('NFC');
  return [...new Set(value.map((member) => member.normalize('NFC')))].sort();
}

/** Equality of values in canonical form. An absent value equals only an absent one; null does not equal ''. */
export function sameValue(left: FieldValue | undefined, right: FieldValue | undefined): boolean {
  if (left === undefined || right === undefined || left === null || right === null) return left === right;
  const a = normalise(left);
  const b = normalise(right);
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a !== null && b !== null && a.length === b.length && a.every((member, index) => member === b[index]);
}

/** True for null, '' and the empty set: there is nothing to lose. */
export function isEmpty(value: FieldValue | undefined): boolean {
  return value === undefined || value === null || value.length === 0;
}

/** A set's members; none for null. */
export function members(value: FieldValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  return typeof value === 'string' ? [value] : value;
}

/** The fields of a map in their canonical order, with their values. */
export function fieldEntries(fields: FieldMap): readonly (readonly [FieldName, FieldValue])[] {
  const entries: (readonly [FieldName, FieldValue])[] = [];
  for (const field of Object.keys(FIELD_TYPES) as FieldName[]) {
    const value = fields[field];
    if (value !== undefined) entries.push([field, value]);
  }
  return entries;
}
