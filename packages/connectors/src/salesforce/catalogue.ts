/**
 * What the object is like for the user that we are: its fields, their types and lengths. A field that this user may not see is no field here, and a query
 * that named it would be refused whole; so only fields that `describe` shows are asked for.
 */
import { FIELD_TYPES } from '@lockstep/domain/backlog/item.ts';
import type { FieldName, ItemKind } from '@lockstep/domain/backlog/item.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Mapping } from '@lockstep/domain/sync/mapping.schema.ts';
import type { SalesforceClient } from './client.ts';
import { isUnknownField } from './errors.ts';
import { named } from './soql.ts';
import type { WireDescribe, WireField } from './wire.ts';

/** A mapping as this connector reads it. */
export interface Layout {
  readonly mapping: Mapping;
  /** API name of the object: `Lockstep_Item__c`. */
  readonly object: string;
  /** An external id with unique values. */
  readonly markerField: string;
  readonly kindField: string;
}

/** Throws `Invalid` for a target that names no object or field. */
export function layoutOf(mapping: Mapping): Layout {
  const target = (key: string, usual: string): string => named(mapping.target[key] ?? usual, `mapping of Salesforce: target.${key}`);
  return {
    mapping,
    object: target('object', 'Lockstep_Item__c'),
    markerField: target('markerField', 'Lockstep_Id__c'),
    kindField: target('kindField', 'Kind__c'),
  };
}

export interface Fields {
  /** The field of this API name, whatever its case; null where there is none (any more) for this user. */
  field(remote: string): WireField | null;
  readonly marker: WireField;
  readonly kind: WireField;
  /** API names of all that reading a record needs, in order. */
  readonly selected: readonly string[];
  readonly describe: WireDescribe;
}

export interface Catalogue {
  /** Not older than this. Rejects with `ConnectorError`: `Invalid` where the fields that make a record ours are missing. */
  fields(maxAgeMs?: number): Promise<Fields>;
  /** Does the work with what is known, and once more with what is new where a query names a field that is gone. */
  reading<T>(work: (fields: Fields) => Promise<T>): Promise<T>;
}

/** How long a description is believed where nothing speaks against it. */
const AGE_MS = 10 * 60_000;
/** Fields of every object that we read besides. */
const OWN = ['Id', 'IsDeleted', 'SystemModstamp', 'LastModifiedById'];
const NAME = 'Name';

export function createCatalogue(client: SalesforceClient, layout: Layout, clock: () => Date): Catalogue {
  let held: { readonly fields: Fields; readonly readAtMs: number } | null = null;
  let running: Promise<Fields> | null = null;
  const read = async (): Promise<Fields> => {
    const readAtMs = clock().getTime();
    const fields = fieldsOf(layout, await client.describe(layout.object));
    held = { fields, readAtMs };
    return fields;
  };
  const fields: Catalogue['fields'] = async (maxAgeMs = AGE_MS) => {
    if (held !== null && Math.abs(clock().getTime() - held.readAtMs) < maxAgeMs) return held.fields;
    running ??= read().finally(() => {
      running = null;
    });
    return running;
  };
  return {
    fields,
    async reading(work) {
      try {
        return await work(await fields());
      } catch (error) {
        if (!isUnknownField(error)) throw error;
        return work(await fields(0));
      }
    },
  };
}

function fieldsOf(layout: Layout, describe: WireDescribe): Fields {
  const byName = new Map(describe.fields.map((field) => [field.name.toLowerCase(), field]));
  const field = (remote: string): WireField | null => byName.get(remote.toLowerCase()) ?? null;
  const own = (name: string): WireField => {
    const found = field(name);
    if (found !== null) return found;
    const message = `Salesforce ${layout.object}: expected a field ${name} that the connection's user may see, found none; see docs/runbooks/connect-salesforce.md`;
    throw new ConnectorError('Invalid', message);
  };
  const [marker, kind] = [own(layout.markerField), own(layout.kindField)];
  const mapped = Object.values(layout.mapping.fields).flatMap(({ remote }) => field(remote)?.name ?? []);
  const usual = [...OWN, NAME].flatMap((name) => field(name)?.name ?? []);
  return { field, marker, kind, describe, selected: [...new Set([...usual, marker.name, kind.name, ...mapped])] };
}

/** A mapped field of one kind with its field there; null where there is none. */
export interface MappedColumn {
  readonly name: FieldName;
  readonly remote: string;
  readonly column: WireField | null;
}

export function mappedColumns({ mapping }: Layout, fields: Fields, kind: ItemKind): readonly MappedColumn[] {
  return Object.entries(mapping.fields).flatMap(([name, field]) =>
    field.kinds !== undefined && !field.kinds.includes(kind)
      ? []
      : [{ name: name as FieldName, remote: field.remote, column: fields.field(field.remote) }],
  );
}

const TEXT = ['string', 'textarea'];

/** Types of Salesforce's fields that can hold a field's values; rich text is none, because it is HTML. */
export function typesFor(mapping: Mapping, name: FieldName): readonly string[] {
  const isById = mapping.fields[name]?.refersBy !== 'title';
  switch (FIELD_TYPES[name]) {
    case 'choice':
      return ['picklist', 'string'];
    case 'date':
      return ['date'];
    case 'set':
      return ['multipicklist', ...TEXT];
    case 'ref':
      return isById ? ['reference'] : TEXT;
    // A lookup holds one record: several are shown in words.
    case 'refSet':
      return isById ? [] : TEXT;
    default:
      return TEXT;
  }
}

/** What keeps a field's values from being held there; null where nothing does. */
export function typeProblem(mapping: Mapping, { name, remote, column }: MappedColumn): string | null {
  if (column === null) return `expected a field "${remote}" that the connection's user may see in Salesforce, found none`;
  const wanted = typesFor(mapping, name);
  if (column.htmlFormatted === true && column.type === 'textarea') return `expected "${remote}" to be plain text, it is rich text`;
  if (wanted.includes(column.type)) return null;
  const types = wanted.length === 0 ? 'refersBy: title (a lookup holds one record)' : `"${remote}" of type ${wanted.join(' or ')}`;
  return `expected ${types} in Salesforce, got ${column.type}`;
}
