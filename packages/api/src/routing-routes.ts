/** Routes of routing: product events in, leads, their clocks, and what people say to them. */
import { createRoute, z } from '@hono/zod-openapi';
import { failures, json, problem, security } from './responses.ts';
import * as said from './routing-answer-schemas.ts';
import * as past from './routing-past-schemas.ts';
import * as scores from './routing-score-schemas.ts';
import * as s from './routing-schemas.ts';

/** Segment's libraries send the write key as the user of basic authentication; its webhooks destination signs the body. */
export const EVENT_SECURITY = [{ token: [] }, { writeKey: [] }, { signature: [] }];

export const eventsRoute = createRoute({
  method: 'post',
  path: '/v1/events',
  summary: 'Product events as Segment sends them, one or a batch; each is taken once, by its message id',
  security: EVENT_SECURITY,
  request: {
    /** Imported history: no alarms of minutes for it, and it goes behind what happens now. Takes the API's token. */
    query: z.object({ backfill: z.enum(['true', 'false']).default('false') }),
    body: { required: true, content: json(s.eventsRequestSchema) },
  },
  responses: {
    200: { description: 'Stored for good; calls that were not taken are named', content: json(s.eventsAnswerSchema) },
    400: failures[400],
    401: problem('Neither a token, nor a write key, nor a signature of this body'),
    403: failures[403],
    413: problem('Larger than 500 KB; nothing of it was taken'),
    415: problem('Compressed; nothing of it was taken'),
  },
});

export const explainRoute = createRoute({
  method: 'get',
  path: '/v1/routing/accounts/{key}',
  summary: 'Why an account is a lead or none: score, evidence, candidates with reasons, clocks, what people were told',
  security,
  request: { params: z.object({ key: z.string().min(1).max(500).openapi({ example: 'domain:acme.example' }) }) },
  responses: { 200: { description: 'Everything on record', content: json(s.explainedAccountSchema) }, ...failures },
});

export const slaRoute = createRoute({
  method: 'get',
  path: '/v1/routing/sla',
  summary: 'Clocks: open, at risk, breached, uncovered',
  security,
  responses: { 200: { description: 'Now, and since the start of the report', content: json(s.slaReportSchema) }, ...failures },
});

export const leadsRoute = createRoute({
  method: 'get',
  path: '/v1/routing/leads',
  summary: 'Leads, newest first',
  security,
  request: {
    query: z.object({
      /** Left out: all that are not closed. */
      state: z.enum(s.LEAD_STATES).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
  },
  responses: { 200: { description: 'A page', content: json(z.object({ leads: z.array(s.leadSchema) })) }, ...failures },
});

const leadParams = { params: z.object({ leadId: z.string().min(1).max(200) }) };
const answered = {
  responses: { 200: { description: 'On record', content: json(said.leadAnswerSchema) }, ...failures },
};

export const acceptLeadRoute = createRoute({
  method: 'post',
  path: '/v1/routing/leads/{leadId}/accept',
  summary: 'A yes: the clock of the acknowledgement stops',
  security,
  request: { ...leadParams, body: { required: true, content: json(said.leadAnswerRequestSchema) } },
  ...answered,
});

export const declineLeadRoute = createRoute({
  method: 'post',
  path: '/v1/routing/leads/{leadId}/decline',
  summary: 'A no: the next one is asked, and the clock goes on',
  security,
  request: { ...leadParams, body: { required: true, content: json(said.leadAnswerRequestSchema) } },
  ...answered,
});

export const snoozeLeadRoute = createRoute({
  method: 'post',
  path: '/v1/routing/leads/{leadId}/snooze',
  summary: 'No reminders for a while, and never beyond the moment at which a named person hears; the clock goes on',
  security,
  request: { ...leadParams, body: { required: true, content: json(said.snoozeRequestSchema) } },
  ...answered,
});

export const reassignLeadRoute = createRoute({
  method: 'post',
  path: '/v1/routing/leads/{leadId}/reassign',
  summary: 'A person gives it to another: nobody takes that back but a person',
  security,
  request: { ...leadParams, body: { required: true, content: json(said.reassignRequestSchema) } },
  ...answered,
});

export const releaseLeadRoute = createRoute({
  method: 'post',
  path: '/v1/routing/leads/{leadId}/release',
  summary: 'Whoever has it gives it back: it is decided anew',
  security,
  request: { ...leadParams, body: { required: true, content: json(said.leadAnswerRequestSchema) } },
  ...answered,
});

export const closeLeadRoute = createRoute({
  method: 'post',
  path: '/v1/routing/leads/{leadId}/close',
  summary: 'The lead is over: whoever has it is free for another, its clocks are withdrawn',
  security,
  request: { ...leadParams, body: { required: true, content: json(said.closeRequestSchema) } },
  ...answered,
});

export const checkRoute = createRoute({
  method: 'post',
  path: '/v1/routing/check',
  summary: 'Checks scoring, roster, policy and service levels: gaps, overlaps, unreachable rules, uncovered hours; changes nothing',
  security,
  request: { body: { required: true, content: json(s.checkRequestSchema) } },
  responses: { 200: { description: 'What is wrong, by file and line', content: json(s.checkAnswerSchema) }, ...failures },
});

export const pastLeadsRoute = createRoute({
  method: 'get',
  path: '/v1/routing/past-leads',
  summary: 'Past leads as they were, in the order of their first decisions, to play documents against',
  security,
  request: { query: past.pastLeadsQuerySchema },
  responses: { 200: { description: 'A page', content: json(past.pastLeadsSchema) }, ...failures },
});

export const scoresRoute = createRoute({
  method: 'post',
  path: '/v1/routing/scores',
  summary: 'What accounts scored when they became leads, or at most before an instant; changes nothing',
  security,
  request: { body: { required: true, content: json(scores.scoresRequestSchema) } },
  responses: { 200: { description: 'In the order of the request', content: json(scores.scoresSchema) }, ...failures },
});

export const contextRoute = createRoute({
  method: 'post',
  path: '/v1/routing/context',
  summary: 'The documents in force, public holidays by region, and times away by person; changes nothing',
  security,
  request: { body: { required: true, content: json(past.contextRequestSchema) } },
  responses: { 200: { description: 'As known now', content: json(past.contextSchema) }, ...failures },
});
