/** Canonical fields → what Salesforce takes. What it does not take is clipped or refused with a notice, field by field; the others are written. */
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldMap, FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { members } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { clipped, sendableFields } from '../http/text.ts';
import { mappedColumns, typeProblem } from './catalogue.ts';
import type { Fields, Layout } from './catalogue.ts';
import { SEPARATOR, textOf } from './mapping.ts';
import { isRecordId } from './soql.ts';
import type { Row, WireField } from './wire.ts';

export interface EncodedRow {
  /** API name → value; null clears. */
  readonly values: Readonly<Record<string, string | null>>;
  /** API name → the field of the item that it holds. */
  readonly names: ReadonlyMap<string, FieldName>;
  readonly refused: readonly FieldNotice[];
}

export interface EncodeRequest {
  readonly layout: Layout;
  readonly fields: Fields;
  readonly kind: ItemKind;
  readonly marker: string;
  readonly values: FieldMap;
  /** The row as it is; null for a new one, which gets its marker and its kind. */
  readonly before: Row | null;
}

type Encoded = { readonly value: string | null; readonly clip?: FieldNotice } | { readonly refused: string };

export function encodeRow(request: EncodeRequest): EncodedRow {
  const { layout, fields, kind, before } = request;
  const sendable = sendableFields(request.values);
  const refused: FieldNotice[] = [...sendable.refused];
  const values: Record<string, string | null> = {};
  const names = new Map<string, FieldName>();
  const refuse = (field: FieldName, why: string): void => void refused.push({ field, cause: 'unwritable', message: `${field}: ${why}` });
  for (const mapped of mappedColumns(layout, fields, kind)) {
    const { name, column } = mapped;
    const value = sendable.fields[name];
    if (value === undefined) continue;
    const problem = typeProblem(layout.mapping, mapped);
    if (problem !== null || column === null) {
      refuse(name, problem ?? '');
      continue;
    }
    if ((before === null ? column.createable : column.updateable) === false) {
      refuse(name, `expected "${column.name}" to be writable by the connection's user, it is not`);
      continue;
    }
    const encoded = encodeValue(layout.mapping, name, column, value);
    if ('refused' in encoded) {
      refuse(name, encoded.refused);
      continue;
    }
    if (encoded.clip !== undefined) refused.push(encoded.clip);
    // What the record shows already is no news, and writing it would move its stamp.
    if (before !== null && textOf(before[column.name]) === textOf(encoded.value)) continue;
    if (before === null && encoded.value === null) continue;
    values[column.name] = encoded.value;
    names.set(column.name, name);
  }
  const own = before === null ? { [fields.kind.name]: layout.mapping.kinds[kind]?.remote ?? null } : {};
  return { values: { ...values, ...own }, names, refused };
}

function encodeValue(mapping: Mapping, name: FieldName, column: WireField, value: FieldValue): Encoded {
  const text = typeof value === 'string' ? value : null;
  switch (FIELD_TYPES[name]) {
    case 'choice':
      return encodeChoice(mapping, name, column, text);
    case 'date':
      return text === null || isDay(text) ? { value: text } : { refused: 'expected a day that exists (YYYY-MM-DD), got another text' };
    case 'set':
      return encodeEntries(mapping, column, members(value));
    case 'ref':
      return column.type === 'reference' ? encodeLookup(text) : encodeWords(column, members(value));
    case 'refSet':
      return encodeWords(column, members(value));
    default:
      return encodeText(name, column, text);
  }
}

function encodeChoice(mapping: Mapping, name: FieldName, column: WireField, value: string | null): Encoded {
  if (value === null) return { value: null };
  const choices: Readonly<Record<string, string | undefined>> = name === 'priority' ? mapping.priority : mapping.status;
  const remote = choices[value];
  if (remote === undefined) return { refused: `expected a value that the mapping knows, got "${value}"` };
  if (isOption(column, remote)) return { value: remote };
  return { refused: `expected "${remote}" to be an active value of "${column.name}", it is none` };
}

/** Text as it is, cut to the field's length. A text of many lines in a field of one is shown as one line, and that is said. */
function encodeText(name: FieldName, column: WireField, text: string | null): Encoded {
  const flat = column.type === 'string' ? (text?.replaceAll(/\s*\n\s*/g, ' ') ?? null) : text;
  const { text: kept, clip } = clipped(name, flat, lengthOf(column));
  if (clip.clip === undefined && flat !== text)
    return {
      value: kept,
      clip: { field: name, cause: 'clipped', message: `${name}: expected one line, got several; shown as one in Salesforce` },
    };
  return { value: kept, ...clip };
}

function encodeEntries(mapping: Mapping, column: WireField, entries: readonly string[]): Encoded {
  if (entries.some((entry) => entry.includes(SEPARATOR))) return { refused: `expected entries without "${SEPARATOR}", got one with it` };
  if (column.type === 'multipicklist' && (column.restrictedPicklist === true || !mapping.createOptions)) {
    const unknown = entries.filter((entry) => !isOption(column, entry));
    if (unknown.length > 0) return { refused: `expected active values of "${column.name}", got ${unknown.length} that are none` };
  }
  return fitting(column, entries);
}

function encodeLookup(reference: string | null): Encoded {
  if (reference === null) return { value: null };
  const id = /^id:(.*)$/s.exec(reference)?.[1] ?? '';
  return isRecordId(id) ? { value: id } : { refused: 'expected the record that it points at, got words or the id of another tool' };
}

function encodeWords(column: WireField, references: readonly string[]): Encoded {
  const words = references.map((reference) => /^text:([\s\S]*)$/.exec(reference)?.[1] ?? null);
  if (words.includes(null)) return { refused: 'expected references in words (refersBy: title), got an id' };
  return fitting(
    column,
    words.flatMap((word) => word ?? []),
  );
}

/** A list is whole or not written: half of it would be another list. */
function fitting(column: WireField, entries: readonly string[]): Encoded {
  const text = entries.join(SEPARATOR);
  if (text.length > lengthOf(column)) return { refused: `expected at most ${lengthOf(column)} characters, got ${text.length}` };
  return { value: text === '' ? null : text };
}

/** A picklist that knows its values; others take what they are given. */
function isOption(column: WireField, value: string): boolean {
  if (column.type !== 'picklist' && column.type !== 'multipicklist') return true;
  return (column.picklistValues ?? []).some((option) => option.value === value && option.active !== false);
}

const lengthOf = ({ length }: WireField): number =>
  length === null || length === undefined || length === 0 ? Number.MAX_SAFE_INTEGER : length;

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const atMs = Date.parse(text);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}
