/** The end of a lead: the CRM shows it, or a person says it. Its owner has the capacity back, its clocks are withdrawn, and who still waited for it hears. */
import { shownEnd } from '@lockstep/domain/routing/lead-end.ts';
import type { CloseReason } from '@lockstep/domain/routing/close-reason.ts';
import type { ClockRow } from '@lockstep/domain/routing/routing-store.port.ts';
import { personOf } from '@lockstep/domain/routing/roster.ts';
import { stageOf } from '@lockstep/domain/routing/stage.ts';
import type { StageRecord } from '@lockstep/domain/routing/stage.ts';
import type { AnswerOutcome } from './answering.ts';
import { happen, isRunning, told } from './clocks.ts';
import { currentOffer, endOffer, move, saveDesk, takeUp } from './desk.ts';
import type { Desk } from './desk.ts';
import { documentsOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';
import { LADDER } from './moves.ts';
import { owed } from './notices.ts';
import { followStages, stagesShown } from './stages.ts';

/** An opportunity that was made since, or people who were disqualified, end a lead: also one that nobody has acknowledged, since a person has gone on with it (people win). */
export async function closeAsShown(desk: Desk, records: readonly StageRecord[]): Promise<void> {
  if (desk.lead.state === 'closed') return;
  const end = shownEnd(records, desk.lead.openedAt);
  if (end === null || desk.clocks.some((row) => isOfOpportunity(desk, row))) return;
  await close(desk, end, null);
}

/** A service level that begins with the opportunity is still to be kept. */
function isOfOpportunity({ documents }: Desk, row: ClockRow): boolean {
  const sla = documents.slas.find(({ id }) => id === row.clock.slaId);
  return isRunning(row) && sla !== undefined && stageOf(sla.start) === 'opportunity';
}

const WORDS: Readonly<Record<CloseReason, string>> = {
  won: 'it is won',
  lost: 'it is lost',
  disqualified: 'it is disqualified',
  opportunity: 'there is an opportunity',
};

async function close(desk: Desk, reason: CloseReason, by: string | null): Promise<boolean> {
  const offer = currentOffer(desk);
  const { state, escalatedTo, followedBy } = desk.lead;
  const about = told(desk);
  if (!move(desk, 'close', { closeReason: reason, closedBy: by })) return false;
  // Who has accepted it and made the opportunity knows.
  const waiting = offer !== null && (offer.state === 'open' || by !== null) ? offer.memberId : by === null ? null : followedBy;
  const readers = [waiting, state === 'accepted' ? null : escalatedTo];
  for (const reader of new Set(readers))
    if (reader !== null && reader !== by)
      desk.notices.push(owed({ ...about, lead: desk.lead }, 'closed', reader, reason, desk.now, WORDS[reason]));
  endOffer(desk, 'closed');
  await happen(desk, { kind: 'withdraw' });
  return true;
}

export interface CloseRequest {
  readonly accountId: string;
  readonly leadId: string;
  /** The offer that was seen; null: whatever stands. */
  readonly offerId: string | null;
  /** Of the roster. */
  readonly by: string;
  readonly reason: CloseReason;
}

/** Says that a lead is over: whoever has it, the named person who knows of it, a manager or RevOps. Total: what does not count is refused with its rule. */
export async function closeLead(engine: RoutingEngine, request: CloseRequest, now: string): Promise<AnswerOutcome> {
  const documents = documentsOf(engine);
  const { accountId, leadId, by, reason } = request;
  return engine.store.transaction(async (tx) => {
    const desk = await takeUp({ engine, tx, documents, ladder: LADDER, now }, accountId, (lead) => lead.leadId === leadId);
    if (desk === null) return { outcome: 'refused', code: 'NO_LEAD' };
    const { lead } = desk;
    if (lead.state === 'closed')
      return lead.closeReason === reason ? { outcome: 'already', code: null } : { outcome: 'refused', code: 'ALREADY_CLOSED' };
    const person = personOf(documents.roster, by);
    if (person === null) return { outcome: 'refused', code: 'UNKNOWN_MEMBER' };
    const offer = currentOffer(desk);
    if (request.offerId !== null && request.offerId !== offer?.offerId) return { outcome: 'refused', code: 'NOT_CURRENT' };
    const isTheirs =
      offer?.memberId === by || lead.followedBy === by || lead.escalatedTo === by || person.role === 'manager' || person.role === 'revops';
    if (!isTheirs) return { outcome: 'refused', code: 'NOT_YOURS' };
    // What had fallen due before is due before it, and what the CRM shows as reached is met.
    await followStages(desk, await stagesShown(desk));
    await happen(desk, { kind: 'tick' });
    await close(desk, reason, by);
    await saveDesk(desk);
    return { outcome: 'taken', code: null };
  });
}
