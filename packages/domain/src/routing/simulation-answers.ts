/** What people and calendars do to leads of a simulation: the engine's answering.ts and absences.ts, without a store. */
import { hoursOf, nextCovered } from './business-time.ts';
import { decideRemaining } from './remaining.ts';
import type { Change } from './simulation-request.ts';
import { ask, giveBack, happen, move, offerTo, reassign, workOn, workOutAnew } from './simulation-desk.ts';
import { offReason, recalendar, worksNext } from './simulation-world.ts';
import type { LeadFile, SimulationEvent, World } from './simulation-world.ts';

const MINUTE_MS = 60_000;

/** Somebody answers: what had fallen due before is done before. An answer to an offer that has gone counts for nothing. */
export function answer(world: World, event: Extract<SimulationEvent, { kind: 'answers' }>): void {
  const { file, offer, memberId, reaction, asked } = event;
  if (!isTheirs(file, event)) return;
  // Somebody who is away by now answers when they are back; the end of a day's work is not off hours yet.
  if (
    reaction.isByWall !== true &&
    offReason(world, memberId, world.nowMs) !== null &&
    offReason(world, memberId, world.nowMs - 1) !== null
  ) {
    const worksMs = worksNext(world, memberId, world.nowMs);
    if (worksMs !== null) world.queue.push(worksMs, event);
    return;
  }
  happen(world, file, { kind: 'tick' });
  if (!isTheirs(file, event)) return;
  switch (reaction.kind) {
    case 'accept':
      accept(world, file, memberId);
      return;
    case 'decline':
      if (offer.memberId !== memberId || file.state === 'escalated' || !move(file, 'decline')) return;
      giveBack(world, file, 'declined');
      workOn(world, file);
      return;
    case 'snooze': {
      const untilMs = world.nowMs + reaction.forMinutes * MINUTE_MS;
      happen(world, file, { kind: 'snooze', untilMs });
      ask(world, file, { memberId, as: offer.memberId === memberId ? 'owner' : 'named', asked: asked + 1 }, untilMs);
    }
  }
}

function isTheirs(file: LeadFile, { offer, memberId }: Extract<SimulationEvent, { kind: 'answers' }>): boolean {
  return file.current === offer && offer.state === 'open' && (offer.memberId === memberId || file.escalatedTo === memberId);
}

function accept(world: World, file: LeadFile, memberId: string): void {
  if (file.current?.memberId !== memberId) {
    // The named person takes it over from whoever has not answered.
    giveBack(world, file, 'handed-over');
    offerTo(world, file, { memberId, poolId: null, sla: file.clock?.slaId ?? '' });
  }
  const { current, lead } = file;
  if (current === null || !move(file, 'accept')) return;
  current.state = 'accepted';
  file.acknowledgedAtMs ??= world.nowMs;
  happen(world, file, { kind: 'happened', what: 'acknowledged' });
  const keptMs = Math.round(world.behaviour.keepsMinutes({ leadId: lead.leadId, memberId }) * MINUTE_MS);
  world.queue.push(world.nowMs + keptMs, { kind: 'is-done', file, offer: current });
}

/** A lead that was worked to its end takes no place any more. */
export function finish(world: World, { file, offer }: Extract<SimulationEvent, { kind: 'is-done' }>): void {
  if (file.current !== offer) return;
  // Whatever its clock has waited for has come: a stage, where an acknowledgement was not it.
  if (file.clock !== null) happen(world, file, { kind: 'happened', what: file.clock.stopsOn });
  if (!move(file, 'close')) return;
  offer.state = 'closed';
  world.held.get(offer.memberId)?.delete(file);
}

/** A calendar or the roster is another one from now on. */
export function change(world: World, changed: Change): readonly LeadFile[] {
  const memberIds = changed.kind === 'holiday' ? changed.memberIds : [changed.memberId];
  const files = memberIds.flatMap((id) => [...(world.held.get(id) ?? [])]);
  if (changed.kind === 'leaves') leave(world, changed.memberId);
  else for (const id of memberIds) recalendar(world, id, changed);
  for (const file of files) {
    if (changed.kind === 'leaves') reroute(world, file);
    else {
      if (changed.kind === 'absence') handOverIfAway(world, file);
      workOutAnew(world, file, changed.kind === 'absence' ? 'ABSENCE' : 'HOLIDAY');
    }
  }
  return files;
}

function leave(world: World, memberId: string): void {
  const to = new Date(world.nowMs).toISOString();
  const people = world.roster.people.map((person) => (person.id === memberId ? { ...person, active: { ...person.active, to } } : person));
  world.roster = { ...world.roster, people };
}

/** Whoever has left keeps nothing (case 19): the next one has it, else a named person hears. The time that is left goes on. */
function reroute(world: World, file: LeadFile): void {
  if (file.state === 'offered') {
    const nobody = reassign(world, file);
    if (nobody !== null) happen(world, file, { kind: 'escalate', reason: nobody.reason, to: nobody.personId });
  } else if (file.state === 'accepted' && move(file, 'take-back')) {
    giveBack(world, file, 'taken-back');
    workOn(world, file);
  }
}

function handOverIfAway(world: World, file: LeadFile): void {
  const { current, clock, state } = file;
  const calendar = current === null ? undefined : world.calendars.get(current.memberId);
  if (current === null || clock?.deadlineMs == null || clock.outcome !== null || state !== 'offered' || calendar === undefined) return;
  const { deadlineMs, bufferMs } = clock;
  const isAway = calendar.absences.some(({ fromIso, toIso }) => Date.parse(fromIso) < deadlineMs && Date.parse(toIso) > world.nowMs);
  if (!isAway || reassign(world, file) === null) return;
  const returnMs = nextCovered(hoursOf(calendar), world.nowMs);
  const next = decideRemaining({ deadlineMs, bufferMs, returnMs, hasOthers: false });
  if (next.kind === 'escalate') happen(world, file, { kind: 'escalate', reason: next.reason });
}
