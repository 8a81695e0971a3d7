/** Three weeks of a sales team from a seed: people in three zones, a thousand leads, and everything that comes in between. */
import { policySchema } from './policy.schema.ts';
import type { RoutingPolicy } from './policy.schema.ts';
import { person } from './routing.fixture.ts';
import { rosterSchema } from './roster.schema.ts';
import type { Roster } from './roster.schema.ts';
import { shippedSlas } from './shipped-slas.ts';
import type { Behaviour, Change, Outage, Reaction, SimulatedLead, SimulationRequest } from './simulation-request.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** Around what clocks on walls do in spring and autumn, and around Christmas. */
const STARTS = ['2026-03-02', '2026-03-23', '2026-10-12', '2026-12-14'].map((date) => Date.parse(`${date}T00:00:00Z`));
const DAYS = 21;
const ZONES = { dach: 'Europe/Berlin', amer: 'America/New_York', sdr: 'Asia/Kolkata' } as const;

export interface Draw {
  /** From 0 to below 1. */
  (): number;
}

/** mulberry32: small, fast, and the same everywhere. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const whole = (draw: Draw, from: number, to: number): number => from + Math.floor(draw() * (to - from + 1));

function oneOf<Item>(draw: Draw, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(draw() * items.length)] ?? items[0];
}

/** A draw from text: what somebody does depends on who and what it is, never on when they are asked. */
function drawOf(seed: number, text: string): Draw {
  let hash = seed >>> 0;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return drawFrom(hash);
}

const week = (from: string, to: string, days: readonly number[] = [1, 2, 3, 4, 5]) => days.map((day) => ({ day, from, to }));

function rosterOf(draw: Draw, isCalm: boolean): Roster {
  const ae = (id: string, zone: string) =>
    person(id, {
      zone,
      week: isCalm
        ? week('09:00', '17:00')
        : oneOf(draw, [week('09:00', '17:00'), week('08:00', '16:30'), [...week('07:00', '11:00'), ...week('13:00', '18:00')]]),
      weight: oneOf(draw, ['1', '1', '1', '1/2', '0.25', '2']),
      capacity: isCalm ? 10_000 : whole(draw, 2, 30),
      holidays: zone === ZONES.dach && !isCalm ? oneOf(draw, ['DE-BY', 'DE-BE']) : null,
      ...(isCalm || draw() < 0.8 ? {} : { tiers: ['smb', 'prosumer'] }),
    });
  const dach = Array.from({ length: whole(draw, 3, 7) }, (_, index) => `d${index}`);
  const amer = Array.from({ length: whole(draw, 2, 4) }, (_, index) => `a${index}`);
  return rosterSchema.parse({
    version: 'simulated',
    people: [
      ...dach.map((id) => ae(id, ZONES.dach)),
      ...amer.map((id) => ae(id, ZONES.amer)),
      person('s0', { role: 'sdr', zone: ZONES.sdr, week: week('21:00', '05:00'), capacity: 60 }),
      person('s1', { role: 'sdr', week: week('09:00', '17:00'), capacity: 20 }),
      person('mia', { role: 'manager', week: week('08:00', '18:00'), capacity: 200 }),
      person('hana', { role: 'revops', zone: ZONES.amer, week: week('08:00', '20:00', [1, 2, 3, 4, 5, 6]), capacity: 200 }),
    ],
    pools: [
      { id: 'dach', role: 'ae', members: dach, overflow: draw() < 0.5 ? 'amer' : null, manager: 'mia', human: 'hana' },
      { id: 'amer', role: 'ae', members: amer, overflow: 'dach', manager: 'mia', human: 'hana' },
      { id: 'sdr', role: 'sdr', members: ['s0', 's1'], manager: 'mia', human: 'hana' },
    ],
    territories: [
      { id: 'europe', places: ['DE', 'AT', 'FR'], pools: { ae: 'dach', sdr: 'sdr' } },
      { id: 'america', places: ['US', 'CA'], pools: { ae: 'amer', sdr: 'sdr' } },
    ],
    territoryGap: 'hana',
  });
}

export const SIMULATED_POLICY: RoutingPolicy = policySchema.parse({
  version: 'simulated',
  motions: [
    { motion: 'slg', when: { sources: ['inbound-demo', 'form'] } },
    { motion: 'alg', when: { sources: ['chat'] } },
    { motion: 'plg' },
  ],
  rules: [
    { id: 'demo', when: { motions: ['slg'], sources: ['inbound-demo'] }, way: { play: 'sdr-discovery', role: 'ae', sla: 'inbound-demo' } },
    { id: 'asked', when: { motions: ['slg'] }, way: { play: 'sdr-discovery', role: 'sdr', sla: 'form' } },
    { id: 'agent', when: { motions: ['alg'] }, way: { play: 'agent-qualification', role: 'sdr', sla: 'form' } },
    { id: 'small', when: { motions: ['plg'], tiers: ['prosumer'] }, way: { play: 'sales-assist', role: 'ae', sla: 'mql-to-sql' } },
    { id: 'pql', when: { motions: ['plg'] }, way: { play: 'sales-assist', role: 'ae', sla: 'pql' } },
  ],
});

function leadOf(draw: Draw, leadId: string, arrivesMs: number, isCalm: boolean): SimulatedLead {
  const kind = isCalm ? 1 : draw();
  const match: SimulatedLead['match'] =
    kind < 0.02
      ? { kind: 'people', reason: 'AMBIGUOUS', candidates: [] }
      : kind < 0.03
        ? { kind: 'excluded', reason: 'COMPETITOR', domain: 'rival.example' }
        : { kind: 'new', reason: 'NO_ACCOUNT', domain: `${leadId}.example` };
  return {
    leadId,
    arrivesAt: new Date(arrivesMs).toISOString(),
    // A prosumer's clock runs on weekends too: its ladder takes the lead from somebody who is at home, and then not all can be asked again.
    tier: isCalm ? oneOf(draw, ['smb', 'enterprise']) : oneOf(draw, ['prosumer', 'smb', 'enterprise']),
    score: whole(draw, 40, 100),
    source: isCalm ? 'product' : oneOf(draw, ['product', 'product', 'product', 'form', 'chat', 'inbound-demo']),
    isBackfill: false,
    traits: {},
    match,
    country: isCalm ? 'DE' : oneOf(draw, ['DE', 'DE', 'AT', 'FR', 'US', 'US', 'CA', null]),
    subdivision: null,
    confidence: draw(),
  };
}

/** Two of three come while somebody works in Europe; starts are Mondays. */
function arrivalOf(draw: Draw, startMs: number): number {
  if (draw() < 1 / 3) return startMs + Math.floor(draw() * DAYS * DAY_MS);
  const day = whole(draw, 0, DAYS / 7 - 1) * 7 + whole(draw, 0, 4);
  return startMs + day * DAY_MS + Math.floor((7 + 9 * draw()) * 60 * MINUTE_MS);
}

/** Most accept, some decline or ask for quiet, and one in eight never answers anything. Named persons have phones. */
function behaviourOf(seed: number, isCalm: boolean): Behaviour {
  return {
    reactTo: ({ leadId, memberId, as, asked, offers }): Reaction => {
      const draw = drawOf(seed, `${leadId}/${memberId}/${as}/${asked}/${offers}`);
      if (isCalm) return { kind: 'accept', afterMinutes: whole(draw, 0, 5) };
      if (drawOf(seed, memberId)() < 0.125) return { kind: 'ignore' };
      const afterMinutes = Math.floor(draw() * draw() * 360);
      const mood = draw();
      if (as === 'named' && mood < 0.1) return { kind: 'accept', afterMinutes: 3, isByWall: true };
      if (mood < 0.55) return { kind: 'accept', afterMinutes };
      if (mood < 0.7) return { kind: 'decline', afterMinutes };
      return mood < 0.85 ? { kind: 'ignore' } : { kind: 'snooze', afterMinutes, forMinutes: whole(draw, 5, 240) };
    },
    keepsMinutes: ({ leadId }) => whole(drawOf(seed, leadId), 60, 3 * 1_440),
  };
}

function changesOf(draw: Draw, { people }: Roster, startMs: number): readonly Change[] {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const sometime = (): number => startMs + Math.floor(draw() * DAYS * DAY_MS);
  const members = people.filter(({ role }) => role === 'ae' || role === 'sdr').map(({ id }) => id);
  const somebody = (): string => members[Math.floor(draw() * members.length)] ?? '';
  const absences = Array.from({ length: whole(draw, 2, 12) }, (_, index): Change => {
    const atMs = sometime();
    const fromMs = atMs + whole(draw, -60, 3 * 1_440) * MINUTE_MS;
    const minutes = draw() < 0.6 ? whole(draw, 60, 480) : whole(draw, 1_440, 14 * 1_440);
    const absence = { id: `away-${index}`, fromIso: iso(fromMs), toIso: iso(fromMs + minutes * MINUTE_MS), reason: 'ABSENT' };
    return { kind: 'absence', at: iso(atMs), memberId: somebody(), absence };
  });
  const holidays = Array.from({ length: whole(draw, 0, 2) }, (): Change => {
    const atMs = sometime();
    const date = iso(atMs + whole(draw, 0, 4) * DAY_MS).slice(0, 10);
    const memberIds = people.filter(({ holidays: region }) => region === 'DE-BY').map(({ id }) => id);
    return { kind: 'holiday', at: iso(atMs), memberIds, holiday: { date, region: 'DE-BY', name: 'added' } };
  });
  const leavers = Array.from({ length: whole(draw, 0, 2) }, (): Change => ({ kind: 'leaves', at: iso(sometime()), memberId: somebody() }));
  return [...absences, ...holidays, ...leavers];
}

/** Slack is away for hours; a worker that was killed is there again in 15 seconds. */
function outagesOf(draw: Draw, startMs: number): readonly Outage[] {
  const outage = (of: Outage['of'], longestMs: number): Outage => {
    const fromMs = startMs + Math.floor(draw() * DAYS * DAY_MS);
    return { of, from: new Date(fromMs).toISOString(), to: new Date(fromMs + Math.ceil(draw() * longestMs)).toISOString() };
  };
  return [
    ...Array.from({ length: whole(draw, 0, 6) }, () => outage('slack', 8 * 60 * MINUTE_MS)),
    ...Array.from({ length: 200 }, () => outage('worker', 15_000)),
  ];
}

/** The same for the same seed. Calm: everybody is there, works the same hours and says yes at once. */
export function simulated(seed: number, leads: number, isCalm = false): SimulationRequest {
  const draw = drawFrom(seed);
  const roster = rosterOf(draw, isCalm);
  const startMs = STARTS[whole(draw, 0, STARTS.length - 1)] ?? 0;
  const arrivals = Array.from({ length: leads }, () => arrivalOf(draw, startMs)).toSorted((a, b) => a - b);
  return {
    documents: { policy: SIMULATED_POLICY, roster, slas: shippedSlas('hana') },
    holidays: {
      'DE-BY': ['2026-04-03', '2026-12-25', '2027-01-06'].map((date) => ({ date, region: 'DE-BY', name: date })),
      'DE-BE': ['2026-03-09', '2026-12-25'].map((date) => ({ date, region: 'DE-BE', name: date })),
    },
    leads: arrivals.map((ms, index) => leadOf(draw, `lead-${index}`, ms, isCalm)),
    behaviour: behaviourOf(seed, isCalm),
    changes: isCalm ? [] : changesOf(draw, roster, startMs),
    outages: isCalm ? [] : outagesOf(draw, startMs),
    until: new Date(startMs + (DAYS + 24) * DAY_MS).toISOString(),
    tzVersion: '2026c',
  };
}
