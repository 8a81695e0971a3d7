/** Routes of replays: failed workflows set back to a point and run on from there. */
import { createRoute, z } from '@hono/zod-openapi';
import { failures, json, security } from './responses.ts';
import * as s from './replay-schemas.ts';

const detail = {
  200: { description: 'The replay, how far it is, and its targets from `from` on', content: json(s.replayDetailSchema) },
};
const replayParams = { params: z.object({ replayId: z.string() }) };

export const runReplayRoute = createRoute({
  method: 'post',
  path: '/v1/replays',
  summary:
    'What a replay would do again, what is done by its keys, and what is not safe; starts it unless it is a dry run, which it is by default',
  security,
  request: { body: { required: true, content: json(s.replayRequestSchema) } },
  responses: { 200: { description: 'The plan, and what was started', content: json(s.replayAnswerSchema) }, ...failures },
});

export const replaysRoute = createRoute({
  method: 'get',
  path: '/v1/replays',
  summary: 'Replays, newest first',
  security,
  request: {
    query: z.object({
      before: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(50),
      state: z.enum(['planned', 'awaiting-approval', 'running', 'paused', 'ended']).optional(),
    }),
  },
  responses: { 200: { description: 'A page', content: json(z.object({ replays: z.array(s.replaySchema) })) }, ...failures },
});

export const replayRoute = createRoute({
  method: 'get',
  path: '/v1/replays/{replayId}',
  summary: 'One replay: its effects, and what became of each workflow',
  security,
  request: {
    ...replayParams,
    query: z.object({
      from: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
  },
  responses: { ...detail, ...failures },
});

export const approveReplayRoute = createRoute({
  method: 'post',
  path: '/v1/replays/{replayId}/approve',
  summary: 'A yes to exactly this plan; what is not safe has to be named',
  security,
  request: { ...replayParams, body: { required: true, content: json(s.replayDecisionSchema) } },
  responses: { ...detail, ...failures },
});

export const rejectReplayRoute = createRoute({
  method: 'post',
  path: '/v1/replays/{replayId}/reject',
  summary: 'A no; the replay ends and sets nothing back',
  security,
  request: { ...replayParams, body: { required: true, content: json(s.replayDecisionSchema) } },
  responses: { ...detail, ...failures },
});

export const pauseReplayRoute = createRoute({
  method: 'post',
  path: '/v1/replays/{replayId}/pause',
  summary: 'No further batch begins until it is resumed',
  security,
  request: replayParams,
  responses: { ...detail, ...failures },
});

export const resumeReplayRoute = createRoute({
  method: 'post',
  path: '/v1/replays/{replayId}/resume',
  summary: 'Goes on with a replay that is paused',
  security,
  request: replayParams,
  responses: { ...detail, ...failures },
});

export const stopReplayRoute = createRoute({
  method: 'post',
  path: '/v1/replays/{replayId}/stop',
  summary: 'Ends a replay: what was set back stays so, the rest is left alone',
  security,
  request: replayParams,
  responses: { ...detail, ...failures },
});
