/** Search: with filters and words, by pages, up to ten thousand; behind the writes by a moment. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { mayRead } from './access.ts';
import { bodyOf } from './body.ts';
import { badRequest } from './errors.ts';
import { comparable, matchesQuery, OPERATORS, testOf } from './matching.ts';
import type { Filter } from './matching.ts';
import type { CrmRecord, ObjectType, PropertyDefinition, Values } from './model.ts';
import { objectTypeOf, traitsOf } from './object-types.ts';
import type { Parts } from './parts.ts';
import { OBJECT_PATHS } from './parts.ts';
import type { Schema } from './schema.ts';

const DEFAULT_PAGE = 10;
const MOST_ON_PAGE = 200;
const MOST_RESULTS = 10_000;
const MOST_QUERY_CHARACTERS = 3_000;
const MOST_GROUPS = 5;
const MOST_FILTERS_IN_GROUP = 6;
const MOST_FILTERS = 18;

const text = z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value));
const filterSchema = z.strictObject({
  propertyName: z.string(),
  operator: z.enum(OPERATORS),
  value: text.optional(),
  highValue: text.optional(),
  values: z.array(text).optional(),
});
const searchSchema = z.strictObject({
  query: z.string().max(MOST_QUERY_CHARACTERS).optional(),
  limit: z.number().int().min(0).max(MOST_ON_PAGE).default(DEFAULT_PAGE),
  after: z.union([z.string(), z.number()]).optional(),
  /** The contract says strings; clients send objects. */
  sorts: z
    .array(z.union([z.string(), z.strictObject({ propertyName: z.string(), direction: z.enum(['ASCENDING', 'DESCENDING']).optional() })]))
    .max(1)
    .default([]),
  properties: z.array(z.string()).default([]),
  filterGroups: z
    .array(z.strictObject({ filters: z.array(filterSchema).max(MOST_FILTERS_IN_GROUP) }))
    .max(MOST_GROUPS)
    .default([]),
});

type Search = z.infer<typeof searchSchema>;
type Hit = { readonly record: CrmRecord; readonly values: Values };

/** `mostResults`: after how many paging stops; null for the vendor's number. */
export function searchRoutes(app: Hono<VendorEnv>, { portal, rendering }: Parts, mostResults: () => number | null): void {
  for (const base of OBJECT_PATHS)
    app.post(`${base}/:type/search`, async (c) => {
      const objectType = objectTypeOf(c.req.param('type'));
      mayRead(c, objectType);
      const search = await bodyOf(c, searchSchema);
      const start = startOf(search, mostResults() ?? MOST_RESULTS);
      const hits = portal
        .live(objectType)
        .map((record) => ({ record, values: seen(record, portal.nowMs()) }))
        .filter((hit): hit is Hit => hit.values !== null)
        .filter(filterOf(portal.schema, objectType, search))
        .sort(orderOf(portal.schema, objectType, search));
      const page = hits.slice(start, start + search.limit);
      const end = start + page.length;
      const view = { properties: search.properties, propertiesWithHistory: [], associations: [] };
      Object.assign(c.env.trace, { operation: 'search objects', effect: 'read', records: page.length });
      return c.json({
        total: hits.length,
        results: page.map(({ record, values }) => rendering.record({ ...record, values }, view)),
        ...(end < hits.length && page.length > 0 ? { paging: { next: { after: String(end) } } } : {}),
      });
    });
}

/** What the index has of a record: what it was before the last write, for a moment; null where it was not there. */
function seen(record: CrmRecord, nowMs: number): Values | null {
  return record.indexedAtMs <= nowMs ? record.values : record.indexed;
}

function startOf({ after, limit, filterGroups }: Search, most: number): number {
  const start = Number(after ?? 0);
  if (!Number.isInteger(start) || start < 0) throw badRequest(`There was a problem with the request: invalid 'after': ${after}`);
  if (start + limit > most)
    throw badRequest(`There was a problem with the request: paging stops at ${most} results, asked for ${start + limit}`);
  const filters = filterGroups.reduce((sum, group) => sum + group.filters.length, 0);
  if (filters > MOST_FILTERS)
    throw badRequest(`There was a problem with the request: at most ${MOST_FILTERS} filters are allowed, were ${filters}`);
  return start;
}

/** Groups are alternatives; within a group all filters must hold. */
function filterOf(schema: Schema, objectType: ObjectType, search: Search): (hit: Hit) => boolean {
  const groups = search.filterGroups.map(({ filters }) =>
    filters.map((filter: Filter) => {
      const property = known(schema, objectType, filter.propertyName);
      const test = testOf(property, filter);
      return ({ values }: Hit) => test(values[property.name]);
    }),
  );
  const query = search.query?.trim() ?? '';
  const { searched } = traitsOf(objectType);
  return (hit) =>
    (groups.length === 0 || groups.some((group) => group.every((test) => test(hit)))) &&
    (query === '' || matchesQuery(hit.values, searched, query));
}

/** By the asked property, records without it last; then in the order of their making. */
function orderOf(schema: Schema, objectType: ObjectType, search: Search): (a: Hit, b: Hit) => number {
  const [sort] = search.sorts;
  const byId = (a: Hit, b: Hit): number => Number(a.record.id) - Number(b.record.id);
  if (sort === undefined) return byId;
  const isText = typeof sort === 'string';
  const name = isText ? sort.replace(/^-/, '') : sort.propertyName;
  const factor = (isText ? sort.startsWith('-') : sort.direction === 'DESCENDING') ? -1 : 1;
  const property = known(schema, objectType, name);
  return (a, b) => {
    const [left, right] = [a.values[property.name], b.values[property.name]];
    if (left === undefined || right === undefined) return left === right ? byId(a, b) : left === undefined ? 1 : -1;
    const [x, y] = [comparable(property, left), comparable(property, right)];
    return x === y ? byId(a, b) : x < y ? -factor : factor;
  };
}

function known(schema: Schema, objectType: ObjectType, name: string): PropertyDefinition {
  const property = schema.property(objectType, name);
  if (property === undefined)
    throw badRequest(`There was a problem with the request: property '${name}' does not exist`, {
      errors: [{ message: `Property "${name}" does not exist`, code: 'PROPERTY_DOESNT_EXIST', context: { propertyName: [name] } }],
    });
  return property;
}
