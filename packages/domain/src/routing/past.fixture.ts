/** Past leads for tests: of Wednesday 2026-11-25, in Berlin, an hour ahead of the times here. */
import type { PastLead, PastOffer } from './past-lead.ts';
import type { OfferState } from './lead.ts';

export const iso = (time: string): string => `2026-11-25T${time}:00.000Z`;
export const msOf = (time: string): number => Date.parse(iso(time));

export function offer(memberId: string, state: OfferState, from: string, to: string | null, poolId: string | null = 'dach'): PastOffer {
  return { memberId, poolId, state, offeredAtMs: msOf(from), answeredAtMs: to === null ? null : msOf(to) };
}

/** A lead of the pool `dach` that came at a time, with the clock of a PQL that ended in this way. */
export function pastLead(
  leadId: string,
  time: string,
  offers: readonly PastOffer[],
  end: { readonly kind: 'met' | 'breached' | 'uncovered'; readonly at: string } | null,
  change: Partial<PastLead> = {},
): PastLead {
  const outcome =
    end === null ? null : { kind: end.kind, endedAtMs: msOf(end.at), wallMs: msOf(end.at) - msOf(time), usedMs: 0, uncoveredMs: 0 };
  return {
    ...{ leadId, decisionId: `${leadId}/1`, decidedAt: iso(time), policyHash: 'p', rosterHash: 'r', outcome: 'assigned' },
    facts: {
      ...{ tier: 'smb', score: 60, source: 'product', isBackfill: false, traits: {}, country: 'DE', subdivision: null, confidence: null },
      match: { kind: 'new', reason: 'NO_ACCOUNT', domain: `${leadId}.example` },
    },
    ...{ state: 'accepted', closedAt: null, escalatedTo: null, escalatedAtMs: null, offers },
    clock: { slaId: 'pql', stopsOn: 'acknowledged', state: outcome === null ? 'running' : 'met', outcome },
    ...change,
  };
}
