/** What crosses the HTTP API about past decisions that are decided again. */
import { z } from '@hono/zod-openapi';
import { DECISION_CHANGES } from '@lockstep/domain/routing/redecide.ts';
import { givenInstant } from './instants.ts';
import { documentTextSchema } from './routing-schemas.ts';

const count = z.number().int();
const instant = z.string().openapi({ format: 'date-time' });

export const redecideRequestSchema = z
  .strictObject({
    /** What is left out is taken as it was when the decision was made. */
    policy: documentTextSchema.optional(),
    roster: documentTextSchema.optional(),
    /** Of the decisions' making: `since` included, `until` not. */
    since: givenInstant.optional(),
    until: givenInstant.optional(),
    /** As the page before has it in `next`. */
    after: z.string().min(1).max(500).optional(),
    limit: z.number().int().min(1).max(5_000).default(1_000),
  })
  .openapi('RedecideRequest');

const briefSchema = z
  .object({
    outcome: z.enum(['assigned', 'escalated', 'excluded']),
    personId: z.string().nullable(),
    ruleId: z.string().nullable(),
    poolId: z.string().nullable(),
    slaId: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .openapi('DecisionBrief');

export const redecidedRowSchema = z
  .object({
    decisionId: z.string(),
    leadId: z.string(),
    decidedAt: instant,
    /** Whether the stored input gives the stored decision by the documents of then; `unknown`: these are not stored. */
    stored: z.enum(['same', 'differs', 'unknown']),
    /** Null where a document that it needs is not stored. */
    change: z.enum(DECISION_CHANGES).nullable(),
    before: briefSchema,
    after: briefSchema.nullable(),
    /** Candidates of whom nothing was read then: they could not be chosen. */
    unread: z.array(z.string()),
  })
  .openapi('RedecidedRow');

export const redecidedPageSchema = z
  .object({
    decisions: count,
    stored: z.object({ same: count, differs: count, unknown: count }),
    changes: z.record(z.enum(DECISION_CHANGES), count),
    notDecided: count,
    /** What differs, is not as it was stored, or had candidates of whom nothing was read. */
    rows: z.array(redecidedRowSchema),
    next: z.string().nullable(),
  })
  .openapi('RedecidedPage');

export type RedecideRequest = z.input<typeof redecideRequestSchema>;
export type RedecidedPage = z.infer<typeof redecidedPageSchema>;
export type RedecidedRow = z.infer<typeof redecidedRowSchema>;
