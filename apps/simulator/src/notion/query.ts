/**
 * Queries of a data source and searches: filter, order, and pages of the result. A scan in order of anything holds no row twice and misses none
 * that did not move in that order meanwhile: a cursor is the place of the last row, not a number of rows.
 */
import { arrayAt, type Json, objectAt, oneOfAt, onlyKeys, refuse, stringAt } from './check.ts';
import type { ListRequest } from './answers.ts';
import { cursorOf, placeOf } from './answers.ts';
import { instantOf } from './date-filters.ts';
import { invalid } from './errors.ts';
import type { DateValue, PageRecord, PropertySchema, Stored } from './model.ts';
import { plainText } from './rich-text.ts';
import type { RichText } from './rich-text.ts';
import { findProperty } from './schema.ts';
import type { Workspace } from './workspace.ts';

/** What rows are ordered by; an empty value comes last whatever the direction. */
type Key = string | number | null;

/** A row with its keys; the last key is its own and settles every tie. */
export interface Row {
  readonly id: string;
  readonly keys: readonly Key[];
}

/** One criterion of an order. */
export interface Criterion {
  readonly descending: boolean;
  readonly keyOf: (page: PageRecord) => Key;
}

/** Rows that a query gives up after. Source: `request_status` of the query answer; the figure is not documented. */
export const MOST_QUERY_ROWS = 10_000;

/** Compiles `sorts`. */
export function criteriaAt(value: unknown, path: string, schema: readonly PropertySchema[], workspace: Workspace): Criterion[] {
  if (value === undefined) return [];
  return arrayAt(value, path).map((element, index) => {
    const at = `${path}[${index}]`;
    const given = objectAt(element, at);
    onlyKeys(given, at, ['property', 'timestamp', 'direction']);
    const descending = oneOfAt(given['direction'], `${at}.direction`, ['ascending', 'descending']) === 'descending';
    if (given['timestamp'] !== undefined) {
      const name = oneOfAt(given['timestamp'], `${at}.timestamp`, ['created_time', 'last_edited_time']);
      return { descending, keyOf: (page) => minutesOf(name === 'created_time' ? page.createdMs : page.editedMs) };
    }
    const reference = stringAt(given['property'], `${at}.property`);
    const property = findProperty(schema, reference);
    if (property === undefined) throw invalid(`Could not find sort property with name or id: ${reference}`);
    return { descending, keyOf: propertyKey(property, workspace) };
  });
}

/** Orders see what answers show: minutes. */
export function minutesOf(ms: number): number {
  return Math.floor(ms / 60_000);
}

function propertyKey(property: PropertySchema, workspace: Workspace): (page: PageRecord) => Key {
  const { id } = property;
  const text = (value: string): Key => (value === '' ? null : value.toLowerCase());
  const place = (option: Stored | undefined): Key => {
    const found = property.options?.findIndex((candidate) => candidate.id === option) ?? -1;
    return found === -1 ? null : found;
  };
  const user = (userId: string | undefined): Key => text(workspace.users.get(userId ?? '')?.name ?? '');
  switch (property.type) {
    case 'title':
    case 'rich_text':
      return (page) => text(plainText((page.properties[id] ?? []) as RichText[]));
    case 'url':
    case 'email':
    case 'phone_number':
      return (page) => text((page.properties[id] as string | null | undefined) ?? '');
    case 'number':
    case 'unique_id':
      return (page) => (page.properties[id] as number | null | undefined) ?? null;
    case 'checkbox':
      return (page) => Number(page.properties[id] === true);
    case 'select':
    case 'status':
      return (page) => place(page.properties[id]);
    case 'multi_select':
      return (page) => place(((page.properties[id] ?? []) as string[])[0]);
    case 'date':
      return (page) => {
        const date = page.properties[id] as DateValue | null | undefined;
        return date ? instantOf(date.start) : null;
      };
    case 'created_time':
      return (page) => minutesOf(page.createdMs);
    case 'last_edited_time':
      return (page) => minutesOf(page.editedMs);
    case 'created_by':
      return (page) => user(page.createdBy);
    case 'last_edited_by':
      return (page) => user(page.editedBy);
    case 'people':
      return (page) => user(((page.properties[id] ?? []) as string[])[0]);
    case 'relation':
      return (page) => {
        const first = workspace.pages.get(((page.properties[id] ?? []) as string[])[0] ?? '');
        return first === undefined ? null : text(workspace.titleOf(first));
      };
    default:
      return (page) => ((page.properties[id] ?? []) as unknown[]).length || null;
  }
}

/** Sets rows in order. `descending` is by criterion; the tie-break ascends. */
export function inOrder(rows: Row[], descending: readonly boolean[]): Row[] {
  return rows.sort((a, b) => compare(a.keys, b.keys, descending));
}

function compare(a: readonly Key[], b: readonly Key[], descending: readonly boolean[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? null;
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right === (descending[index] === true) ? 1 : -1;
  }
  return 0;
}

/** A page of ordered rows. `incomplete` where the vendor gives up before the end. */
export interface RowPage {
  readonly part: readonly Row[];
  readonly nextCursor: string | null;
  readonly incomplete: boolean;
}

/** Cuts the page that a request asks for. */
export function pageOfRows(
  rows: readonly Row[],
  descending: readonly boolean[],
  request: ListRequest,
  scope: unknown,
  most: number = MOST_QUERY_ROWS,
): RowPage {
  let from = 0;
  if (request.cursor !== undefined) {
    const place = placeOf(request.cursor, scope) as Key[];
    // The first row behind the place, by halving.
    let to = rows.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compare(rows[middle]?.keys ?? [], place, descending) > 0) to = middle;
      else from = middle + 1;
    }
  }
  const end = Math.min(from + request.size, most);
  const part = rows.slice(from, end);
  const last = part.at(-1);
  const isStopped = end === most && rows.length > most;
  const hasMore = !isStopped && end < rows.length && last !== undefined;
  return { part, nextCursor: hasMore ? cursorOf(scope, last.keys) : null, incomplete: isStopped };
}

/** The `request_status` of a result that was cut off. */
export function requestStatus(page: RowPage): Json {
  return page.incomplete ? { request_status: { type: 'incomplete', incomplete_reason: 'query_result_limit_reached' } } : {};
}

/** Refuses what is not an array of ids in a query string. */
export function idsOfQuery(values: readonly string[] | undefined, path: string): readonly string[] {
  const ids = values ?? [];
  if (ids.length > 100) refuse(`${path}.length`, '≤ `100`', ids.length);
  return ids;
}
