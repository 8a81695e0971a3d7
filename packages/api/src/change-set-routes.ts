/** Routes of change sets, rollbacks and undone runs. */
import { createRoute, z } from '@hono/zod-openapi';
import { failures, json, security } from './responses.ts';
import * as s from './change-set-schemas.ts';

const detail = {
  200: { description: 'The set, its diff from `from` on, and what is on record of it', content: json(s.changeSetDetailSchema) },
};
const setParams = { params: z.object({ changeSetId: z.string() }) };

export const planChangeSetRoute = createRoute({
  method: 'post',
  path: '/v1/change-sets',
  summary: 'Plans a bulk change: reads every record, and answers the exact diff; nothing is written to a CRM',
  security,
  request: { body: { required: true, content: json(s.changeSetRequestSchema) } },
  responses: {
    ...detail,
    422: { description: 'What is wrong with the request, step by step; nothing was planned', content: json(s.requestProblemsSchema) },
    ...failures,
  },
});

export const changeSetsRoute = createRoute({
  method: 'get',
  path: '/v1/change-sets',
  summary: 'Change sets, newest first',
  security,
  request: {
    query: z.object({
      before: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(50),
      state: z.enum(['planned', 'awaiting-approval', 'waiting-for-records', 'applying', 'verifying', 'compensating', 'ended']).optional(),
    }),
  },
  responses: { 200: { description: 'A page', content: json(z.object({ changeSets: z.array(s.changeSetSchema) })) }, ...failures },
});

export const changeSetRoute = createRoute({
  method: 'get',
  path: '/v1/change-sets/{changeSetId}',
  summary: 'One change set: diff, approvals, how far it is',
  security,
  request: {
    ...setParams,
    query: z.object({
      from: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
  },
  responses: { ...detail, ...failures },
});

export const applyChangeSetRoute = createRoute({
  method: 'post',
  path: '/v1/change-sets/{changeSetId}/apply',
  summary: 'Starts a planned set; it asks for its approvals first where policy wants them',
  security,
  request: { ...setParams, body: { required: true, content: json(s.decisionSchema) } },
  responses: { ...detail, ...failures },
});

export const approveChangeSetRoute = createRoute({
  method: 'post',
  path: '/v1/change-sets/{changeSetId}/approve',
  summary: 'A yes to exactly this diff',
  security,
  request: { ...setParams, body: { required: true, content: json(s.decisionSchema) } },
  responses: { ...detail, ...failures },
});

export const rejectChangeSetRoute = createRoute({
  method: 'post',
  path: '/v1/change-sets/{changeSetId}/reject',
  summary: 'A no; the set ends without a write',
  security,
  request: { ...setParams, body: { required: true, content: json(s.decisionSchema) } },
  responses: { ...detail, ...failures },
});

export const cancelChangeSetRoute = createRoute({
  method: 'post',
  path: '/v1/change-sets/{changeSetId}/cancel',
  summary: 'Stops a set and takes back what it has done; takes over one that needs an operator, whose records are free then',
  security,
  request: setParams,
  responses: { ...detail, ...failures },
});

export const rollbackRoute = createRoute({
  method: 'post',
  path: '/v1/rollbacks',
  summary: 'Plans the rollback of what is selected, as a change set of its own; nothing is written before it is applied',
  security,
  request: { body: { required: true, content: json(s.rollbackRequestSchema) } },
  responses: { ...detail, ...failures },
});

export const undoRunRoute = createRoute({
  method: 'post',
  path: '/v1/undo-runs',
  summary: "Takes back what one of the sync's runs has changed, where nobody has changed it since; a dry run unless told otherwise",
  security,
  request: { body: { required: true, content: json(s.undoRunRequestSchema) } },
  responses: { 200: { description: 'What was, or would be, restored', content: json(s.undoRunAnswerSchema) }, ...failures },
});
