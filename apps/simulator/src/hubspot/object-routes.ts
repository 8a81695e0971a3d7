/** One record at a time: list, get, create, update, archive, under every published version of the path. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { mayRead, mayWrite, sourceOf } from './access.ts';
import { associationsSchema, bodyOf, booleanParameter, limitParameter, listParameter, onlyParameters, propertiesSchema } from './body.ts';
import type { HubSpotContext } from './body.ts';
import { badRequest, missing } from './errors.ts';
import type { CrmRecord, ObjectType } from './model.ts';
import { objectTypeOf } from './object-types.ts';
import type { Parts } from './parts.ts';
import { OBJECT_PATHS } from './parts.ts';
import type { Portal } from './portal.ts';
import type { View } from './rendering.ts';
import { applyCreate, prepareCreate, prepareUpdate } from './writing.ts';

const MOST_LISTED = 100;
const MOST_LISTED_WITH_HISTORY = 50;
const DEFAULT_LISTED = 10;

const createSchema = z.strictObject({
  properties: propertiesSchema,
  associations: associationsSchema.optional(),
  objectWriteTraceId: z.string().optional(),
});
const updateSchema = z.strictObject({ properties: propertiesSchema, objectWriteTraceId: z.string().optional() });

export function objectRoutes(app: Hono<VendorEnv>, parts: Parts): void {
  for (const base of OBJECT_PATHS) {
    readRoutes(app, parts, base);
    writeRoutes(app, parts, base);
  }
}

function readRoutes(app: Hono<VendorEnv>, { portal, rendering, baseUrl }: Parts, base: string): void {
  app.get(`${base}/:type`, (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayRead(c, objectType);
    onlyParameters(c, 'limit', 'after', 'properties', 'propertiesWithHistory', 'associations', 'archived');
    const view = viewOf(c);
    const limit = limitParameter(c, DEFAULT_LISTED, view.propertiesWithHistory.length === 0 ? MOST_LISTED : MOST_LISTED_WITH_HISTORY);
    const after = c.req.query('after') ?? '0';
    if (!/^\d+$/.test(after)) throw badRequest(`Invalid paging cursor 'after': ${after}`);
    const found = portal.list(objectType, { archived: booleanParameter(c, 'archived'), after: Number(after), limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    Object.assign(c.env.trace, { operation: 'list objects', effect: 'read', records: page.length });
    return c.json({
      results: page.map((record) => rendering.record(record, view)),
      ...(last === undefined || found.length <= limit
        ? {}
        : { paging: { next: { after: last.id, link: linkAfter(c, baseUrl(), last.id) } } }),
    });
  });

  app.get(`${base}/:type/:id`, (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    mayRead(c, objectType);
    onlyParameters(c, 'properties', 'propertiesWithHistory', 'associations', 'archived', 'idProperty');
    const record = recordOf(portal, objectType, c.req.param('id'), c.req.query('idProperty'), booleanParameter(c, 'archived'));
    Object.assign(c.env.trace, { operation: 'get object', effect: 'read', records: 1 });
    return c.json(rendering.record(record, viewOf(c)));
  });
}

function writeRoutes(app: Hono<VendorEnv>, parts: Parts, base: string): void {
  const { portal, rendering } = parts;
  app.post(`${base}/:type`, async (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    const account = mayWrite(c, objectType);
    const body = await bodyOf(c, createSchema);
    const prepared = prepareCreate(parts, objectType, body);
    const record = portal.transaction(() => applyCreate(parts, sourceOf(account), objectType, prepared));
    Object.assign(c.env.trace, { operation: 'create object', effect: 'create', records: 1 });
    return c.json(rendering.created(record), 201);
  });

  app.patch(`${base}/:type/:id`, async (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    const account = mayWrite(c, objectType);
    const { properties } = await bodyOf(c, updateSchema, 'idProperty');
    const record = recordOf(portal, objectType, c.req.param('id'), c.req.query('idProperty'), false);
    const changes = prepareUpdate(portal, record, properties);
    portal.transaction(() => portal.change(sourceOf(account), record, changes));
    Object.assign(c.env.trace, { operation: 'update object', effect: 'update', records: 1 });
    return c.json(rendering.updated(record, Object.keys(changes)));
  });

  app.delete(`${base}/:type/:id`, (c) => {
    const objectType = objectTypeOf(c.req.param('type'));
    const account = mayWrite(c, objectType);
    onlyParameters(c);
    const record = portal.find(objectType, c.req.param('id'));
    if (record === undefined) throw missing(c.req.param('id'));
    // An archived one is archived again, without a word.
    const isLive = record.archivedMs === null;
    portal.transaction(() => portal.setArchived(sourceOf(account), record, true));
    Object.assign(c.env.trace, { operation: 'archive object', effect: 'delete', records: isLive ? 1 : 0 });
    return c.body(null, 204);
  });
}

/** The record that a path or an input names, live or archived as asked for; HubSpot's 404 where there is none. */
function recordOf(portal: Portal, objectType: ObjectType, id: string, idProperty: string | undefined, archived: boolean): CrmRecord {
  const record = lookup(portal, objectType, id, idProperty);
  if (record === undefined || (record.archivedMs !== null) !== archived) throw missing(id);
  return record;
}

/** A record by its id or by a unique property. A property that is none is HubSpot's 400. */
export function lookup(portal: Portal, objectType: ObjectType, id: string, idProperty: string | undefined): CrmRecord | undefined {
  if (idProperty === undefined || idProperty === 'hs_object_id') return portal.find(objectType, id);
  if (portal.schema.property(objectType, idProperty)?.hasUniqueValue !== true)
    throw badRequest(`Property '${idProperty}' is not a unique identifier property of this object type`, {
      errors: [{ message: `${idProperty} does not have unique values`, code: 'INVALID_ID_PROPERTY' }],
    });
  return portal.holder(objectType, idProperty, idProperty === 'email' ? id.trim().toLowerCase() : id.trim());
}

function viewOf(c: HubSpotContext): View {
  return {
    properties: listParameter(c, 'properties'),
    propertiesWithHistory: listParameter(c, 'propertiesWithHistory'),
    associations: listParameter(c, 'associations').map(objectTypeOf),
  };
}

function linkAfter(c: HubSpotContext, baseUrl: string, after: string): string {
  const url = new URL(c.req.url);
  url.searchParams.set('after', after);
  return `${baseUrl}${url.pathname}${url.search}`;
}
