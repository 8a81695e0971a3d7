/** Rows of outcomes.csv: what accounts scored, and what became of them. */
import { z } from 'zod';

const instantSchema = z.iso
  .datetime({ offset: true, error: 'expected an ISO 8601 instant with a zone, such as 2026-03-01T09:00:00Z' })
  .transform((text) => new Date(text).toISOString());
const optionalInstant = z.union([z.literal('').transform(() => null), instantSchema], {
  error: 'expected an ISO 8601 instant with a zone, or an empty cell',
});

/** Cells are texts, as CSV has them. */
export const outcomeRowSchema = z
  .strictObject({
    accountId: z.string().min(1, { error: 'expected an account' }),
    scoredAt: instantSchema,
    score: z
      .string()
      .regex(/^-?\d+(\.\d+)?$/, { error: 'expected a number' })
      .transform(Number),
    tier: z.enum(['prosumer', 'smb', 'enterprise'], { error: 'expected prosumer, smb or enterprise' }),
    outcome: z.enum(['closed-won', 'closed-lost', 'open'], { error: 'expected closed-won, closed-lost or open' }),
    /** When the outcome was known; empty while it is open. */
    outcomeAt: optionalInstant,
    /** When the newest event happened that the score counts; without it nobody can tell that the score knew nothing of the future. */
    lastEventAt: optionalInstant.default(null),
    /** Ids of the spec's events and fits that gave it points, with `;` between them; without it rules are not looked at one by one. */
    fired: z
      .string()
      .transform((text) => text.split(';').flatMap((id) => id.trim() || []))
      .nullable()
      .default(null),
  })
  .superRefine(({ outcome, outcomeAt }, context) => {
    if ((outcome === 'open') !== (outcomeAt === null))
      context.addIssue({
        code: 'custom',
        path: ['outcomeAt'],
        message: outcome === 'open' ? 'expected an empty cell for an open outcome' : `expected when it was ${outcome}`,
      });
  });

/** A row, with its line in the file, counted from 1. */
export type OutcomeRow = z.infer<typeof outcomeRowSchema> & { readonly line: number };

/** What may become of an account after its lead, the farther the later; `lost` and `open` are none of them. */
export const STAGES = ['sql', 'opportunity', 'customer'] as const;
export type Stage = (typeof STAGES)[number];

/** A row of outcomes alone: what became of an account, and when it was known. Of `open`: as of when. */
export const stageRowSchema = z.strictObject({
  account: z.string().min(1, { error: 'expected an account: its domain, its key or its id' }),
  outcome: z.enum([...STAGES, 'lost', 'open'], { error: 'expected sql, opportunity, customer, lost or open' }),
  at: instantSchema,
});

export type StageRow = z.infer<typeof stageRowSchema> & { readonly line: number };
