/** What a replay may do without asking anybody, as the configuration has it. */
import { z } from 'zod';

export const replayPolicySchema = z.strictObject({
  /** More targets than this need an approval; 0: every replay does. */
  approvalAbove: z.int().min(0).max(10_000).default(10),
  /** Resets at a time. */
  batchSize: z.int().min(1).max(100).default(10),
  /** Resets a second at most. */
  perSecond: z.number().min(0.1).max(1_000).default(20),
});

export type ReplayPolicy = z.infer<typeof replayPolicySchema>;
