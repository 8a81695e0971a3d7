/** A small team for tests: three AEs who share evenly, a manager and somebody for the rest; everybody works 09–17 in Berlin, on every day of the week. */
import type { Documents } from '@lockstep/engine/routing/environment.ts';
import { policySchema } from '@lockstep/domain/routing/policy.schema.ts';
import { rosterSchema } from '@lockstep/domain/routing/roster.schema.ts';
import type { Person, Roster } from '@lockstep/domain/routing/roster.schema.ts';
import { scoringSchema } from '@lockstep/domain/routing/score.schema.ts';
import { shippedSlas } from '@lockstep/domain/routing/shipped-slas.ts';

const WEEK = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '09:00', to: '17:00' }));

const person = (id: string, slackUserId: string, owner: string, role: Person['role']) => ({
  id,
  name: id,
  email: `${id}@growth.example`,
  slackUserId,
  owners: { hubspot: owner },
  role,
  zone: 'Europe/Berlin',
  week: WEEK,
  capacity: 20,
});

/** People whom the simulators of Slack and HubSpot know. */
const PEOPLE = [
  person('omar', 'U0OMAR001', '77405867', 'ae'),
  person('lena', 'U0LENA001', '77405868', 'ae'),
  person('tom', 'U0TOM0001', '77405869', 'ae'),
  person('maria', 'U0MARIA01', '77405866', 'manager'),
  person('priya', 'U0PRIYA01', '77405870', 'revops'),
];

/** The roster with changes to some of its people. */
function rosterOf(changes: Readonly<Record<string, Partial<Person>>> = {}): Roster {
  return rosterSchema.parse({
    version: 'r1',
    people: PEOPLE.map((one) => ({ ...one, ...changes[one.id] })),
    pools: [{ id: 'aes', role: 'ae', members: ['omar', 'lena', 'tom'], manager: 'maria', human: 'priya' }],
    territories: [{ id: 'dach', places: ['DE', 'AT', 'CH'], pools: { ae: 'aes' } }],
    territoryGap: 'priya',
  });
}

const SCORING = scoringSchema.parse({
  version: 's1',
  events: [
    { id: 'invited', event: 'Teammate Invited', points: 10, cap: 40, halfLifeDays: 14 },
    { id: 'limit', event: 'Plan Limit Reached', points: 60, cap: 60, halfLifeDays: 7 },
    { id: 'pricing', event: 'Pricing Viewed', points: 5, cap: 10, halfLifeDays: 3 },
  ],
  tiers: {
    enterprise: { when: { employees: { gte: 1000 } }, threshold: 50 },
    smb: { when: { employees: { gte: 10 } }, threshold: 50 },
    prosumer: { threshold: 50 },
  },
});

const POLICY = policySchema.parse({
  version: 'p1',
  excluded: { competitors: ['rival.example'] },
  motions: [{ motion: 'plg' }],
  rules: [
    { id: 'history', when: { motions: ['plg'], isBackfill: true }, way: { play: 'sales-assist', role: 'ae', sla: 'mql-to-sql' } },
    { id: 'all', when: { motions: ['plg'] }, way: { play: 'sales-assist', role: 'ae', sla: 'pql' } },
  ],
});

export function documentsOf(changes: Readonly<Record<string, Partial<Person>>> = {}): Documents {
  return { scoring: SCORING, policy: POLICY, roster: rosterOf(changes), slas: shippedSlas('maria') };
}
