import { describe, expect, it } from 'vitest';
import { createEventQueue } from './event-queue.ts';
import { policy, roster } from './routing.fixture.ts';
import { shippedSlas } from './shipped-slas.ts';
import { simulate } from './simulation.ts';
import type { Change, Reaction, SimulatedLead, SimulationRequest } from './simulation-request.ts';
import { compare } from './simulation-result.ts';
import type { LeadResult } from './simulation-result.ts';

const WEEK = [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: '17:00' }));
const TEAM = roster();
const ROSTER = { ...TEAM, people: TEAM.people.map((one) => ({ ...one, week: WEEK, weight: '1', zone: 'Europe/Berlin' })) };

/** Wednesday 2026-11-25, an hour behind Berlin. */
const iso = (time: string): string => `2026-11-25T${time}:00Z`;
const clockOf = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

function lead(leadId: string, time: string, change: Partial<SimulatedLead> = {}): SimulatedLead {
  const match = { kind: 'new', reason: 'NO_ACCOUNT', domain: `${leadId}.example` } as const;
  const facts = { tier: 'smb', score: 60, source: 'product', isBackfill: false, traits: {}, country: 'DE', subdivision: null } as const;
  return { leadId, arrivesAt: iso(time), ...facts, confidence: null, match, ...change };
}

function request(
  leads: readonly SimulatedLead[],
  reacts: Readonly<Record<string, Reaction>>,
  change: Partial<SimulationRequest> = {},
): SimulationRequest {
  return {
    documents: { policy: policy(), roster: ROSTER, slas: shippedSlas('mia') },
    holidays: {},
    leads,
    behaviour: { reactTo: ({ memberId }) => reacts[memberId] ?? { kind: 'ignore' }, keepsMinutes: () => 60 },
    changes: [],
    outages: [],
    until: '2026-12-09T00:00:00Z',
    tzVersion: '2026c',
    ...change,
  };
}

function story(result: LeadResult | undefined): readonly string[] {
  if (result === undefined) return [];
  const { offers, escalations, outcome } = result;
  return [
    ...offers.map(({ memberId, atMs, state }) => `${memberId} ${clockOf(atMs)} ${state}`),
    ...escalations.map(({ personId, reason, atMs }) => `${personId} hears ${clockOf(atMs)} ${reason}`),
    outcome,
  ];
}

const accept = (afterMinutes: number): Reaction => ({ kind: 'accept', afterMinutes });

describe('a simulated lead', () => {
  it('R2 goes to the next one at 60 % of the budget, to a named person at 85 %, and is breached but not silent', () => {
    const { leads, totals } = simulate(request([lead('acme', '08:00')], {}));
    expect(story(leads[0])).toEqual(['ada 08:00 taken-back', 'ben 10:24 open', 'mia hears 11:24 LADDER', 'breached']);
    expect(totals).toMatchObject({ breached: 1, escalated: 1, reassigned: 1, silentBreaches: 0 });
  });

  it('R2 both figures: accepted after an hour of work over the night', () => {
    const { leads } = simulate(request([lead('acme', '15:30')], { ada: accept(60) }));
    expect(leads[0]).toMatchObject({ outcome: 'met', usedMs: 3_600_000, wallMs: 17 * 3_600_000, state: 'closed' });
  });

  it('a decline goes to the next one at once, on the same clock', () => {
    const { leads } = simulate(request([lead('acme', '08:00')], { ada: { kind: 'decline', afterMinutes: 10 }, ben: accept(5) }));
    expect(story(leads[0])).toEqual(['ada 08:00 declined', 'ben 08:10 closed', 'met']);
    expect(leads[0]?.usedMs).toBe(15 * 60_000);
  });

  it('01 a time away that appears while the clock runs: the colleague has it at once, nothing is given back', () => {
    const absence = { id: 'dentist', fromIso: iso('10:00'), toIso: iso('14:00'), reason: 'ABSENT' };
    const changes: readonly Change[] = [{ kind: 'absence', at: iso('09:20'), memberId: 'ada', absence }];
    const { leads } = simulate(request([lead('acme', '09:00')], { ben: accept(10) }, { changes }));
    expect(story(leads[0])).toEqual(['ada 09:00 taken-back', 'ben 09:20 closed', 'met']);
    expect(leads[0]?.usedMs).toBe(30 * 60_000);
  });

  it('19 whoever leaves keeps nothing, accepted or not; running clocks keep what they have used', () => {
    const changes: readonly Change[] = [{ kind: 'leaves', at: iso('08:30'), memberId: 'ada' }];
    const leads = [lead('a', '08:00'), lead('b', '08:01'), lead('c', '08:02')];
    const only = { ...ROSTER, pools: ROSTER.pools.map((pool) => (pool.id === 'dach' ? { ...pool, overflow: null } : pool)) };
    const documents = { policy: policy(), roster: only, slas: shippedSlas('mia') };
    const result = simulate(request(leads, { ben: accept(60) }, { changes, documents }));
    const moved = result.leads.filter(({ offers }) => offers.length > 1);
    expect(moved.map(story)).toEqual([
      ['ada 08:00 taken-back', 'ben 08:30 closed', 'met'],
      ['ada 08:02 taken-back', 'ben 08:30 closed', 'met'],
    ]);
    expect(moved.map(({ usedMs }) => usedMs / 60_000)).toEqual([90, 88]);
  });

  it('15 nobody is there for days: a named person hears at once, and it is uncovered, not met', () => {
    const weekend = { ...lead('acme', '08:00'), arrivesAt: '2026-11-27T17:00:00Z' };
    const answers: SimulationRequest['behaviour'] = { reactTo: () => ({ kind: 'ignore' }), keepsMinutes: () => 60 };
    const { leads, totals } = simulate(request([weekend], {}, { behaviour: answers, until: '2026-11-29T00:00:00Z' }));
    expect(story(leads[0])).toEqual(['ada 17:00 open', 'mia hears 17:00 UNCOVERED', 'open']);
    expect(totals).toMatchObject({ met: 0, breached: 0 });
    expect(leads[0]).toMatchObject({ usedMs: 0, uncoveredMs: 31 * 3_600_000 });
    const taken = simulate(request([weekend], { ada: { kind: 'accept', afterMinutes: 20, isByWall: true } }));
    expect(taken.totals).toMatchObject({ met: 0, uncovered: 1 });
  });

  it('24 R8 while Slack is down people hear within 60 seconds, and the clock does not care', () => {
    const outages = [{ of: 'slack' as const, from: iso('07:00'), to: iso('20:00') }];
    const calls = [lead('acme', '08:00')];
    const down = simulate(request(calls, { ada: accept(10) }, { outages }));
    const up = simulate(request(calls, { ada: accept(10) }));
    expect(down.leads[0]?.deadlineMs).toBe(up.leads[0]?.deadlineMs);
    expect(down.totals.longestDeliveryMs).toBeGreaterThan(0);
    expect(down.totals.longestDeliveryMs).toBeLessThanOrEqual(60_000);
    expect((down.leads[0]?.usedMs ?? 0) - (up.leads[0]?.usedMs ?? 0)).toBe(down.totals.longestDeliveryMs);
  });

  it('names the service level that is missing', () => {
    const documents = { policy: policy(), roster: ROSTER, slas: [] };
    expect(() => simulate(request([lead('acme', '08:00')], {}, { documents }))).toThrow(
      'service levels: expected one of the id pql, got none; run `lockstep routing check`',
    );
  });
});

describe('two simulations compared', () => {
  const leads = [lead('acme', '08:00'), lead('bolt', '08:05'), lead('form', '08:10', { source: 'form' })];
  const a = simulate(request(leads, { ada: accept(10), ben: accept(10), cleo: accept(10) }));

  it('R6 the same documents: no difference', () => {
    expect(compare(a, a)).toMatchObject({ same: 3, different: [], otherFirstOwner: 0, otherOutcome: 0 });
    expect(Object.values(compare(a, a).totals).every((difference) => difference === 0)).toBe(true);
  });

  it('R6 another policy: who would have got what, and the service levels', () => {
    const [asked, pql] = policy().rules;
    if (asked === undefined || pql === undefined) throw new Error('expected two rules');
    const other = { ...policy(), rules: [asked, { ...pql, way: { ...pql.way, pool: 'world' } }] };
    const documents = { policy: other, roster: ROSTER, slas: shippedSlas('mia') };
    const b = simulate(request(leads, { ada: accept(10), ben: accept(10) }, { documents }));
    const found = compare(a, b);
    expect(
      found.different.map(({ leadId, a: left, b: right }) => [
        leadId,
        left?.firstOwnerId,
        left?.outcome,
        right?.firstOwnerId,
        right?.outcome,
      ]),
    ).toEqual([
      ['acme', 'ada', 'met', 'cleo', 'breached'],
      ['bolt', 'ben', 'met', 'cleo', 'breached'],
    ]);
    expect(found).toMatchObject({ same: 1, otherFirstOwner: 2, otherOutcome: 2 });
    expect(found.totals).toMatchObject({ leads: 0, met: -2, breached: 2, silentBreaches: 0 });
  });

  it('a lead that only one of them has stands with nothing on the other side', () => {
    const more = simulate(request([...leads, lead('dune', '09:00')], { ada: accept(10), ben: accept(10) }));
    expect(compare(a, more).different.map(({ leadId, a: left }) => [leadId, left])).toEqual([['dune', null]]);
    expect(compare(more, a).different.map(({ leadId, b: right }) => [leadId, right])).toEqual([['dune', null]]);
  });
});

describe('what is to come', () => {
  it('comes in the order of time, and at one instant in the order in which it was put in', () => {
    const queue = createEventQueue<string>();
    for (const [atMs, name] of [
      [5, 'e'],
      [1, 'a'],
      [3, 'c'],
      [1, 'b'],
      [3, 'd'],
    ] as const)
      queue.push(atMs, name);
    expect([1, 2, 3, 4, 5, 6].map(() => queue.pop()?.event ?? null)).toEqual(['a', 'b', 'c', 'd', 'e', null]);
  });
});
