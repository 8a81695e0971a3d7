/** Rows of routing to begin with, for tests of the store. */
import type { Clock } from '@lockstep/domain/routing/clock.ts';
import { tracked } from '@lockstep/domain/routing/event.fixture.ts';
import type { ProductEvent } from '@lockstep/domain/routing/event.ts';
import type { CrmWrite, Lead, Offer, OwedNotice, RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import type { ClockRow, DecisionRow, RoutingStore, RoutingTransaction, StageRow } from '@lockstep/domain/routing/routing-store.port.ts';
import type { SlaAction } from '@lockstep/domain/routing/sla.ts';
import { NOW } from './testing.ts';

export const LATER = '2026-11-24T10:00:00.000Z';
export const LONG_AGO = '2020-01-01T00:00:00.000Z';

export function inOne<T>(store: RoutingStore, work: (tx: RoutingTransaction) => Promise<T>): Promise<T> {
  return store.transaction(work);
}

export function anAccount(accountId: string, rest: Partial<RoutedAccount> = {}): RoutedAccount {
  return { accountId, accountKey: `domain:${accountId}.example`, record: null, match: null, evidenceVersion: 1, ...rest };
}

/** A delivery of an event, of account `a` unless it says another. */
export function delivered(event: Partial<ProductEvent> & Pick<ProductEvent, 'messageId'>, account: RoutedAccount = anAccount('a')) {
  const isTrack = (event.type ?? 'track') === 'track';
  return { account, event: tracked({ accountKey: account.accountKey, ...(isTrack ? {} : { name: null }), ...event }) };
}

export function aLead(leadId: string, rest: Partial<Lead> = {}): Lead {
  const fit = { points: 0.1, met: [{ id: 'size', points: 0.1 }] };
  const parts = [{ id: 'invite', points: 12.345678, uncapped: 40, evidence: ['m1', 'm2'] }];
  return {
    leadId,
    accountId: `account-of-${leadId}`,
    state: 'deciding',
    score: {
      ...{ specVersion: '1', specHash: 'abc', at: NOW, total: 12.445678, parts, fit, tier: 'smb', threshold: 12, crossed: true },
      ...{ nextCrossing: null, flags: [] },
    },
    ...{
      source: 'product',
      isBackfill: false,
      openedAt: NOW,
      closedAt: null,
      closeReason: null,
      closedBy: null,
      followedBy: null,
      offerId: null,
      escalatedTo: null,
      decisions: 0,
    },
    isChosen: false,
    ...rest,
  };
}

export function anOffer(offerId: string, rest: Partial<Offer> = {}): Offer {
  return {
    ...{ offerId, leadId: `lead-of-${offerId}`, memberId: 'ann', poolId: 'emea' },
    assignment: { epoch: 1, memberId: 'ann', shares: { ann: '1/3', ben: '2/3' } },
    ...{ state: 'open', offeredAt: NOW, answeredAt: null },
    ...rest,
  };
}

export function aDecision(decisionId: string, rest: Partial<DecisionRow> = {}): DecisionRow {
  const match = { kind: 'new', reason: 'NO_ACCOUNT', domain: 'acme.example' } as const;
  return {
    ...{ decisionId, leadId: `lead-of-${decisionId}`, ordinal: 1, decidedAt: NOW, policyHash: 'p', rosterHash: 'r' },
    input: {
      ...{ at: NOW, tier: 'smb', score: 1e-7, source: 'product', isBackfill: false, traits: { plan: 'team', seats: [1, null] }, match },
      ...{ country: 'DE', subdivision: null, confidence: 0.7, passed: ['zoe'] },
      members: { ann: { openLeads: 2, off: null, hasOwner: true }, ben: { openLeads: 0, off: 'HOLIDAY:DE-BY', hasOwner: true } },
      credits: { emea: { epoch: 1, unitsPerLead: '2', members: { ann: { weight: '1', units: '2', assigned: 3, entitledUnits: '7' } } } },
    },
    decision: {
      ...{ territoryId: 'dach', motion: 'plg', ruleId: 'first', play: null, slaId: 'pql' },
      candidates: [{ memberId: 'ann', poolId: 'emea', reason: null }],
      outcome: { kind: 'escalated', personId: 'nora', reason: 'NOBODY_AVAILABLE' },
    },
    ...rest,
  };
}

/** Due at its deadline; where it has an outcome, at no time any more. */
export function aClock(clockId: string, rest: Partial<Clock> = {}, leadId = 'lead'): ClockRow {
  const startedAtMs = Date.parse(NOW);
  const clock: Clock = {
    ...{ clockId, slaId: 'pql', revision: 0, state: 'running', kind: 'business', stopsOn: 'acknowledged', ownerId: 'ann' },
    ...{ escalateTo: 'nora', onHandOver: 'continue', startedAtMs, budgetMs: 1, bufferMs: 0, longestWaitMs: 0, usedMs: 0 },
    ...{ settledAtMs: startedAtMs, uncoveredSinceMs: startedAtMs, spans: [{ fromMs: startedAtMs, toMs: startedAtMs + 1 }] },
    ...{ deadlineMs: startedAtMs + 1, horizonMs: null, marks: [], snoozedUntilMs: null, tzVersion: '2026c', outcome: null },
    ...rest,
  };
  const dueMs = clock.outcome === null ? clock.deadlineMs : null;
  return { leadId, clock, dueAt: dueMs === null ? null : new Date(dueMs).toISOString() };
}

/** What a clock of aClock is at its end. */
export function metAt(iso: string): Pick<Clock, 'state' | 'outcome'> {
  return { state: 'met', outcome: { kind: 'met', endedAtMs: Date.parse(iso), wallMs: 1, usedMs: 1, uncoveredMs: 0 } };
}

export function anAction(key: string): SlaAction {
  return { key, atMs: Date.parse(NOW), lateMs: 0, kind: 'remind' };
}

export function aNotice(noticeId: string, rest: Partial<OwedNotice> = {}): OwedNotice {
  return {
    ...{ noticeId, leadId: 'lead', purpose: 'offer', memberId: 'ann' },
    notice: { title: 'Acme', why: ['3 invitations'], score: 12, deadlineIso: LATER, link: null, buttons: [] },
    ...{ owedSince: NOW, triedSince: null, deliveredAt: null, receipt: null },
    ...rest,
  };
}

export function aCrmWrite(changeSetId: string, rest: Partial<CrmWrite> = {}): CrmWrite {
  return {
    changeSetId,
    leadId: 'lead',
    offerId: 'offer',
    motion: 'plg',
    owedSince: NOW,
    startedAt: null,
    end: null,
    keptOwner: null,
    ...rest,
  };
}

/** Of a contact that account `a` is found from by its address. */
export function aStageRow(record: StageRow['record'], rest: Partial<StageRow> = {}): StageRow {
  return { record, related: [], mailAccountId: 'a', ownerId: '7', entries: [{ stage: 'MQL', at: NOW }], ...rest };
}
