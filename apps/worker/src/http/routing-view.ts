/** Rows of routing as the API shows them. */
import type { RedecidedPage as ApiRedecidedPage } from '@lockstep/api/replay-decide-schemas.ts';
import type { ApiClock, ApiDecision, ApiLead, ExplainedAccount, ExplainedLead, SlaReport } from '@lockstep/api/routing-schemas.ts';
import { standingAt, standingWord } from '@lockstep/domain/routing/clock.ts';
import type { DecisionOutcome } from '@lockstep/domain/routing/decide.ts';
import type { Match } from '@lockstep/domain/routing/match.ts';
import type { ClockRow, DecisionRow } from '@lockstep/domain/routing/routing-store.port.ts';
import type { SlaAction } from '@lockstep/domain/routing/sla.ts';
import { slaFigures } from '@lockstep/domain/routing/sla-counts.ts';
import type { RedecidedPage } from '@lockstep/engine/routing/redeciding.ts';
import type { AccountReading, LeadReading, SlaReading } from '../routing-cases.ts';

const isoOf = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoOf(ms));

export function leadView({ lead, offer, clocks }: LeadReading): ApiLead {
  const {
    leadId,
    accountId,
    state,
    score,
    source,
    isBackfill,
    openedAt,
    closedAt,
    closeReason,
    closedBy,
    followedBy,
    offerId,
    escalatedTo,
    isChosen,
  } = lead;
  const deadlines = clocks.flatMap(({ clock }) => (clock.outcome === null && clock.deadlineMs !== null ? [clock.deadlineMs] : []));
  return {
    ...{
      leadId,
      accountId,
      state,
      source,
      isBackfill,
      openedAt,
      closedAt,
      closeReason,
      closedBy,
      followedBy,
      offerId,
      escalatedTo,
      isChosen,
    },
    tier: score.tier,
    score: score.total,
    ownerId: offer?.memberId ?? null,
    deadline: deadlines.length === 0 ? null : isoOf(Math.min(...deadlines)),
  };
}

/** With its figures at an instant. */
function clockView({ leadId, clock, dueAt }: ClockRow, now: string): ApiClock {
  const { clockId, slaId, kind, state, stopsOn, ownerId, budgetMs, revision, tzVersion, outcome } = clock;
  const { usedMs, remainingMs, wallMs, uncoveredMs } = standingAt(clock, Date.parse(now));
  return {
    ...{ leadId, clockId, slaId, kind, state, stopsOn, ownerId, budgetMs, revision, tzVersion, dueAt },
    ...{ usedMs, remainingMs, wallMs, uncoveredMs, standing: standingWord(clock, Date.parse(now)) },
    startedAt: isoOf(clock.startedAtMs),
    deadline: isoOrNull(clock.deadlineMs),
    outcome: outcome?.kind ?? null,
    endedAt: isoOrNull(outcome?.endedAtMs ?? null),
  };
}

function decisionView({ decisionId, ordinal, decidedAt, policyHash, rosterHash, decision }: DecisionRow): ApiDecision {
  const { territoryId, motion, ruleId, play, slaId, candidates, outcome } = decision;
  return {
    ...{ decisionId, ordinal, decidedAt, policyHash, rosterHash, territoryId, motion, ruleId, play, slaId },
    candidates: candidates.map((candidate) => ({ ...candidate })),
    outcome: outcomeView(outcome),
  };
}

function outcomeView(outcome: DecisionOutcome): ApiDecision['outcome'] {
  switch (outcome.kind) {
    case 'assigned':
      return { kind: 'assigned', personId: outcome.memberId, poolId: outcome.poolId, reason: null };
    case 'escalated':
      return { kind: 'escalated', personId: outcome.personId, poolId: null, reason: outcome.reason };
    case 'excluded':
      return { kind: 'excluded', personId: null, poolId: null, reason: outcome.reason };
  }
}

function actionView(action: SlaAction): ExplainedLead['actions'][number] {
  return {
    ...{ key: action.key, kind: action.kind, at: isoOf(action.atMs), lateMs: action.lateMs },
    to: 'to' in action ? action.to : null,
    reason: 'reason' in action ? action.reason : 'cause' in action ? action.cause : 'outcome' in action ? action.outcome.kind : null,
  };
}

function matchView(match: Match): NonNullable<ExplainedAccount['match']> {
  const candidates =
    match.kind === 'matched' ? [match.accountId] : match.kind === 'people' ? match.candidates.map((one) => one.accountId) : [];
  return { kind: match.kind, reason: match.reason, candidates };
}

/** Everything on record of an account, with its clocks at an instant. */
export function accountView({ account, score, events, leads }: AccountReading, now: string): ExplainedAccount {
  return {
    accountId: account.accountId,
    accountKey: account.accountKey,
    record: account.record === null ? null : { ...account.record },
    match: account.match === null ? null : matchView(account.match),
    score: score === null ? null : copied(score),
    events: events.map(({ messageId, type, name, occurredAt, isBackfill }) => ({ messageId, type, name, occurredAt, isBackfill })),
    leads: leads.map((one) => ({
      lead: leadView(one),
      decisions: one.decisions.map(decisionView),
      offers: one.offers.map(({ offerId, memberId, poolId, state, offeredAt, answeredAt }) => ({
        ...{ offerId, memberId, poolId, state, offeredAt, answeredAt },
      })),
      clocks: one.clocks.map((row) => clockView(row, now)),
      notices: one.notices.map(({ noticeId, purpose, memberId, owedSince, deliveredAt, receipt }) => ({
        ...{ noticeId, purpose, memberId, owedSince, deliveredAt, channel: receipt?.channel ?? null },
      })),
      writes: one.writes.map(({ changeSetId, owedSince, startedAt }) => ({ changeSetId, owedSince, startedAt })),
      actions: one.actions.map(actionView),
    })),
  };
}

type Copied<T> = T extends readonly (infer E)[] ? Copied<E>[] : T extends object ? { -readonly [K in keyof T]: Copied<T[K]> } : T;

/** The domain's values are read-only, those of the API are not. */
function copied<T>(value: T): Copied<T> {
  return structuredClone(value) as Copied<T>;
}

/** The figures of all clocks, and those that are due first. */
export function slaView({ since, open, counts }: SlaReading, now: string): SlaReport {
  const { totals, slas } = slaFigures(counts);
  return { at: now, since, totals, slas: [...slas], clocks: open.map((row) => clockView(row, now)) };
}

/** A page of past decisions that were decided again. */
export function redecidedView({ rows, stored, changes, ...page }: RedecidedPage): ApiRedecidedPage {
  return {
    ...page,
    stored: { ...stored },
    changes: { ...changes },
    rows: rows.map(({ before, after, unread, ...row }) => ({
      ...row,
      before: { ...before },
      after: after === null ? null : { ...after },
      unread: [...unread],
    })),
  };
}
