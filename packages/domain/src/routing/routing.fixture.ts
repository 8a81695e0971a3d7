import type { CheckRequest } from './check-request.ts';
import { policySchema } from './policy.schema.ts';
import type { RoutingPolicy } from './policy.schema.ts';
import { rosterSchema } from './roster.schema.ts';
import type { Roster } from './roster.schema.ts';
import { SCORING } from './scoring.fixture.ts';

type Loose = Readonly<Record<string, unknown>>;

/** A person who works 09–17 in Berlin and can be told and written. */
export function person(id: string, rest: Loose = {}): Loose {
  return {
    id,
    name: `${id} Smith`,
    email: `${id}@growth.example`,
    slackUserId: `U${id.toUpperCase()}`,
    owners: { hubspot: id },
    role: 'ae',
    zone: 'Europe/Berlin',
    week: [{ day: 1, from: '09:00', to: '17:00' }],
    capacity: 5,
    ...rest,
  };
}

/** Two AEs for Germany, one for everybody else, their manager, and Hana at the end of every chain. */
export const ROSTER_TEXT = {
  version: 'test-1',
  people: [
    person('ada'),
    person('ben', { weight: '1/2', tiers: ['smb'] }),
    person('cleo', { zone: 'America/New_York' }),
    person('mia', { role: 'manager' }),
    person('hana', { role: 'revops' }),
  ],
  pools: [
    { id: 'dach', role: 'ae', members: ['ada', 'ben'], overflow: 'world', manager: 'mia', human: 'hana' },
    { id: 'world', role: 'ae', members: ['cleo'], manager: 'mia', human: 'hana' },
  ],
  territories: [
    { id: 'germany', places: ['DE'], pools: { ae: 'dach' } },
    { id: 'rest', places: ['*'], pools: { ae: 'world' } },
  ],
  territoryGap: 'hana',
};

export const POLICY_TEXT = {
  version: 'test-1',
  motions: [{ motion: 'slg', when: { sources: ['form'] } }, { motion: 'plg' }],
  rules: [
    { id: 'asked', when: { motions: ['slg'] }, way: { play: 'sdr-discovery', role: 'ae', sla: 'form' } },
    { id: 'pql', when: { motions: ['plg'] }, way: { play: 'sales-assist', role: 'ae', sla: 'pql' } },
  ],
};

export const roster = (change: Loose = {}): Roster => rosterSchema.parse({ ...ROSTER_TEXT, ...change });
export const policy = (change: Loose = {}): RoutingPolicy => policySchema.parse({ ...POLICY_TEXT, ...change });

export function request(change: Partial<CheckRequest> = {}): CheckRequest {
  return {
    policy: policy(),
    roster: roster(),
    scoring: SCORING,
    slas: [
      { id: 'form', people: [], longestWaitMinutes: 960 },
      { id: 'pql', people: ['mia'], longestWaitMinutes: 960 },
    ],
    connections: ['hubspot'],
    at: '2026-10-23T00:00:00Z',
    files: { policy: 'policy.yaml', roster: 'roster.yaml' },
    ...change,
  };
}
