/** What accounts have scored, as it crosses the HTTP API: what a calibration goes by. */
import { z } from '@hono/zod-openapi';
import { TIER_NAMES } from '@lockstep/domain/routing/roster.schema.ts';

export const scoresRequestSchema = z
  .strictObject({
    accounts: z
      .array(
        z.strictObject({
          /** Its id, its key, or what stands behind the colon of a key. */
          account: z.string().min(1).max(500),
          /** An account that never became a lead is scored as of before it. */
          before: z.iso.datetime({ offset: true, error: 'expected an ISO 8601 instant with a zone' }),
        }),
      )
      .max(200),
  })
  .openapi('AccountScoresRequest');

export const scoresSchema = z
  .object({
    /** In the order of the request; null: nothing is stored of it that counts. */
    scores: z.array(
      z
        .object({
          accountId: z.string(),
          scoredAt: z.string().openapi({ format: 'date-time' }),
          score: z.number(),
          tier: z.enum(TIER_NAMES),
          /** The score is the one that made its first lead; else the highest that it has had. */
          isLead: z.boolean(),
          /** Ids of the spec's events and fits that gave it points. */
          fired: z.array(z.string()),
        })
        .nullable(),
    ),
  })
  .openapi('AccountScores');

export type AccountScoresRequest = z.infer<typeof scoresRequestSchema>;
export type AccountScores = z.infer<typeof scoresSchema>;
