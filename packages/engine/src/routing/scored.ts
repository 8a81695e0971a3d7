/** What accounts have scored, for those who compare it with what became of them. Reads only. */
import { firedRules, peakScore } from '@lockstep/domain/routing/peak.ts';
import type { RoutingReader } from '@lockstep/domain/routing/routing-store.port.ts';
import type { Score } from '@lockstep/domain/routing/score.ts';
import type { AccountScore } from '@lockstep/domain/routing/stage-outcomes.ts';
import { documentsOf } from './environment.ts';
import type { Documents, RoutingEngine } from './environment.ts';
import { evidenceWindow } from './evidence.ts';

export interface ScoreQuestion {
  /** Ids or keys, of which one is the account's. */
  readonly names: readonly string[];
  /** ISO. An account that never became a lead is scored as of before it. */
  readonly before: string;
}

/** In the order of the questions; null for an account of which nothing is stored, or that has done nothing that counts before the instant. */
export async function scoredAccounts(
  engine: RoutingEngine,
  questions: readonly ScoreQuestion[],
): Promise<readonly (AccountScore | null)[]> {
  const documents = documentsOf(engine);
  return engine.store.snapshot(async (reader) => {
    const scores: (AccountScore | null)[] = [];
    for (const { names, before } of questions) {
      const ids = names.map((name) => (name.includes(':') ? engine.accountIdOf(name) : name));
      scores.push(await scored(reader, documents, ids, before));
    }
    return scores;
  });
}

async function scored(reader: RoutingReader, { scoring }: Documents, ids: readonly string[], before: string): Promise<AccountScore | null> {
  for (const accountId of ids) {
    if ((await reader.account(accountId)) === null) continue;
    // What was only followed has made no lead.
    const first = (await reader.leadsOf(accountId)).findLast(({ decisions }) => decisions > 0);
    if (first !== undefined) return scoreOf(accountId, first.score, { scoredAt: first.openedAt, isLead: true });
    const known = await reader.eventsBefore(accountId, { ...evidenceWindow(before), before });
    const peak = peakScore(scoring, known, before);
    return peak === null ? null : scoreOf(accountId, peak, { scoredAt: peak.at, isLead: false });
  }
  return null;
}

function scoreOf(accountId: string, score: Score, rest: Pick<AccountScore, 'scoredAt' | 'isLead'>): AccountScore {
  return { accountId, score: score.total, tier: score.tier, fired: firedRules(score), ...rest };
}
