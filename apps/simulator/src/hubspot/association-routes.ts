/** Associations of records, one at a time and in batches, and their types. Source: crm/associations/v4 of the SDK's models. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { mayRead, mayWrite } from './access.ts';
import type { Associations } from './associations.ts';
import { associationTypesSchema, bodyOf, limitParameter, objectIdSchema, onlyParameters } from './body.ts';
import type { HubSpotContext } from './body.ts';
import { badRequest, missing } from './errors.ts';
import type { AssociationType, CrmRecord, Edge, ObjectType } from './model.ts';
import { objectTypeOf, traitsOf } from './object-types.ts';
import type { Parts } from './parts.ts';
import { RECORD_ASSOCIATION_PATHS } from './parts.ts';
import type { Portal } from './portal.ts';

export const MOST_ON_PAGE = 500;

export function associationRoutes(app: Hono<VendorEnv>, parts: Parts): void {
  for (const base of RECORD_ASSOCIATION_PATHS) {
    readRoutes(app, parts, base);
    writeRoutes(app, parts, base);
  }
}

function readRoutes(app: Hono<VendorEnv>, { portal, associations, baseUrl }: Parts, base: string): void {
  app.get(`${base}/:type/:id/associations/:to`, (c) => {
    const from = liveRecord(portal, objectTypeOf(c.req.param('type')), c.req.param('id'));
    const to = objectTypeOf(c.req.param('to'));
    mayRead(c, from.objectType);
    mayRead(c, to);
    onlyParameters(c, 'limit', 'after');
    const page = pageOf(associations, from, to, c.req.query('after'), limitParameter(c, MOST_ON_PAGE, MOST_ON_PAGE));
    Object.assign(c.env.trace, { operation: 'list associations', effect: 'read', records: page.results.length });
    const link = (after: string): string => `${baseUrl()}${c.req.path}?after=${after}`;
    return c.json({
      results: page.results,
      ...(page.after === null ? {} : { paging: { next: { after: page.after, link: link(page.after) } } }),
    });
  });
}

function writeRoutes(app: Hono<VendorEnv>, { portal, associations }: Parts, base: string): void {
  const ends = (c: HubSpotContext): { from: CrmRecord; to: CrmRecord } => {
    const from = objectTypeOf(c.req.param('type') ?? '');
    const to = objectTypeOf(c.req.param('to') ?? '');
    mayWrite(c, from);
    mayWrite(c, to);
    return { from: liveRecord(portal, from, c.req.param('id') ?? ''), to: liveRecord(portal, to, c.req.param('toId') ?? '') };
  };
  app.put(`${base}/:type/:id/associations/default/:to/:toId`, (c) => {
    const { from, to } = ends(c);
    onlyParameters(c);
    const type = defaultType(associations, from.objectType, to.objectType);
    portal.transaction(() => associations.add(from.id, to.id, type));
    Object.assign(c.env.trace, { operation: 'associate by default', effect: 'update', records: 1 });
    const now = new Date(portal.nowMs()).toISOString();
    return c.json({ status: 'COMPLETE', results: defaultResults(from.id, to.id, type), startedAt: now, completedAt: now });
  });
  app.put(`${base}/:type/:id/associations/:to/:toId`, async (c) => {
    const { from, to } = ends(c);
    const types = typesOf(associations, from.objectType, to.objectType, await bodyOf(c, associationTypesSchema));
    portal.transaction(() => {
      for (const type of types) associations.add(from.id, to.id, type);
    });
    Object.assign(c.env.trace, { operation: 'associate', effect: 'update', records: 1 });
    return c.json(labelsBetween(from.objectType, from.id, to.objectType, to.id, types), 201);
  });
  app.delete(`${base}/:type/:id/associations/:to/:toId`, (c) => {
    const { from, to } = ends(c);
    onlyParameters(c);
    portal.transaction(() => removeAll(associations, from.objectType, from.id, to.objectType, to.id));
    Object.assign(c.env.trace, { operation: 'remove associations', effect: 'update', records: 1 });
    return c.body(null, 204);
  });
}

export const pairSchema = z.strictObject({ from: objectIdSchema, to: objectIdSchema });

/** A record that is not archived; HubSpot's 404 where there is none. */
export function liveRecord(portal: Portal, type: ObjectType, id: string): CrmRecord {
  const record = portal.find(type, id);
  if (record === undefined || record.archivedMs !== null) throw missing(id);
  return record;
}

/** The unlabelled type between two objects; HubSpot's 400 where they cannot be associated. */
export function defaultType(associations: Associations, from: ObjectType, to: ObjectType): AssociationType {
  const type = associations.types(from, to)[0];
  if (type === undefined) throw badRequest(`There is no association type from ${traitsOf(from).noun} to ${traitsOf(to).noun}`);
  return type;
}

/** The types that a request names, which must go from one object to the other. */
export function typesOf(
  associations: Associations,
  from: ObjectType,
  to: ObjectType,
  specs: z.infer<typeof associationTypesSchema>,
): AssociationType[] {
  return specs.map((spec) => {
    const type = associations
      .types(from, to)
      .find((each) => each.typeId === spec.associationTypeId && each.category === spec.associationCategory);
    if (type === undefined)
      throw badRequest(
        `Association type ${spec.associationCategory} ${spec.associationTypeId} is not valid from ${traitsOf(from).noun} to ${traitsOf(to).noun}`,
      );
    return type;
  });
}

export function removeAll(associations: Associations, from: ObjectType, fromId: string, to: ObjectType, toId: string): void {
  for (const edge of associations.of(from, fromId, to)) {
    const type = associations.type(from, edge.typeId);
    if (edge.toId === toId && type !== undefined) associations.remove(fromId, toId, type);
  }
}

/** One page of what a record is associated with: by the other's id, each with all of its types. */
export function pageOf(
  associations: Associations,
  from: CrmRecord,
  to: ObjectType,
  after: string | undefined,
  limit: number,
): { results: object[]; after: string | null } {
  if (after !== undefined && !/^\d+$/.test(after)) throw badRequest(`Invalid paging cursor 'after': ${after}`);
  const byTarget = [...Map.groupBy(associations.of(from.objectType, from.id, to), (edge) => edge.toId)].filter(
    ([toId]) => Number(toId) > Number(after ?? 0),
  );
  const page = byTarget.slice(0, limit);
  return {
    results: page.map(([toObjectId, edges]) => ({ toObjectId, associationTypes: edges.map((edge) => shownType(associations, edge)) })),
    after: page.length < byTarget.length ? (page.at(-1)?.[0] ?? null) : null,
  };
}

function shownType(associations: Associations, edge: Edge): object {
  const type = associations.type(edge.fromType, edge.typeId);
  return { category: type?.category ?? 'HUBSPOT_DEFINED', typeId: edge.typeId, label: type?.label ?? null };
}

export function labelsBetween(
  from: ObjectType,
  fromObjectId: string,
  to: ObjectType,
  toObjectId: string,
  types: readonly AssociationType[],
): object {
  return {
    fromObjectTypeId: traitsOf(from).typeId,
    fromObjectId,
    toObjectTypeId: traitsOf(to).typeId,
    toObjectId,
    labels: types.flatMap(({ label }) => (label === null ? [] : [label])),
  };
}

export function defaultResults(fromId: string, toId: string, type: AssociationType): object[] {
  const spec = (associationTypeId: number): object => ({ associationCategory: type.category, associationTypeId });
  return [
    { from: { id: fromId }, to: { id: toId }, associationSpec: spec(type.typeId) },
    { from: { id: toId }, to: { id: fromId }, associationSpec: spec(type.inverseId) },
  ];
}
