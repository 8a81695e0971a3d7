/** Routing on paper: the worker's use cases in memory, for tests of what stands around them. Events count once by message id; a lead takes one answer of a kind. */
import { createHash } from 'node:crypto';
import type { EventReading, ProductEvent } from '@lockstep/domain/routing/event.ts';
import type { Lead } from '@lockstep/domain/routing/lead.ts';
import type { PastLead } from '@lockstep/domain/routing/past-lead.ts';
import type { ClockCount } from '@lockstep/domain/routing/routing-store.port.ts';
import type { FigureSources } from '@lockstep/engine/figures.ts';
import type { Answered } from '@lockstep/workflows/contracts.ts';
import type { LeadAnswer, LeadReading, RoutingCases } from '@lockstep/worker/routing-cases.ts';
import { documentsOf } from '../engine/routing/documents.ts';

const AT = '2026-10-23T14:30:00.000Z';

export interface PaperRouting {
  readonly cases: RoutingCases;
  /** For the operating figures. */
  readonly store: NonNullable<FigureSources['routing']>;
  /** By message id. */
  readonly events: Map<string, ProductEvent>;
  readonly leads: Map<string, LeadReading>;
  /** In the order of their first decisions. */
  readonly past: PastLead[];
  /** Answers that were taken, in order. */
  readonly taken: LeadAnswer[];
  /** What breaks the next call of a use case; then it is gone. */
  readonly troubles: Error[];
  readonly answer: (answer: LeadAnswer) => Promise<Answered>;
}

export const accountIdOf = (accountKey: string): string => createHash('sha256').update(accountKey).digest('hex').slice(0, 32);

/** An offered lead with a clock of four hours that is half used at 16:30. */
export function paperLead(leadId: string, change: Partial<Lead> = {}): LeadReading {
  const lead: Lead = {
    ...{ leadId, accountId: accountIdOf('domain:acme.example'), state: 'offered', source: 'product', isBackfill: false },
    ...{
      openedAt: AT,
      closedAt: null,
      closeReason: null,
      closedBy: null,
      followedBy: null,
      offerId: `${leadId}/1`,
      escalatedTo: null,
      decisions: 1,
      isChosen: false,
    },
    score: {
      ...{ specVersion: '1', specHash: 'spec', at: AT, total: 72, threshold: 60, tier: 'smb', crossed: true, nextCrossing: null },
      parts: [{ id: 'seats', points: 72, uncapped: 90, evidence: ['m-1', 'm-2'] }],
      fit: { points: 0, met: [] },
      flags: [],
    },
    ...change,
  };
  const startedAtMs = Date.parse(AT);
  return {
    lead,
    offer: {
      ...{ offerId: `${leadId}/1`, leadId, memberId: 'ines', poolId: 'dach', assignment: null, state: 'open' },
      ...{ offeredAt: AT, answeredAt: null },
    },
    clocks: [
      {
        leadId,
        dueAt: null,
        clock: {
          ...{ clockId: `${leadId}-clock`, slaId: 'pql', revision: 0, state: 'running', kind: 'elapsed', stopsOn: 'acknowledged' },
          ...{ ownerId: 'ines', escalateTo: 'mo', onHandOver: 'continue', startedAtMs, budgetMs: 14_400_000, bufferMs: 1_800_000 },
          ...{ longestWaitMs: 57_600_000, usedMs: 0, settledAtMs: startedAtMs, uncoveredSinceMs: startedAtMs },
          spans: [{ fromMs: startedAtMs, toMs: startedAtMs + 14_400_000 }],
          ...{ deadlineMs: startedAtMs + 14_400_000, horizonMs: null, marks: [], snoozedUntilMs: null, tzVersion: '2026b', outcome: null },
        },
      },
    ],
  };
}

export function paperRouting(): PaperRouting {
  const events = new Map<string, ProductEvent>();
  const leads = new Map<string, LeadReading>();
  const past: PastLead[] = [];
  const [taken, troubles]: [LeadAnswer[], Error[]] = [[], []];
  const trouble = (): void => {
    const error = troubles.shift();
    if (error !== undefined) throw error;
  };
  const answer = async (said: LeadAnswer): Promise<Answered> => {
    trouble();
    const reading = leads.get(said.leadId);
    if (reading === undefined) return { kind: 'answered', outcome: 'refused', code: 'NO_SUCH_LEAD' };
    if (said.offerId !== null && said.offerId !== reading.lead.offerId)
      return { kind: 'answered', outcome: 'refused', code: 'OTHER_OFFER' };
    if (taken.some(({ leadId, kind }) => leadId === said.leadId && kind === said.kind))
      return { kind: 'answered', outcome: 'already', code: null };
    taken.push(said);
    return { kind: 'answered', outcome: 'taken', code: null };
  };
  const ingest = async (readings: readonly EventReading[]) => {
    trouble();
    const read = readings.flatMap((reading) => (reading.kind === 'event' ? [reading.event] : []));
    const fresh = read.filter(
      ({ messageId }, index) => !events.has(messageId) && read.findIndex((one) => one.messageId === messageId) === index,
    );
    for (const event of fresh) events.set(event.messageId, event);
    return {
      fresh: fresh.length,
      duplicates: read.length - fresh.length,
      accounts: [...new Set(fresh.map(({ accountKey }) => accountIdOf(accountKey)))],
    };
  };
  const counts = (): ClockCount[] => [
    { slaId: 'pql', state: 'running', outcome: null, count: leads.size, atRisk: 1 },
    { slaId: 'form', state: 'closed', outcome: 'breached', count: 2, atRisk: 0 },
    { slaId: 'pql', state: 'met', outcome: 'met', count: 5, atRisk: 0 },
  ];
  const store: PaperRouting['store'] = {
    snapshot: (work) =>
      work({
        clockCounts: async () => counts(),
        standing: async () => ({
          leads: { followed: 0, deciding: 0, offered: leads.size, escalated: 0, accepted: 0 },
          ...{ owedNotices: 2, oldestOwedAt: AT, openWrites: 1, oldestDueAt: AT },
        }),
      }),
  };
  const cases: RoutingCases = {
    ...{ ingest, answer },
    stepAccount: async () => ({ state: 'quiet', wakeAt: null, notices: [], changeSets: [] }),
    tell: async () => ({ kind: 'told', outcome: 'delivered' }),
    startWrite: async () => undefined,
    explainAccount: async (keyOrId) => {
      const own = [...leads.values()].filter(({ lead }) => lead.accountId === accountIdOf('domain:acme.example'));
      if (keyOrId !== 'domain:acme.example' || own.length === 0) return null;
      return {
        account: { accountId: accountIdOf(keyOrId), accountKey: keyOrId, record: null, match: null, evidenceVersion: 1 },
        score: own[0]?.lead.score ?? null,
        events: [...events.values()],
        leads: own.map((one) => ({
          ...one,
          decisions: [],
          offers: one.offer === null ? [] : [one.offer],
          notices: [],
          writes: [],
          actions: [],
        })),
      };
    },
    slaReport: async () => ({
      since: AT,
      open: [...leads.values()].flatMap(({ clocks }) => clocks),
      counts: counts(),
    }),
    lead: async (leadId) => leads.get(leadId) ?? null,
    leads: async ({ states, limit }) => [...leads.values()].filter(({ lead }) => states.includes(lead.state)).slice(0, limit),
    rosterChanged: async () => [],
    takeAbsences: async () => [],
    openAccounts: async () => [],
    scores: async (questions) => questions.map(() => null),
    pullStages: async () => ({ accounts: [], more: false }),
    pastLeads: async ({ after, limit }) => {
      const left = past.slice(after === null ? 0 : past.findIndex(({ decisionId }) => decisionId === after) + 1);
      return { leads: left.slice(0, limit), credits: after === null ? {} : null };
    },
    context: async ({ regions, members }) => {
      trouble();
      return {
        documents: documentsOf(),
        holidays: Object.fromEntries(regions.map((region) => [region, [{ date: '2026-12-25', region, name: 'Christmas' }]])),
        absences: Object.fromEntries(members.map((member) => [member, [{ id: 'a', fromIso: AT, toIso: AT, reason: 'leave' }]])),
      };
    },
  };
  return { cases, store, events, leads, past, taken, troubles, answer };
}
