/** What people say to an offer: on record before they hear that it is (R2), and once, however often they say it (case 25). */
import { personOf } from '@lockstep/domain/routing/roster.ts';
import { happen, told } from './clocks.ts';
import { currentOffer, move, replace, saveDesk, takeUp } from './desk.ts';
import type { Desk } from './desk.ts';
import { documentsOf } from './environment.ts';
import type { RoutingEngine } from './environment.ts';
import { giveBack, handTo, LADDER } from './moves.ts';
import { owed } from './notices.ts';
import { followStages, stagesShown } from './stages.ts';

export interface Answer {
  readonly accountId: string;
  readonly kind: 'accept' | 'decline' | 'snooze' | 'reassign' | 'release';
  readonly offerId: string;
  /** Of the roster. */
  readonly by: string;
  /** Of a snooze, ISO. */
  readonly until?: string;
  /** Of a reassignment: of the roster. */
  readonly to?: string;
}

export type AnswerCode =
  | 'NO_LEAD'
  | 'NOT_CURRENT'
  | 'NOT_YOURS'
  | 'UNKNOWN_MEMBER'
  | 'AT_CAPACITY'
  | 'TOO_LATE'
  | 'NO_INSTANT'
  | 'ALREADY_CLOSED';

export interface AnswerOutcome {
  readonly outcome: 'taken' | 'already' | 'refused';
  readonly code: AnswerCode | null;
}

const TAKEN: AnswerOutcome = { outcome: 'taken', code: null };
const ALREADY: AnswerOutcome = { outcome: 'already', code: null };
const refused = (code: AnswerCode): AnswerOutcome => ({ outcome: 'refused', code });

/** Total: an answer that does not count is refused with its rule. Takes effect at the store's instant, not at the workflow's. */
export async function answer(engine: RoutingEngine, request: Answer, now: string): Promise<AnswerOutcome> {
  const documents = documentsOf(engine);
  const { accountId } = request;
  return engine.store.transaction(async (tx) => {
    const desk = await takeUp({ engine, tx, documents, ladder: LADDER, now }, accountId, ({ leadId }) =>
      request.offerId.startsWith(`${leadId}/`),
    );
    if (desk === null) return refused('NO_LEAD');
    // What had fallen due before the answer came is due before it, and has happened whether or not the answer counts.
    await followStages(desk, await stagesShown(desk));
    await happen(desk, { kind: 'tick' });
    const outcome = await ANSWERS[request.kind](desk, request);
    await saveDesk(desk);
    return outcome;
  });
}

/** Each leaves the desk as it was where it refuses. */
const ANSWERS: Readonly<Record<Answer['kind'], (desk: Desk, request: Answer) => Promise<AnswerOutcome>>> = {
  accept,
  decline: (desk, request) => giveUp(desk, request, 'decline'),
  release: (desk, request) => giveUp(desk, request, 'release'),
  snooze,
  reassign: handOver,
};

async function accept(desk: Desk, request: Answer): Promise<AnswerOutcome> {
  const offer = desk.offers.find(({ offerId }) => offerId === request.offerId);
  if (offer?.state === 'accepted' && offer.memberId === request.by) return ALREADY;
  const objection = objectionTo(desk, request);
  if (objection !== null) return refused(objection);
  if (!move(desk, 'accept')) return refused('NOT_CURRENT');
  if (offer?.memberId !== request.by) {
    // The named person takes it over from whoever has not answered.
    await handTo(desk, request.by, 'OWNER_CHANGED', { isQuiet: true });
  }
  const current = currentOffer(desk);
  if (current === null) throw new Error(`${request.offerId}: expected an offer in the hands of ${request.by}, got none`);
  replace(desk.offers, current, { ...current, state: 'accepted', answeredAt: desk.now });
  await happen(desk, { kind: 'happened', what: 'acknowledged' });
  const { escalatedTo } = desk.lead;
  if (escalatedTo !== null && escalatedTo !== request.by)
    desk.notices.push(owed(told(desk), 'accepted', escalatedTo, current.offerId, desk.now));
  return TAKEN;
}

async function giveUp(desk: Desk, request: Answer, how: 'decline' | 'release'): Promise<AnswerOutcome> {
  const state = how === 'decline' ? 'declined' : 'released';
  const offer = desk.offers.find(({ offerId }) => offerId === request.offerId);
  if (offer?.state === state && offer.memberId === request.by) return ALREADY;
  const objection = objectionTo(desk, request);
  if (objection !== null) return refused(objection);
  // Of a lead that somebody else may take the named person can say nothing away.
  if (offer?.memberId !== request.by) return refused('NOT_YOURS');
  if (desk.lead.state === 'escalated') return refused('TOO_LATE');
  if (!move(desk, how)) return refused('NOT_CURRENT');
  await giveBack(desk, state);
  return TAKEN;
}

async function snooze(desk: Desk, request: Answer): Promise<AnswerOutcome> {
  const objection = objectionTo(desk, request);
  if (objection !== null) return refused(objection);
  const untilMs = Date.parse(request.until ?? '');
  if (Number.isNaN(untilMs)) return refused('NO_INSTANT');
  const before = desk.clocks.map(({ clock }) => clock);
  await happen(desk, { kind: 'snooze', untilMs });
  return desk.clocks.some(({ clock }, index) => clock !== before[index]) ? TAKEN : refused('TOO_LATE');
}

/** A person gives it to somebody: nobody takes it away from them again, but for that person (case 23). */
async function handOver(desk: Desk, request: Answer): Promise<AnswerOutcome> {
  const { roster } = desk.documents;
  const to = personOf(roster, request.to ?? '');
  const by = personOf(roster, request.by);
  if (to === null || by === null) return refused('UNKNOWN_MEMBER');
  const current = currentOffer(desk);
  if (current === null || current.offerId !== request.offerId) return refused('NOT_CURRENT');
  if (current.memberId === to.id) return ALREADY;
  const isTheirs = current.memberId === by.id || desk.lead.escalatedTo === by.id || by.role === 'manager' || by.role === 'revops';
  if (!isTheirs) return refused('NOT_YOURS');
  await desk.tx.lockRoster();
  const open = await desk.tx.openLeads([to.id]);
  if ((open.get(to.id) ?? 0) >= to.capacity) return refused('AT_CAPACITY');
  if (!move(desk, 'hand-over', { isChosen: true })) return refused('NOT_CURRENT');
  await handTo(desk, to.id, 'OWNER_CHANGED_BY_PERSON');
  return TAKEN;
}

/** Only of the offer that counts, and only by who has it or who is to know of it. */
function objectionTo(desk: Desk, request: Answer): AnswerCode | null {
  const current = currentOffer(desk);
  if (current === null || current.offerId !== request.offerId) return 'NOT_CURRENT';
  return current.memberId === request.by || desk.lead.escalatedTo === request.by ? null : 'NOT_YOURS';
}
