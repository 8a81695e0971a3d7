/** Why an account is where it is: score, evidence, decisions with every candidate, offers, clocks (R6). For people: it holds their data. */
import type { RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import type { Lead, Offer } from '@lockstep/domain/routing/lead.ts';
import type { ClockRow, DecisionRow } from '@lockstep/domain/routing/routing-store.port.ts';
import type { Score } from '@lockstep/domain/routing/score.ts';
import type { SlaAction } from '@lockstep/domain/routing/sla.ts';
import { standingAt } from '@lockstep/domain/routing/clock.ts';
import type { Standing } from '@lockstep/domain/routing/clock.ts';
import { documentsOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';
import { evidenceOf } from './evidence.ts';

export interface Explained {
  readonly account: RoutedAccount;
  /** As of now; the score that made a lead is the lead's. */
  readonly score: Score;
  readonly leads: readonly ExplainedLead[];
}

export interface ExplainedLead {
  readonly lead: Lead;
  readonly decisions: readonly DecisionRow[];
  readonly offers: readonly Offer[];
  readonly clocks: readonly (ClockRow & { readonly standing: Standing })[];
  readonly actions: readonly SlaAction[];
}

/** By the account's id or its key (`domain:acme.example`). Null for an account of which nothing is stored. */
export async function explainAccount(engine: RoutingEngine, idOrKey: string, now: string): Promise<Explained | null> {
  const documents = documentsOf(engine);
  const accountId = idOrKey.includes(':') ? engine.accountIdOf(idOrKey) : idOrKey;
  return engine.store.snapshot(async (reader) => {
    const evidence = await evidenceOf(reader, documents, accountId, now);
    if (evidence === null) return null;
    const leads: ExplainedLead[] = [];
    for (const lead of await reader.leadsOf(accountId)) {
      const clocks = await reader.clocksOf(lead.leadId);
      leads.push({
        lead,
        decisions: await reader.decisionsOf(lead.leadId),
        offers: await reader.offersOf(lead.leadId),
        clocks: clocks.map((row) => ({ ...row, standing: standingAt(row.clock, Date.parse(now)) })),
        actions: await reader.slaActions(lead.leadId),
      });
    }
    return { account: evidence.account, score: evidence.score, leads };
  });
}
