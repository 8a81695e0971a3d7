/** Who takes leads in the demonstration: people whom the simulators of Slack and HubSpot know, at work around the clock, as nobody knows when it is played. */

/** HubSpot's owner ids and Slack's user ids of the simulator. */
const PEOPLE = [
  { id: 'lena', name: 'Lena Vogt', slackUserId: 'U0LENA001', owner: '77405868', role: 'ae' },
  { id: 'omar', name: 'Omar Haddad', slackUserId: 'U0OMAR001', owner: '77405867', role: 'ae' },
  { id: 'tom', name: 'Tom Reyes', slackUserId: 'U0TOM0001', owner: '77405869', role: 'ae' },
  { id: 'maria', name: 'Maria Sommer', slackUserId: 'U0MARIA01', owner: '77405866', role: 'manager' },
  { id: 'priya', name: 'Priya Nair', slackUserId: 'U0PRIYA01', owner: '77405870', role: 'revops' },
] as const;

const ALWAYS = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '24:00' }));
const HOUR_MS = 3_600_000;

/** Lena is away for three hours of the day on which it is told. The three AEs take companies; one who buys for himself is nobody's. */
export function storyRoster(now: Date) {
  const away = { id: 'afternoon', from: instant(now, -1), to: instant(now, 3), reason: 'appointment' };
  return {
    version: `demonstration-${instant(now, 0)}`,
    people: PEOPLE.map(({ owner, ...person }) => ({
      ...person,
      email: `${person.id}@growth.example`,
      owners: { hubspot: owner },
      zone: 'Europe/Berlin',
      week: ALWAYS,
      capacity: 50,
      ...(person.role === 'ae' ? { tiers: ['smb', 'enterprise'] } : {}),
      ...(person.id === 'lena' ? { absences: [away] } : {}),
    })),
    pools: [{ id: 'aes', role: 'ae', members: ['lena', 'omar', 'tom'], manager: 'maria', human: 'priya' }],
    territories: [{ id: 'everywhere', places: ['*'], pools: { ae: 'aes', sdr: 'aes', csm: 'aes' } }],
    territoryGap: 'priya',
  };
}

const instant = (now: Date, hours: number): string => new Date(now.getTime() + hours * HOUR_MS).toISOString();
