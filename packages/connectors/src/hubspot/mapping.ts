/** Tasks ⇄ canonical fields, as the mapping says. Whatever cannot be read or written becomes a notice, never a blank. */
import { createHash } from 'node:crypto';
import { FIELD_TYPES, ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import type { FieldMap, FieldName, FieldValue, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { members, normalise } from '@lockstep/domain/backlog/value.ts';
import type { FieldNotice, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import { sendableFields } from '../http/text.ts';
import { clippedHtml, clippedText } from './clip.ts';
import { decodeDay, encodeDay, isDay, isTimeZone, NO_DUE_DATE } from './dates.ts';
import { decodeHtml } from './html.ts';
import { objectSchema } from './wire.ts';
import type { WireObject } from './wire.ts';

/** Properties of tasks that are HubSpot's own and mean something to us. */
const BODY = 'hs_task_body';
const DUE = 'hs_timestamp';
export const MODIFIED = 'hs_lastmodifieddate';
/** HubSpot's word for "no priority". */
const NO_PRIORITY = 'NONE';

/** A mapping as this connector reads it. */
export interface Layout {
  readonly mapping: Mapping;
  readonly markerProperty: string;
  readonly kindProperty: string;
  /** A task with a value in one of these is in scope; all others are somebody's own and are left alone. */
  readonly scopeProperties: readonly string[];
  readonly timeZone: string;
  /** Where people see a task, up to its id; null where HubSpot has not said. */
  readonly address: string | null;
  /** All that reading a task needs, the same in every request: a record's revision depends on it. */
  readonly properties: readonly string[];
}

/** Throws `Invalid` for a time zone that does not exist. */
export function layoutOf(mapping: Mapping): Layout {
  const timeZone = mapping.target['timeZone'] ?? 'UTC';
  if (!isTimeZone(timeZone))
    throw new ConnectorError(
      'Invalid',
      `mapping of HubSpot: target.timeZone: expected an IANA time zone (Europe/Berlin, UTC), got "${timeZone}"`,
    );
  const markerProperty = mapping.target['markerProperty'] ?? 'lockstep_id';
  const kindProperty = mapping.target['kindProperty'] ?? 'lockstep_kind';
  const named = (mapping.target['scopeProperties'] ?? '').split(',').map((name) => name.trim());
  const mapped = Object.values(mapping.fields).map((field) => field.remote);
  return {
    mapping,
    markerProperty,
    kindProperty,
    scopeProperties: [...new Set([markerProperty, kindProperty, ...named.filter((name) => name !== '')])],
    timeZone,
    address: null,
    properties: [...new Set([markerProperty, kindProperty, ...named.filter((name) => name !== ''), ...mapped, MODIFIED])].sort(),
  };
}

/** A mapped field of one kind with its property. */
interface Mapped {
  readonly name: FieldName;
  readonly property: string;
}

export function mappedProperties(layout: Layout, kind: ItemKind): readonly Mapped[] {
  return Object.entries(layout.mapping.fields).flatMap(([name, field]) =>
    field.kinds !== undefined && !field.kinds.includes(kind) ? [] : [{ name: name as FieldName, property: field.remote }],
  );
}

export function isInScope(layout: Layout, { properties }: WireObject): boolean {
  return layout.scopeProperties.some((name) => textOf(properties[name]) !== null);
}

/** A task as a record. Its revision is a digest of all that we read: equal revisions show equal records. */
export function decodeTask(layout: Layout, task: WireObject): RemoteRecord {
  const kind = kindOf(layout, task);
  const fields: Partial<Record<FieldName, FieldValue>> = {};
  const notices: FieldNotice[] = [];
  for (const { name, property } of kind === null ? [] : mappedProperties(layout, kind)) {
    const raw = task.properties[property];
    // Asked for and not shown: the account has no such property (any more). That is not "cleared" (G07, G10).
    if (raw === undefined) notices.push(retyped(name, property));
    else {
      const decoded = decodeValue(layout, name, property, raw);
      if (typeof decoded === 'object' && decoded !== null && 'notice' in decoded) notices.push(decoded.notice);
      else fields[name] = decoded;
    }
  }
  return {
    remoteId: task.id,
    remoteKey: null,
    url: task.url ?? (layout.address === null ? null : layout.address + task.id),
    kind,
    marker: textOf(task.properties[layout.markerProperty]),
    fields,
    revision: revisionOf(layout, task),
    deleted: task.archived ?? false,
    notices,
    raw: task,
  };
}

/** A record's own task, as it was read. */
export function taskOf(record: RemoteRecord): WireObject | null {
  return objectSchema.safeParse(record.raw).data ?? null;
}

function revisionOf(layout: Layout, task: WireObject): string {
  const shown = layout.properties.filter((name) => name !== MODIFIED).map((name) => [name, task.properties[name] ?? '']);
  return createHash('sha256')
    .update(JSON.stringify([task.archived ?? false, shown]))
    .digest('base64url')
    .slice(0, 22);
}

/** By the kind property; a task that a person made has none and is of the mapping's first kind. */
function kindOf({ mapping, kindProperty }: Layout, { properties }: WireObject): ItemKind | null {
  const kinds = ITEM_KINDS.filter((kind) => mapping.kinds[kind] !== undefined);
  const named = textOf(properties[kindProperty]);
  if (named === null) return kinds.find((kind) => mapping.kinds[kind]?.label === undefined) ?? null;
  return kinds.find((kind) => kindName(mapping, kind) === named) ?? null;
}

const kindName = (mapping: Mapping, kind: ItemKind): string => mapping.kinds[kind]?.label ?? kind;

/** One property's value as a field's. Used for past values too. */
export function decodeValue(
  layout: Layout,
  name: FieldName,
  property: string,
  raw: string | null,
): FieldValue | { readonly notice: FieldNotice } {
  const text = textOf(raw);
  switch (FIELD_TYPES[name]) {
    case 'choice':
      return name === 'status' || name === 'priority' ? decodeChoice(layout, name, text) : text;
    case 'date': {
      const day = decodeDay(text, layout.timeZone);
      return day === undefined ? { notice: unreadable(name, 'a date', text) } : day;
    }
    case 'set':
      return normalise((text ?? '').split(';').flatMap((member) => (member.trim() === '' ? [] : [member.trim()])));
    case 'ref':
      return text === null ? null : `text:${text.normalize('NFC')}`;
    case 'refSet':
      return normalise((text ?? '').split(';').flatMap((member) => (member.trim() === '' ? [] : [`text:${member.trim()}`])));
    default:
      return normalise(property === BODY ? decodeHtml(text) : text);
  }
}

function decodeChoice(layout: Layout, name: 'status' | 'priority', text: string | null): FieldValue | { readonly notice: FieldNotice } {
  const known = Object.entries(layout.mapping[name]).find(([, remote]) => remote === text);
  if (known !== undefined) return known[0];
  if (text === null || (name === 'priority' && text === NO_PRIORITY)) return null;
  const message = `${name}: expected one of the mapped values, got "${text}"; add it to the mapping`;
  return { notice: { field: name, cause: 'unmapped-value', message, value: text } };
}

export interface EncodedTask {
  /** Property → text; '' clears. */
  readonly properties: Readonly<Record<string, string>>;
  readonly refused: readonly FieldNotice[];
}

/** Fields to write; `before` is the task as it is, null for a new one, which gets its marker, its kind and the due date that HubSpot insists on. */
export function encodeTask(
  layout: Layout,
  write: { readonly kind: ItemKind; readonly marker: string; readonly fields: FieldMap; readonly before: WireObject | null },
): EncodedTask {
  const { fields, refused } = sendableFields(write.fields);
  const properties: Record<string, string> = {};
  const notices = [...refused];
  for (const { name, property } of mappedProperties(layout, write.kind)) {
    const value = fields[name];
    if (value === undefined) continue;
    if (write.before !== null && write.before.properties[property] === undefined) {
      notices.push(retyped(name, property));
      continue;
    }
    const encoded = encodeValue(layout, name, property, value, write.before?.properties[property] ?? null);
    if (encoded.notice !== undefined) notices.push(encoded.notice);
    if (encoded.text !== undefined) properties[property] = encoded.text;
  }
  if (write.before !== null) return { properties, refused: notices };
  const due = Object.values(layout.mapping.fields).some((field) => field.remote === DUE) ? properties[DUE] : undefined;
  return {
    properties: {
      ...properties,
      [DUE]: due ?? NO_DUE_DATE,
      [layout.markerProperty]: write.marker,
      [layout.kindProperty]: kindName(layout.mapping, write.kind),
    },
    refused: notices,
  };
}

interface EncodedValue {
  /** Missing where the field is not written. */
  readonly text?: string;
  readonly notice?: FieldNotice;
}

function encodeValue(layout: Layout, name: FieldName, property: string, value: FieldValue, before: string | null): EncodedValue {
  const text = typeof value === 'string' ? value : null;
  switch (FIELD_TYPES[name]) {
    case 'choice':
      return encodeChoice(layout, name, text);
    case 'date': {
      if (property !== DUE) return text === null || isDay(text) ? { text: text ?? '' } : refuse(name, `a day, got "${text}"`);
      const instant = encodeDay(text, before, layout.timeZone);
      return instant === null ? refuse(name, `a day (YYYY-MM-DD), got "${text ?? ''}"`) : { text: instant };
    }
    case 'set':
    case 'ref':
    case 'refSet':
      return encodeMembers(name, members(value));
    default: {
      const cut = property === BODY ? clippedHtml(text, before) : clippedText(text);
      return cut.kept === null ? { text: cut.text } : { text: cut.text, notice: clipped(name, cut.kept, text ?? '') };
    }
  }
}

function encodeChoice({ mapping }: Layout, name: FieldName, value: string | null): EncodedValue {
  if (value === null) return name === 'priority' ? { text: NO_PRIORITY } : refuse(name, 'a value, got none; HubSpot keeps its own');
  const known: Readonly<Record<string, string | undefined>> = name === 'status' ? mapping.status : mapping.priority;
  const text = known[value];
  return text === undefined ? refuse(name, `a value that the mapping knows, got "${value}"`) : { text };
}

/** References in words, and sets: HubSpot's own separator between several. */
function encodeMembers(name: FieldName, all: readonly string[]): EncodedValue {
  const isReference = FIELD_TYPES[name] !== 'set';
  const words = all.map((member) => (isReference ? (/^text:([\s\S]*)$/.exec(member)?.[1] ?? null) : member));
  if (words.includes(null)) return refuse(name, 'references in words (refersBy: title), got an id');
  const bad = FIELD_TYPES[name] === 'ref' ? undefined : words.find((word) => word?.includes(';') === true);
  return bad === undefined ? { text: words.join(';') } : refuse(name, `entries without ";", got "${bad ?? ''}"`);
}

const textOf = (value: string | null | undefined): string | null => (value === undefined || value === null || value === '' ? null : value);

const refuse = (field: FieldName, expected: string): EncodedValue => ({
  notice: { field, cause: 'unwritable', message: `${field}: expected ${expected}` },
});

const clipped = (field: FieldName, kept: number, text: string): FieldNotice => ({
  field,
  cause: 'clipped',
  message: `${field}: HubSpot takes 65,536 characters; it shows the first ${kept} of ${text.length}, and the rest stays in the backlog`,
});

const retyped = (field: FieldName, property: string): FieldNotice => ({
  field,
  cause: 'retyped',
  message: `${field}: expected a property "${property}" of tasks in HubSpot, found none; the field is left alone`,
});

const unreadable = (field: FieldName, expected: string, text: string | null): FieldNotice => ({
  field,
  cause: 'unreadable',
  message: `${field}: expected ${expected}, got "${text ?? ''}"; the field is left alone`,
});
