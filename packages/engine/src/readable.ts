/**
 * Text that no store and no other tool would take: NUL, and half of a surrogate pair. A record that holds some is read without that field, and a person
 * is told; the field of one record must not keep the page from everybody else (laws S6, S10; I04).
 */
import type { FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import { fieldEntries } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice, Overwritten, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';

/** The record without the fields that cannot be kept, with a notice for each. */
export function readable(record: RemoteRecord): RemoteRecord {
  const bad = fieldEntries(record.fields).flatMap(([field, value]) => (isReadable(value) ? [] : [field]));
  const isMarked = isReadable(record.marker);
  if (bad.length === 0 && isMarked) return record;
  const fields = Object.fromEntries(fieldEntries(record.fields).filter(([field]) => !bad.includes(field)));
  return { ...record, marker: isMarked ? record.marker : null, fields, notices: [...record.notices, ...bad.map(notice)] };
}

/** What was overwritten, as far as it can be kept. */
export function readableValues(overwritten: readonly Overwritten[]): readonly Overwritten[] {
  return overwritten.filter(({ value }) => isReadable(value));
}

function isReadable(value: FieldValue): boolean {
  const texts = typeof value === 'string' ? [value] : (value ?? []);
  return texts.every((text) => text.isWellFormed() && !text.includes('\0'));
}

function notice(field: FieldName): FieldNotice {
  const message = `${field}: expected text, got a NUL character or half of a surrogate pair; not read until it is corrected there`;
  return { field, cause: 'unreadable', message };
}
