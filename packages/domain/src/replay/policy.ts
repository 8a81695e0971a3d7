/** Who has to say yes to a replay. Pure; who may is `mayApprove` of change sets: never the one who asked. */
import { unsafeActivities } from './effects.ts';
import type { ReplayPolicy } from './policy.schema.ts';
import type { Effect, Replay } from './replay.ts';

/** Why people are asked. */
export type ReplayReason = 'MANY_TARGETS' | 'UNSAFE_EFFECTS' | 'AGENT_ASKS';

export interface ReplayVerdict {
  readonly decision: 'go' | 'review';
  readonly reasons: readonly ReplayReason[];
}

/** How long an approval is waited for, and counts (as with change sets, case 60). */
export const APPROVAL_EXPIRES_AFTER_MS = 4 * 3_600_000;

/** Monotone: one more target or unsafe effect never needs less. */
export function judgeReplay(
  targets: readonly { readonly effects: readonly Effect[] }[],
  { approvalAbove }: Pick<ReplayPolicy, 'approvalAbove'>,
  actorKind: Replay['actorKind'],
): ReplayVerdict {
  const reasons: readonly ReplayReason[] = [
    ...(targets.length > approvalAbove ? (['MANY_TARGETS'] as const) : []),
    ...(unsafeActivities(targets).length > 0 ? (['UNSAFE_EFFECTS'] as const) : []),
    ...(actorKind === 'agent' && targets.length > 0 ? (['AGENT_ASKS'] as const) : []),
  ];
  return { decision: reasons.length === 0 ? 'go' : 'review', reasons };
}
