/** For tests: the stand-in's routes of replays, and what they answer of one replay of three workflows. Every answer goes through the contract's schema. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import * as routes from '@lockstep/api/replay-routes.ts';
import { replayAnswerSchema, replayDetailSchema } from '@lockstep/api/replay-schemas.ts';
import type { ApiReplayPlan, ReplayDetail } from '@lockstep/api/replay-schemas.ts';
import type { Problem } from '@lockstep/api/schemas.ts';

const AT = '2026-11-24T08:00:00.000Z';
const EFFECTS = [
  { activity: 'applyBatch', shown: 3, doneByKey: 2, willRun: 1, unsafe: 0 },
  { activity: 'tell', shown: 1, doneByKey: 0, willRun: 0, unsafe: 1 },
  { activity: 'verifySet', shown: 2, doneByKey: 0, willRun: 0, unsafe: 0 },
];
const target = (ordinal: number): ReplayDetail['targets'][number] => ({
  ...{ workflowId: `change-set/growth/cs-${ordinal + 1}`, workflowType: 'changeSet', runId: `run-${ordinal + 1}`, resetEventId: 28 },
  ...{ effects: EFFECTS.slice(0, 1), ordinal, state: 'planned', code: null, newRunId: null, settledAt: null },
});

/** What a dry run tells. */
const PLAN: ApiReplayPlan = {
  ...{ hash: 'b1946ac92492d234', point: { at: 'failing-activity' }, effects: EFFECTS, unsafe: ['tell'] },
  targets: [0, 1, 2].map((ordinal) => {
    const { workflowId, workflowType, runId, resetEventId, effects } = target(ordinal);
    return { workflowId, workflowType, runId, resetEventId, effects };
  }),
  skipped: [
    { workflowId: 'change-set/growth/cs-8', code: 'OPEN' },
    { workflowId: 'change-set/growth/cs-9', code: 'DONE' },
  ],
  verdict: { decision: 'review', reasons: ['MANY_TARGETS', 'UNSAFE_EFFECTS'] },
};

/** The replay, as it waits for a yes. */
const WAITING: ReplayDetail = {
  replay: {
    ...{ replayId: 'rp-1', requestedBy: 'operator', requestedAt: AT, reason: 'deploy 81 is taken back', batchSize: 10, perSecond: 20 },
    ...{ selection: { by: 'query', query: 'ExecutionStatus = "Failed"' }, point: { at: 'failing-activity' }, targets: 3 },
    ...{ state: 'awaiting-approval', end: null, planHash: PLAN.hash, reasons: ['MANY_TARGETS', 'UNSAFE_EFFECTS'] },
    ...{ approvalExpiresAt: '2026-11-24T12:00:00.000Z', approver: null, decidedAt: null, acceptedUnsafe: [] },
  },
  ...{ counts: { planned: 3 }, effects: EFFECTS, unsafe: ['tell'], targets: [0, 1, 2].map(target), next: null },
};

/** What the stand-in answers of replays; a test replaces what it is about. */
export interface ReplayAnswers {
  plan: ApiReplayPlan;
  /** Called for every look at the one replay that there is. */
  detail: () => ReplayDetail;
}

export function cannedReplays(): ReplayAnswers {
  return { plan: PLAN, detail: () => WAITING };
}

/** How it stands once it has run: two set back, one that somebody has moved. */
export function endedReplay(end: NonNullable<ReplayDetail['replay']['end']>): ReplayDetail {
  const settled = { settledAt: AT, code: null };
  return {
    ...WAITING,
    replay: { ...WAITING.replay, state: 'ended', end, approver: 'lena', decidedAt: AT, acceptedUnsafe: ['tell'] },
    counts: { reset: 2, skipped: 1 },
    targets: [
      { ...target(0), ...settled, state: 'reset', newRunId: 'run-10' },
      { ...target(1), ...settled, state: 'reset', newRunId: 'run-11' },
      { ...target(2), ...settled, state: 'skipped', code: 'MOVED' },
    ],
  };
}

export function addReplayAnswers(app: OpenAPIHono, answers: ReplayAnswers): void {
  const detail = (): ReplayDetail => replayDetailSchema.parse(answers.detail());
  app.openapi(routes.runReplayRoute, (c) => {
    const { dryRun } = c.req.valid('json');
    return c.json(replayAnswerSchema.parse({ plan: answers.plan, started: dryRun ? null : detail() }), 200);
  });
  app.openapi(routes.replaysRoute, (c) => c.json({ replays: [detail().replay] }, 200));
  app.openapi(routes.replayRoute, (c) => {
    if (c.req.valid('param').replayId === detail().replay.replayId) return c.json(detail(), 200);
    return c.json({ code: 'not_found', message: 'replay: expected one on record, found none' } satisfies Problem, 404);
  });
  for (const route of [routes.approveReplayRoute, routes.rejectReplayRoute])
    app.openapi(route, (c) => {
      if (c.req.valid('json').planHash === detail().replay.planHash) return c.json(detail(), 200);
      return c.json({ code: 'refused', message: 'plan: expected the present one, got another' } satisfies Problem, 409);
    });
  for (const route of [routes.pauseReplayRoute, routes.resumeReplayRoute, routes.stopReplayRoute])
    app.openapi(route, (c) => c.json(detail(), 200));
}
