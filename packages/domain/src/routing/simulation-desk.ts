/**
 * One lead of a simulation, moved on by the production machine: `decide`, `assign`, `startClock`, `advance`, `rebase`, `decideRemaining`, `moveLead`. The flow
 * between them is the engine's (packages/engine/src/routing/{moves,clocks,answering,absences}.ts), without its store: what changes there changes here. It is
 * stricter in two places: credit does not come back with a lead (`giveBack`), and a named person hears of a lead whose clock has ended, too (`carryOut`).
 */
import { startClock } from './clock-start.ts';
import type { Decision, DecisionInput } from './decide.ts';
import type { OfferState } from './lead.ts';
import { moveLead } from './lead-table.ts';
import type { LeadMove } from './lead-table.ts';
import { rebase } from './rebase.ts';
import { personOf, sharesOf } from './roster.ts';
import type { Question } from './simulation-request.ts';
import { enter } from './simulation-fairness.ts';
import { clockHours, heardAt, offReason, slaOf, worksNext, worksUntil } from './simulation-world.ts';
import type { LeadFile, OfferFile, World } from './simulation-world.ts';
import { SLA_OF_PEOPLE } from './sla-of-people.ts';
import { advance } from './sla.ts';
import type { Moved, RebaseCause, SlaAction, SlaEvent } from './sla.ts';

const MINUTE_MS = 60_000;
const GONE: ReadonlySet<OfferState> = new Set(['declined', 'taken-back', 'released', 'handed-over']);

/** Everything that is due at this instant. */
export function workOn(world: World, file: LeadFile): void {
  if (file.state === 'deciding') carryOut(world, file, decisionFor(world, file, passedBy(file)));
  happen(world, file, { kind: 'tick' });
}

/** The lead's clock goes by other hours, or for another owner. */
export function workOutAnew(world: World, file: LeadFile, cause: RebaseCause): void {
  const { clock, current } = file;
  if (clock === null || clock.outcome !== null) return;
  const ownerId = current?.memberId ?? null;
  const hours = clockHours(world, slaOf(world, clock.slaId), ownerId, current?.poolId ?? null);
  apply(world, file, rebase(clock, { cause, ownerId, hours, tzVersion: world.tzVersion }, world.nowMs));
}

export function happen(world: World, file: LeadFile, event: SlaEvent): void {
  if (file.clock === null || file.clock.outcome !== null) return;
  apply(world, file, advance(file.clock, event, world.nowMs));
}

function apply(world: World, file: LeadFile, { clock, actions }: Moved): void {
  file.clock = clock;
  for (const action of actions) setOff(world, file, action);
}

function setOff(world: World, file: LeadFile, action: SlaAction): void {
  if (action.kind === 'reassign') {
    const nobody = reassign(world, file);
    if (nobody !== null) happen(world, file, { kind: 'escalate', reason: nobody.reason, to: nobody.personId });
  }
  if (action.kind === 'escalate') tellNamed(world, file, action.to, action.reason);
  if (action.kind === 'look-again') workOutAnew(world, file, 'HORIZON');
}

/** A named person hears of a lead, and may take it. */
function tellNamed(world: World, file: LeadFile, personId: string, reason: string): void {
  move(file, 'escalate', personId);
  const heardAtMs = heardAt(world);
  file.escalations.push({ personId, reason, atMs: world.nowMs, heardAtMs });
  if (file.current !== null) ask(world, file, { memberId: personId, as: 'named', asked: 1 }, heardAtMs);
}

/** What somebody makes of an offer, once it has reached them and they work. */
export function ask(world: World, file: LeadFile, question: Pick<Question, 'memberId' | 'as' | 'asked'>, fromMs: number): void {
  const { current, lead, offers } = file;
  if (current === null) return;
  const reaction = world.behaviour.reactTo({ ...question, leadId: lead.leadId, offers: offers.length });
  if (reaction.kind === 'ignore') return;
  const { memberId, asked } = question;
  const delayMs = Math.round(reaction.afterMinutes * MINUTE_MS);
  const startsMs = reaction.isByWall === true ? null : worksNext(world, memberId, fromMs);
  const workedMs = startsMs === null ? null : worksUntil(world, memberId, startsMs, delayMs);
  const atMs = reaction.isByWall === true ? fromMs + delayMs : workedMs;
  if (atMs !== null) world.queue.push(atMs, { kind: 'answers', file, offer: current, memberId, reaction, asked });
}

function decisionFor(world: World, file: LeadFile, passed: readonly string[]): Decision {
  const { lead } = file;
  const { leadId: _leadId, arrivesAt: _arrivesAt, ...facts } = lead;
  const input: DecisionInput = {
    ...facts,
    at: new Date(world.nowMs).toISOString(),
    passed: [...new Set(passed)].toSorted(),
    members: Object.fromEntries(
      world.poolMembers.map((id) => [
        id,
        { openLeads: world.held.get(id)?.size ?? 0, off: offReason(world, id, world.nowMs), hasOwner: true },
      ]),
    ),
    credits: world.credits,
  };
  return world.decide(world.documents.policy, world.roster, input);
}

function passedBy({ offers }: LeadFile): readonly string[] {
  return offers.filter(({ state }) => GONE.has(state)).map(({ memberId }) => memberId);
}

/** The next one, or who is to hear that there is nobody; null where that is settled. */
export function reassign(world: World, file: LeadFile): { readonly personId: string; readonly reason: string } | null {
  const { current } = file;
  if (current === null || file.state !== 'offered') return null;
  const decision = decisionFor(world, file, [...passedBy(file), current.memberId]);
  if (decision.outcome.kind === 'escalated') return decision.outcome;
  if (decision.outcome.kind === 'excluded') return null;
  giveBack(world, file, 'taken-back');
  move(file, 'take-back');
  carryOut(world, file, decision);
  return null;
}

function carryOut(world: World, file: LeadFile, { outcome, slaId, candidates }: Decision): void {
  const sla = slaId ?? SLA_OF_PEOPLE;
  if (outcome.kind === 'excluded') move(file, 'close');
  if (outcome.kind === 'escalated' && move(file, 'escalate', outcome.personId)) {
    offerTo(world, file, { memberId: outcome.personId, poolId: null, sla });
    const isRunning = file.clock !== null && file.clock.outcome === null;
    happen(world, file, { kind: 'escalate', reason: outcome.reason, to: outcome.personId });
    if (!isRunning) tellNamed(world, file, outcome.personId, outcome.reason);
  }
  if (outcome.kind !== 'assigned' || !move(file, 'assign')) return;
  const { memberId, poolId, credit } = outcome;
  world.credits[poolId] = credit;
  const book = world.books.get(poolId);
  const eligible = candidates.flatMap((candidate) =>
    candidate.poolId === poolId && candidate.reason === null ? [candidate.memberId] : [],
  );
  const members = sharesOf(world.roster, poolId, new Date(world.nowMs).toISOString());
  if (book !== undefined) enter(book, world.nowMs, { memberId, eligible, members });
  offerTo(world, file, { memberId, poolId, sla });
  const capacity = personOf(world.roster, memberId)?.capacity ?? 0;
  if ((world.held.get(memberId)?.size ?? 0) > capacity) world.overCapacity += 1;
}

interface NewOffer {
  readonly memberId: string;
  readonly poolId: string | null;
  /** Of the clock that starts where there is none. */
  readonly sla: string;
}

export function offerTo(world: World, file: LeadFile, { memberId, poolId, sla }: NewOffer): void {
  const offer: OfferFile = { memberId, poolId, atMs: world.nowMs, state: 'open' };
  file.offers.push(offer);
  file.current = offer;
  world.held.get(memberId)?.add(file);
  if (file.clock === null) begin(world, file, sla);
  else workOutAnew(world, file, 'OWNER_CHANGED');
  // A named person is told by an escalation.
  if (poolId !== null && file.current === offer) ask(world, file, { memberId, as: 'owner', asked: 1 }, heardAt(world));
}

function begin(world: World, file: LeadFile, slaId: string): void {
  const sla = slaOf(world, slaId);
  const ownerId = file.current?.memberId ?? null;
  const hours = clockHours(world, sla, ownerId, file.current?.poolId ?? null);
  const clockId = `${file.lead.leadId}/${sla.id}`;
  apply(world, file, startClock(sla, { clockId, ownerId, startedAtMs: world.nowMs, hours, tzVersion: world.tzVersion }));
}

/**
 * Whoever had the lead has it no more. The pool's credit stays as it is: they had it, and the next one gets it as a lead of its own. Given back with the lead, the
 * credit of whoever does not answer would grow with every lead that the ladder takes from them, so that they were asked first each time; and somebody whose
 * leads were moved on because they are away would come back to a flood (R4, case 21). Only a decision that was void from the start (case 18) is undone.
 */
export function giveBack(world: World, file: LeadFile, state: OfferState): void {
  const offer = file.current;
  if (offer === null) return;
  offer.state = state;
  file.current = null;
  world.held.get(offer.memberId)?.delete(file);
  const book = offer.poolId === null ? undefined : world.books.get(offer.poolId);
  if (book !== undefined) book.takenBack += 1;
}

export function move(file: LeadFile, how: LeadMove, escalatedTo: string | null = file.escalatedTo): boolean {
  const state = moveLead(file.state, how);
  if (state === null) return false;
  file.state = state;
  file.escalatedTo = escalatedTo;
  return true;
}
