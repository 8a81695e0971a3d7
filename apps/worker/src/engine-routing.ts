/** The engine's use cases of routing, bound to one workspace, as the worker asks for them. */
import { SLA_REPORT_MS } from '@lockstep/engine/figures.ts';
import { accountsTouched, hoursChanged, takeAbsences } from '@lockstep/engine/routing/absences.ts';
import { answer } from '@lockstep/engine/routing/answering.ts';
import { closeLead } from '@lockstep/engine/routing/closing.ts';
import type { RoutingEngine } from '@lockstep/engine/routing/environment.ts';
import { explainAccount } from '@lockstep/engine/routing/explaining.ts';
import { ingest } from '@lockstep/engine/routing/ingest.ts';
import { pullStages } from '@lockstep/engine/routing/stages.ts';
import { pastPage, routingContext } from '@lockstep/engine/routing/past.ts';
import { scoredAccounts } from '@lockstep/engine/routing/scored.ts';
import { stepAccount } from '@lockstep/engine/routing/stepping.ts';
import { tell, tellByTask } from '@lockstep/engine/routing/telling.ts';
import { startWrite } from '@lockstep/engine/routing/writing.ts';
import type { RoutingReader } from '@lockstep/domain/routing/routing-store.port.ts';
import type { Answered, Channel, Told } from '@lockstep/workflows/contracts.ts';
import type { LeadAnswer, LeadReading, RoutingCases } from './routing-cases.ts';

const MOST_CLOCKS = 1_000;

export function engineRouting(engine: RoutingEngine): RoutingCases {
  const { store } = engine;
  return {
    ingest: (readings) => ingest(engine, readings),
    stepAccount: (accountId, now) => stepAccount(engine, accountId, now),
    answer: (said, now) => answered(engine, said, now),
    tell: (noticeId, channel, now) => told(engine, noticeId, channel, now),
    startWrite: (changeSetId, now) => startWrite(engine, changeSetId, now),
    explainAccount: (keyOrId, now) => explainAccount(engine, keyOrId, now),
    async slaReport(now) {
      const since = new Date(Date.parse(now) - SLA_REPORT_MS).toISOString();
      return store.snapshot(async (reader) => ({
        since,
        open: await reader.openClocks(MOST_CLOCKS),
        counts: await reader.clockCounts({ since, now }),
      }));
    },
    lead: (leadId) =>
      store.snapshot(async (reader) => {
        const lead = await reader.lead(leadId);
        return lead === null ? null : readingOf(reader, lead);
      }),
    leads: (request) =>
      store.snapshot(async (reader) => {
        const found: LeadReading[] = [];
        for (const lead of await reader.leads(request)) found.push(await readingOf(reader, lead));
        return found;
      }),
    async rosterChanged(memberIds, now) {
      const accounts = await accountsTouched(engine, memberIds);
      for (const accountId of accounts) await hoursChanged(engine, accountId, 'WORKING_HOURS', now);
      return accounts;
    },
    async takeAbsences(memberId, feed, absences, now) {
      const accounts = await takeAbsences(engine, memberId, feed, absences);
      for (const accountId of accounts) await hoursChanged(engine, accountId, 'ABSENCE', now);
      return accounts;
    },
    pullStages: (now) => pullStages(engine, now),
    openAccounts: (request) => store.snapshot((reader) => reader.openAccounts(request)),
    pastLeads: (request) => pastPage(engine, request),
    scores: (questions) => scoredAccounts(engine, questions),
    context: (request) => routingContext(engine, request),
  };
}

async function readingOf(reader: RoutingReader, lead: LeadReading['lead']): Promise<LeadReading> {
  return {
    lead,
    offer: lead.offerId === null ? null : await reader.offer(lead.offerId),
    clocks: await reader.clocksOf(lead.leadId),
  };
}

/** To the offer that was seen, else to the one that counts now: the engine holds it against the row under its lock. */
async function answered(engine: RoutingEngine, { leadId, offerId, kind, reason, ...said }: LeadAnswer, now: string): Promise<Answered> {
  const lead = await engine.store.snapshot((reader) => reader.lead(leadId));
  if (kind === 'close') {
    if (lead === null || reason === undefined)
      return { kind: 'answered', outcome: 'refused', code: lead === null ? 'NO_SUCH_LEAD' : 'NO_REASON' };
    return { kind: 'answered', ...(await closeLead(engine, { accountId: lead.accountId, leadId, offerId, by: said.by, reason }, now)) };
  }
  const meant = offerId ?? lead?.offerId ?? null;
  if (lead === null || meant === null)
    return { kind: 'answered', outcome: 'refused', code: lead === null ? 'NO_SUCH_LEAD' : 'NOT_CURRENT' };
  return { kind: 'answered', ...(await answer(engine, { ...said, kind, accountId: lead.accountId, offerId: meant }, now)) };
}

/**
 * The row keeps the first attempt of all: whenever Slack's turn comes again, its conversation is looked through from there. Mail and tasks cannot be looked
 * through, and do not ask.
 */
async function told(engine: RoutingEngine, noticeId: string, channel: Channel, now: string): Promise<Told> {
  const outcome = channel === 'crm-task' ? await tellByTask(engine, noticeId, now) : await tell(engine, noticeId, channel, now);
  if (outcome.kind === 'delivered') return { kind: 'told', outcome: 'delivered' };
  const { code, retryAfterMs } = outcome;
  return { kind: 'told', outcome: 'failed', code, retryAfterMs };
}
