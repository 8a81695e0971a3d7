/** What people say to a lead, as it crosses the HTTP API. */
import { z } from '@hono/zod-openapi';
import { CLOSE_REASONS } from '@lockstep/domain/routing/close-reason.ts';
import { givenInstant } from './instants.ts';

export { CLOSE_REASONS };

const name = z.string().min(1).max(200);

const answer = {
  /** Member of the roster for whom it is said; left out: the caller. */
  by: name.optional(),
  /** The offer that was seen; another one is refused. Left out: the one that counts now. */
  offerId: name.optional(),
};
export const leadAnswerRequestSchema = z.strictObject(answer).openapi('LeadAnswerRequest');
export const snoozeRequestSchema = z.strictObject({ ...answer, until: givenInstant }).openapi('SnoozeRequest');
export const reassignRequestSchema = z.strictObject({ ...answer, to: name }).openapi('ReassignRequest');

export const closeRequestSchema = z.strictObject({ ...answer, reason: z.enum(CLOSE_REASONS) }).openapi('CloseRequest');

export const leadAnswerSchema = z
  .object({
    /** `already`: the same was said before, nothing has changed. */
    outcome: z.enum(['taken', 'already']),
    leadId: z.string(),
  })
  .openapi('LeadAnswer');
export type LeadAnswer = z.infer<typeof leadAnswerSchema>;
