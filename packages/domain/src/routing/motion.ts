/** Which motion a lead is for: product-led (plg), sales-led (slg) or agent-led (alg). */
import { holds } from './condition.ts';
import type { Traits } from './condition.ts';
import type { MotionEntry, RoutingPolicy } from './policy.schema.ts';
import type { Tier } from './tier.ts';

export const MOTIONS = ['plg', 'slg', 'alg'] as const;
export type Motion = (typeof MOTIONS)[number];

export interface MotionRequest {
  readonly tier: Tier;
  readonly source: string;
  readonly traits: Traits;
}

/** The first entry that matches; null where none does: a person decides then. */
export function motionOf({ motions }: Pick<RoutingPolicy, 'motions'>, request: MotionRequest): Motion | null {
  const entry = motions.find(({ when }) => admits(when, request) && holds(when.traits ?? {}, request.traits));
  return entry?.motion ?? null;
}

/** Tier and source only: what can be said of an entry without an account. */
export function admits(when: MotionEntry['when'], { tier, source }: Pick<MotionRequest, 'tier' | 'source'>): boolean {
  return (when.tiers?.includes(tier) ?? true) && (when.sources?.includes(source) ?? true);
}

/**
 * Whether an agent's qualification may go on by itself. A confidence that is missing or is none (below 0, above 1, not a number) is not taken for a high one.
 */
export function agentMayGoOn(confidence: number | null, leastConfidence: number): boolean {
  return confidence !== null && confidence >= leastConfidence && confidence <= 1;
}
