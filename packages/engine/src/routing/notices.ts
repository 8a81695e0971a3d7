/** What people are told, in their words; what is owed to them is a row before it is sent. */
import { companyNameOf } from './evidence.ts';
import { answerButtons } from '@lockstep/domain/routing/answer-buttons.ts';
import type { Traits } from '@lockstep/domain/routing/condition.ts';
import type { Lead, NoticePurpose, Offer, OwedNotice, RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import type { Notice } from '@lockstep/domain/routing/messenger.port.ts';
import type { Stage } from '@lockstep/domain/routing/stage.ts';
import type { Score } from '@lockstep/domain/routing/score.ts';

/** What a notice is about. */
export interface Told {
  readonly lead: Lead;
  /** Of the account. */
  readonly name: string;
  readonly offer: Offer | null;
  readonly deadlineIso: string | null;
  /** Where the lead is to come next; null where somebody is to answer. */
  readonly stage: Stage | null;
}

/** What heads each notice; the reason is its last line but one. */
const HEADS: Readonly<Record<NoticePurpose, string>> = {
  offer: 'New lead for you',
  remind: 'Still waiting for your answer',
  warn: 'Time is running out',
  'taken-back': 'Taken back, somebody else has it now',
  moved: 'This lead has moved',
  escalate: 'Nobody has taken this lead',
  accepted: 'Accepted',
  closed: 'Closed, nothing is left to do',
  uncovered: 'Nobody is on duty for this lead',
};
/** From what is said in passing to what settles it. Buttons come with an escalation, not with the report that nobody is on duty. */
const GRAVITY: Readonly<Record<NoticePurpose, number>> = {
  remind: 0,
  warn: 1,
  uncovered: 2,
  escalate: 3,
  moved: 4,
  offer: 5,
  'taken-back': 6,
  accepted: 7,
  closed: 8,
};
const STAGE_WORDS: Readonly<Record<Stage, string>> = { MQL: 'marketing-qualified', SQL: 'sales-qualified', opportunity: 'an opportunity' };
const WITHOUT_DEADLINE: ReadonlySet<NoticePurpose> = new Set(['taken-back', 'accepted', 'closed']);
const WHY_FOLLOWED = 'Its stage was set in the CRM; nothing that it has done in the product has made it a lead';
const WITH_BUTTONS: ReadonlySet<NoticePurpose> = new Set(['offer', 'remind', 'warn', 'escalate']);

/** The same notice for the same key, whenever it is worked out. */
export function owed(
  told: Told,
  purpose: NoticePurpose,
  memberId: string,
  key: string,
  now: string,
  reason: string | null = null,
): OwedNotice {
  const { lead } = told;
  return {
    noticeId: `${lead.leadId}/${purpose}/${key}`,
    leadId: lead.leadId,
    purpose,
    memberId,
    notice: noticeOf(told, purpose, reason),
    owedSince: now,
    triedSince: null,
    deliveredAt: null,
    receipt: null,
  };
}

/**
 * Of what fell due at one instant each reader hears the gravest alone: after a worker's break an owner is not reminded of a lead that is taken back at once, and a
 * named person hears once that nobody is left. What clocks have set off is all on record. Of two of one gravity the later one.
 */
export function gravestEach(notices: readonly OwedNotice[]): readonly OwedNotice[] {
  const said = new Map<string, OwedNotice>();
  for (const notice of notices) {
    const before = said.get(notice.memberId);
    if (before === undefined || GRAVITY[notice.purpose] >= GRAVITY[before.purpose]) said.set(notice.memberId, notice);
  }
  return notices.filter((notice) => said.get(notice.memberId) === notice);
}

function headOf(stage: Stage | null, purpose: NoticePurpose): string {
  if (stage === null || (purpose !== 'remind' && purpose !== 'warn' && purpose !== 'escalate')) return HEADS[purpose];
  const head = `Not yet ${STAGE_WORDS[stage]}`;
  return purpose === 'warn' ? `${HEADS.warn}, ${head.toLowerCase()}` : head;
}

function noticeOf({ lead, name, offer, deadlineIso, stage }: Told, purpose: NoticePurpose, reason: string | null): Notice {
  const hasButtons = offer !== null && stage === null && WITH_BUTTONS.has(purpose);
  return {
    title: `${headOf(stage, purpose)}: ${name}`,
    why: [...(reason === null ? [] : [reason]), ...(lead.state === 'followed' ? [WHY_FOLLOWED] : whyOf(lead.score))],
    score: lead.score.total,
    deadlineIso: WITHOUT_DEADLINE.has(purpose) ? null : deadlineIso,
    link: null,
    buttons: hasButtons ? answerButtons(offer.offerId) : [],
  };
}

/** As events name the company, else by its domain, else by its record in the CRM: never by a person. */
export function nameOf(traits: Traits, { accountKey, record }: Pick<RoutedAccount, 'accountKey' | 'record'>): string {
  const domain = /^domain:(.+)$/.exec(accountKey)?.[1] ?? null;
  const inCrm = record === null ? /^record:[^/]+\/(.+)$/.exec(accountKey)?.[1] : `${record.object}/${record.recordId}`;
  return companyNameOf(traits) ?? domain ?? inCrm?.replace('/', ' ') ?? 'an account without a name';
}

/** One line a reason, the weightiest first. */
export function whyOf({ parts, fit, tier, threshold }: Score): readonly string[] {
  const lines = [
    ...parts.map(({ id, points, evidence }) => ({ points, line: `${id}: ${evidence.length} × for ${points} points` })),
    ...fit.met.map(({ id, points }) => ({ points, line: `fits: ${id}, ${points} points` })),
  ];
  const weighty = lines.filter(({ points }) => points !== 0).toSorted((a, b) => b.points - a.points);
  return [...weighty.map(({ line }) => line), `${tier}: the threshold is ${threshold}`];
}
