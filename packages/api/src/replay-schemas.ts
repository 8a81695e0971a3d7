/**
 * Replays, as they cross the HTTP API.
 */
import { z } from '@hono/zod-openapi';
import { REPLAYABLE, REPLAYED_STATUSES } from '@lockstep/domain/replay/replay.ts';
import { givenInstant } from './instants.ts';

const instant = z.string().openapi({ format: 'date-time' });
const id = z.string().min(1).max(500);

const selectionSchema = z
  .discriminatedUnion('by', [
    z.strictObject({ by: z.literal('ids'), workflowIds: z.array(id).min(1).max(5_000) }),
    z.strictObject({ by: z.literal('query'), query: z.string().min(1).max(4_000) }),
    z.strictObject({
      by: z.literal('range'),
      from: givenInstant,
      to: givenInstant,
      type: z.enum(REPLAYABLE).nullable().default(null),
      status: z.enum(REPLAYED_STATUSES).nullable().default(null),
    }),
  ])
  .openapi('ReplaySelection', {
    description: "Workflows by id, by Temporal's visibility query, or by when they ended; always the workspace's own",
  });

const pointSchema = z
  .discriminatedUnion('at', [
    z.strictObject({ at: z.literal('first-task') }),
    z.strictObject({ at: z.literal('last-good-task') }),
    z.strictObject({ at: z.literal('failing-activity') }),
    z.strictObject({ at: z.literal('event'), eventId: z.number().int().min(1).max(1_000_000) }),
  ])
  .openapi('ReplayPoint');

export const replayRequestSchema = z
  .strictObject({
    selection: selectionSchema,
    point: pointSchema,
    reason: z.string().min(1).max(2_000),
    /** Nothing is put on record and nothing is set back. */
    dryRun: z.boolean().default(true),
    /** Hash of the plan that was seen: another one is refused. */
    planHash: z.string().min(1).max(200).nullable().default(null),
    batchSize: z.number().int().min(1).max(100).optional(),
    perSecond: z.number().min(0.1).max(1_000).optional(),
  })
  .openapi('ReplayRequest');

const effectSchema = z
  .object({
    activity: z.string(),
    /** Calls that history shows behind the point. */
    shown: z.number().int(),
    /** Attempted and recognised by its key: not done twice. */
    doneByKey: z.number().int(),
    /** Has not happened, and will. */
    willRun: z.number().int(),
    /** May have happened, and nothing can tell. */
    unsafe: z.number().int(),
  })
  .openapi('ReplayEffect');

const code = z.enum(['OPEN', 'DONE', 'CANCELLED', 'CONTINUED', 'GONE', 'FOREIGN', 'NO_POINT', 'MOVED', 'RESET_BEFORE', 'NOT_RESETTABLE']);

const plannedTarget = {
  workflowId: z.string(),
  workflowType: z.enum(REPLAYABLE),
  runId: z.string(),
  resetEventId: z.number().int(),
  effects: z.array(effectSchema),
};

const replayTargetSchema = z
  .object({
    ...plannedTarget,
    ordinal: z.number().int(),
    state: z.enum(['planned', 'resetting', 'reset', 'skipped', 'refused']),
    code: code.nullable(),
    newRunId: z.string().nullable(),
    settledAt: instant.nullable(),
  })
  .openapi('ReplayTarget');

const replayPlanSchema = z
  .object({
    hash: z.string(),
    point: pointSchema,
    targets: z.array(z.object(plannedTarget)),
    /** Of the selection, and left alone. */
    skipped: z.array(z.object({ workflowId: z.string(), code })),
    /** Of all targets. */
    effects: z.array(effectSchema),
    /** Activities that an approval has to name. */
    unsafe: z.array(z.string()),
    verdict: z.object({ decision: z.enum(['go', 'review']), reasons: z.array(z.string()) }),
  })
  .openapi('ReplayPlan');

export const replaySchema = z
  .object({
    replayId: z.string(),
    requestedBy: z.string(),
    requestedAt: instant,
    reason: z.string(),
    selection: selectionSchema,
    point: pointSchema,
    batchSize: z.number().int(),
    perSecond: z.number(),
    targets: z.number().int(),
    state: z.enum(['planned', 'awaiting-approval', 'running', 'paused', 'ended']),
    end: z.enum(['done', 'stopped', 'rejected', 'expired']).nullable(),
    planHash: z.string(),
    /** Why people are asked; empty where nobody is. */
    reasons: z.array(z.string()),
    approvalExpiresAt: instant.nullable(),
    approver: z.string().nullable(),
    decidedAt: instant.nullable(),
    acceptedUnsafe: z.array(z.string()),
  })
  .openapi('Replay');

export const replayDetailSchema = z
  .object({
    replay: replaySchema,
    counts: z.record(z.string(), z.number().int()),
    effects: z.array(effectSchema),
    unsafe: z.array(z.string()),
    targets: z.array(replayTargetSchema),
    /** Ordinal to go on from; null at the end. */
    next: z.number().int().nullable(),
  })
  .openapi('ReplayDetail');

/** A dry run answers the plan alone; otherwise the replay that was started stands beside it. */
export const replayAnswerSchema = z.object({ plan: replayPlanSchema, started: replayDetailSchema.nullable() }).openapi('ReplayAnswer');

export const replayDecisionSchema = z
  .strictObject({
    planHash: z.string().min(1).max(200),
    /** Activities whose unsafe effects are accepted. */
    accepts: z.array(z.string().min(1).max(200)).max(100).default([]),
  })
  .openapi('ReplayDecision');

export type ReplayRequest = z.input<typeof replayRequestSchema>;
export type ReplayDecision = z.input<typeof replayDecisionSchema>;
export type ApiReplay = z.infer<typeof replaySchema>;
export type ApiReplayPlan = z.infer<typeof replayPlanSchema>;
export type ApiReplayTarget = z.infer<typeof replayTargetSchema>;
export type ApiReplayEffect = z.infer<typeof effectSchema>;
export type ReplayDetail = z.infer<typeof replayDetailSchema>;
export type ReplayAnswer = z.infer<typeof replayAnswerSchema>;
