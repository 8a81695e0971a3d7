/** What an account that never became a lead has scored at most. Pure. */
import type { ProductEvent } from './event.ts';
import { traitsOf } from './evidence.ts';
import { scoreAccount } from './score.ts';
import type { Score } from './score.ts';
import type { ScoringSpec } from './score.schema.ts';

/**
 * The highest score before an instant (ISO), of those after the last event of each day (UTC): a threshold as high as that, or lower, would have made it a lead.
 * Null where nothing has happened before it. What happened, or was said of the account, at the instant or later does not count, so that no score knows what
 * became of the account.
 */
export function peakScore(spec: ScoringSpec, events: readonly ProductEvent[], before: string): Score | null {
  const known = events.filter(({ occurredAt }) => occurredAt < before);
  const lastOfDay = new Map<string, string>();
  for (const { type, occurredAt } of known) {
    const day = occurredAt.slice(0, 10);
    if (type === 'track' && occurredAt > (lastOfDay.get(day) ?? '')) lastOfDay.set(day, occurredAt);
  }
  const scores = [...lastOfDay.values()].sort().map((at) => scoreAccount(spec, known, traitsOf(known, at), at));
  return scores.reduce<Score | null>((most, one) => (most === null || one.total > most.total ? one : most), null);
}

/** Ids of the spec's events and fits that have given, or taken, points. */
export function firedRules({ parts, fit }: Pick<Score, 'parts' | 'fit'>): readonly string[] {
  return [...parts.filter(({ points }) => points !== 0), ...fit.met].map(({ id }) => id).toSorted();
}
