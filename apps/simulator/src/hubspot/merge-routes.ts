/** Merging two records: one goes on with the values and associations of both, the other's id means it from then on. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { mayWrite, sourceOf } from './access.ts';
import { liveRecord } from './association-routes.ts';
import { bodyOf } from './body.ts';
import { badRequest } from './errors.ts';
import type { CrmRecord, Source } from './model.ts';
import { objectTypeOf, traitsOf } from './object-types.ts';
import type { Parts } from './parts.ts';
import { person } from './page.ts';
import { OBJECT_PATHS } from './parts.ts';

const mergeSchema = z.strictObject({ primaryObjectId: z.string(), objectIdToMerge: z.string() });

export function mergeRoutes(app: Hono<VendorEnv>, parts: Parts): void {
  const { portal, rendering } = parts;
  for (const base of OBJECT_PATHS)
    app.post(`${base}/:type/merge`, async (c) => {
      const objectType = objectTypeOf(c.req.param('type'));
      const account = mayWrite(c, objectType);
      if (!traitsOf(objectType).canMerge) throw badRequest(`${traitsOf(objectType).noun} records cannot be merged`);
      const { primaryObjectId, objectIdToMerge } = await bodyOf(c, mergeSchema);
      const winner = liveRecord(portal, objectType, primaryObjectId);
      const loser = liveRecord(portal, objectType, objectIdToMerge);
      if (winner === loser) throw badRequest('A record cannot be merged with itself');
      portal.transaction(() => merge(parts, { ...sourceOf(account), sourceType: 'MERGE_OBJECTS' }, winner, loser));
      Object.assign(c.env.trace, { operation: 'merge objects', effect: 'update', records: 2 });
      return c.json(rendering.created(winner));
    });
}

/** HubSpot merges no tasks. A test can, to see what becomes of a record whose id means another one: merged contacts and companies do the same. */
export function mergedTasks(app: Hono<VendorEnv>, parts: Parts): void {
  const { portal, rendering } = parts;
  app.post('/ui/merge', async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'merge tasks', effect: 'update', records: 2 });
    const { primaryObjectId, objectIdToMerge } = await bodyOf(c, mergeSchema);
    const winner = liveRecord(portal, 'tasks', primaryObjectId);
    const loser = liveRecord(portal, 'tasks', objectIdToMerge);
    portal.transaction(() => merge(parts, { ...person(), sourceType: 'MERGE_OBJECTS' }, winner, loser));
    return c.json(rendering.created(winner));
  });
}

function merge({ portal, associations }: Parts, source: Source, winner: CrmRecord, loser: CrmRecord): void {
  const isTaken = (name: string): boolean =>
    winner.values[name] === undefined && portal.schema.property(winner.objectType, name)?.readOnlyValue === false;
  const moved = Object.fromEntries(Object.entries(loser.values).filter(([name]) => isTaken(name)));
  const mergedIds = [winner.values['hs_merged_object_ids'], loser.values['hs_merged_object_ids'], loser.id];
  portal.mergeInto(source, loser, winner, Object.keys(moved).length);
  const remembered = portal.schema.property(winner.objectType, 'hs_merged_object_ids') !== undefined;
  portal.change(source, winner, {
    ...moved,
    ...(remembered ? { hs_merged_object_ids: mergedIds.filter((id) => id !== undefined).join(';') } : {}),
  });
  for (const edge of associations.all(loser.objectType, loser.id)) {
    const type = associations.type(loser.objectType, edge.typeId);
    if (type === undefined) continue;
    associations.remove(loser.id, edge.toId, type);
    associations.add(winner.id, edge.toId, type);
  }
}
