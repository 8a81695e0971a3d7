/**
 * Routing on a simulated clock: leads, people, calendars and outages played through the production machine, without a store, a worker or a channel. Pure: the
 * same request gives the same result. It shows what documents do (`lockstep pql simulate`), and it is how R2, R4 and R5 are held on a million leads.
 */
import { dueAt, standingAt } from './clock.ts';
import { decide } from './decide.ts';
import { personOf } from './roster.ts';
import type { Change, SimulationRequest } from './simulation-request.ts';
import type { LeadOutcome, LeadResult, SimulationResult, SimulationTotals } from './simulation-result.ts';
import { answer, change, finish } from './simulation-answers.ts';
import { workOn } from './simulation-desk.ts';
import { fairnessOf, returnOf } from './simulation-fairness.ts';
import type { Return } from './simulation-fairness.ts';
import { afterOutage, createWorld } from './simulation-world.ts';
import type { LeadFile, SimulationEvent, World } from './simulation-world.ts';

/**
 * Plays all of it until `until`.
 * @throws RangeError where a service level that a rule names, or `escalated-hand-over` for leads that no rule takes, is not among the documents; and for a
 * calendar that cannot be read.
 */
export function simulate(request: SimulationRequest): SimulationResult {
  const world = createWorld(request, decide);
  for (const changed of request.changes) world.queue.push(Date.parse(changed.at), { kind: 'changes', change: changed });
  for (const lead of request.leads) world.queue.push(Date.parse(lead.arrivesAt), { kind: 'arrives', lead });
  const untilMs = Date.parse(request.until);
  for (let next = world.queue.pop(); next !== null; next = world.queue.pop()) {
    const atMs = afterOutage(world, 'worker', next.atMs);
    if (atMs > untilMs) continue;
    world.nowMs = Math.max(world.nowMs, atMs);
    for (const file of play(world, next.event, next.atMs)) wakeLater(world, file);
  }
  world.nowMs = untilMs;
  const leads = world.files.map((file) => resultOf(world, file));
  return {
    leads,
    totals: totalsOf(world, leads),
    pools: [...world.books.values()].map(fairnessOf),
    returns: returnsOf(world, request.changes, untilMs),
  };
}

/** One thing that happens; the leads whose clocks may have moved. */
function play(world: World, event: SimulationEvent, atMs: number): readonly LeadFile[] {
  switch (event.kind) {
    case 'arrives': {
      const file = fileOf(event.lead, world.nowMs);
      world.files.push(file);
      workOn(world, file);
      return [file];
    }
    case 'due':
      if (event.file.wakesAtMs !== atMs) return [];
      event.file.wakesAtMs = null;
      workOn(world, event.file);
      return [event.file];
    case 'answers':
      answer(world, event);
      return [event.file];
    case 'is-done':
      finish(world, event);
      return [event.file];
    case 'changes':
      return change(world, event.change);
  }
}

function fileOf(lead: LeadFile['lead'], startedAtMs: number): LeadFile {
  return {
    lead,
    offers: [],
    escalations: [],
    startedAtMs,
    state: 'deciding',
    current: null,
    clock: null,
    wakesAtMs: null,
    escalatedTo: null,
    acknowledgedAtMs: null,
  };
}

/** Sleeps until the clock has something to do, as the workflow does. */
function wakeLater(world: World, file: LeadFile): void {
  const due = file.clock === null ? null : dueAt(file.clock);
  if (due === file.wakesAtMs) return;
  file.wakesAtMs = due;
  if (due !== null) world.queue.push(due, { kind: 'due', file });
}

function resultOf(world: World, file: LeadFile): LeadResult {
  const { lead, clock, state, offers, escalations, startedAtMs, acknowledgedAtMs } = file;
  const deadlineMs = clock?.deadlineMs ?? null;
  const standing = clock === null ? { wallMs: 0, usedMs: 0, uncoveredMs: 0 } : standingAt(clock, world.nowMs);
  const isPassed = deadlineMs !== null && deadlineMs <= (acknowledgedAtMs ?? world.nowMs);
  const hasHeard = escalations.some(
    ({ personId, heardAtMs }) => personOf(world.roster, personId) !== null && heardAtMs < (deadlineMs ?? Infinity),
  );
  return {
    leadId: lead.leadId,
    state,
    slaId: clock?.slaId ?? null,
    ownerId: file.current?.memberId ?? null,
    offers: offers.map(({ memberId, poolId, atMs, state: end }) => ({ memberId, poolId, atMs, state: end })),
    escalations,
    outcome: outcomeOf(file),
    startedAtMs,
    deadlineMs,
    acknowledgedAtMs,
    wallMs: standing.wallMs,
    usedMs: standing.usedMs,
    uncoveredMs: standing.uncoveredMs,
    isSilentBreach: isPassed && !hasHeard,
  };
}

function outcomeOf({ clock }: LeadFile): LeadOutcome {
  if (clock === null) return 'excluded';
  return clock.outcome?.kind ?? (clock.state === 'breached' ? 'breached' : 'open');
}

function totalsOf(world: World, leads: readonly LeadResult[]): SimulationTotals {
  const count = (holds: (lead: LeadResult) => boolean): number => leads.filter(holds).length;
  const of = (outcome: LeadOutcome): number => count((lead) => lead.outcome === outcome);
  return {
    leads: leads.length,
    ...{ met: of('met'), breached: of('breached'), uncovered: of('uncovered'), withdrawn: of('withdrawn') },
    ...{ open: of('open'), excluded: of('excluded') },
    escalated: count(({ escalations }) => escalations.length > 0),
    reassigned: count(({ offers }) => offers.some(({ state }) => state === 'taken-back')),
    silentBreaches: count(({ isSilentBreach }) => isSilentBreach),
    overCapacity: world.overCapacity,
    longestDeliveryMs: world.longestDeliveryMs,
  };
}

/** Whoever's absence has ended before the simulation, by pool. */
function returnsOf(world: World, changes: readonly Change[], untilMs: number): readonly Return[] {
  return changes.flatMap((changed) => {
    if (changed.kind !== 'absence') return [];
    const backMs = Date.parse(changed.absence.toIso);
    if (backMs >= untilMs) return [];
    return world.roster.pools.flatMap(({ id, members }) => {
      const book = world.books.get(id);
      return book === undefined || !members.includes(changed.memberId) ? [] : [returnOf(book, changed.memberId, backMs)];
    });
  });
}
