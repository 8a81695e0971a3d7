/** Databases and data sources: made, renamed, trashed, and their schema changed property by property. */
import { randomUUID } from 'node:crypto';
import { refuseWithin } from './ancestry.ts';
import { booleanAt, type Json, objectAt, onlyKeys, refuse } from './check.ts';
import { invalid } from './errors.ts';
import { coverAt, iconAt } from './icons.ts';
import { idAt, newPropertyId } from './ids.ts';
import type { Actor, DatabaseRecord, DataSourceRecord, Parent, PropertySchema, Stamps, Stored } from './model.ts';
import { plainRichText, plainText, richTextAt } from './rich-text.ts';
import type { RichText } from './rich-text.ts';
import { dualName, findProperty, propertyAt, schemaAt } from './schema.ts';
import type { Workspace } from './workspace.ts';

function newStamps(workspace: Workspace, actor: Actor): Stamps {
  const nowMs = workspace.nowMs();
  return { createdMs: nowMs, editedMs: nowMs, createdBy: actor.id, editedBy: actor.id, inTrash: false };
}

function databaseParent(workspace: Workspace, actor: Actor, value: unknown): Parent {
  const given = objectAt(value, 'body.parent');
  onlyKeys(given, 'body.parent', ['type', 'page_id', 'workspace']);
  if (given['page_id'] === undefined) {
    return given['workspace'] === true ? { type: 'workspace' } : refuse('body.parent', 'a page or the workspace', value);
  }
  return { type: 'page_id', pageId: workspace.page(actor, idAt(given['page_id'], 'body.parent.page_id')).id };
}

/** Makes a database with its first data source. */
export function createDatabase(workspace: Workspace, actor: Actor, body: Json): DatabaseRecord {
  onlyKeys(body, 'body', ['parent', 'title', 'description', 'is_inline', 'initial_data_source', 'icon', 'cover']);
  const parent = databaseParent(workspace, actor, body['parent']);
  workspace.refuseTrashed(parent);
  const initial = objectAt(body['initial_data_source'] ?? {}, 'body.initial_data_source');
  onlyKeys(initial, 'body.initial_data_source', ['properties']);
  const title = body['title'] === undefined ? [] : richTextAt(body['title'], 'body.title', workspace.mentions);
  const sourceId = randomUUID();
  const schema = schemaAt(initial['properties'], 'body.initial_data_source.properties', sourceId, (id) => workspace.dataSources.get(id));
  const database: DatabaseRecord = {
    id: randomUUID(),
    parent,
    title,
    description: body['description'] === undefined ? [] : richTextAt(body['description'], 'body.description', workspace.mentions),
    icon: iconAt(body['icon'], 'body.icon') ?? null,
    cover: coverAt(body['cover'], 'body.cover') ?? null,
    isInline: body['is_inline'] === undefined ? false : booleanAt(body['is_inline'], 'body.is_inline'),
    isLocked: false,
    restricted: false,
    dataSourceIds: [sourceId],
    ...newStamps(workspace, actor),
  };
  workspace.put('database', database);
  keepSource(workspace, actor, { id: sourceId, databaseId: database.id, title, icon: null, schema, nextNumber: 1 }, initial['properties']);
  return database;
}

/** Adds a data source to a database. */
export function createDataSource(workspace: Workspace, actor: Actor, body: Json): DataSourceRecord {
  onlyKeys(body, 'body', ['parent', 'properties', 'title', 'icon']);
  const parent = objectAt(body['parent'], 'body.parent');
  onlyKeys(parent, 'body.parent', ['type', 'database_id']);
  const database = workspace.database(actor, idAt(parent['database_id'], 'body.parent.database_id'));
  const id = randomUUID();
  const schema = schemaAt(body['properties'], 'body.properties', id, (other) => workspace.dataSources.get(other));
  const title = body['title'] === undefined ? [] : richTextAt(body['title'], 'body.title', workspace.mentions);
  const icon = iconAt(body['icon'], 'body.icon') ?? null;
  workspace.put('database', { ...database, dataSourceIds: [...database.dataSourceIds, id] });
  return keepSource(workspace, actor, { id, databaseId: database.id, title, icon, schema, nextNumber: 1 }, body['properties']);
}

function keepSource(workspace: Workspace, actor: Actor, source: Omit<DataSourceRecord, keyof Stamps>, given: unknown): DataSourceRecord {
  const record = { ...source, ...newStamps(workspace, actor) };
  workspace.put('dataSource', record);
  for (const [name, config] of Object.entries((given ?? {}) as Record<string, Json>)) {
    const property = record.schema.find((candidate) => candidate.name === name);
    if (property !== undefined) addMirror(workspace, source.id, property, dualName(config));
  }
  return workspace.dataSources.get(source.id) ?? record;
}

/** Changes a database's title, icon, place in the trash and the like. */
export function updateDatabase(
  workspace: Workspace,
  actor: Actor,
  before: DatabaseRecord,
  body: Json,
  inTrash: boolean | undefined,
  olderKeys: readonly string[],
): DatabaseRecord {
  onlyKeys(body, 'body', ['title', 'description', 'is_inline', 'icon', 'cover', 'in_trash', 'is_locked', 'parent', ...olderKeys]);
  const icon = iconAt(body['icon'], 'body.icon');
  const cover = coverAt(body['cover'], 'body.cover');
  const parent = body['parent'] === undefined ? before.parent : databaseParent(workspace, actor, body['parent']);
  refuseWithin(workspace, parent, before.id);
  const database: DatabaseRecord = {
    ...before,
    parent,
    title: body['title'] === undefined ? before.title : richTextAt(body['title'], 'body.title', workspace.mentions),
    description:
      body['description'] === undefined ? before.description : richTextAt(body['description'], 'body.description', workspace.mentions),
    icon: icon === undefined ? before.icon : icon,
    cover: cover === undefined ? before.cover : cover,
    isInline: body['is_inline'] === undefined ? before.isInline : booleanAt(body['is_inline'], 'body.is_inline'),
    isLocked: body['is_locked'] === undefined ? before.isLocked : booleanAt(body['is_locked'], 'body.is_locked'),
    inTrash: inTrash ?? before.inTrash,
    editedMs: workspace.nowMs(),
    editedBy: actor.id,
  };
  workspace.put('database', database);
  return database;
}

type SchemaChange = { id: string; name: string | null; action: 'created' | 'updated' | 'deleted' };

/** Changes a data source; `properties` adds, renames, retypes and (by null) removes, by id or name. */
export function updateDataSource(
  workspace: Workspace,
  actor: Actor,
  before: DataSourceRecord,
  body: Json,
  inTrash: boolean | undefined,
  olderKeys: readonly string[],
): DataSourceRecord {
  onlyKeys(body, 'body', ['title', 'icon', 'properties', 'in_trash', 'parent', ...olderKeys]);
  if (body['parent'] !== undefined)
    throw invalid('body failed validation: body.parent is not supported by this simulator (see DIFFERENCES.md).');
  const icon = iconAt(body['icon'], 'body.icon');
  const title = body['title'] === undefined ? before.title : richTextAt(body['title'], 'body.title', workspace.mentions);
  const given = body['properties'] === undefined ? {} : objectAt(body['properties'], 'body.properties');
  const { schema, changes, mirrors, retyped } = changedSchema(workspace, before, given);
  const source: DataSourceRecord = {
    ...before,
    title,
    icon: icon === undefined ? before.icon : icon,
    schema,
    inTrash: inTrash ?? before.inTrash,
    editedMs: workspace.nowMs(),
    editedBy: actor.id,
  };
  workspace.put('dataSource', source);
  for (const [was, is] of retyped) convertValues(workspace, source.id, was, is);
  for (const [property, name] of mirrors) addMirror(workspace, source.id, property, name);
  if (changes.length > 0) {
    workspace.emit({
      type: 'data_source.schema_updated',
      actor,
      entity: { type: 'data_source', id: source.id },
      data: { parent: { id: source.databaseId, type: 'database' }, updated_properties: changes },
    });
  }
  return workspace.dataSources.get(source.id) ?? source;
}

interface ChangedSchema {
  readonly schema: PropertySchema[];
  readonly changes: SchemaChange[];
  readonly mirrors: [PropertySchema, string | undefined][];
  readonly retyped: [PropertySchema, PropertySchema][];
}

function changedSchema(workspace: Workspace, source: DataSourceRecord, given: Json): ChangedSchema {
  const result: ChangedSchema = { schema: [...source.schema], changes: [], mirrors: [], retyped: [] };
  const { schema } = result;
  for (const [reference, config] of Object.entries(given)) {
    const old = findProperty(schema, reference);
    const place = old === undefined ? -1 : schema.indexOf(old);
    if (config === null) {
      if (old === undefined) throw invalid(`Could not find property with name or id: ${reference}`);
      if (old.type === 'title') throw invalid('Cannot delete title property.');
      schema.splice(place, 1);
      result.changes.push({ id: old.id, name: old.name, action: 'deleted' });
      continue;
    }
    const taken = new Set(schema.map((property) => property.id));
    const find = (id: string): DataSourceRecord | undefined => workspace.dataSources.get(id);
    const property = propertyAt(config, `body.properties.${reference}`, old?.name ?? reference, source.id, taken, find, old);
    if ((property.type === 'title') !== (old?.type === 'title'))
      throw invalid('Databases have one title property, and its type cannot be changed.');
    if (schema.some((other) => other.id !== property.id && other.name === property.name)) {
      throw invalid(`Property name "${property.name}" is already in use.`);
    }
    if (old === undefined) schema.push(property);
    else schema[place] = property;
    if (old !== undefined && old.type !== property.type) result.retyped.push([old, property]);
    if (property.relation !== undefined && old?.relation === undefined) result.mirrors.push([property, dualName(config as Json)]);
    result.changes.push({ id: property.id, name: property.name, action: old === undefined ? 'created' : 'updated' });
  }
  return result;
}

/** Gives a dual relation its other side; a single one has none. */
function addMirror(workspace: Workspace, sourceId: string, property: PropertySchema, name: string | undefined): void {
  const target = workspace.dataSources.get(property.relation?.dataSourceId ?? '');
  if (name === undefined || property.relation === undefined || target === undefined) return;
  const source = workspace.dataSources.get(sourceId);
  const label = name === '' ? `Related to ${plainText(source?.title ?? [])} (${property.name})` : name;
  const id = newPropertyId(new Set(target.schema.map((known) => known.id)));
  const other: PropertySchema = {
    id,
    name: label,
    type: 'relation',
    description: null,
    relation: { dataSourceId: sourceId, syncedPropertyId: property.id },
  };
  workspace.put('dataSource', { ...target, schema: [...target.schema, other] });
  const owner = workspace.dataSources.get(sourceId);
  if (owner === undefined) return;
  const relation = { ...property.relation, syncedPropertyId: id };
  workspace.put('dataSource', {
    ...owner,
    schema: owner.schema.map((known) => (known.id === property.id ? { ...known, relation } : known)),
  });
}

const TEXTUAL = new Set(['rich_text', 'url', 'email', 'phone_number']);

/** A retyped property keeps its words where both types are text; every other value is gone, as it is (mostly) at the vendor. */
function convertValues(workspace: Workspace, sourceId: string, was: PropertySchema, is: PropertySchema): void {
  for (const id of workspace.rows.get(sourceId) ?? []) {
    const page = workspace.pages.get(id);
    if (page?.properties[was.id] === undefined) continue;
    const value = TEXTUAL.has(was.type) && TEXTUAL.has(is.type) ? rewritten(page.properties[was.id], was, is) : undefined;
    const { [was.id]: _gone, ...rest } = page.properties;
    workspace.put('page', { ...page, properties: value === undefined ? rest : { ...rest, [is.id]: value } });
  }
}

function rewritten(value: Stored | undefined, was: PropertySchema, is: PropertySchema): Stored {
  const text = was.type === 'rich_text' ? plainText((value ?? []) as RichText[]) : ((value as string | null | undefined) ?? '');
  if (is.type === 'rich_text') return plainRichText(text);
  return text === '' ? null : text;
}
