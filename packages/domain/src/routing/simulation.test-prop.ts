import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign, enrol } from './assign.ts';
import { decide } from './decide.ts';
import { sharesOf } from './roster.ts';
import { simulate } from './simulation.ts';
import { simulated } from './simulation.fixture.ts';
import type { SimulationRequest } from './simulation-request.ts';
import type { LeadResult, SimulationResult } from './simulation-result.ts';

// The domain knows no Node; its tests may be told how many histories to play.
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

/** 20,000 leads in `npm test`, a million in the long lane. */
const LEADS = 1_000;
const RUNS = Math.ceil(Number(process.env['LOCKSTEP_HISTORIES'] ?? 2_000) / 100);

const SECOND_MS = 1_000;
const seeds = fc.integer({ min: 1, max: 2_147_483_647 });

/** R2 from the rows alone: the deadline passed, nobody had said yes, and nobody by name had been told. */
function isSilent({ deadlineMs, acknowledgedAtMs, escalations }: LeadResult, untilMs: number): boolean {
  if (deadlineMs === null || deadlineMs > (acknowledgedAtMs ?? untilMs)) return false;
  return !escalations.some(({ personId, heardAtMs }) => ['hana', 'mia'].includes(personId) && heardAtMs < deadlineMs);
}

/** What a result claims that its rows do not bear out. */
function falseClaims(leads: readonly LeadResult[]): readonly string[] {
  return leads.flatMap((lead) => {
    const { leadId, outcome, deadlineMs, acknowledgedAtMs, usedMs, offers, slaId } = lead;
    const isMetLate = outcome === 'met' && slaId !== 'mql-to-sql' && !((acknowledgedAtMs ?? Infinity) < (deadlineMs ?? Infinity));
    return [
      ...(isMetLate ? [`${leadId}: met after its deadline`] : []),
      ...(outcome === 'uncovered' && usedMs > 0 ? [`${leadId}: uncovered, though its clock had run`] : []),
      ...(outcome !== 'excluded' && offers.length === 0 ? [`${leadId}: in nobody's hands`] : []),
    ];
  });
}

function countsOf({ totals }: SimulationResult): number {
  const { met, breached, uncovered, withdrawn, open, excluded } = totals;
  return met + breached + uncovered + withdrawn + open + excluded;
}

/** More than a quarter above the fair share of the first 24 hours; of a small one, two leads or more above it. */
function floods({ returns }: SimulationResult): readonly string[] {
  return returns.flatMap(({ memberId, poolId, assigned, fair }) =>
    assigned <= (fair >= 8 ? 1.25 * fair : fair + 2) ? [] : [`${memberId} of ${poolId}: ${assigned} of ${fair}`],
  );
}

/** The long lane plays a million. */
const timeout = 3_600 * SECOND_MS;

describe('a simulated sales team', { timeout }, () => {
  it('R2 R4 R5 R8 absences, holidays, leavers, outages of Slack and killed workers: no silent breach, no capacity exceeded', () => {
    const seen = { escalated: 0, reassigned: 0, breached: 0, uncovered: 0, met: 0, longestDeliveryMs: 0, returns: 0 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const request = simulated(seed, LEADS);
        const result = simulate(request);
        const { totals, leads, returns } = result;
        const untilMs = Date.parse(request.until);
        expect({
          silent: leads.filter((lead) => isSilent(lead, untilMs)).map(({ leadId }) => leadId),
          silentByTotals: totals.silentBreaches,
          overCapacity: totals.overCapacity,
          falseClaims: falseClaims(leads),
          counted: countsOf(result),
          isToldInTime: totals.longestDeliveryMs <= 60 * SECOND_MS,
          floods: floods(result),
          drifts: result.pools.filter(({ farthest }) => farthest >= 2).map(({ poolId, farthest }) => `${poolId}: ${farthest}`),
        }).toEqual({
          ...{ silent: [], silentByTotals: 0, overCapacity: 0, falseClaims: [], counted: LEADS, isToldInTime: true },
          ...{ floods: [], drifts: [] },
        });
        for (const key of ['escalated', 'reassigned', 'breached', 'uncovered', 'met'] as const) seen[key] += totals[key];
        seen.longestDeliveryMs = Math.max(seen.longestDeliveryMs, totals.longestDeliveryMs);
        seen.returns += returns.length;
      }),
      { numRuns: RUNS },
    );
    // All of it has happened, or nothing was shown.
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
  });

  it('R4 case 20 while all are available nobody is a lead away from the ideal share, at any prefix', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { pools } = simulate(simulated(seed, 400, true));
        const [dach] = pools;
        expect(dach?.farthestWhileAllAvailable).toBeLessThan(1);
        expect(dach?.whileAllAvailable).toBe(dach?.assigned);
        expect(dach?.assigned).toBeGreaterThan(40);
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });

  it('R6 the same request gives the same result', () => {
    const request = simulated(7, 300);
    expect(simulate(request)).toEqual(simulate(simulated(7, 300)));
  });
});

describe('a machine that is broken', () => {
  /** The first of many seeds that shows it. */
  const finds = (
    broken: (request: SimulationRequest) => SimulationRequest,
    shows: (result: SimulationResult) => boolean,
    isCalm = false,
  ): boolean => Array.from({ length: 5 }, (_, index) => index + 1).some((seed) => shows(simulate(broken(simulated(seed, 300, isCalm)))));

  it('R2 a ladder without its escalation is found', () => {
    const slas = (request: SimulationRequest) =>
      request.documents.slas.map((sla) => ({ ...sla, ladder: sla.ladder.filter((rung) => rung.do !== 'escalate') }));
    const broken = (request: SimulationRequest) => ({ ...request, documents: { ...request.documents, slas: slas(request) } });
    expect(finds(broken, ({ totals }) => totals.silentBreaches > 0)).toBe(true);
  });

  it('R2 an escalation to somebody who is not on the roster is found', () => {
    const slas = (request: SimulationRequest) =>
      request.documents.slas.map((sla) => ({
        ...sla,
        ladder: sla.ladder.map((rung) => (rung.do === 'escalate' ? { ...rung, to: 'admin' } : rung)),
      }));
    const broken = (request: SimulationRequest) => ({ ...request, documents: { ...request.documents, slas: slas(request) } });
    expect(finds(broken, ({ totals }) => totals.silentBreaches > 0)).toBe(true);
  });

  it('R4 case 21 an owner who is asked first again after each lead that the ladder takes away is found', () => {
    // What assign.ts would do if credit came back with every lead: nothing that was assigned is counted.
    const owing: typeof decide = (policy, roster, input) => {
      const decision = decide(policy, roster, input);
      const { outcome } = decision;
      const credit = outcome.kind === 'assigned' ? input.credits[outcome.poolId] : undefined;
      return outcome.kind === 'assigned' && credit !== undefined ? { ...decision, outcome: { ...outcome, credit } } : decision;
    };
    const broken = (request: SimulationRequest) => ({ ...request, decide: owing });
    expect(finds(broken, (result) => result.pools.some(({ farthest }) => farthest >= 2))).toBe(true);
  });

  it('R5 a decision that does not look at capacities is found', () => {
    const blind: typeof decide = (policy, roster, input) =>
      decide(policy, { ...roster, people: roster.people.map((each) => ({ ...each, capacity: 10_000 })) }, input);
    expect(
      finds(
        (request) => ({ ...request, decide: blind }),
        ({ totals }) => totals.overCapacity > 0,
      ),
    ).toBe(true);
  });

  it('R4 a decision that keeps no credit is found', () => {
    const forgetful: typeof decide = (policy, roster, input) => {
      const decision = decide(policy, roster, input);
      const { outcome, candidates } = decision;
      if (outcome.kind !== 'assigned') return decision;
      const first = candidates.find(({ reason, poolId }) => reason === null && poolId === outcome.poolId);
      const assigned = assign(enrol(null, sharesOf(roster, outcome.poolId, input.at)), first === undefined ? [] : [first.memberId]);
      return assigned === null ? decision : { ...decision, outcome: { ...outcome, ...assigned, memberId: assigned.assignment.memberId } };
    };
    const broken = (request: SimulationRequest) => ({ ...request, decide: forgetful });
    expect(finds(broken, ({ pools }) => pools.some(({ farthestWhileAllAvailable }) => farthestWhileAllAvailable >= 1), true)).toBe(true);
  });
});
