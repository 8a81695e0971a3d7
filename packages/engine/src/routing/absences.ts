/** Times away that come in while clocks run: the remaining time goes on for somebody who is there (cases 01, 02). */
import type { Absence } from '@lockstep/domain/routing/calendar.ts';
import { nextCovered, hoursOf } from '@lockstep/domain/routing/business-time.ts';
import { isActive, personOf, teamsOf } from '@lockstep/domain/routing/roster.ts';
import { decideRemaining } from '@lockstep/domain/routing/remaining.ts';
import { offReason } from './calendars.ts';
import { happen, workOutAnew } from './clocks.ts';
import { currentOffer, move, saveDesk, takeUp } from './desk.ts';
import type { Desk } from './desk.ts';
import { documentsOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';
import { decideLead, giveBack, LADDER, reassign } from './moves.ts';
import { followStages, stagesShown } from './stages.ts';

/** Accounts whose clocks these people's hours may move: their own leads, and those of colleagues whose clocks run while anybody of the team is there. */
export async function accountsTouched(engine: RoutingEngine, memberIds: readonly string[]): Promise<readonly string[]> {
  const documents = engine.documents.current();
  const team = documents === null ? memberIds : teamsOf(documents.roster, memberIds);
  return engine.store.snapshot((reader) => reader.accountsOfMembers(team));
}

/** Puts what a feed says of somebody on record. Returns the accounts whose clocks are to be looked at. */
export async function takeAbsences(
  engine: RoutingEngine,
  memberId: string,
  feed: string,
  absences: readonly Absence[],
): Promise<readonly string[]> {
  await engine.store.transaction((tx) => tx.replaceAbsences(memberId, feed, absences));
  return accountsTouched(engine, [memberId]);
}

/**
 * The roster, a calendar or the holidays have changed: clocks go by the new hours, nothing that is used is given back. Whoever is away while time runs out hands
 * over: to somebody who is there, else they keep it if they are back in time, else a named person hears now.
 */
export async function hoursChanged(
  engine: RoutingEngine,
  accountId: string,
  cause: 'ABSENCE' | 'HOLIDAY' | 'WORKING_HOURS',
  now: string,
): Promise<void> {
  const documents = documentsOf(engine);
  await engine.store.transaction(async (tx) => {
    const desk = await takeUp({ engine, tx, documents, ladder: LADDER, now }, accountId, ({ state }) => state !== 'closed');
    if (desk === null) return;
    await followStages(desk, await stagesShown(desk));
    // An absence that its owner sits out buys no time (case 02).
    if (!(await handOverIfAway(desk))) await workOutAnew(desk, cause, currentOffer(desk)?.poolId ?? null);
    await saveDesk(desk);
  });
}

/** Nobody is left with a lead whose owner does not work here any more (case 19). */
async function handOverOfLeaver(desk: Desk): Promise<void> {
  const nobody = await reassign(desk, { isLeaver: true });
  if (nobody === null) return;
  await giveBack(desk, 'taken-back');
  if (move(desk, 'take-back')) await decideLead(desk);
}

/** True where whoever has the lead keeps it through an absence: the clock goes on as it was. */
async function handOverIfAway(desk: Desk): Promise<boolean> {
  const offer = currentOffer(desk);
  if (offer === null) return false;
  const holder = personOf(desk.documents.roster, offer.memberId);
  if (holder === null || !isActive(holder, desk.now)) {
    await handOverOfLeaver(desk);
    return false;
  }
  if (desk.lead.state !== 'offered' || desk.lead.isChosen) return false;
  const deadlineMs = Math.min(...desk.clocks.flatMap(({ clock }) => (clock.outcome === null ? (clock.deadlineMs ?? []) : [])));
  const nowMs = Date.parse(desk.now);
  const calendar = desk.calendars.get(offer.memberId);
  if (calendar === undefined || !Number.isFinite(deadlineMs)) return false;
  const isAway = calendar.absences.some(({ fromIso, toIso }) => Date.parse(fromIso) < deadlineMs && Date.parse(toIso) > nowMs);
  if (!isAway) return false;
  if ((await reassign(desk)) === null) return false;
  const returnMs = offReason(desk.calendars, offer.memberId, desk.now) === null ? nowMs : nextCovered(hoursOf(calendar), nowMs);
  const bufferMs = desk.clocks[0]?.clock.bufferMs ?? 0;
  const next = decideRemaining({ deadlineMs, bufferMs, returnMs, hasOthers: false });
  if (next.kind === 'escalate') await happen(desk, { kind: 'escalate', reason: next.reason });
  return next.kind === 'wait';
}
