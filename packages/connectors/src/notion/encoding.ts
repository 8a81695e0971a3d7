/** Canonical fields → page properties, as the mapping says. Whatever cannot be written is refused by field, and the others are written. */
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldMap, FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { members } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice } from '@lockstep/domain/sync/connector.port.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { sendableFields } from '../http/text.ts';
import type { Column, Columns } from './catalogue.ts';
import { mappedColumns, PROPERTY_TYPES, targetColumn, valueOf } from './mapping.ts';
import type { MappedColumn } from './mapping.ts';
import { encodeRichText } from './rich-text.ts';
import { dateSchema, piecesSchema } from './wire.ts';
import type { Page, PropertyValue } from './wire.ts';

/** Members of one relation or multi-select value. https://developers.notion.com/reference/request-limits */
const MOST_MEMBERS = 100;
const MOST_OPTION_UNITS = 100;

export interface EncodeRequest {
  readonly mapping: Mapping;
  readonly columns: Columns;
  readonly kind: ItemKind;
  readonly marker: string;
  readonly fields: FieldMap;
  /** The page as it is; null for a new one. */
  readonly before: Page | null;
}

export interface EncodedPage {
  /** By property id. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Property id → the field that it shows; none for the kind and the marker. */
  readonly fieldsById: ReadonlyMap<string, FieldName>;
  /** What was not written, or not in full. */
  readonly refused: readonly FieldNotice[];
}

export function encodePage(request: EncodeRequest): EncodedPage {
  const { mapping, columns, kind } = request;
  const sendable = sendableFields(request.fields);
  const properties: Record<string, unknown> = ownProperties(request);
  const fieldsById = new Map<string, FieldName>();
  const refused: FieldNotice[] = [...sendable.refused];
  for (const mapped of mappedColumns(mapping, columns, kind)) {
    const value = sendable.fields[mapped.name];
    if (value === undefined) continue;
    const encoded = encodeField(request, mapped, value);
    if ('refused' in encoded) refused.push(encoded.refused);
    else {
      properties[encoded.id] = encoded.value;
      fieldsById.set(encoded.id, mapped.name);
      if (encoded.loss !== undefined) refused.push(encoded.loss);
    }
  }
  return { properties, fieldsById, refused };
}

/** Why a page of this kind cannot be made; null where it can. Notion would make a missing option by itself (G08), and a kind that is not written is not read. */
export function kindProblem(mapping: Mapping, columns: Columns, kind: ItemKind): string | null {
  const remote = mapping.kinds[kind]?.remote;
  const { kindProperty } = mapping.target;
  if (remote === undefined || kindProperty === undefined) return null;
  const column = columns.column(kindProperty);
  if (column === null) return `target.kindProperty: expected a property "${kindProperty}", found none; add it to the data source`;
  if (columns.option(column, remote) !== null || (column.type === 'select' && mapping.createOptions)) return null;
  return `${kind}: expected an option "${remote}" of "${column.name}", found none; add it in Notion, or correct the mapping`;
}

/** The marker, where the page does not carry it yet, and the kind of a new page. */
function ownProperties({ mapping, columns, kind, marker, before }: EncodeRequest): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  const markerColumn = targetColumn(mapping, columns, 'markerProperty');
  const marked = before === null ? null : valueOf(before, markerColumn);
  const isMarked = marked !== null && (piecesSchema.safeParse(marked[marked.type]).data ?? []).length > 0;
  if (markerColumn !== null && !isMarked) own[markerColumn.id] = { [markerColumn.type]: encodeRichText(marker, []).runs };
  if (before !== null) return own;
  const kindColumn = targetColumn(mapping, columns, 'kindProperty');
  const option = mapping.kinds[kind]?.remote;
  if (kindColumn !== null && option !== undefined) {
    const known = columns.option(kindColumn, option);
    own[kindColumn.id] = { [kindColumn.type]: known === null ? { name: option } : { id: known.id } };
  }
  return own;
}

type Encoded = { readonly id: string; readonly value: unknown; readonly loss?: FieldNotice } | { readonly refused: FieldNotice };

function encodeField(request: EncodeRequest, { name, remote, column }: MappedColumn, value: FieldValue): Encoded {
  const wanted = PROPERTY_TYPES[FIELD_TYPES[name]];
  if (column === null || !wanted.includes(column.type)) {
    const found = column === null ? 'found none' : `got ${column.type}`;
    return unwritable(name, `expected a property "${remote}" of type ${wanted.join(' or ')} in Notion, ${found}`);
  }
  const before = request.before === null ? null : valueOf(request.before, column);
  switch (column.type) {
    case 'title':
    case 'rich_text':
      return encodeWords(name, column, value, before);
    case 'select':
    case 'status':
      return encodeChoice(request, name, column, value);
    case 'multi_select':
      return encodeLabels(request, name, column, members(value));
    case 'date':
      return encodeDay(name, column, value, before);
    default:
      return encodeRelation(name, column, members(value));
  }
}

function unwritable(field: FieldName, problem: string, cause: FieldNotice['cause'] = 'unwritable'): { readonly refused: FieldNotice } {
  return { refused: { field, cause, message: `${field}: ${problem}` } };
}

function encodeWords(name: FieldName, column: Column, value: FieldValue, before: PropertyValue | null): Encoded {
  const pieces = before === null ? [] : (piecesSchema.safeParse(before[before.type]).data ?? []);
  const { runs, loss } = encodeRichText(typeof value === 'string' ? value : null, pieces);
  const written = { id: column.id, value: { [column.type]: runs } };
  return loss === null ? written : { ...written, loss: { field: name, cause: 'clipped', message: `${name}: ${loss}` } };
}

function encodeChoice({ mapping, columns }: EncodeRequest, name: FieldName, column: Column, value: FieldValue): Encoded {
  if (typeof value !== 'string') return { id: column.id, value: { [column.type]: null } };
  const choices: Readonly<Record<string, string | undefined>> = name === 'priority' ? mapping.priority : mapping.status;
  const remote = choices[value];
  if (remote === undefined) return unwritable(name, `expected a value that the mapping knows, got ${value}`, 'unmapped-value');
  const option = columns.option(column, remote);
  if (option !== null) return { id: column.id, value: { [column.type]: { id: option.id } } };
  // Notion would make the option by itself for a select, and refuse it for a status (G08).
  if (column.type === 'select' && mapping.createOptions) return { id: column.id, value: { select: { name: remote } } };
  return unwritable(name, `expected an option "${remote}" of "${column.name}" in Notion, found none; add it there, or correct the mapping`);
}

function encodeLabels({ mapping }: EncodeRequest, name: FieldName, column: Column, labels: readonly string[]): Encoded {
  const problem = labelProblem(labels);
  if (problem !== null) return unwritable(name, problem);
  const known = new Set(column.options.map((option) => option.name));
  const missing = labels.filter((label) => !known.has(label));
  if (missing.length > 0 && !mapping.createOptions)
    return unwritable(
      name,
      `expected labels that are options of "${column.name}", got "${missing.join('", "')}"; add them in Notion, or allow createOptions`,
    );
  return { id: column.id, value: { multi_select: labels.map((label) => ({ name: label })) } };
}

function labelProblem(labels: readonly string[]): string | null {
  if (labels.length > MOST_MEMBERS) return `expected at most ${MOST_MEMBERS} labels, got ${labels.length}`;
  const comma = labels.find((label) => label.includes(','));
  if (comma !== undefined) return `expected labels without commas, got "${comma}"`;
  const long = labels.find((label) => label.length > MOST_OPTION_UNITS);
  return long === undefined ? null : `expected labels of at most ${MOST_OPTION_UNITS} characters, got ${long.length}`;
}

function encodeDay(name: FieldName, column: Column, value: FieldValue, before: PropertyValue | null): Encoded {
  const written = { id: column.id, value: { date: typeof value === 'string' ? { start: value } : null } };
  const held = dateSchema.safeParse(before?.['date']).data;
  const isMore = held !== undefined && ((held.end ?? null) !== null || held.start.length > 10);
  if (!isMore) return written;
  return {
    ...written,
    loss: { field: name, cause: 'clipped', message: `${name}: the day was changed elsewhere; its time or end in Notion is gone` },
  };
}

/** A relation is written as a whole: one that is too long cannot be split, so it is refused and reported (H07). */
function encodeRelation(name: FieldName, column: Column, references: readonly string[]): Encoded {
  if (references.length > MOST_MEMBERS) return unwritable(name, `expected at most ${MOST_MEMBERS} related pages, got ${references.length}`);
  const word = references.find((reference) => !reference.startsWith('id:'));
  if (word !== undefined) return unwritable(name, 'expected references to pages, got words');
  return { id: column.id, value: { relation: references.map((reference) => ({ id: reference.slice(3) })) } };
}
