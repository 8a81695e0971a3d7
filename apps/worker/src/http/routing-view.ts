/** Rows of routing as the API shows them. */
import type { RedecidedPage as ApiRedecidedPage } from '@lockstep/api/replay-decide-schemas.ts';
import type { ApiClock, ApiDecision, ApiLead, ExplainedAccount, ExplainedLead, SlaReport } from '@lockstep/api/routing-schemas.ts';
import { standingAt } from '@lockstep/domain/routing/clock.ts';
import type { Clock } from '@lockstep/domain/routing/clock.ts';
import type { DecisionOutcome } from '@lockstep/domain/routing/decide.ts';
import type { Match } from '@lockstep/domain/routing/match.ts';
import type { ClockRow, DecisionRow } from '@lockstep/domain/routing/routing-store.port.ts';
import type { SlaAction } from '@lockstep/domain/routing/sla.ts';
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
    ...{ usedMs, remainingMs, wallMs, uncoveredMs, standing: standingOf(clock, remainingMs) },
    startedAt: isoOf(clock.startedAtMs),
    deadline: isoOrNull(clock.deadlineMs),
    outcome: outcome?.kind ?? null,
    endedAt: isoOrNull(outcome?.endedAtMs ?? null),
  };
}

/** One word for a person: what is late, what nobody covers, what is about to be late. */
function standingOf({ state, outcome, marks, bufferMs }: Clock, remainingMs: number): ApiClock['standing'] {
  if (outcome !== null) return 'ended';
  if (state === 'breached' || state === 'uncovered') return state;
  const isWarned = marks.some(({ isDone, move }) => isDone && move !== 'lose-cover');
  return isWarned || remainingMs <= bufferMs ? 'at-risk' : 'on-time';
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

const NONE = { open: 0, atRisk: 0, escalated: 0, breached: 0, uncovered: 0, met: 0, withdrawn: 0 };
type Counts = { -readonly [K in keyof typeof NONE]: number };

/** Clocks that run are counted by how they stand now, ends by how they came. */
export function slaView({ since, open, counts }: SlaReading, now: string): SlaReport {
  const clocks = open.map((row) => clockView(row, now));
  const bySla = new Map<string, Counts>();
  const totals: Counts = { ...NONE };
  const add = (slaId: string, key: keyof Counts, count: number): void => {
    const own = bySla.get(slaId) ?? { ...NONE };
    own[key] += count;
    totals[key] += count;
    bySla.set(slaId, own);
  };
  for (const { slaId, state, outcome, count } of counts) {
    if (outcome === 'met' || outcome === 'withdrawn' || outcome === 'breached' || outcome === 'uncovered') add(slaId, outcome, count);
    if (outcome !== null) continue;
    add(slaId, 'open', count);
    // A deadline that has passed is a breach before the clock has its end.
    if (state === 'breached' || state === 'uncovered' || state === 'escalated') add(slaId, state, count);
  }
  for (const { slaId, standing } of clocks) if (standing === 'at-risk') add(slaId, 'atRisk', 1);
  const slas = [...bySla].map(([slaId, own]) => ({ slaId, ...own })).sort((one, other) => (one.slaId < other.slaId ? -1 : 1));
  return { at: now, since, totals, slas, clocks };
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
