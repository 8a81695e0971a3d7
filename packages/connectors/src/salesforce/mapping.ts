/** Records → canonical fields, as the mapping says. Whatever cannot be read becomes a notice, never a blank. */
import { createHash } from 'node:crypto';
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { normalise } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { mappedColumns, typeProblem } from './catalogue.ts';
import type { Fields, Layout, MappedColumn } from './catalogue.ts';
import { rowSchema } from './wire.ts';
import type { Row } from './wire.ts';

/** Between the entries of a multi-select picklist, and of sets in text fields. */
export const SEPARATOR = ';';

export interface Decoding {
  readonly layout: Layout;
  readonly fields: Fields;
  /** Where people see records: the instance's address. */
  readonly instanceUrl: string;
}

/** A row, complete, as a record. Its revision is a digest of all that we read: equal revisions show equal records. */
export function decodeRow({ layout, fields, instanceUrl }: Decoding, row: Row): RemoteRecord {
  const kind = kindOf(layout, fields, row);
  const marker = textOf(row[fields.marker.name]);
  const deleted = row['IsDeleted'] === true;
  const decoded: Partial<Record<FieldName, FieldValue>> = {};
  const notices: FieldNotice[] = [];
  const content: unknown[] = [];
  for (const mapped of kind === null ? [] : mappedColumns(layout, fields, kind)) {
    const value = decodeColumn(layout.mapping, mapped, row);
    if (isNotice(value)) notices.push(value.notice);
    else decoded[mapped.name] = value;
    content.push([mapped.name, mapped.column?.type ?? null, mapped.column === null ? null : (row[mapped.column.name] ?? null)]);
  }
  return {
    remoteId: row.Id,
    remoteKey: textOf(row['Name']),
    url: `${instanceUrl}/lightning/r/${layout.object}/${row.Id}/view`,
    kind,
    marker,
    fields: decoded,
    revision: digest([fingerprintOf(layout.mapping), deleted, kind, marker, content]),
    deleted,
    notices,
    raw: row,
  };
}

/** A record's own row, as it was read. */
export function rowOf(record: RemoteRecord): Row | null {
  return rowSchema.safeParse(record.raw).data ?? null;
}

/** One field of a row. Missing where the row was read without it. */
export function decodeColumn(mapping: Mapping, mapped: MappedColumn, row: Row): FieldValue | { readonly notice: FieldNotice } {
  const { name, column } = mapped;
  const problem = typeProblem(mapping, mapped);
  if (problem !== null || column === null)
    return { notice: { field: name, cause: 'retyped', message: `${name}: ${problem ?? ''}; the field is left alone` } };
  const held = row[column.name];
  if (held === undefined || (held !== null && typeof held !== 'string')) {
    const message = `${name}: expected "${column.name}" as text, got ${held === undefined ? 'nothing' : typeof held}; the field is left alone`;
    return { notice: { field: name, cause: 'unreadable', message } };
  }
  return decodeText(mapping, name, textOf(held));
}

function decodeText(mapping: Mapping, name: FieldName, text: string | null): FieldValue | { readonly notice: FieldNotice } {
  switch (FIELD_TYPES[name]) {
    case 'choice':
      return decodeChoice(mapping, name, text);
    case 'date': {
      if (text === null || /^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
      return {
        notice: { field: name, cause: 'unreadable', message: `${name}: expected a day, got another text; the field is left alone` },
      };
    }
    case 'set':
      return normalise(entriesOf(text));
    case 'ref':
      if (text === null) return null;
      return mapping.fields[name]?.refersBy === 'title' ? normalise(`text:${text}`) : `id:${text}`;
    case 'refSet':
      return normalise(entriesOf(text).map((entry) => `text:${entry}`));
    default:
      return normalise(text);
  }
}

function decodeChoice(mapping: Mapping, name: FieldName, text: string | null): FieldValue | { readonly notice: FieldNotice } {
  if (text === null) return null;
  const known = Object.entries(name === 'priority' ? mapping.priority : mapping.status).find(([, remote]) => remote === text);
  if (known !== undefined) return known[0];
  const message = `${name}: expected one of the mapped values, got "${text}"; add it to the mapping`;
  return { notice: { field: name, cause: 'unmapped-value', message, value: text } };
}

function entriesOf(text: string | null): readonly string[] {
  return (text ?? '').split(SEPARATOR).flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim()]));
}

/** By the kind field; a mapping of one kind reads a record without a value in it as that kind. */
function kindOf({ mapping }: Layout, fields: Fields, row: Row): ItemKind | null {
  const kinds = Object.entries(mapping.kinds) as [ItemKind, { readonly remote: string }][];
  const shown = textOf(row[fields.kind.name]);
  if (shown === null) return kinds.length === 1 ? (kinds[0]?.[0] ?? null) : null;
  return kinds.find(([, { remote }]) => remote === shown)?.[0] ?? null;
}

/** Salesforce has no empty text, and line ends as whoever wrote them. */
export function textOf(value: unknown): string | null {
  return typeof value !== 'string' || value === '' ? null : value.replaceAll(/\r\n?/g, '\n');
}

export function isNotice(value: FieldValue | { readonly notice: FieldNotice }): value is { readonly notice: FieldNotice } {
  return typeof value === 'object' && value !== null && 'notice' in value;
}

const digest = (content: unknown): string => createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22);

const fingerprints = new WeakMap<Mapping, string>();

/** Another mapping reads another record from the same row. */
function fingerprintOf(mapping: Mapping): string {
  const known = fingerprints.get(mapping);
  if (known !== undefined) return known;
  const fingerprint = digest([mapping.target, mapping.kinds, mapping.fields, mapping.status, mapping.priority]);
  fingerprints.set(mapping, fingerprint);
  return fingerprint;
}
