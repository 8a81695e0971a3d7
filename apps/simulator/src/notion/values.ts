/**
 * Property values of pages: what a request may write and what an answer shows.
 * Source: SDK types of CreatePageBodyParameters and PagePropertyValueWithIdResponse; https://developers.notion.com/reference/page-property-values.
 */
import { arrayAt, booleanAt, type Json, objectAt, onlyKeys, refuse, stringAt } from './check.ts';
import { invalid, notFound } from './errors.ts';
import { idAt, minute } from './ids.ts';
import type { Actor, DataSourceRecord, FileValue, Option, PageRecord, PropertySchema, Stored } from './model.ts';
import { PROPERTY_TYPES } from './model.ts';
import { resolveOption } from './options.ts';
import { dateAt, richTextAt } from './rich-text.ts';
import { findProperty } from './schema.ts';
import type { Workspace } from './workspace.ts';

/** References that a page answer shows; the rest is behind the property endpoint. */
export const MOST_SHOWN_REFERENCES = 25;

const READ_ONLY = new Set(['unique_id', 'created_time', 'last_edited_time', 'created_by', 'last_edited_by']);
const TITLE_ONLY: readonly PropertySchema[] = [{ id: 'title', name: 'title', type: 'title', description: null }];

/** The properties that a page has: those of its data source, else a title. */
export function schemaOf(workspace: Workspace, page: Pick<PageRecord, 'parent'>): readonly PropertySchema[] {
  if (page.parent.type !== 'data_source_id') return TITLE_ONLY;
  return workspace.dataSources.get(page.parent.dataSourceId)?.schema ?? TITLE_ONLY;
}

/** Checked values by property id, and the options that writing them makes. */
export interface Written {
  readonly values: Record<string, Stored>;
  readonly added: ReadonlyMap<string, readonly Option[]>;
}

/**
 * Reads the `properties` of a create or update.
 * @throws validation_error for an unknown property, a value of another type, a read-only property or a broken limit
 */
export function valuesAt(workspace: Workspace, actor: Actor, schema: readonly PropertySchema[], given: unknown, path: string): Written {
  const values: Record<string, Stored> = {};
  const added = new Map<string, Option[]>();
  for (const [reference, value] of Object.entries(objectAt(given, path))) {
    const property = findProperty(schema, reference);
    if (property === undefined) throw invalid(`${reference} is not a property that exists.`);
    if (READ_ONLY.has(property.type)) throw invalid(`Cannot set a value of the read-only ${property.type} property ${property.name}.`);
    const at = `${path}.${reference}`;
    const object = objectAt(value, at);
    onlyKeys(object, at, ['id', 'name', 'type', 'has_more', ...PROPERTY_TYPES]);
    if (object[property.type] === undefined) throw invalid(`${property.name} is expected to be ${property.type}.`);
    const options: Option[] = [];
    values[property.id] = valueAt(workspace, actor, property, object[property.type], `${at}.${property.type}`, options);
    if (options.length > 0) added.set(property.id, options);
  }
  return { values, added };
}

function valueAt(workspace: Workspace, actor: Actor, property: PropertySchema, value: unknown, path: string, added: Option[]): Stored {
  const known = property.options ?? [];
  switch (property.type) {
    case 'title':
    case 'rich_text':
      return richTextAt(value, path, workspace.mentions);
    case 'number':
      if (value !== null && (typeof value !== 'number' || !Number.isFinite(value))) refuse(path, 'a number or `null`', value);
      return value;
    case 'checkbox':
      return booleanAt(value, path);
    case 'select':
    case 'status':
      return value === null ? null : resolveOption(value, path, known, added, property.type === 'select');
    case 'multi_select':
      return unique(arrayAt(value, path).map((option, index) => resolveOption(option, `${path}[${index}]`, known, added, true)));
    case 'date':
      return value === null ? null : dateAt(value, path);
    case 'people':
      return unique(arrayAt(value, path).map((person, index) => personAt(workspace, person, `${path}[${index}]`)));
    case 'relation':
      return unique(arrayAt(value, path).map((page, index) => relatedAt(workspace, actor, property, page, `${path}[${index}]`)));
    case 'files':
      return arrayAt(value, path).map((file, index) => fileAt(file, `${path}[${index}]`));
    case 'url':
      return shortText(value, path, 2000);
    case 'email':
    case 'phone_number':
      return shortText(value, path, 200);
    default:
      return refuse(path, 'not present', value);
  }
}

const unique = (ids: string[]): string[] => [...new Set(ids)];

function shortText(value: unknown, path: string, max: number): string | null {
  if (value === null) return null;
  const text = stringAt(value, path, max);
  if (text === '') refuse(path, 'a non-empty string or `null`', value);
  return text;
}

function personAt(workspace: Workspace, value: unknown, path: string): string {
  const id = idAt(objectAt(value, path)['id'], `${path}.id`);
  if (!workspace.users.has(id)) throw notFound('user', id);
  return id;
}

function relatedAt(workspace: Workspace, actor: Actor, property: PropertySchema, value: unknown, path: string): string {
  const given = objectAt(value, path);
  onlyKeys(given, path, ['id']);
  const page = workspace.page(actor, idAt(given['id'], `${path}.id`));
  const target = property.relation?.dataSourceId;
  if (page.parent.type !== 'data_source_id' || page.parent.dataSourceId !== target) {
    throw invalid(`Page with ID ${page.id} is not in the data source with ID ${target} that the property ${property.name} relates to.`);
  }
  return page.id;
}

function fileAt(value: unknown, path: string): FileValue {
  const given = objectAt(value, path);
  onlyKeys(given, path, ['name', 'type', 'external', 'file', 'file_upload']);
  if (given['external'] === undefined) throw invalid(`${path}: only external files are supported by this simulator (see DIFFERENCES.md).`);
  const url = stringAt(objectAt(given['external'], `${path}.external`)['url'], `${path}.external.url`, 2000);
  return { name: stringAt(given['name'], `${path}.name`, 100), type: 'external', external: { url } };
}

/** A user as answers show it. */
export function userAnswer(workspace: Workspace, id: string): Json {
  const user = workspace.users.get(id);
  if (user === undefined) return { object: 'user', id };
  const head = { object: 'user', id, name: user.name, avatar_url: null, type: user.type };
  return user.type === 'person' ? { ...head, person: { email: user.email } } : { ...head, bot: {} };
}

/** One property of a page answer: `{id, type, <type>: …}`; long lists of references are cut to 25. */
export function valueAnswer(workspace: Workspace, page: PageRecord, property: PropertySchema): Json {
  const head = { id: property.id, type: property.type };
  const value = contentOf(workspace, page, property);
  if (property.type !== 'relation' && property.type !== 'people') return { ...head, [property.type]: value };
  const references = value as unknown[];
  const shown = { ...head, [property.type]: references.slice(0, MOST_SHOWN_REFERENCES) };
  return property.type === 'relation' ? { ...shown, has_more: references.length > MOST_SHOWN_REFERENCES } : shown;
}

/** The content of a property in full; lists are not cut. */
export function contentOf(workspace: Workspace, page: PageRecord, property: PropertySchema): unknown {
  const stored = page.properties[property.id];
  const option = (id: unknown): Json | null => {
    const found = property.options?.find((candidate) => candidate.id === id);
    return found === undefined ? null : { id: found.id, name: found.name, color: found.color };
  };
  switch (property.type) {
    case 'created_time':
      return minute(page.createdMs);
    case 'last_edited_time':
      return minute(page.editedMs);
    case 'created_by':
      return userAnswer(workspace, page.createdBy);
    case 'last_edited_by':
      return userAnswer(workspace, page.editedBy);
    case 'unique_id':
      return { prefix: property.prefix ?? null, number: stored ?? null };
    case 'checkbox':
      return stored === true;
    case 'select':
    case 'status':
      return option(stored);
    case 'multi_select':
      return ((stored ?? []) as string[]).map(option).filter((found) => found !== null);
    case 'people':
      return ((stored ?? []) as string[]).map((id) => userAnswer(workspace, id));
    case 'relation':
      return ((stored ?? []) as string[]).map((id) => ({ id }));
    case 'title':
    case 'rich_text':
    case 'files':
      return stored ?? [];
    default:
      return stored ?? null;
  }
}

/** The values that a page has before anything is written: a status begins at its first option. */
export function firstValues(source: DataSourceRecord | undefined): Record<string, Stored> {
  const values: Record<string, Stored> = {};
  for (const property of source?.schema ?? []) {
    if (property.type === 'status') values[property.id] = property.options?.[0]?.id ?? null;
    if (property.type === 'unique_id') values[property.id] = source?.nextNumber ?? null;
  }
  return values;
}
