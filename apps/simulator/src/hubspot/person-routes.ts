/** What a person does in HubSpot's own pages to records of any object, as JSON: the history names the person, not an app. Restoring is theirs alone. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { liveRecord } from './association-routes.ts';
import { associationsSchema, bodyOf, onlyParameters, propertiesSchema } from './body.ts';
import { missing } from './errors.ts';
import { objectTypeOf } from './object-types.ts';
import { person } from './page.ts';
import type { Parts } from './parts.ts';
import { applyCreate, prepareCreate, prepareUpdate } from './writing.ts';

const createSchema = z.strictObject({ properties: propertiesSchema, associations: associationsSchema.optional() });
const editSchema = z.strictObject({ properties: propertiesSchema });

export function personRoutes(app: Hono<VendorEnv>, parts: Parts): void {
  const { portal, rendering } = parts;
  const base = '/ui/objects/:type';
  app.post(base, async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: create', effect: 'create', records: 1 });
    const objectType = objectTypeOf(c.req.param('type'));
    const prepared = prepareCreate(parts, objectType, await bodyOf(c, createSchema));
    return c.json(rendering.created(portal.transaction(() => applyCreate(parts, person(), objectType, prepared))), 201);
  });
  app.patch(`${base}/:id`, async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: edit', effect: 'update', records: 1 });
    const record = liveRecord(portal, objectTypeOf(c.req.param('type')), c.req.param('id'));
    const changes = prepareUpdate(portal, record, (await bodyOf(c, editSchema)).properties);
    portal.transaction(() => portal.change(person(), record, changes));
    return c.json(rendering.updated(record, Object.keys(changes)));
  });
  app.delete(`${base}/:id`, (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: archive', effect: 'delete', records: 1 });
    const record = liveRecord(portal, objectTypeOf(c.req.param('type')), c.req.param('id'));
    portal.transaction(() => portal.setArchived(person(), record, true));
    return c.body(null, 204);
  });
  app.post(`${base}/:id/restore`, (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'page: restore', effect: 'update', records: 1 });
    onlyParameters(c);
    const record = portal.find(objectTypeOf(c.req.param('type')), c.req.param('id'));
    if (record === undefined) throw missing(c.req.param('id'));
    portal.transaction(() => portal.setArchived(person(), record, false));
    return c.json(rendering.created(record));
  });
}
