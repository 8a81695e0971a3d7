/** Which rule of the policy takes a lead, and the policy's hash. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { Motion } from './motion.ts';
import type { RoutingPolicy, RoutingRule } from './policy.schema.ts';
import type { Roster } from './roster.schema.ts';
import type { Tier } from './tier.ts';

/** What rules look at. */
export interface RoutedLead {
  readonly motion: Motion;
  readonly tier: Tier;
  readonly territoryId: string;
  readonly source: string;
  readonly score: number;
  readonly isBackfill: boolean;
}

/** The first rule that matches; null where none does: a person decides then (`lockstep routing check` tells of it before). */
export function ruleFor({ rules }: Pick<RoutingPolicy, 'rules'>, lead: RoutedLead): RoutingRule | null {
  return rules.find((rule) => matches(rule, lead)) ?? null;
}

/** Total: what a rule leaves out matches everything. */
export function matches({ when }: Pick<RoutingRule, 'when'>, lead: RoutedLead): boolean {
  return (
    when.motions.includes(lead.motion) &&
    (when.tiers?.includes(lead.tier) ?? true) &&
    (when.territories?.includes(lead.territoryId) ?? true) &&
    (when.sources?.includes(lead.source) ?? true) &&
    lead.score >= (when.score?.from ?? Number.NEGATIVE_INFINITY) &&
    lead.score < (when.score?.below ?? Number.POSITIVE_INFINITY) &&
    (when.isBackfill ?? lead.isBackfill) === lead.isBackfill
  );
}

/** SHA-256 in hex over the canonical JSON of a policy or a roster: what a decision is stored with (R6). */
export function routingHash(document: RoutingPolicy | Roster): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize(document) ?? '')));
}
