/** Into whose hands a lead comes: by a decision, by a person, or because nobody else is left. */
import type { Assignment } from '@lockstep/domain/routing/assign.ts';
import { takeBack } from '@lockstep/domain/routing/assign.ts';
import { decide } from '@lockstep/domain/routing/decide.ts';
import type { Decision, DecisionInput, EscalationReason } from '@lockstep/domain/routing/decide.ts';
import type { Offer, OfferState } from '@lockstep/domain/routing/lead.ts';
import { SLA_OF_PEOPLE } from '@lockstep/domain/routing/sla-of-people.ts';
import { isStageClock } from '@lockstep/domain/routing/stage.ts';
import { offReason } from './calendars.ts';
import { begin, happen, isRunning, told, workOutAnew } from './clocks.ts';
import { currentOffer, endOffer, move } from './desk.ts';
import type { Desk, Ladder } from './desk.ts';
import { hashesOf } from './environment.ts';
import { countryOf, textAt } from './evidence.ts';
import { owed } from './notices.ts';
import type { Told } from './notices.ts';

/** For so long an owner whom the CRM has not taken is left out: then they may be there again. */
const INACTIVE_FOR_MS = 24 * 3_600_000;

/** A decision for a lead that nobody has. Holds the roster's lock from here on (R4, R5). */
export async function decideLead(desk: Desk): Promise<void> {
  const decision = await decisionFor(desk, passedBy(desk));
  await carryOut(desk, decision);
}

/**
 * The next one, by a rung of the ladder, or because its owner is away or gone for good (a leaver's accepted leads too, case 19). Null where somebody has it now, or nobody may take it from its owner; else who is to hear
 * that there is nobody: the lead stays where it is.
 */
export async function reassign(
  desk: Desk,
  { isLeaver = false } = {},
): Promise<{ readonly personId: string; readonly reason: EscalationReason } | null> {
  const offer = currentOffer(desk);
  if (offer === null || (desk.lead.state !== 'offered' && !isLeaver) || (desk.lead.isChosen && !isLeaver)) return null;
  const decision = await decisionFor(desk, [...passedBy(desk), offer.memberId]);
  const { outcome } = decision;
  if (outcome.kind === 'escalated') return outcome;
  if (outcome.kind === 'excluded') return null;
  await giveBack(desk, 'taken-back');
  move(desk, 'take-back');
  await carryOut(desk, decision);
  return null;
}

/** Who has had the lead and has not kept it. */
function passedBy({ offers }: Desk): readonly string[] {
  const gone: ReadonlySet<OfferState> = new Set(['declined', 'taken-back', 'released', 'handed-over']);
  return offers.filter(({ state }) => gone.has(state)).map(({ memberId }) => memberId);
}

/** Decides, and puts the decision on record with all that it depended on (R6). */
async function decisionFor(desk: Desk, passed: readonly string[]): Promise<Decision> {
  const { tx, documents, lead, now } = desk;
  await tx.lockRoster();
  const input = await inputOf(desk, passed);
  const decision = decide(documents.policy, documents.roster, input);
  const ordinal = lead.decisions + 1;
  const { policyHash, rosterHash } = hashesOf(documents);
  for (const [kind, hash] of [['policy', policyHash] as const, ['roster', rosterHash] as const])
    await tx.saveDocument({ kind, hash, version: documents[kind].version, body: documents[kind] });
  await tx.addDecision({
    decisionId: `${lead.leadId}/${ordinal}`,
    leadId: lead.leadId,
    ordinal,
    decidedAt: now,
    policyHash,
    rosterHash,
    input,
    decision,
  });
  desk.lead = { ...desk.lead, decisions: ordinal };
  return decision;
}

async function inputOf(desk: Desk, passed: readonly string[]): Promise<DecisionInput> {
  const { tx, engine, documents, lead, account, traits, calendars, now } = desk;
  const { roster } = documents;
  const ids = roster.people.map(({ id }) => id);
  const open = await tx.openLeads(ids);
  const inactive = await tx.inactiveOwners(new Date(Date.parse(now) - INACTIVE_FOR_MS).toISOString());
  const hasOwner = (owners: Readonly<Record<string, string>>): boolean => {
    const ownerId = engine.crm === null ? undefined : owners[engine.crm.connectionId];
    return engine.crm === null || (ownerId !== undefined && !inactive.has(ownerId));
  };
  const confidence = traits['qualification_confidence'];
  return {
    at: now,
    tier: lead.score.tier,
    score: lead.score.total,
    source: lead.source,
    isBackfill: lead.isBackfill,
    traits,
    match: account.match ?? { kind: 'people', reason: 'NO_DOMAIN', candidates: [] },
    country: countryOf(traits),
    subdivision: textAt(traits, 'address.subdivision') ?? textAt(traits, 'subdivision'),
    confidence: typeof confidence === 'number' ? confidence : null,
    passed: [...new Set(passed)].toSorted(),
    members: Object.fromEntries(
      roster.people.map(({ id, owners }) => [
        id,
        { openLeads: open.get(id) ?? 0, off: offReason(calendars, id, now), hasOwner: hasOwner(owners) },
      ]),
    ),
    credits: await tx.credits(roster.pools.map(({ id }) => id)),
  };
}

async function carryOut(desk: Desk, { outcome, slaId, motion }: Decision): Promise<void> {
  const sla = slaId ?? SLA_OF_PEOPLE;
  switch (outcome.kind) {
    case 'excluded':
      move(desk, 'close', { closeReason: 'excluded' });
      return;
    case 'escalated':
      await toPerson(desk, outcome.personId, outcome.reason, sla);
      return;
    case 'assigned': {
      const { memberId, poolId, assignment, credit } = outcome;
      await desk.tx.saveCredit(poolId, credit);
      if (!move(desk, 'assign', { isChosen: false })) return;
      await offerTo(desk, { memberId, poolId, assignment, motion, slaId: sla, cause: 'OWNER_CHANGED' });
    }
  }
}

/** Nobody else is left: a named person has it (R2). */
async function toPerson(desk: Desk, personId: string, reason: string, slaId: string): Promise<void> {
  if (!move(desk, 'escalate', { escalatedTo: personId })) return;
  await offerTo(desk, { memberId: personId, poolId: null, assignment: null, motion: null, slaId, cause: 'OWNER_CHANGED', isQuiet: true });
  await happen(desk, { kind: 'escalate', reason, to: personId });
}

/** A named person hears of a lead that somebody else may still take, or bring on. */
function escalateTo(
  desk: Desk,
  about: Told,
  { to, reason, key }: { readonly to: string; readonly reason: string; readonly key: string },
): void {
  move(desk, 'escalate', { escalatedTo: to });
  const now = { ...about, lead: desk.lead, offer: currentOffer(desk) };
  desk.notices.push(owed(now, reason === 'UNCOVERED' ? 'uncovered' : 'escalate', to, key, desk.now, reason));
}

export const LADDER: Ladder = { reassign: (desk) => reassign(desk), escalateTo };

/** Id of the change set that shows an offer in the CRM. */
export const writeIdOf = (offerId: string): string => `route-${offerId.replaceAll('/', '-')}`;

export interface NewOffer {
  readonly memberId: string;
  readonly poolId: string | null;
  readonly assignment: Assignment | null;
  readonly motion: Decision['motion'];
  /** Of the clock that starts where none runs. */
  readonly slaId: string;
  readonly cause: 'OWNER_CHANGED' | 'OWNER_CHANGED_BY_PERSON';
  /** Something else tells them. */
  readonly isQuiet?: boolean;
}

/** The lead is in somebody's hands: a row, a clock, a notice, and what the CRM is to show. */
export async function offerTo(desk: Desk, request: NewOffer): Promise<void> {
  const { lead, now } = desk;
  const { memberId, poolId, assignment, motion, slaId, cause } = request;
  const offerId = `${lead.leadId}/${desk.offers.length + 1}`;
  const made: Offer = { offerId, leadId: lead.leadId, memberId, poolId, assignment, state: 'open', offeredAt: now, answeredAt: null };
  desk.offers.push(made);
  desk.lead = { ...desk.lead, offerId };
  const hasClock = desk.clocks.some((row) => isRunning(row) && !isStageClock(row.clock.clockId));
  await workOutAnew(desk, cause, poolId);
  if (!hasClock) await begin(desk, slaId, poolId);
  if (request.isQuiet !== true) desk.notices.push(owed(told(desk), 'offer', memberId, offerId, now));
  await desk.tx.oweWrite({
    changeSetId: writeIdOf(offerId),
    leadId: lead.leadId,
    offerId,
    motion,
    owedSince: now,
    startedAt: null,
    end: null,
    keptOwner: null,
  });
}

/** From whoever has the lead to somebody whom no pool has chosen; its clocks go on, by the service level that they have. */
export async function handTo(desk: Desk, memberId: string, cause: NewOffer['cause'], { isQuiet = false } = {}): Promise<void> {
  await giveBack(desk, 'handed-over');
  const slaId = desk.clocks.find(({ clock }) => !isStageClock(clock.clockId))?.clock.slaId ?? SLA_OF_PEOPLE;
  await offerTo(desk, { memberId, poolId: null, assignment: null, motion: null, slaId, cause, isQuiet });
}

/**
 * Whoever had the lead has it no more, and the capacity is free. The pool's credit stays as it is: who does not take leads, or is away, is not owed them for it.
 * Only a decision that was void (case 18) is as if it had never been made.
 */
export async function giveBack(
  desk: Desk,
  state: Exclude<OfferState, 'open' | 'accepted'>,
  { isVoid = false } = {},
): Promise<Offer | null> {
  const ended = endOffer(desk, state);
  if (ended === null) return null;
  if (isVoid && ended.poolId !== null && ended.assignment !== null) {
    await desk.tx.lockRoster();
    const credits = await desk.tx.credits([ended.poolId]);
    const credit = credits[ended.poolId];
    if (credit !== undefined) await desk.tx.saveCredit(ended.poolId, takeBack(credit, ended.assignment));
  }
  if (state === 'taken-back' || state === 'handed-over')
    desk.notices.push(owed(told(desk), 'taken-back', ended.memberId, ended.offerId, desk.now));
  return ended;
}
