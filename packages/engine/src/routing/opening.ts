/** When an account's evidence makes a lead. */
import { moveLead } from '@lockstep/domain/routing/lead-table.ts';
import type { Lead } from '@lockstep/domain/routing/lead.ts';
import { quietUntil } from '@lockstep/domain/routing/lead-end.ts';
import type { RoutingTransaction } from '@lockstep/domain/routing/routing-store.port.ts';
import { scoreAccount } from '@lockstep/domain/routing/score.ts';
import type { Desk } from './desk.ts';
import type { Documents } from './environment.ts';
import { textAt } from './evidence.ts';
import type { Evidence } from './evidence.ts';
import { followedLead } from './following.ts';

/**
 * A threshold is crossed, and not by what a lead was made of before. After one that was left out something has to have happened; after one that has come to its
 * end the account stays quiet for a while, and what has happened since has to be worth a lead by itself.
 */
export function isNewLead(documents: Documents, evidence: Evidence, leads: readonly Lead[], now: string): boolean {
  const { score, events, account } = evidence;
  if (!score.crossed) return false;
  const [last] = leads.filter(({ state }) => state !== 'followed');
  if (last === undefined) return true;
  const { closedAt, closeReason } = last;
  if (closedAt === null || closeReason === null || now < quietUntil(closeReason, closedAt, documents.policy)) return false;
  if (closeReason !== 'excluded') return isCrossedSince(documents, evidence, closedAt);
  if (account.match?.kind === 'excluded') return false;
  const counting = new Set(score.parts.flatMap((part) => part.evidence));
  return events.some(({ messageId, receivedAt }) => counting.has(messageId) && receivedAt > closedAt);
}

function isCrossedSince({ scoring }: Documents, { events, traits, score }: Evidence, closedAt: string): boolean {
  const since = events.filter(({ type, occurredAt }) => type !== 'track' || occurredAt > closedAt);
  return scoreAccount(scoring, since, traits, score.at).crossed;
}

/** The lead of an account that is open, or the one that is to be; null for none. */
export async function openLead(
  tx: RoutingTransaction,
  { documents, engine, now }: Pick<Desk, 'documents' | 'engine' | 'now'>,
  evidence: Evidence,
): Promise<{ readonly lead: Lead; readonly isNew: boolean } | null> {
  const { accountId } = evidence.account;
  const leads = await tx.leadsOf(accountId);
  const live = leads.find(({ state }) => state !== 'closed');
  if (live !== undefined && live.state !== 'followed') return { lead: live, isNew: false };
  if (!isNewLead(documents, evidence, leads, now)) {
    const lead = live ?? (await followedLead(tx, { documents, engine, now }, evidence));
    return lead === null ? null : { lead, isNew: live === undefined };
  }
  const made = { score: evidence.score, source: sourceOf(evidence), isBackfill: evidence.score.flags.includes('BACKFILL') };
  const qualified = moveLead('followed', 'qualify');
  // Its clocks between stages go on for whoever gets it.
  if (live !== undefined && qualified !== null)
    return { lead: { ...live, ...made, state: qualified, openedAt: now, followedBy: null }, isNew: false };
  const lead: Lead = {
    leadId: `${accountId}-${leads.length + 1}`,
    accountId,
    state: 'deciding',
    ...made,
    openedAt: now,
    closedAt: null,
    closeReason: null,
    closedBy: null,
    followedBy: null,
    offerId: null,
    escalatedTo: null,
    decisions: 0,
    isChosen: false,
  };
  return { lead, isNew: true };
}

const SOURCE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

function sourceOf({ traits }: Evidence): string {
  const source = textAt(traits, 'lead_source');
  return source !== null && SOURCE.test(source) ? source : 'product';
}
