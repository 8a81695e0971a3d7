/** Routes of the audit log. They read: entries come in with what they are about, never over the API. */
import { createRoute, z } from '@hono/zod-openapi';
import * as s from './audit-schemas.ts';
import { failures, json, security } from './responses.ts';

const place = z.coerce.number().int().min(0);
const limit = z.coerce.number().int().min(1).max(5_000).default(1_000);

export const auditRoute = createRoute({
  method: 'get',
  path: '/v1/audit',
  summary: 'The audit log, page by page in order',
  security,
  request: { query: z.object({ from: place.default(0), limit }) },
  responses: { 200: { description: 'A page', content: json(s.auditPageSchema) }, ...failures },
});

export const auditCheckpointsRoute = createRoute({
  method: 'get',
  path: '/v1/audit/checkpoints',
  summary: 'Signed checkpoints as the store has them; the witness has its own',
  security,
  request: { query: z.object({ after: place.default(0), limit }) },
  responses: { 200: { description: 'By size', content: json(z.object({ checkpoints: z.array(s.checkpointSchema) })) }, ...failures },
});

export const auditConsistencyRoute = createRoute({
  method: 'get',
  path: '/v1/audit/consistency',
  summary: 'Proof that the log of `second` entries goes on from that of `first` (RFC 6962, 2.1.2)',
  security,
  request: { query: z.object({ first: place, second: place }) },
  responses: { 200: { description: 'The proof', content: json(s.consistencySchema) }, ...failures },
});

export const auditInclusionRoute = createRoute({
  method: 'get',
  path: '/v1/audit/entries/{seq}/proof',
  summary: 'Proof that an entry is among the first `size` (RFC 6962, 2.1.1)',
  security,
  request: { params: z.object({ seq: place }), query: z.object({ size: place }) },
  responses: { 200: { description: 'The proof', content: json(s.inclusionSchema) }, ...failures },
});
