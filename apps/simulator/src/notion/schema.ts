/**
 * The schema of a data source: how a request describes properties, how an answer shows them, how they are found by id or name.
 * Source: SDK types PropertyConfigurationRequest and DatabasePropertyConfigResponse (@notionhq/client 5.26).
 */
import { type Json, objectAt, onlyKeys, refuse, stringAt } from './check.ts';
import { invalid } from './errors.ts';
import { idAt, newPropertyId, sameProperty } from './ids.ts';
import { type DataSourceRecord, PROPERTY_TYPES, type PropertySchema, type PropertyType } from './model.ts';
import { optionsAt, statusGroups } from './options.ts';

/** A data source known to the workspace, or undefined; given by the caller, so that this module holds no state. */
export type FindDataSource = (id: string) => DataSourceRecord | undefined;

/** The property that an id (raw or encoded) or a name refers to. */
export function findProperty(schema: readonly PropertySchema[], reference: string): PropertySchema | undefined {
  return schema.find((property) => property.name === reference) ?? schema.find((property) => sameProperty(property.id, reference));
}

/** The title property, which every data source has exactly once. */
export function titleProperty(schema: readonly PropertySchema[]): PropertySchema {
  const found = schema.find((property) => property.type === 'title');
  if (!found) throw new Error('data source: expected one title property, got none');
  return found;
}

/** Types of the vendor that this stand-in does not keep: refused by name, never dropped. */
const UNSUPPORTED = ['formula', 'rollup', 'button', 'verification', 'place', 'location', 'last_visited_time'];

function typeOf(given: Json, path: string): PropertyType | undefined {
  const declared = given['type'];
  const found = PROPERTY_TYPES.find((type) => (declared === undefined ? given[type] !== undefined : type === declared));
  const unsupported = UNSUPPORTED.find((type) => type === declared || given[type] !== undefined);
  if (unsupported) throw invalid(`body failed validation: ${path}.${unsupported} is not supported by this simulator (see DIFFERENCES.md).`);
  if (declared !== undefined && !found) refuse(`${path}.type`, 'a property type', declared);
  return found;
}

function relationOf(
  config: Json,
  path: string,
  self: string,
  find: FindDataSource,
): { dataSourceId: string; syncedPropertyId: string | null } {
  onlyKeys(config, path, ['data_source_id', 'database_id', 'type', 'single_property', 'dual_property']);
  const dataSourceId = idAt(config['data_source_id'], `${path}.data_source_id`);
  if (dataSourceId !== self && !find(dataSourceId)) throw invalid(`Could not find data_source with ID: ${dataSourceId}.`);
  if (config['single_property'] === undefined && config['dual_property'] === undefined && config['type'] === undefined) {
    refuse(`${path}.single_property`, 'defined', undefined);
  }
  return { dataSourceId, syncedPropertyId: null };
}

/** The request's name for the mirrored property of a dual relation; undefined for a single one. */
export function dualName(given: Json): string | undefined {
  const relation = given['relation'] as Json | undefined;
  if (relation?.['dual_property'] === undefined && relation?.['type'] !== 'dual_property') return undefined;
  const dual = (relation['dual_property'] ?? {}) as Json;
  return typeof dual['synced_property_name'] === 'string' ? dual['synced_property_name'] : '';
}

/**
 * Reads one property of a schema request. With `old`, its id (and, where the type stays, its options) are kept.
 * @param self id of the data source that the property belongs to, for relations to itself
 */
export function propertyAt(
  value: unknown,
  path: string,
  name: string,
  self: string,
  taken: ReadonlySet<string>,
  find: FindDataSource,
  old?: PropertySchema,
): PropertySchema {
  const given = objectAt(value, path);
  onlyKeys(given, path, ['name', 'description', 'type', ...PROPERTY_TYPES, ...UNSUPPORTED]);
  const type = typeOf(given, path) ?? old?.type;
  if (!type || Object.keys(given).length === 0) return refuse(path, 'a property configuration', value);
  const config = given[type] === undefined ? undefined : objectAt(given[type], `${path}.${type}`);
  const description = given['description'] === undefined ? (old?.description ?? null) : ((given['description'] as string | null) ?? null);
  const id = old?.id ?? (type === 'title' ? 'title' : newPropertyId(taken));
  const kept = old?.type === type ? old : undefined;
  const base: PropertySchema = {
    ...kept,
    id,
    name: given['name'] === undefined ? name : stringAt(given['name'], `${path}.name`),
    type,
    description,
  };
  return withConfig(base, config, `${path}.${type}`, self, find);
}

function withConfig(base: PropertySchema, config: Json | undefined, path: string, self: string, find: FindDataSource): PropertySchema {
  switch (base.type) {
    case 'select':
    case 'multi_select':
    case 'status': {
      if (config) onlyKeys(config, path, ['options']);
      const listed = config?.['options'];
      const initial = base.type === 'status' ? [{ name: 'Not started' }, { name: 'In progress' }, { name: 'Done' }] : [];
      const options =
        listed === undefined ? (base.options ?? optionsAt(initial, path, [])) : optionsAt(listed, `${path}.options`, base.options ?? []);
      return base.type === 'status' ? { ...base, options, groups: statusGroups(options, base.groups) } : { ...base, options };
    }
    case 'number':
      if (config) onlyKeys(config, path, ['format']);
      return {
        ...base,
        format: config?.['format'] === undefined ? (base.format ?? 'number') : stringAt(config['format'], `${path}.format`),
      };
    case 'unique_id': {
      if (config) onlyKeys(config, path, ['prefix']);
      const prefix = config?.['prefix'];
      return { ...base, prefix: typeof prefix === 'string' ? prefix : (base.prefix ?? null) };
    }
    case 'relation':
      return { ...base, relation: config ? relationOf(config, path, self, find) : (base.relation ?? refuse(path, 'defined', undefined)) };
    default:
      if (config) onlyKeys(config, path, []);
      return base;
  }
}

/** The schema of a create request: at least the title property, names unique. */
export function schemaAt(value: unknown, path: string, self: string, find: FindDataSource): PropertySchema[] {
  const given = objectAt(value ?? { Name: { title: {} } }, path);
  const schema: PropertySchema[] = [];
  for (const [name, config] of Object.entries(given)) {
    schema.push(propertyAt(config, `${path}.${name}`, name, self, new Set(schema.map((property) => property.id)), find));
  }
  const titles = schema.filter((property) => property.type === 'title').length;
  if (titles !== 1) throw invalid(titles === 0 ? 'Title is not provided' : 'Databases can only have one title property');
  return schema;
}

function configOf(property: PropertySchema, find: FindDataSource): Json {
  switch (property.type) {
    case 'select':
    case 'multi_select':
      return { options: property.options ?? [] };
    case 'status':
      return { options: property.options ?? [], groups: property.groups ?? [] };
    case 'number':
      return { format: property.format ?? 'number' };
    case 'unique_id':
      return { prefix: property.prefix ?? null };
    case 'relation': {
      const target = property.relation ? find(property.relation.dataSourceId) : undefined;
      const head = { database_id: target?.databaseId ?? null, data_source_id: property.relation?.dataSourceId ?? null };
      const synced = target?.schema.find((other) => other.id === property.relation?.syncedPropertyId);
      if (!synced) return { ...head, type: 'single_property', single_property: {} };
      return { ...head, type: 'dual_property', dual_property: { synced_property_name: synced.name, synced_property_id: synced.id } };
    }
    default:
      return {};
  }
}

/** The `properties` object of a data source answer, keyed by name. */
export function schemaAnswer(schema: readonly PropertySchema[], find: FindDataSource): Json {
  return Object.fromEntries(
    schema.map((property) => {
      const { id, name, type, description } = property;
      return [name, { id, name, description, type, [type]: configOf(property, find) }];
    }),
  );
}
