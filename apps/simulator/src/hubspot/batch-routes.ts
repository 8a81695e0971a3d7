/**
 * Up to a hundred records at a time. What an input lacks is told in one of three ways: a record that is not there in a 207; a value that is refused
 * in a 207 where the input has an `objectWriteTraceId`; else the whole batch is refused and nothing is written.
 */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { mayRead, mayWrite, sourceOf } from './access.ts';
import { associationsSchema, bodyOf, booleanParameter, objectIdSchema, propertiesSchema } from './body.ts';
import type { HubSpotContext } from './body.ts';
import { badRequest, HubSpotError } from './errors.ts';
import type { CrmRecord, ObjectType } from './model.ts';
import { lookup } from './object-routes.ts';
import { objectTypeOf, traitsOf } from './object-types.ts';
import type { Parts } from './parts.ts';
import { OBJECT_PATHS } from './parts.ts';
import { applyCreate, Claims, prepareCreate, prepareUpdate } from './writing.ts';
import type { PreparedCreate } from './writing.ts';

const MOST_INPUTS = 100;
const MOST_INPUTS_WITH_HISTORY = 50;

const named = { id: objectIdSchema.shape.id, idProperty: z.string().optional(), objectWriteTraceId: z.string().optional() };
const readSchema = z.strictObject({
  inputs: z.array(objectIdSchema).min(1),
  properties: z.array(z.string()).default([]),
  propertiesWithHistory: z.array(z.string()).default([]),
  idProperty: z.string().optional(),
});
const createSchema = z.strictObject({
  inputs: z
    .array(
      z.strictObject({
        properties: propertiesSchema,
        associations: associationsSchema.optional(),
        objectWriteTraceId: z.string().optional(),
      }),
    )
    .min(1),
});
const updateSchema = z.strictObject({ inputs: z.array(z.strictObject({ ...named, properties: propertiesSchema })).min(1) });
const archiveSchema = z.strictObject({ inputs: z.array(objectIdSchema).min(1) });

type Named = z.infer<typeof updateSchema>['inputs'][number];

/** What became of the inputs of one batch. */
interface Outcome {
  readonly startedMs: number;
  readonly results: object[];
  readonly errors: object[];
}

export function batchRoutes(app: Hono<VendorEnv>, parts: Parts): void {
  for (const base of OBJECT_PATHS) {
    app.post(`${base}/:type/batch/read`, (c) => read(c, parts, objectTypeOf(c.req.param('type'))));
    app.post(`${base}/:type/batch/create`, (c) => create(c, parts, objectTypeOf(c.req.param('type'))));
    app.post(`${base}/:type/batch/update`, (c) => update(c, parts, objectTypeOf(c.req.param('type'))));
    app.post(`${base}/:type/batch/upsert`, (c) => upsert(c, parts, objectTypeOf(c.req.param('type'))));
    app.post(`${base}/:type/batch/archive`, (c) => archive(c, parts, objectTypeOf(c.req.param('type'))));
  }
}

async function read(c: HubSpotContext, { portal, rendering }: Parts, objectType: ObjectType): Promise<Response> {
  mayRead(c, objectType);
  const body = await bodyOf(c, readSchema, 'archived');
  atMost(body.inputs, body.propertiesWithHistory.length === 0 ? MOST_INPUTS : MOST_INPUTS_WITH_HISTORY);
  const archived = booleanParameter(c, 'archived');
  const outcome = newOutcome(portal.nowMs());
  const view = { properties: body.properties, propertiesWithHistory: body.propertiesWithHistory, associations: [] };
  const lacking: string[] = [];
  const found = new Set<CrmRecord>();
  for (const { id } of body.inputs) {
    const record = lookup(portal, objectType, id, body.idProperty);
    if (record !== undefined && (record.archivedMs !== null) === archived) found.add(record);
    else lacking.push(id);
  }
  for (const record of found) outcome.results.push(rendering.record(record, view));
  if (lacking.length > 0) outcome.errors.push(absent(objectType, 'get').standard({ ids: lacking }));
  Object.assign(c.env.trace, { operation: 'batch read objects', effect: 'read', records: found.size });
  return answer(c, portal.nowMs(), outcome, 200);
}

async function create(c: HubSpotContext, parts: Parts, objectType: ObjectType): Promise<Response> {
  const { portal, rendering } = parts;
  const account = mayWrite(c, objectType);
  const { inputs } = await bodyOf(c, createSchema);
  atMost(inputs, MOST_INPUTS);
  const outcome = newOutcome(portal.nowMs());
  const claims = new Claims();
  const prepared: { traceId: string | undefined; create: PreparedCreate }[] = [];
  for (const input of inputs)
    attempt(outcome, input.objectWriteTraceId, () =>
      prepared.push({ traceId: input.objectWriteTraceId, create: prepareCreate(parts, objectType, input, claims) }),
    );
  portal.transaction(() => {
    for (const { traceId, create: planned } of prepared) {
      const record = applyCreate(parts, sourceOf(account), objectType, planned);
      outcome.results.push({ ...rendering.created(record), ...traced(traceId) });
    }
  });
  Object.assign(c.env.trace, { operation: 'batch create objects', effect: 'create', records: prepared.length });
  return answer(c, portal.nowMs(), outcome, 201);
}

async function update(c: HubSpotContext, parts: Parts, objectType: ObjectType): Promise<Response> {
  const { portal, rendering } = parts;
  const account = mayWrite(c, objectType);
  const { inputs } = await bodyOf(c, updateSchema);
  atMost(inputs, MOST_INPUTS);
  refuseDuplicates(inputs);
  const outcome = newOutcome(portal.nowMs());
  const claims = new Claims();
  const prepared: { input: Named; record: CrmRecord; changes: ReturnType<typeof prepareUpdate> }[] = [];
  const lacking: string[] = [];
  for (const input of inputs)
    attempt(outcome, input.objectWriteTraceId, () => {
      const record = lookup(portal, objectType, input.id, input.idProperty);
      if (record === undefined || record.archivedMs !== null) lacking.push(input.id);
      else prepared.push({ input, record, changes: prepareUpdate(portal, record, input.properties, claims) });
    });
  refuseDuplicates(prepared.map(({ record }) => record));
  if (lacking.length > 0) outcome.errors.push(absent(objectType, 'update').standard({ ids: lacking }));
  portal.transaction(() => {
    for (const { input, record, changes } of prepared) {
      portal.change(sourceOf(account), record, changes);
      outcome.results.push({ ...rendering.updated(record, Object.keys(changes)), ...traced(input.objectWriteTraceId) });
    }
  });
  Object.assign(c.env.trace, { operation: 'batch update objects', effect: 'update', records: prepared.length });
  return answer(c, portal.nowMs(), outcome, 200);
}

async function upsert(c: HubSpotContext, parts: Parts, objectType: ObjectType): Promise<Response> {
  const { portal, rendering } = parts;
  const source = sourceOf(mayWrite(c, objectType));
  const { inputs } = await bodyOf(c, updateSchema);
  atMost(inputs, MOST_INPUTS);
  refuseDuplicates(inputs);
  const outcome = newOutcome(portal.nowMs());
  const claims = new Claims();
  const writes: { traceId: string | undefined; isNew: boolean; apply: () => object }[] = [];
  for (const input of inputs)
    attempt(outcome, input.objectWriteTraceId, () => {
      const traceId = input.objectWriteTraceId;
      const record = lookup(portal, objectType, input.id, input.idProperty);
      if (record !== undefined && record.archivedMs === null) {
        const changes = prepareUpdate(portal, record, input.properties, claims);
        const apply = (): object => {
          portal.change(source, record, changes);
          return rendering.updated(record, [...(input.idProperty === undefined ? [] : [input.idProperty]), ...Object.keys(changes)]);
        };
        writes.push({ traceId, isNew: false, apply });
      } else if (input.idProperty === undefined || input.idProperty === 'hs_object_id') {
        // An id is HubSpot's to give: a record is made only by a unique property.
        throw absent(objectType, 'upsert', [input.id]);
      } else {
        const properties = { [input.idProperty]: input.id, ...input.properties };
        const planned = prepareCreate(parts, objectType, { properties }, claims);
        writes.push({ traceId, isNew: true, apply: () => rendering.created(applyCreate(parts, source, objectType, planned)) });
      }
    });
  portal.transaction(() => {
    for (const { traceId, isNew, apply } of writes) outcome.results.push({ ...apply(), new: isNew, ...traced(traceId) });
  });
  // The log has one effect for a request: records that were made count before those that were changed.
  const made = writes.filter(({ isNew }) => isNew).length;
  Object.assign(c.env.trace, {
    operation: 'batch upsert objects',
    effect: made > 0 ? 'create' : 'update',
    records: made > 0 ? made : writes.length,
  });
  return answer(c, portal.nowMs(), outcome, 200);
}

async function archive(c: HubSpotContext, { portal }: Parts, objectType: ObjectType): Promise<Response> {
  const account = mayWrite(c, objectType);
  const { inputs } = await bodyOf(c, archiveSchema);
  atMost(inputs, MOST_INPUTS);
  const records = new Set(inputs.map(({ id }) => portal.find(objectType, id)).filter((record) => record?.archivedMs === null));
  portal.transaction(() => {
    for (const record of records) if (record !== undefined) portal.setArchived(sourceOf(account), record, true);
  });
  Object.assign(c.env.trace, { operation: 'batch archive objects', effect: 'delete', records: records.size });
  return c.body(null, 204);
}

/** Runs a step for one input; its refusal is kept where the input can be told by a trace id, else it is the whole batch's. */
function attempt(outcome: Outcome, traceId: string | undefined, step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!(error instanceof HubSpotError) || traceId === undefined) throw error;
    outcome.errors.push(error.standard({ objectWriteTraceId: [traceId] }));
  }
}

const newOutcome = (startedMs: number): Outcome => ({ startedMs, results: [], errors: [] });
const traced = (objectWriteTraceId: string | undefined): object => (objectWriteTraceId === undefined ? {} : { objectWriteTraceId });

function absent(objectType: ObjectType, verb: string, ids?: readonly string[]): HubSpotError {
  return new HubSpotError(
    404,
    'OBJECT_NOT_FOUND',
    `Could not ${verb} some ${traitsOf(objectType).noun} objects, they may be deleted or not exist. Check that ids are valid.`,
    ids === undefined ? {} : { context: { ids } },
  );
}

function atMost(inputs: readonly unknown[], most: number): void {
  if (inputs.length > most) throw badRequest(`The maximum number of inputs supported in a batch request is ${most}, was ${inputs.length}`);
}

function refuseDuplicates(inputs: readonly { readonly id: string }[]): void {
  const seen = new Set<string>();
  const twice = new Set(inputs.map(({ id }) => id).filter((id) => seen.size === seen.add(id).size));
  if (twice.size > 0)
    throw badRequest(`Duplicate IDs found in batch input: [${[...twice].join(', ')}]. IDs must be unique`, {
      context: { ids: [...twice] },
    });
}

function answer(c: HubSpotContext, completedMs: number, outcome: Outcome, status: 200 | 201): Response {
  const { results, errors, startedMs } = outcome;
  return c.json(
    {
      status: 'COMPLETE',
      results,
      ...(errors.length === 0 ? {} : { numErrors: errors.length, errors }),
      startedAt: new Date(startedMs).toISOString(),
      completedAt: new Date(completedMs).toISOString(),
    },
    errors.length === 0 ? status : 207,
  );
}
