import { describe, expect, it } from 'vitest';
import { creditOf, takeBack } from './assign.ts';
import type { OffReason } from './calendar.ts';
import { coverageAt } from './calendar.ts';
import { decide } from './decide.ts';
import type { Decision, DecisionInput, MemberReading } from './decide.ts';
import { matchAccount } from './match.ts';
import { calendarPart, personOf } from './roster.ts';
import { person, policy, roster, ROSTER_TEXT } from './routing.fixture.ts';

const AT = '2026-11-25T10:00:00Z';
const FREE: MemberReading = { openLeads: 0, off: null, hasOwner: true };
const FULL: MemberReading = { ...FREE, openLeads: 5 };
const EVERYBODY = { ada: FREE, ben: FREE, cleo: FREE, mia: FREE, hana: FREE };

function input(change: Partial<DecisionInput> = {}): DecisionInput {
  return {
    at: AT,
    tier: 'smb',
    score: 60,
    source: 'product',
    isBackfill: false,
    traits: {},
    match: { kind: 'new', reason: 'NO_ACCOUNT', domain: 'acme.example' },
    country: 'DE',
    subdivision: null,
    confidence: null,
    passed: [],
    members: EVERYBODY,
    credits: {},
    ...change,
  };
}

const decided = (change: Partial<DecisionInput> = {}): Decision => decide(policy(), roster(), input(change));
const reasons = ({ candidates }: Decision) => candidates.map(({ memberId, poolId, reason }) => [memberId, poolId, reason]);

describe('who gets a lead', () => {
  it('R6 the territory, the motion, the rule and the owner, with everybody who was looked at', () => {
    const decision = decided();
    expect(decision).toMatchObject({ territoryId: 'germany', motion: 'plg', ruleId: 'pql', play: 'sales-assist', slaId: 'pql' });
    expect(reasons(decision)).toEqual([
      ['ada', 'dach', null],
      ['ben', 'dach', null],
    ]);
    expect(decision.outcome).toMatchObject({ kind: 'assigned', memberId: 'ada', poolId: 'dach' });
  });

  it('R6 decided again from its input, as JSON keeps it, it is the same', () => {
    const first = input({ passed: ['ada'], credits: {} });
    expect(decide(policy(), roster(), JSON.parse(JSON.stringify(first)) as DecisionInput)).toEqual(decide(policy(), roster(), first));
  });

  it('08 a holiday of the region is the reason, and the colleague elsewhere takes it', () => {
    const bavarian = roster({
      people: [person('ada', { holidays: 'DE-BY', week: [{ day: 2, from: '09:00', to: '17:00' }] }), ...ROSTER_TEXT.people.slice(1)],
    });
    const ada = personOf(bavarian, 'ada');
    if (ada === null) throw new Error('expected ada on the roster');
    const holidays = [{ date: '2027-01-06', region: 'DE-BY', name: 'Epiphany' }];
    const coverage = coverageAt(
      { ...calendarPart({ ...ada, week: [{ day: 3, from: '09:00', to: '17:00' }] }), holidays },
      Date.parse('2027-01-06T10:00:00Z'),
    );
    const off: OffReason | null = coverage.kind === 'off' ? coverage.reason : null;
    expect(off).toBe('HOLIDAY:DE-BY');
    const decision = decide(policy(), bavarian, input({ at: '2027-01-06T10:00:00Z', members: { ...EVERYBODY, ada: { ...FREE, off } } }));
    expect(reasons(decision)).toEqual([
      ['ada', 'dach', 'HOLIDAY:DE-BY'],
      ['ben', 'dach', null],
    ]);
    expect(decision.outcome).toMatchObject({ kind: 'assigned', memberId: 'ben' });
  });

  it('R5 nobody gets more than their capacity: the last place is one, none after it', () => {
    expect(decided({ members: { ...EVERYBODY, ben: FULL, ada: { ...FREE, openLeads: 4 } } }).outcome).toMatchObject({ memberId: 'ada' });
    expect(decided({ members: { ...EVERYBODY, ada: FULL, ben: { ...FREE, openLeads: 4 } } }).outcome).toMatchObject({ memberId: 'ben' });
  });

  it('who has had it and has not kept it is not asked again', () => {
    const decision = decided({ passed: ['ada'] });
    expect(reasons(decision)[0]).toEqual(['ada', 'dach', 'PASSED']);
    expect(decision.outcome).toMatchObject({ memberId: 'ben' });
  });

  it('a tier that somebody does not take is a reason, whatever their hours', () => {
    expect(reasons(decided({ tier: 'enterprise' }))).toEqual([
      ['ada', 'dach', null],
      ['ben', 'dach', 'TIER_NOT_TAKEN'],
    ]);
  });
});

describe('when the pool cannot', () => {
  it('14 all are at capacity: the overflow pool takes it', () => {
    const decision = decided({ members: { ...EVERYBODY, ada: FULL, ben: FULL } });
    expect(reasons(decision)).toEqual([
      ['ada', 'dach', 'AT_CAPACITY'],
      ['ben', 'dach', 'AT_CAPACITY'],
      ['cleo', 'world', null],
    ]);
    expect(decision.outcome).toMatchObject({ kind: 'assigned', memberId: 'cleo', poolId: 'world' });
  });

  it('14 the overflow pool too: the manager by name', () => {
    const decision = decided({ members: { ...EVERYBODY, ada: FULL, ben: FULL, cleo: FULL } });
    expect(decision.outcome).toEqual({ kind: 'escalated', personId: 'mia', reason: 'NOBODY_AVAILABLE' });
    expect(decision.slaId).toBe('pql');
  });

  it.each([
    ['no manager in the chain: the named human', ['overflow', 'human'], 'hana'],
    ['a person of the rule', ['overflow', 'person:cleo'], 'cleo'],
    ['nobody on the roster: whoever looks after gaps, never "admin"', ['person:admin'], 'hana'],
  ])('14 %s', (_, fallback, personId) => {
    const rules = [{ id: 'pql', when: { motions: ['plg'] }, way: { play: 'sales-assist', role: 'ae', sla: 'pql', fallback } }];
    const decision = decide(policy({ rules }), roster(), input({ members: { ...EVERYBODY, ada: FULL, ben: FULL, cleo: FULL } }));
    expect(decision.outcome).toEqual({ kind: 'escalated', personId, reason: 'NOBODY_AVAILABLE' });
  });

  it('15 everybody is away: reasons for each, and a named person', () => {
    const off = { ...FREE, off: 'ABSENT' as const };
    const decision = decided({ members: { ...EVERYBODY, ada: off, ben: off, cleo: off } });
    expect(decision.candidates.map(({ reason }) => reason)).toEqual(['ABSENT', 'ABSENT', 'ABSENT']);
    expect(decision.outcome).toEqual({ kind: 'escalated', personId: 'mia', reason: 'NOBODY_AVAILABLE' });
  });

  it('15 by night whoever works elsewhere has it; with everybody out of hours it waits with one of the pool, but not with who is away or full', () => {
    const night = { ...FREE, off: 'OFF_HOURS' as const };
    const elsewhere = decided({ members: { ...EVERYBODY, ada: night, ben: night } });
    expect(elsewhere.outcome).toMatchObject({ kind: 'assigned', memberId: 'cleo' });
    const waits = decided({
      members: { ...EVERYBODY, ada: { ...night, off: 'ABSENT' }, ben: night, cleo: { ...night, openLeads: 1_000 } },
    });
    expect(waits.outcome).toMatchObject({ kind: 'assigned', memberId: 'ben' });
    expect(waits.candidates.map(({ reason }) => reason)).toEqual(['ABSENT', null, 'AT_CAPACITY']);
  });

  it.each([
    ['null', null],
    ['a country that nobody can tell', 'Atlantis'],
  ])('16 %s is a territory gap: to the named human, with no rule and no service level of one', (_, country) => {
    expect(decided({ country })).toEqual({
      territoryId: null,
      motion: null,
      ruleId: null,
      play: null,
      slaId: null,
      candidates: [],
      outcome: { kind: 'escalated', personId: 'hana', reason: 'TERRITORY_GAP' },
    });
  });

  it.each([
    ['XK', 'rest'],
    ['UK', 'rest'],
    ['GB', 'rest'],
    ['Germany', 'germany'],
  ])('16 "%s" belongs to "%s"', (country, territoryId) => {
    expect(decided({ country }).territoryId).toBe(territoryId);
  });

  it('16 a country that no territory names, where none takes the rest of the world, is a gap', () => {
    const [germany] = ROSTER_TEXT.territories;
    expect(decide(policy(), roster({ territories: [germany] }), input({ country: 'XK' })).outcome).toMatchObject({
      reason: 'TERRITORY_GAP',
    });
  });

  it('18 the CRM has no owner for somebody: the next one has it, and taken back the credit is what it was', () => {
    const before = decided();
    if (before.outcome.kind !== 'assigned') throw new Error('expected an owner');
    const returned = takeBack(before.outcome.credit, before.outcome.assignment);
    expect(Object.keys(returned.members).map((id) => creditOf(returned, id))).toEqual(['0', '0']);
    const again = decided({ members: { ...EVERYBODY, ada: { ...FREE, hasOwner: false } }, credits: { dach: returned } });
    expect(reasons(again)).toEqual([
      ['ada', 'dach', 'NO_CRM_OWNER'],
      ['ben', 'dach', null],
    ]);
    expect(again.outcome).toMatchObject({ kind: 'assigned', memberId: 'ben' });
  });

  it('18 whoever nobody has read anything about is not asked', () => {
    const { ada: _ada, ...others } = EVERYBODY;
    expect(reasons(decided({ members: others }))[0]).toEqual(['ada', 'dach', 'NO_CRM_OWNER']);
  });

  it('20 R4 a new AE at 25 %: within a lead of the share at every prefix of 1,000', () => {
    const people = [...ROSTER_TEXT.people.slice(2), ...['ada', 'ben', 'dora'].map((id) => person(id)), person('eve', { weight: '0.25' })];
    const [dach, world] = ROSTER_TEXT.pools;
    const grown = roster({ people, pools: [{ ...dach, members: ['ada', 'ben', 'dora', 'eve'] }, world] });
    const counts = new Map<string, number>();
    let credits: DecisionInput['credits'] = {};
    let farthest = 0;
    for (let lead = 1; lead <= 1_000; lead += 1) {
      const { outcome } = decide(policy(), grown, input({ members: { ...EVERYBODY, dora: FREE, eve: FREE }, credits }));
      if (outcome.kind !== 'assigned') throw new Error('expected an owner');
      credits = { ...credits, [outcome.poolId]: outcome.credit };
      counts.set(outcome.memberId, (counts.get(outcome.memberId) ?? 0) + 1);
      for (const [id, weight] of [
        ['ada', 1],
        ['ben', 1],
        ['dora', 1],
        ['eve', 0.25],
      ] as const)
        farthest = Math.max(farthest, Math.abs((counts.get(id) ?? 0) - (lead * weight) / 3.25));
    }
    expect(farthest).toBeLessThan(1);
    expect(counts.get('eve')).toBe(77);
  });
});

describe('what is not routed', () => {
  const EXCLUDED = { competitors: ['rival.example'], test: ['growth.example'], freeMail: [], disposable: [] };
  const matchOf = (email: string) =>
    matchAccount({ groupId: null, email, website: null, companyName: null, phone: null, country: 'DE' }, [], EXCLUDED);

  it.each([
    ['a competitor', 'ceo@rival.example', 'COMPETITOR'],
    ['a test domain', 'me@growth.example', 'TEST_DOMAIN'],
  ])('31 %s, however high the score', (_, email, reason) => {
    const decision = decided({ score: 1_000, match: matchOf(email) });
    expect(decision.outcome).toEqual({ kind: 'excluded', reason });
    expect(decision).toMatchObject({ ruleId: null, slaId: null, candidates: [] });
  });

  it('31 a private mail address goes to people, with the reason', () => {
    expect(decided({ score: 1_000, match: matchOf('ann@gmail.com') }).outcome).toEqual({
      kind: 'escalated',
      personId: 'hana',
      reason: 'MATCH_FREE_MAIL',
    });
  });
});

describe('an agent', () => {
  const rules = [{ id: 'agent', when: { motions: ['alg'] }, way: { play: 'agent-qualification', role: 'ae', sla: 'pql' } }];
  const agentPolicy = policy({ motions: [{ motion: 'alg' }], rules });

  it.each([
    [0.7, { kind: 'assigned', memberId: 'ada' }],
    [0.69, { kind: 'escalated', personId: 'mia', reason: 'LOW_CONFIDENCE' }],
    [null, { kind: 'escalated', personId: 'mia', reason: 'LOW_CONFIDENCE' }],
  ])('with a confidence of %s', (confidence, outcome) => {
    expect(decide(agentPolicy, roster(), input({ confidence })).outcome).toMatchObject(outcome);
  });

  it('R6 that is not sure looks at nobody: the decision names no candidates', () => {
    expect(decide(agentPolicy, roster(), input({ confidence: 0.69 })).candidates).toEqual([]);
  });
});

describe('documents with holes', () => {
  it.each([
    ['no motion', policy({ motions: [{ motion: 'plg', when: { sources: ['chat'] } }] }), 'NO_MOTION'],
    ['no rule', policy({ rules: [{ ...policy().rules[0] }] }), 'NO_RULE'],
    [
      'no pool',
      policy({ rules: [{ id: 'pql', when: { motions: ['plg'] }, way: { play: 'sales-assist', role: 'csm', sla: 'pql' } }] }),
      'NO_POOL',
    ],
  ])('R2 %s for it: a named human', (_, holed, reason) => {
    expect(decide(holed, roster(), input()).outcome).toEqual({ kind: 'escalated', personId: 'hana', reason });
  });
});
