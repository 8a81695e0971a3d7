/** The documents of the routing lane beside the example's scoring: three AEs whose capacities take nine tenths of the leads, and a clock of some minutes. Plain data: the worker reads it as YAML. */

/** HubSpot's owner ids and Slack's user ids of the simulator. */
const PEOPLE = [
  { id: 'lena', slackUserId: 'U0LENA001', owner: '77405868', role: 'ae' },
  { id: 'omar', slackUserId: 'U0OMAR001', owner: '77405867', role: 'ae' },
  { id: 'tom', slackUserId: 'U0TOM0001', owner: '77405869', role: 'ae' },
  { id: 'maria', slackUserId: 'U0MARIA01', owner: '77405866', role: 'manager' },
  { id: 'priya', slackUserId: 'U0PRIYA01', owner: '77405870', role: 'revops' },
] as const;

export const SLACK_USERS = PEOPLE.map(({ slackUserId }) => slackUserId);
export const OWNERS: ReadonlyMap<string, string> = new Map(PEOPLE.map(({ id, owner }) => [id, owner]));
const NAMED_CAPACITY = 10_000;
const ALWAYS = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '24:00' }));

/** `clockMinutes`: what an AE has for a lead. More than half of it is between the rung that a named person hears by and the deadline: for so long a worker may be away. */
export function teamOf(leads: number, clockMinutes = 2) {
  const capacity = Math.ceil(leads * 0.3);
  return {
    capacity,
    policy: {
      version: 'kills',
      motions: [{ motion: 'plg' }],
      rules: [{ id: 'all', when: { motions: ['plg'] }, way: { play: 'sales-assist', role: 'ae', sla: 'pql' } }],
    },
    roster: {
      version: 'kills',
      people: PEOPLE.map(({ owner, ...person }) => ({
        ...person,
        ...{ name: person.id, email: `${person.id}@growth.example`, owners: { hubspot: owner }, zone: 'Europe/Berlin', week: ALWAYS },
        capacity: person.role === 'ae' ? capacity : NAMED_CAPACITY,
      })),
      pools: [{ id: 'aes', role: 'ae', members: ['lena', 'omar', 'tom'], manager: 'maria', human: 'priya' }],
      territories: [{ id: 'everywhere', places: ['*'], pools: { ae: 'aes' } }],
      territoryGap: 'priya',
    },
    slas: {
      version: 'kills',
      slas: [clock('pql', clockMinutes, [10, 25, 45]), clock('escalated-hand-over', clockMinutes, [10, null, 45])],
    },
  };
}

function clock(id: string, budgetMinutes: number, [remind, reassign, escalate]: readonly [number, number | null, number]) {
  return {
    ...{ id, name: id, start: 'pql', clock: 'elapsed', calendar: 'team', budgetMinutes, bufferMinutes: 1 },
    ladder: [
      { do: 'remind', atPercent: remind },
      ...(reassign === null ? [] : [{ do: 'reassign', atPercent: reassign }]),
      { do: 'escalate', atPercent: escalate, to: 'maria' },
    ],
  };
}
