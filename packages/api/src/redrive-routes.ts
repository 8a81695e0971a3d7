/** Routes of what waits for a person, and of driving it again. */
import { createRoute, z } from '@hono/zod-openapi';
import { givenInstant } from './instants.ts';
import * as s from './redrive-schemas.ts';
import { failures, json, security } from './responses.ts';

export const parkedRoute = createRoute({
  method: 'get',
  path: '/v1/parked',
  summary: 'What waits for a person after it failed, by connection and cause',
  security,
  request: { query: z.object({ ...s.parkedSelection, limit: z.coerce.number().int().min(1).max(1000).default(200) }) },
  responses: { 200: { description: 'Causes, most things first', content: json(s.parkedListSchema) }, ...failures },
});

export const redriveRoute = createRoute({
  method: 'post',
  path: '/v1/redrives',
  summary: 'Drives again what waits, once its cause is gone; a dry run unless told otherwise',
  security,
  request: { body: { required: true, content: json(s.redriveRequestSchema) } },
  responses: { 200: { description: 'What is, or would be, driven', content: json(s.redriveAnswerSchema) }, ...failures },
});

export const redriveStandingRoute = createRoute({
  method: 'get',
  path: '/v1/redrives/standing',
  summary: 'How far a redrive has come: what is on its way, and what has been parked again',
  security,
  request: { query: z.object({ at: givenInstant }) },
  responses: { 200: { description: 'Where it stands', content: json(s.redriveStandingSchema) }, ...failures },
});
