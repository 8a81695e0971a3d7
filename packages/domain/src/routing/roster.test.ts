import { describe, expect, it } from 'vitest';
import { calendarPart, fallbackChain, isActive, membersFor, overflowOf, personOf, sharesOf, teamsOf } from './roster.ts';
import { problemText } from './problem.ts';
import { readRoutingFile } from './routing-file.schema.ts';
import { person, roster, ROSTER_TEXT } from './routing.fixture.ts';

const AT = '2026-10-23T12:00:00Z';
const words = (value: unknown): readonly string[] => {
  const result = readRoutingFile('roster', value, { file: 'roster.yaml' });
  return 'problems' in result ? result.problems.map(problemText) : [];
};

describe('14 the fallback chain', () => {
  it('14 is the overflow pool, then the manager, then a named human: never "admin by default"', () => {
    expect(fallbackChain(roster(), 'dach', ['overflow', 'manager', 'human'])).toEqual([
      { kind: 'pool', poolId: 'world' },
      { kind: 'person', personId: 'mia', as: 'manager' },
      { kind: 'person', personId: 'hana', as: 'human' },
    ]);
  });

  it('14 goes as the rule says, and to whom it names', () => {
    expect(fallbackChain(roster(), 'dach', ['manager', 'person:ben'])).toEqual([
      { kind: 'person', personId: 'mia', as: 'manager' },
      { kind: 'person', personId: 'ben', as: 'human' },
    ]);
  });

  it('14 asks nobody twice: a manager who is the named human too is the end', () => {
    const same = roster({ pools: ROSTER_TEXT.pools.map((pool) => ({ ...pool, human: 'mia' })) });
    expect(fallbackChain(same, 'dach', ['manager', 'overflow', 'human'])).toEqual([
      { kind: 'pool', poolId: 'world' },
      { kind: 'person', personId: 'mia', as: 'human' },
    ]);
  });

  it('14 leaves out who is not there, and ends where overflow pools go in a circle', () => {
    const [dach, world] = ROSTER_TEXT.pools;
    const circle = roster({ pools: [dach, { ...world, overflow: 'dach' }] });
    expect(overflowOf(circle, 'dach')).toEqual(['world']);
    expect(overflowOf(roster({ pools: [{ ...dach, overflow: 'dach' }] }), 'dach')).toEqual([]);
    expect(overflowOf(roster({ pools: [{ ...dach, overflow: 'nowhere' }] }), 'dach')).toEqual([]);
    expect(fallbackChain(roster(), 'dach', ['person:zoe'])).toEqual([]);
    expect(fallbackChain(roster(), 'nowhere', ['overflow', 'manager', 'human'])).toEqual([]);
  });
});

describe('a roster', () => {
  it('fills in what it does not say', () => {
    expect(personOf(roster(), 'ada')).toMatchObject({
      weight: '1',
      absences: [],
      manager: null,
      holidays: null,
      active: { from: null, to: null },
    });
    expect(personOf(roster(), 'zoe')).toBeNull();
  });

  it('lists the members of a pool with why they are not asked', () => {
    const people = [
      ...ROSTER_TEXT.people.slice(0, 2),
      person('cleo', { motions: ['slg'] }),
      person('dora', { active: { to: AT } }),
      ...ROSTER_TEXT.people.slice(3),
    ];
    const [dach, world] = ROSTER_TEXT.pools;
    const given = roster({ people, pools: [{ ...dach, members: ['ada', 'ben', 'cleo', 'dora'] }, world] });
    expect(membersFor(given, 'dach', { tier: 'enterprise', motion: 'plg' }, AT).map((one) => [one.person.id, one.refused])).toEqual([
      ['ada', null],
      ['ben', 'TIER_NOT_TAKEN'],
      ['cleo', 'MOTION_NOT_TAKEN'],
      ['dora', 'NOT_ACTIVE'],
    ]);
    expect(sharesOf(given, 'dach', AT)).toEqual([
      { memberId: 'ada', weight: '1' },
      { memberId: 'ben', weight: '1/2' },
      { memberId: 'cleo', weight: '1' },
    ]);
    expect(membersFor(given, 'nowhere', { tier: 'smb', motion: 'plg' }, AT)).toEqual([]);
  });

  it('somebody is active from their first instant to before their last', () => {
    const active = { from: '2026-10-23T12:00:00Z', to: '2026-10-23T15:00:00+02:00' };
    const at = (minute: string): boolean => isActive({ active }, `2026-10-23T${minute}Z`);
    expect(['11:59:59', '12:00:00', '12:59:59', '13:00:00'].map(at)).toEqual([false, true, true, false]);
    expect(isActive({ active: { from: null, to: null } }, AT)).toBe(true);
  });

  it('gives calendars what they need', () => {
    const absences = [{ id: 'a', from: '2026-12-03T11:00:00+01:00', to: '2026-12-03T15:00:00+01:00', reason: 'leave' }];
    const week = [{ day: 7, from: '22:00', to: '06:00' }];
    expect(calendarPart({ zone: 'Europe/Berlin', week, absences })).toEqual({
      zone: 'Europe/Berlin',
      week,
      absences: [{ id: 'a', fromIso: '2026-12-03T11:00:00+01:00', toIso: '2026-12-03T15:00:00+01:00', reason: 'leave' }],
    });
  });

  it.each([
    [{ weight: '0' }, 'people[0].weight: expected a fraction above 0'],
    [{ weight: 0.25 }, 'people[0].weight: expected a text such as "1", "0.25" or "1/3", got 0.25'],
    [{ week: [{ day: 0, from: '09:00', to: '17:00' }] }, 'people[0].week[0].day'],
    [{ week: [{ day: 1, from: '9:00', to: '17:00' }] }, 'people[0].week[0].from: expected a time of day, 00:00 to 23:59'],
    [{ week: [{ day: 1, from: '24:00', to: '17:00' }] }, 'people[0].week[0].from'],
    [{ week: [{ day: 1, from: '09:00', to: '24:01' }] }, 'people[0].week[0].to'],
    [{ zone: '+02:00' }, 'people[0].zone: expected an IANA zone such as Europe/Berlin, got "+02:00"'],
    [{ role: 'admin' }, 'people[0].role'],
    [{ slackUserId: '@ada' }, 'people[0].slackUserId: expected a Slack user id'],
    [{ email: 'ada' }, 'people[0].email: expected a mail address, got "ada"'],
    [{ capacity: -1 }, 'people[0].capacity'],
    [{ active: { from: '2026-01-01' } }, 'people[0].active.from: expected an ISO 8601 instant with a zone'],
    [
      { absences: [{ id: 'a', from: '2026-12-03T11:00:00Z', to: '2026-12-03T11:00:00Z', reason: 'leave' }] },
      'people[0].absences[0].to: expected an end after its start',
    ],
    [
      { absences: [{ id: 'a', from: '2026-12-03T11:00:00Z', to: '2026-12-03T12:00:00Z', reason: 'My dentist' }] },
      'absences[0].reason: expected a code',
    ],
  ])('does not load with %j', (change, message) => {
    expect(words({ ...ROSTER_TEXT, people: [person('ada', change), ...ROSTER_TEXT.people.slice(1)] })[0]).toContain(message);
  });

  it('has every id once, and no admin', () => {
    expect(words({ ...ROSTER_TEXT, people: [...ROSTER_TEXT.people, person('ada')] })[0]).toContain(
      'people[5].id: expected every id once, got "ada"',
    );
    const { territoryGap: _, ...without } = ROSTER_TEXT;
    expect(words(without)[0]).toContain('territoryGap: expected string, got nothing');
    expect(words({ ...ROSTER_TEXT, pools: ROSTER_TEXT.pools.map(({ human: _human, ...pool }) => pool) })[0]).toContain('pools[0].human');
  });
});

describe('01 whose clocks somebody’s hours may move', () => {
  const others = roster({
    people: [...ROSTER_TEXT.people, person('dan', { role: 'sdr' }), person('eve', { role: 'sdr' }), person('flo', { role: 'csm' })],
    pools: [...ROSTER_TEXT.pools, { id: 'mixed', role: 'csm', members: ['flo', 'dan'], manager: 'mia', human: 'hana' }],
  });

  it.each([
    ['their own and their role’s', ['ada'], ['ada', 'ben', 'cleo']],
    ['those of a pool that they share, whatever the role', ['flo'], ['dan', 'flo']],
    ['nobody else’s', ['mia'], ['mia']],
    ['of several', ['eve', 'mia'], ['mia', 'dan', 'eve']],
    ['also of who has left the roster', ['gone', 'mia'], ['mia', 'gone']],
  ])('01 %s', (_, asked, team) => {
    expect(teamsOf(others, asked)).toEqual(team);
  });
});
