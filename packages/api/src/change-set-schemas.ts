/**
 * Change sets, rollbacks and undone runs, as they cross the HTTP API.
 */
import { z } from '@hono/zod-openapi';
import { givenInstant } from './instants.ts';
import { fieldValueSchema } from './schemas.ts';

const instant = z.string().openapi({ format: 'date-time' });
const value = z.union([z.string(), z.number(), z.boolean(), z.null()]).openapi('CrmValue');
const name = z.string().min(1).max(200);

/** Most steps of one request. */
export const MOST_STEPS = 10_000;

export const requestedRecordSchema = z
  .union([
    z.strictObject({ id: name }),
    z.strictObject({ field: name, value: z.string().min(1).max(1_000) }),
    z.strictObject({ step: z.number().int().min(0) }),
  ])
  .openapi('RequestedRecord', { description: 'By id, by the value of a unique field, or as what an earlier step creates' });

export const requestedStepSchema = z
  .strictObject({
    /** For messages: where it stands in the caller's file. */
    place: z.string().min(1).max(500),
    operation: z.enum(['set-fields', 'assign-owner', 'create', 'create-task', 'associate', 'dissociate', 'archive', 'restore']),
    connectionId: name,
    /** The CRM's own name: `contacts`, `Contact`. */
    object: name,
    record: requestedRecordSchema.nullable().default(null),
    fields: z.record(name, value).default({}),
    /** E-mail of the new owner. */
    owner: z.string().min(1).max(320).nullable().default(null),
    associations: z
      .array(z.strictObject({ object: name, record: requestedRecordSchema, label: name.nullable().default(null) }))
      .max(100)
      .default([]),
  })
  .openapi('RequestedStep');

export const changeSetRequestSchema = z
  .strictObject({
    reason: z.string().min(1).max(2_000),
    /** Of an agent's proposal, 0–1. */
    confidence: z.number().nullable().default(null),
    steps: z.array(requestedStepSchema).min(1).max(MOST_STEPS),
  })
  .openapi('ChangeSetRequest');

export const diffRowSchema = z
  .object({
    ordinal: z.number().int(),
    operation: z.string(),
    connectionId: z.string(),
    object: z.string(),
    /** Null for a record that the set creates. */
    recordId: z.string().nullable(),
    reversibility: z.enum(['A', 'B', 'C', 'D']),
    state: z.string(),
    /** `field` is null for operations that are not about a field. */
    changes: z.array(z.object({ field: z.string(), before: value, after: value })),
    finding: z.object({ code: z.string(), message: z.string(), fields: z.array(z.string()) }).nullable(),
  })
  .openapi('DiffRow');

/** A field that a rollback leaves alone. */
export const skippedFieldSchema = z
  .object({
    changeSetId: z.string(),
    ordinal: z.number().int(),
    object: z.string(),
    recordId: z.string().nullable(),
    field: z.string().nullable(),
    code: z.string(),
    message: z.string(),
    before: value,
    ours: value,
    now: value,
    /** The CRM's id of who changed it, and when, as far as it tells. */
    by: z.string().nullable(),
    at: instant.nullable(),
  })
  .openapi('SkippedField');

export const changeSetSchema = z
  .object({
    changeSetId: z.string(),
    kind: z.enum(['bulk', 'rollback', 'undo', 'routing']),
    requestedBy: z.string(),
    requestedAt: instant,
    reason: z.string(),
    steps: z.number().int(),
    state: z.string(),
    end: z.enum(['committed', 'rolled-back', 'rolled-back-with-residue', 'needs-operator']).nullable(),
    cause: z.string().nullable(),
    diffHash: z.string().nullable(),
    policyVersion: z.string().nullable(),
    approvalExpiresAt: instant.nullable(),
    rollsBack: z.array(z.string()),
  })
  .openapi('ChangeSet');

export const changeSetDetailSchema = z
  .object({
    set: changeSetSchema,
    /** What policy says of it; null before it was judged. */
    verdict: z.object({ decision: z.enum(['deny', 'go', 'review']), approvers: z.number().int(), reasons: z.array(z.string()) }).nullable(),
    approvals: z.array(
      z.object({ approver: z.string(), decision: z.enum(['approve', 'reject']), at: instant, voidedAt: instant.nullable() }),
    ),
    counts: z.record(z.string(), z.number().int()),
    /** Of a rollback: what it leaves alone, and why. */
    skipped: z.array(skippedFieldSchema),
    rows: z.array(diffRowSchema),
    /** Ordinal to go on from; null at the end. */
    next: z.number().int().nullable(),
  })
  .openapi('ChangeSetDetail');

export const requestProblemsSchema = z
  .object({ code: z.literal('bad_steps'), message: z.string(), problems: z.array(z.object({ place: z.string(), message: z.string() })) })
  .openapi('RequestProblems');

export const decisionSchema = z.strictObject({ diffHash: z.string().min(1).max(200) }).openapi('Decision');

export const rollbackRequestSchema = z
  .strictObject({
    reason: z.string().min(1).max(2_000),
    changeSetIds: z.array(name).max(1_000).optional(),
    record: z.strictObject({ connectionId: name, object: name, recordId: name }).optional(),
    actor: name.optional(),
    from: givenInstant.optional(),
    to: givenInstant.optional(),
  })
  .openapi('RollbackRequest');

export const undoRunRequestSchema = z.strictObject({ runId: name, dryRun: z.boolean().default(true) }).openapi('UndoRunRequest');
export const undoRunAnswerSchema = z
  .object({
    restored: z.array(z.object({ itemId: z.string(), title: z.string(), field: z.string() })),
    /** Left alone, as somebody has changed it since: before the run, as the run wrote it, and now. */
    skipped: z.array(
      z.object({
        ...{ itemId: z.string(), title: z.string(), field: z.string(), message: z.string() },
        ...{ before: fieldValueSchema, ours: fieldValueSchema, now: fieldValueSchema },
      }),
    ),
    dryRun: z.boolean(),
  })
  .openapi('UndoRunAnswer');

export type ChangeSetRequest = z.input<typeof changeSetRequestSchema>;
export type RequestedStepInput = z.input<typeof requestedStepSchema>;
export type ApiChangeSet = z.infer<typeof changeSetSchema>;
export type ChangeSetDetail = z.infer<typeof changeSetDetailSchema>;
export type DiffRow = z.infer<typeof diffRowSchema>;
export type SkippedField = z.infer<typeof skippedFieldSchema>;
export type RequestProblems = z.infer<typeof requestProblemsSchema>;
export type RollbackRequest = z.infer<typeof rollbackRequestSchema>;
export type UndoRunAnswer = z.infer<typeof undoRunAnswerSchema>;
