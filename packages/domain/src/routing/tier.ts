/** Which tier an account is of. */
import { holds } from './condition.ts';
import type { Traits } from './condition.ts';
import type { ScoringSpec } from './score.schema.ts';

export const TIERS = ['prosumer', 'smb', 'enterprise'] as const;
export type Tier = (typeof TIERS)[number];

/** The largest tier whose condition holds for the account's traits; `prosumer` where none does. Total. */
export function tierOf({ tiers }: Pick<ScoringSpec, 'tiers'>, traits: Traits): Tier {
  if (holds(tiers.enterprise.when, traits)) return 'enterprise';
  return holds(tiers.smb.when, traits) ? 'smb' : 'prosumer';
}
