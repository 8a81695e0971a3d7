/** Why an account is where it is: score, evidence, decisions with every candidate, offers, clocks (R6). For people: it holds their data. */
import type { ProductEvent } from '@lockstep/domain/routing/event.ts';
import type { CrmWrite, Lead, Offer, OwedNotice, RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import type { ClockRow, DecisionRow, RoutingReader } from '@lockstep/domain/routing/routing-store.port.ts';
import type { Score } from '@lockstep/domain/routing/score.ts';
import type { SlaAction } from '@lockstep/domain/routing/sla.ts';
import { documentsOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';
import { evidenceOf } from './evidence.ts';

export interface Explained {
  readonly account: RoutedAccount;
  /** As of now; the score that made a lead is the lead's. */
  readonly score: Score;
  /** The newest evidence. */
  readonly events: readonly ProductEvent[];
  readonly leads: readonly ExplainedLead[];
}

export interface ExplainedLead {
  readonly lead: Lead;
  /** The one that counts. */
  readonly offer: Offer | null;
  readonly offers: readonly Offer[];
  readonly decisions: readonly DecisionRow[];
  readonly clocks: readonly ClockRow[];
  readonly actions: readonly SlaAction[];
  /** Owed. */
  readonly notices: readonly OwedNotice[];
  /** That have not ended. */
  readonly writes: readonly CrmWrite[];
}

const MOST_EVENTS = 50;

/** By the account's id or its key (`domain:acme.example`). Null for an account of which nothing is stored. */
export async function explainAccount(engine: RoutingEngine, idOrKey: string, now: string): Promise<Explained | null> {
  const documents = documentsOf(engine);
  const accountId = idOrKey.includes(':') ? engine.accountIdOf(idOrKey) : idOrKey;
  return engine.store.snapshot(async (reader) => {
    const evidence = await evidenceOf(reader, documents, accountId, now);
    if (evidence === null) return null;
    const leads: ExplainedLead[] = [];
    for (const lead of await reader.leadsOf(accountId)) leads.push(await explainLead(reader, lead));
    const events = await reader.events(accountId, { since: new Date(0).toISOString(), limit: MOST_EVENTS });
    return { account: evidence.account, score: evidence.score, events, leads };
  });
}

async function explainLead(reader: RoutingReader, lead: Lead): Promise<ExplainedLead> {
  const { leadId, offerId } = lead;
  const offers = await reader.offersOf(leadId);
  return {
    lead,
    offer: offers.find((one) => one.offerId === offerId) ?? null,
    offers,
    decisions: await reader.decisionsOf(leadId),
    clocks: await reader.clocksOf(leadId),
    actions: await reader.slaActions(leadId),
    notices: await reader.owedNotices(leadId),
    writes: await reader.openWrites(leadId),
  };
}
