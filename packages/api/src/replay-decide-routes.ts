/** The route of past decisions that are decided again. It reads: nothing is written, nobody is told. */
import { createRoute } from '@hono/zod-openapi';
import * as s from './replay-decide-schemas.ts';
import { failures, json, security } from './responses.ts';

export const redecideRoute = createRoute({
  method: 'post',
  path: '/v1/routing/decisions/replay',
  summary: 'Past decisions, decided again from their stored input by another policy or roster, page by page; nothing is written',
  security,
  request: { body: { required: true, content: json(s.redecideRequestSchema) } },
  responses: { 200: { description: 'A page: counts, and the decisions that differ', content: json(s.redecidedPageSchema) }, ...failures },
});
