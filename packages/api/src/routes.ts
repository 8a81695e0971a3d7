/**
 * Every route of the HTTP API. The worker serves them, the client calls them; neither knows another path.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { ITEM_KINDS } from '@lockstep/domain/backlog/item.ts';
import { failures, json, security } from './responses.ts';
import * as s from './schemas.ts';

const listOf = (value: unknown): unknown => (typeof value === 'string' ? value.split(',').filter((part) => part !== '') : value);

export const statusRoute = createRoute({
  method: 'get',
  path: '/v1/status',
  summary: 'What is in step, owed, parked and asked',
  security,
  responses: { 200: { description: 'Figures of every connection', content: json(s.statusSchema) }, ...failures },
});

export const planRoute = createRoute({
  method: 'get',
  path: '/v1/plan',
  summary: 'The exact writes that are owed now, per tool',
  security,
  request: { query: z.object({ connections: z.preprocess(listOf, z.array(z.string())).optional() }) },
  responses: { 200: { description: 'The plan; its id binds it', content: json(s.planSchema) }, ...failures },
});

export const applyRoute = createRoute({
  method: 'post',
  path: '/v1/apply',
  summary: 'Lets the writes of a plan flow; refused when anything has moved since',
  security,
  request: { body: { required: true, content: json(s.applyRequestSchema) } },
  responses: { 200: { description: 'The plan that is being applied', content: json(s.planSchema) }, ...failures },
});

export const syncRoute = createRoute({
  method: 'post',
  path: '/v1/sync',
  summary: 'Wakes connections for a pass',
  security,
  request: { body: { required: true, content: json(s.syncRequestSchema) } },
  responses: { 200: { description: 'The connections that were woken', content: json(s.wokenSchema) }, ...failures },
});

export const itemsRoute = createRoute({
  method: 'get',
  path: '/v1/items',
  summary: 'The canonical backlog, page by page in id order',
  security,
  request: {
    query: z.object({
      after: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
      kind: z.enum(ITEM_KINDS).optional(),
    }),
  },
  responses: {
    200: { description: 'A page', content: json(z.object({ items: z.array(s.itemSchema), next: z.string().nullable() })) },
    ...failures,
  },
});

export const findRoute = createRoute({
  method: 'get',
  path: '/v1/items/find',
  summary: 'Items by id, by the id or key of a record in any tool, or by title; only the closest way that finds any counts',
  security,
  request: { query: z.object({ text: z.string().min(1).max(500) }) },
  responses: { 200: { description: 'At most 20', content: json(z.object({ items: z.array(s.foundItemSchema) })) }, ...failures },
});

export const importRoute = createRoute({
  method: 'post',
  path: '/v1/items/import',
  summary: 'Sets fields of items as an operator; a dry run unless told otherwise',
  security,
  request: { body: { required: true, content: json(s.importRequestSchema) } },
  responses: { 200: { description: 'What was, or would be, done', content: json(s.importAnswerSchema) }, ...failures },
});

const itemParams = { params: z.object({ itemId: z.string() }) };

export const whyRoute = createRoute({
  method: 'get',
  path: '/v1/items/{itemId}/why',
  summary: 'Everything on record about one item',
  security,
  request: itemParams,
  responses: { 200: { description: 'Values, sources, links, owed writes, conflicts, ledger', content: json(s.whySchema) }, ...failures },
});

export const resyncRoute = createRoute({
  method: 'post',
  path: '/v1/items/{itemId}/resync',
  summary: 'Reads one item anew in every tool and writes what it is owed',
  security,
  request: itemParams,
  responses: { 200: { description: 'The connections that were woken', content: json(s.wokenSchema) }, ...failures },
});

export const conflictsRoute = createRoute({
  method: 'get',
  path: '/v1/conflicts',
  summary: 'Conflicts: open ones wait for a person',
  security,
  request: {
    query: z.object({
      state: z.enum(['open', 'recorded', 'resolved']).optional(),
      itemId: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
  },
  responses: { 200: { description: 'Newest first', content: json(z.object({ conflicts: z.array(s.conflictSchema) })) }, ...failures },
});

const conflictParams = { params: z.object({ conflictId: z.string() }) };

export const conflictRoute = createRoute({
  method: 'get',
  path: '/v1/conflicts/{conflictId}',
  summary: 'One conflict',
  security,
  request: conflictParams,
  responses: { 200: { description: 'The conflict', content: json(s.conflictSchema) }, ...failures },
});

export const resolveRoute = createRoute({
  method: 'post',
  path: '/v1/conflicts/{conflictId}/resolve',
  summary: 'Settles a conflict',
  security,
  request: { ...conflictParams, body: { required: true, content: json(s.resolutionSchema) } },
  responses: { 200: { description: 'The connections that are owed writes by it', content: json(s.wokenSchema) }, ...failures },
});

const connectionParams = { params: z.object({ connectionId: z.string() }) };

export const pauseRoute = createRoute({
  method: 'post',
  path: '/v1/connections/{connectionId}/pause',
  summary: 'Stops reading and writing of one connection',
  security,
  request: connectionParams,
  responses: { 200: { description: 'Paused, on record', content: json(s.wokenSchema) }, ...failures },
});

export const resumeRoute = createRoute({
  method: 'post',
  path: '/v1/connections/{connectionId}/resume',
  summary: 'Goes on with a connection and closes its auth breaker',
  security,
  request: connectionParams,
  responses: { 200: { description: 'Running again', content: json(s.wokenSchema) }, ...failures },
});

export const doctorRoute = createRoute({
  method: 'get',
  path: '/v1/doctor',
  summary: 'Checks credentials, scopes and mapping of every connection',
  security,
  responses: {
    200: { description: 'Findings with remedies', content: json(z.object({ findings: z.array(s.findingSchema) })) },
    ...failures,
  },
});
