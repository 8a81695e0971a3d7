/**
 * Filters of a query: compiled once, then asked of every page.
 * Source: SDK types PropertyFilter and TimestampFilter; https://developers.notion.com/reference/post-database-query-filter.
 * Times are compared as the API shows them, rounded down to the minute: a bound inside the minute of an edit misses it.
 */
import { arrayAt, booleanAt, type Json, objectAt, onlyKeys, refuse, stringAt } from './check.ts';
import { instantTest } from './date-filters.ts';
import { invalid } from './errors.ts';
import { idAt, minute } from './ids.ts';
import type { Actor, DateValue, PageRecord, PropertySchema } from './model.ts';
import { PROPERTY_TYPES } from './model.ts';
import { plainText } from './rich-text.ts';
import type { RichText } from './rich-text.ts';
import { findProperty } from './schema.ts';

/** Whether a page belongs to the answer. */
export type PageTest = (page: PageRecord) => boolean;

/** What a filter is compiled against. */
export interface FilterContext {
  readonly schema: readonly PropertySchema[];
  readonly actor: Actor;
  readonly nowMs: number;
}

/** Compounds may hold compounds, and no deeper. */
const MOST_LEVELS = 2;

/**
 * Compiles a filter.
 * @throws validation_error for an unknown property, a condition that its type does not have, or nesting beyond two levels
 */
export function pageTest(filter: unknown, path: string, context: FilterContext, level = 0): PageTest {
  const given = objectAt(filter, path);
  for (const kind of ['and', 'or'] as const) {
    if (given[kind] === undefined) continue;
    onlyKeys(given, path, [kind]);
    if (level === MOST_LEVELS) refuse(path, 'a filter without further compounds', filter);
    const tests = arrayAt(given[kind], `${path}.${kind}`).map((part, index) =>
      pageTest(part, `${path}.${kind}[${index}]`, context, level + 1),
    );
    return kind === 'and' ? (page) => tests.every((test) => test(page)) : (page) => tests.some((test) => test(page));
  }
  return given['timestamp'] === undefined ? propertyTest(given, path, context) : timestampTest(given, path, context);
}

function timestampTest(given: Json, path: string, context: FilterContext): PageTest {
  const name = given['timestamp'];
  if (name !== 'created_time' && name !== 'last_edited_time') refuse(`${path}.timestamp`, '`"created_time"` or `"last_edited_time"`', name);
  onlyKeys(given, path, ['timestamp', 'type', name]);
  const test = instantTest(given[name], `${path}.${name}`, context.nowMs);
  return (page) => test(minute(name === 'created_time' ? page.createdMs : page.editedMs));
}

function propertyTest(given: Json, path: string, context: FilterContext): PageTest {
  const reference = stringAt(given['property'], `${path}.property`);
  const property = findProperty(context.schema, reference);
  if (property === undefined) throw invalid(`Could not find property with name or id: ${reference}`);
  onlyKeys(given, path, ['property', 'type', ...PROPERTY_TYPES]);
  const used = PROPERTY_TYPES.find((type) => given[type] !== undefined);
  if (used === undefined) refuse(path, 'a filter with a condition', given);
  // Titles and texts answer to one another's conditions, as at the vendor.
  const isText = (type: string): boolean => type === 'title' || type === 'rich_text';
  if (used !== property.type && !(isText(used) && isText(property.type))) {
    throw invalid(`database property ${property.type} does not match filter ${used}`);
  }
  return conditionTest(property, objectAt(given[used], `${path}.${used}`), `${path}.${used}`, context);
}

function conditionTest(property: PropertySchema, condition: Json, path: string, context: FilterContext): PageTest {
  const { id } = property;
  switch (property.type) {
    case 'title':
    case 'rich_text': {
      const test = textTest(condition, path);
      return (page) => test(plainText((page.properties[id] ?? []) as RichText[]));
    }
    case 'url':
    case 'email':
    case 'phone_number': {
      const test = textTest(condition, path);
      return (page) => test((page.properties[id] as string | null | undefined) ?? '');
    }
    case 'number':
    case 'unique_id': {
      const test = numberTest(condition, path);
      return (page) => test((page.properties[id] as number | null | undefined) ?? null);
    }
    case 'checkbox':
      return checkboxTest(condition, path, id);
    case 'select':
    case 'status': {
      const test = optionTest(property, condition, path, ['equals', 'does_not_equal']);
      return (page) => test(typeof page.properties[id] === 'string' ? [page.properties[id]] : []);
    }
    case 'multi_select': {
      const test = optionTest(property, condition, path, ['contains', 'does_not_contain']);
      return (page) => test((page.properties[id] ?? []) as string[]);
    }
    case 'date': {
      const test = instantTest(condition, path, context.nowMs);
      return (page) => test((page.properties[id] as DateValue | null | undefined)?.start ?? null);
    }
    case 'created_time':
    case 'last_edited_time': {
      const test = instantTest(condition, path, context.nowMs);
      return (page) => test(minute(property.type === 'created_time' ? page.createdMs : page.editedMs));
    }
    default:
      return memberTest(property, condition, path, context.actor);
  }
}

/** The one condition of an object that has exactly one. */
export function only(condition: Json, path: string, allowed: readonly string[]): [string, unknown] {
  onlyKeys(condition, path, allowed);
  const entries = Object.entries(condition).filter(([, value]) => value !== undefined);
  const [first] = entries;
  if (first === undefined || entries.length > 1)
    refuse(path, `exactly one of ${allowed.map((name) => `\`${name}\``).join(', ')}`, condition);
  if ((first[0] === 'is_empty' || first[0] === 'is_not_empty') && first[1] !== true) refuse(`${path}.${first[0]}`, '`true`', first[1]);
  return first;
}

const EXISTENCE = ['is_empty', 'is_not_empty'] as const;

function textTest(condition: Json, path: string): (text: string) => boolean {
  const names = ['equals', 'does_not_equal', 'contains', 'does_not_contain', 'starts_with', 'ends_with', ...EXISTENCE];
  const [name, value] = only(condition, path, names);
  if (name === 'is_empty') return (text) => text === '';
  if (name === 'is_not_empty') return (text) => text !== '';
  // Case does not count, as in the vendor's own views.
  const wanted = stringAt(value, `${path}.${name}`).toLowerCase();
  const tests: Record<string, (text: string) => boolean> = {
    equals: (text) => text === wanted,
    does_not_equal: (text) => text !== wanted,
    contains: (text) => text.includes(wanted),
    does_not_contain: (text) => !text.includes(wanted),
    starts_with: (text) => text.startsWith(wanted),
    ends_with: (text) => text.endsWith(wanted),
  };
  const test = tests[name];
  return (text) => test?.(text.toLowerCase()) ?? false;
}

function numberTest(condition: Json, path: string): (number: number | null) => boolean {
  const names = [
    'equals',
    'does_not_equal',
    'greater_than',
    'less_than',
    'greater_than_or_equal_to',
    'less_than_or_equal_to',
    ...EXISTENCE,
  ];
  const [name, value] = only(condition, path, names);
  if (name === 'is_empty') return (number) => number === null;
  if (name === 'is_not_empty') return (number) => number !== null;
  if (typeof value !== 'number') refuse(`${path}.${name}`, 'a number', value);
  const tests: Record<string, (number: number) => boolean> = {
    equals: (number) => number === value,
    greater_than: (number) => number > value,
    less_than: (number) => number < value,
    greater_than_or_equal_to: (number) => number >= value,
    less_than_or_equal_to: (number) => number <= value,
  };
  if (name === 'does_not_equal') return (number) => number !== value;
  return (number) => number !== null && (tests[name]?.(number) ?? false);
}

function checkboxTest(condition: Json, path: string, id: string): PageTest {
  const [name, value] = only(condition, path, ['equals', 'does_not_equal']);
  const wanted = booleanAt(value, `${path}.${name}`) === (name === 'equals');
  return (page) => (page.properties[id] === true) === wanted;
}

function optionTest(
  property: PropertySchema,
  condition: Json,
  path: string,
  [has, lacks]: readonly [string, string],
): (ids: readonly string[]) => boolean {
  const [name, value] = only(condition, path, [has, lacks, ...EXISTENCE]);
  // An option that was removed from the schema is no value any more.
  const options = new Map(property.options?.map((option) => [option.id, option.name]));
  const named = (ids: readonly string[]): string[] => ids.map((id) => options.get(id)).filter((found) => found !== undefined);
  if (name === 'is_empty') return (ids) => named(ids).length === 0;
  if (name === 'is_not_empty') return (ids) => named(ids).length > 0;
  const wanted = (Array.isArray(value) ? arrayAt(value, `${path}.${name}`) : [value]).map((text) => stringAt(text, `${path}.${name}`));
  const test = (ids: readonly string[]): boolean => named(ids).some((option) => wanted.includes(option));
  return name === has ? test : (ids) => !test(ids);
}

function memberTest(property: PropertySchema, condition: Json, path: string, actor: Actor): PageTest {
  const names = property.type === 'files' ? EXISTENCE : (['contains', 'does_not_contain', ...EXISTENCE] as const);
  const [name, value] = only(condition, path, names);
  const members = (page: PageRecord): readonly unknown[] => {
    if (property.type === 'created_by') return [page.createdBy];
    if (property.type === 'last_edited_by') return [page.editedBy];
    return (page.properties[property.id] ?? []) as string[];
  };
  if (name === 'is_empty') return (page) => members(page).length === 0;
  if (name === 'is_not_empty') return (page) => members(page).length > 0;
  const wanted = value === 'me' && property.type !== 'relation' ? actor.id : idAt(value, `${path}.${name}`);
  return (page) => members(page).includes(wanted) === (name === 'contains');
}
