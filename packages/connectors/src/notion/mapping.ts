/** Pages → canonical fields, as the mapping says. Whatever cannot be read becomes a notice, never a blank. */
import { createHash } from 'node:crypto';
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldMap, FieldName, FieldType, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { normalise } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Column, Columns } from './catalogue.ts';
import { filesOf } from './files.ts';
import { contentOf, decodeRichText } from './rich-text.ts';
import { dateSchema, optionSchema, optionsSchema, piecesSchema, relationSchema } from './wire.ts';
import type { Page, PropertyValue } from './wire.ts';

/** Types of Notion's properties that can hold a field's values. */
export const PROPERTY_TYPES: Readonly<Record<FieldType, readonly string[]>> = {
  line: ['title', 'rich_text'],
  text: ['title', 'rich_text'],
  choice: ['select', 'status'],
  date: ['date'],
  set: ['multi_select'],
  ref: ['relation'],
  refSet: ['relation'],
};

export interface MappedColumn {
  readonly name: FieldName;
  readonly remote: string;
  /** Null: the data source has no such property (any more). */
  readonly column: Column | null;
}

/** The fields that a kind has here, with their properties. */
export function mappedColumns(mapping: Mapping, columns: Columns, kind: ItemKind): readonly MappedColumn[] {
  return Object.entries(mapping.fields).flatMap(([name, field]) =>
    field.kinds !== undefined && !field.kinds.includes(kind)
      ? []
      : [{ name: name as FieldName, remote: field.remote, column: columns.column(field.remote) }],
  );
}

/** Each page is asked for a dozen of its values. */
const valuesOfPages = new WeakMap<Page, ReadonlyMap<string, PropertyValue>>();

/** A page's value of a property, by the property's id: names change. */
export function valueOf(page: Page, column: Column | null): PropertyValue | null {
  if (column === null) return null;
  const known = valuesOfPages.get(page);
  const values = known ?? new Map(Object.values(page.properties).map((value) => [value.id, value]));
  if (known === undefined) valuesOfPages.set(page, values);
  return values.get(column.id) ?? null;
}

/** The property that the mapping's target names for the kind or for our marker; null where it names none or there is none. */
export function targetColumn(mapping: Mapping, columns: Columns, role: 'kindProperty' | 'markerProperty'): Column | null {
  const remote = mapping.target[role];
  return remote === undefined ? null : columns.column(remote);
}

/** A page, complete, as a record. */
export function decodePage(mapping: Mapping, columns: Columns, page: Page): RemoteRecord {
  const kind = kindOf(mapping, columns, page);
  const marker = markerOf(mapping, columns, page);
  const notices: FieldNotice[] = [];
  const fields: Partial<Record<FieldName, FieldValue>> = {};
  const content: unknown[] = [];
  for (const { name, remote, column } of kind === null ? [] : mappedColumns(mapping, columns, kind)) {
    const value = valueOf(page, column);
    const decoded = decodeValue({ mapping, columns, name, remote, column, value });
    if ('notice' in decoded) notices.push(decoded.notice);
    else fields[name] = decoded.value;
    content.push([name, value === null ? null : [value.type, contentOfValue(value)]]);
  }
  const deleted = page.in_trash || page.is_archived;
  const discussion = filesOf(page);
  return {
    remoteId: page.id,
    remoteKey: null,
    url: page.url ?? null,
    kind,
    marker,
    fields,
    revision: hash([fingerprintOf(mapping), deleted, kind, marker, content]),
    deleted,
    notices,
    ...(discussion === undefined ? {} : { discussion }),
    raw: page,
  };
}

/**
 * A record's revision is what it holds, not when it was edited: `last_edited_time` is rounded down to the minute (D01) and not moved by every edit
 * (D07). The mapping is part of it, because another mapping reads another record from the same page.
 */
function hash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 32);
}

const fingerprints = new WeakMap<Mapping, string>();

function fingerprintOf(mapping: Mapping): string {
  const known = fingerprints.get(mapping);
  if (known !== undefined) return known;
  const fingerprint = hash([mapping.target, mapping.kinds, mapping.fields, mapping.status, mapping.priority]);
  fingerprints.set(mapping, fingerprint);
  return fingerprint;
}

/** A value without what changes by itself: colours, order of relations, people's pictures. */
function contentOfValue(value: PropertyValue): unknown {
  const held = value[value.type];
  switch (value.type) {
    case 'title':
    case 'rich_text':
      return (piecesSchema.safeParse(held).data ?? []).map(contentOf);
    case 'select':
    case 'status':
      return optionSchema.safeParse(held).data ?? null;
    case 'multi_select':
      return (optionsSchema.safeParse(held).data ?? []).map((option) => option.name).sort();
    case 'relation':
      return (relationSchema.safeParse(held).data ?? []).map((target) => target.id).sort();
    default:
      return held;
  }
}

/** The kind of a page: by the option of the kind property; a mapping without one has one kind. */
function kindOf(mapping: Mapping, columns: Columns, page: Page): ItemKind | null {
  const kinds = Object.entries(mapping.kinds);
  if (mapping.target['kindProperty'] === undefined) return kinds.length === 1 ? ((kinds[0]?.[0] ?? null) as ItemKind | null) : null;
  const column = targetColumn(mapping, columns, 'kindProperty');
  const value = valueOf(page, column);
  const option = optionSchema.safeParse(value?.[value.type]).data;
  if (column === null || option === undefined) return null;
  return (kinds.find(([, kind]) => isOption(columns, column, kind.remote, option))?.[0] ?? null) as ItemKind | null;
}

function markerOf(mapping: Mapping, columns: Columns, page: Page): string | null {
  const value = valueOf(page, targetColumn(mapping, columns, 'markerProperty'));
  if (value === null) return null;
  return decodeRichText(piecesSchema.safeParse(value[value.type]).data ?? [])?.trim() ?? null;
}

/** Whether an option that a page shows is the one that the mapping means: by its id where that is known, else by name. */
function isOption(columns: Columns, column: Column, remote: string, shown: { readonly id: string; readonly name: string }): boolean {
  const known = columns.option(column, remote);
  if (known !== null) return known.id === shown.id;
  return remote === shown.id || remote.toLowerCase() === shown.name.toLowerCase();
}

type Decoded = { readonly value: FieldValue } | { readonly notice: FieldNotice };

interface Decoding extends MappedColumn {
  readonly mapping: Mapping;
  readonly columns: Columns;
  readonly value: PropertyValue | null;
}

function decodeValue(decoding: Decoding): Decoded {
  const { name, remote, column, value } = decoding;
  const place = `${name}: expected a property "${remote}" in Notion`;
  if (column === null || value === null)
    return { notice: { field: name, cause: 'retyped', message: `${place}, found none; the field is left alone` } };
  const wanted = PROPERTY_TYPES[FIELD_TYPES[name]];
  if (!wanted.includes(value.type))
    return {
      notice: {
        field: name,
        cause: 'retyped',
        message: `${place} of type ${wanted.join(' or ')}, got ${value.type}; the field is left alone`,
      },
    };
  return decodeHeld(decoding, column, value) ?? { notice: unreadable(name, value.type) };
}

function unreadable(name: FieldName, type: string): FieldNotice {
  return {
    field: name,
    cause: 'unreadable',
    message: `${name}: expected a ${type} value of the documented shape, got another; the field is left alone`,
  };
}

/** A value of a type that fits; null where its shape is not the documented one. */
function decodeHeld(decoding: Decoding, column: Column, value: PropertyValue): Decoded | null {
  const held = value[value.type];
  switch (value.type) {
    case 'title':
    case 'rich_text': {
      const pieces = piecesSchema.safeParse(held).data;
      return pieces === undefined ? null : { value: decodeRichText(pieces) };
    }
    case 'select':
    case 'status':
      return held === null || held === undefined ? { value: null } : decodeChoice(decoding, column, held);
    case 'multi_select': {
      const options = optionsSchema.safeParse(held).data;
      return options === undefined ? null : { value: normalise(options.map((option) => option.name)) };
    }
    case 'date': {
      if (held === null || held === undefined) return { value: null };
      // The day that the person sees: times carry their own offset.
      const day = /^\d{4}-\d{2}-\d{2}/.exec(dateSchema.safeParse(held).data?.start ?? '')?.[0];
      return day === undefined ? null : { value: day };
    }
    default:
      return decodeRelation(decoding.name, held);
  }
}

function decodeChoice({ mapping, columns, name }: Decoding, column: Column, held: unknown): Decoded | null {
  const option = optionSchema.safeParse(held).data;
  if (option === undefined) return null;
  const choices: FieldMap | Readonly<Record<string, string | undefined>> = name === 'priority' ? mapping.priority : mapping.status;
  const found = Object.entries(choices).find(([, remote]) => typeof remote === 'string' && isOption(columns, column, remote, option));
  if (found !== undefined) return { value: found[0] };
  const message = `${name}: expected one of the mapped options of "${column.name}", got "${option.name}"; add it to the mapping`;
  return { notice: { field: name, cause: 'unmapped-value', message, value: option.name } };
}

function decodeRelation(name: FieldName, held: unknown): Decoded | null {
  const targets = relationSchema.safeParse(held).data?.map((target) => `id:${target.id}`);
  if (targets === undefined) return null;
  if (FIELD_TYPES[name] === 'refSet') return { value: normalise(targets) };
  if (targets.length <= 1) return { value: targets[0] ?? null };
  const message = `${name}: expected one related page, got ${targets.length}; the field is left alone until there is one`;
  return { notice: { field: name, cause: 'ambiguous', message } };
}
