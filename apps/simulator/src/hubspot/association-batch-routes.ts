/** Associations of many records at once, and the types that there are between two objects. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { mayRead, mayWrite } from './access.ts';
import {
  defaultResults,
  defaultType,
  labelsBetween,
  liveRecord,
  MOST_ON_PAGE,
  pageOf,
  pairSchema,
  removeAll,
  typesOf,
} from './association-routes.ts';
import { associationTypesSchema, bodyOf, objectIdSchema, onlyParameters } from './body.ts';
import type { HubSpotContext } from './body.ts';
import { HubSpotError } from './errors.ts';
import type { AssociationType, ObjectType } from './model.ts';
import { objectTypeOf, traitsOf } from './object-types.ts';
import type { Parts } from './parts.ts';
import { ASSOCIATION_PATHS } from './parts.ts';

const MOST_READ = 1_000;
const MOST_WRITTEN = 2_000;
/** A portal's own types begin here. */
const FIRST_CUSTOM_TYPE = 1_000;

const inputs = <S extends z.ZodType>(each: S, most: number): z.ZodObject<{ inputs: z.ZodArray<S> }> =>
  z.strictObject({ inputs: z.array(each).min(1).max(most) });
const readSchema = inputs(objectIdSchema.extend({ after: z.string().optional() }), MOST_READ);
const createSchema = inputs(pairSchema.extend({ types: associationTypesSchema }), MOST_WRITTEN);
const pairsSchema = inputs(pairSchema, MOST_WRITTEN);
const archiveSchema = inputs(z.strictObject({ from: objectIdSchema, to: z.array(objectIdSchema).min(1) }), MOST_WRITTEN);
const labelSchema = z.strictObject({ name: z.string().min(1), label: z.string().min(1), inverseLabel: z.string().min(1).optional() });

interface Ends {
  readonly from: ObjectType;
  readonly to: ObjectType;
}

export function associationBatchRoutes(app: Hono<VendorEnv>, parts: Parts): void {
  for (const base of ASSOCIATION_PATHS) batchRoutes(app, parts, `${base}/:from/:to/batch`);
  // The SDK asks for labels under one more, older path.
  for (const base of [...ASSOCIATION_PATHS, '/crm/associations/v4']) labelRoutes(app, parts, `${base}/:from/:to/labels`);
}

const endsOf = (c: HubSpotContext, may: typeof mayRead): Ends => {
  const ends = { from: objectTypeOf(c.req.param('from') ?? ''), to: objectTypeOf(c.req.param('to') ?? '') };
  may(c, ends.from);
  may(c, ends.to);
  return ends;
};

function batchRoutes(app: Hono<VendorEnv>, { portal, associations }: Parts, base: string): void {
  app.post(`${base}/read`, async (c) => {
    const { from, to } = endsOf(c, mayRead);
    const body = await bodyOf(c, readSchema);
    const results: object[] = [];
    const errors: object[] = [];
    for (const { id, after } of body.inputs) {
      const record = portal.find(from, id);
      const page = record?.archivedMs !== null ? null : pageOf(associations, record, to, after, MOST_ON_PAGE);
      if (page === null || page.results.length === 0) errors.push(nothingAssociated(from, to, id));
      else results.push({ from: { id }, to: page.results, ...(page.after === null ? {} : { paging: { next: { after: page.after } } }) });
    }
    Object.assign(c.env.trace, { operation: 'batch read associations', effect: 'read', records: results.length });
    return answer(c, portal.nowMs(), results, errors, 200);
  });
  app.post(`${base}/create`, async (c) => {
    const { from, to } = endsOf(c, mayWrite);
    const body = await bodyOf(c, createSchema);
    const links = body.inputs.map((input) => ({
      fromId: liveRecord(portal, from, input.from.id).id,
      toId: liveRecord(portal, to, input.to.id).id,
      types: typesOf(associations, from, to, input.types),
    }));
    portal.transaction(() => {
      for (const { fromId, toId, types } of links) for (const type of types) associations.add(fromId, toId, type);
    });
    Object.assign(c.env.trace, { operation: 'batch create associations', effect: 'update', records: links.length });
    const results = links.map(({ fromId, toId, types }) => labelsBetween(from, fromId, to, toId, types));
    return answer(c, portal.nowMs(), results, [], 201);
  });
  app.post(`${base}/associate/default`, async (c) => {
    const { from, to } = endsOf(c, mayWrite);
    const body = await bodyOf(c, pairsSchema);
    const type = defaultType(associations, from, to);
    const links = body.inputs.map((input) => [liveRecord(portal, from, input.from.id).id, liveRecord(portal, to, input.to.id).id] as const);
    portal.transaction(() => {
      for (const [fromId, toId] of links) associations.add(fromId, toId, type);
    });
    Object.assign(c.env.trace, { operation: 'batch associate by default', effect: 'update', records: links.length });
    return answer(
      c,
      portal.nowMs(),
      links.flatMap(([fromId, toId]) => defaultResults(fromId, toId, type)),
      [],
      200,
    );
  });
  app.post(`${base}/archive`, async (c) => {
    const { from, to } = endsOf(c, mayWrite);
    const body = await bodyOf(c, archiveSchema);
    portal.transaction(() => {
      for (const input of body.inputs) for (const target of input.to) removeAll(associations, from, input.from.id, to, target.id);
    });
    Object.assign(c.env.trace, { operation: 'batch archive associations', effect: 'update', records: body.inputs.length });
    return c.body(null, 204);
  });
  app.post(`${base}/labels/archive`, async (c) => {
    const { from, to } = endsOf(c, mayWrite);
    const body = await bodyOf(c, createSchema);
    const links = body.inputs.map((input) => ({ input, types: typesOf(associations, from, to, input.types) }));
    portal.transaction(() => {
      for (const { input, types } of links) for (const type of types) associations.remove(input.from.id, input.to.id, type);
    });
    Object.assign(c.env.trace, { operation: 'batch archive association labels', effect: 'update', records: links.length });
    return c.body(null, 204);
  });
}

function labelRoutes(app: Hono<VendorEnv>, { portal, associations }: Parts, path: string): void {
  const shown = (type: AssociationType): object => ({ category: type.category, typeId: type.typeId, label: type.label });
  app.get(path, (c) => {
    const { from, to } = endsOf(c, mayRead);
    onlyParameters(c);
    const types = associations.types(from, to);
    Object.assign(c.env.trace, { operation: 'list association types', effect: 'read', records: types.length });
    return c.json({ results: types.map(shown) });
  });
  app.post(path, async (c) => {
    const { from, to } = endsOf(c, mayWrite);
    const { label, inverseLabel } = await bodyOf(c, labelSchema);
    if (associations.types(from, to).some((type) => type.label === label))
      throw new HubSpotError(409, 'OBJECT_ALREADY_EXISTS', `An association label '${label}' already exists between these objects.`);
    const made = portal.transaction(() => {
      const typeId = FIRST_CUSTOM_TYPE + portal.next('associationType');
      const inverseId = FIRST_CUSTOM_TYPE + portal.next('associationType');
      const type: AssociationType = { from, to, category: 'USER_DEFINED', typeId, label, inverseId };
      const inverse: AssociationType = { ...type, from: to, to: from, typeId: inverseId, inverseId: typeId, label: inverseLabel ?? label };
      associations.addType(type);
      associations.addType(inverse);
      return [type, inverse];
    });
    Object.assign(c.env.trace, { operation: 'create association label' });
    return c.json({ results: made.map(shown) });
  });
}

function nothingAssociated(from: ObjectType, to: ObjectType, id: string): object {
  const [near, far] = [traitsOf(from).singular, traitsOf(to).singular];
  return new HubSpotError(404, 'OBJECT_NOT_FOUND', `No ${far} is associated with ${near} ${id}.`, {
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
  }).standard({ fromObjectId: [id], fromObjectType: [near], toObjectType: [far] });
}

function answer(c: HubSpotContext, nowMs: number, results: readonly object[], errors: readonly object[], status: 200 | 201): Response {
  const now = new Date(nowMs).toISOString();
  return c.json(
    {
      status: 'COMPLETE',
      results,
      ...(errors.length === 0 ? {} : { numErrors: errors.length, errors }),
      startedAt: now,
      completedAt: now,
    },
    errors.length === 0 ? status : 207,
  );
}
