import { describe, expect, it } from 'vitest';
import { checkRouting } from './check.ts';
import type { CheckRequest } from './check-request.ts';
import { problemText } from './problem.ts';
import { person, policy, POLICY_TEXT, request, roster, ROSTER_TEXT } from './routing.fixture.ts';

type Loose = Readonly<Record<string, unknown>>;

const words = (change: Partial<CheckRequest> = {}): readonly string[] => checkRouting(request(change)).map(problemText);
const people = (...changed: readonly Loose[]): readonly Loose[] =>
  ROSTER_TEXT.people.map((one) => changed.find(({ id }) => id === one['id']) ?? one);
const [dach, world] = ROSTER_TEXT.pools;
const [germany, rest] = ROSTER_TEXT.territories;
const [asked, pql] = POLICY_TEXT.rules;
const withRules = (...rules: readonly Loose[]): Partial<CheckRequest> => ({ policy: policy({ rules }) });
const rule = (id: string, when: Loose, change: Loose = {}): Loose => ({
  id,
  when: { motions: ['plg'], ...when },
  way: { ...pql?.way, ...change },
});

describe('`lockstep routing check`', () => {
  it('has nothing to say of a roster and a policy that fit', () => {
    expect(words()).toEqual([]);
    expect(words({ scoring: null })).toEqual([]);
  });

  it('gives places as file, line and path', () => {
    const locate: NonNullable<CheckRequest['locate']> = (file, path) => (file === 'policy' ? 100 : 0) + path.length;
    expect(words({ ...withRules(rule('pql', {}, { sla: 'fast' }), { ...asked }), locate })[0]).toBe(
      'policy.yaml:104: rules[0].way.sla: expected a service level: form, pql, got fast; name another, or add it',
    );
  });
});

describe('people', () => {
  it.each([
    ['a manager', { roster: roster({ people: people(person('ada', { manager: 'zoe' })) }) }, 'roster.yaml: people[0].manager'],
    ['a member', { roster: roster({ pools: [{ ...dach, members: ['ada', 'zoe'] }, world] }) }, 'roster.yaml: pools[0].members[1]'],
    ['a pool’s human', { roster: roster({ pools: [{ ...dach, human: 'zoe' }, world] }) }, 'roster.yaml: pools[0].human'],
    ['a pool’s manager', { roster: roster({ pools: [dach, { ...world, manager: 'zoe' }] }) }, 'roster.yaml: pools[1].manager'],
    ['the gap’s human', { roster: roster({ territoryGap: 'zoe' }) }, 'roster.yaml: territoryGap'],
    [
      'a fallback',
      withRules(rule('pql', {}, { fallback: ['person:zoe', 'human'] }), { ...asked }),
      'policy.yaml: rules[0].way.fallback[0]',
    ],
    [
      'a service level’s ladder',
      {
        slas: [
          { id: 'form', people: ['zoe'], longestWaitMinutes: 960 },
          { id: 'pql', people: [], longestWaitMinutes: 960 },
        ],
      },
      'policy.yaml: rules[0].way.sla',
    ],
  ])('%s that is not in the roster', (_, change, place) => {
    expect(words(change)).toContain(`${place}: expected the id of a person of the roster, got zoe; add the person, or name another`);
  });

  it('nobody at the end of a chain has left, or is not there yet', () => {
    const left = roster({ people: people(person('hana', { role: 'revops', active: { to: '2026-10-01T00:00:00Z' } })) });
    expect(words({ roster: left })[0]).toBe(
      'roster.yaml: pools[0].human: expected somebody who is active, got hana, who is not at 2026-10-23T00:00:00Z; name another person',
    );
  });

  it('everybody whom a lead can reach has Slack and an owner in the CRM; others need neither', () => {
    const silent = roster({
      people: [...people(person('mia', { role: 'manager', slackUserId: null, owners: {} })), person('zoe', { slackUserId: null })],
    });
    expect(words({ roster: silent })).toEqual([
      'roster.yaml: people[3]: expected a slackUserId for mia Smith, got none; add it: nobody tells them of a lead else',
      'roster.yaml: people[3].owners: expected the owner id of mia Smith in hubspot, got none; add owners.hubspot: their leads cannot be written there else',
    ]);
    expect(words({ connections: ['hubspot', 'salesforce'] })).toHaveLength(5);
  });

  it('pools have members of their role, once each, of whom somebody works', () => {
    expect(words({ roster: roster({ people: people(person('cleo', { role: 'sdr' })) }) })[0]).toContain(
      "expected a member with the pool's role, ae, got cleo, who is sdr",
    );
    expect(words({ roster: roster({ pools: [{ ...dach, members: ['ada', 'ada'] }, world] }) })[0]).toContain(
      'pools[0].members[1]: expected every member once',
    );
    expect(words({ roster: roster({ people: people(person('cleo', { capacity: 0 })) }) })[0]).toContain(
      'pools[1]: expected somebody of pool world who is active and may have an open lead, got nobody',
    );
  });

  it('overflow pools exist and end', () => {
    expect(words({ roster: roster({ pools: [{ ...dach, overflow: 'moon' }, world] }) })[0]).toContain(
      'pools[0].overflow: expected the id of a pool, got moon',
    );
    const circle = roster({ pools: [dach, { ...world, overflow: 'dach' }] });
    expect(words({ roster: circle })).toEqual([
      'roster.yaml: pools[0].overflow: expected overflow pools that end, got a circle: dach → world → dach; let one of them overflow into nobody',
      'roster.yaml: pools[1].overflow: expected overflow pools that end, got a circle: world → dach → world; let one of them overflow into nobody',
    ]);
  });

  it('zones are of the time-zone data', () => {
    expect(words({ isZone: (zone) => zone !== 'America/New_York' })[0]).toContain(
      'people[2].zone: expected a zone of the time-zone data, such as Europe/Berlin, got America/New_York',
    );
  });
});

describe('14 chains', () => {
  it('14 end in a named human', () => {
    expect(words(withRules(rule('pql', {}, { fallback: ['manager', 'overflow'] }), { ...asked }))[0]).toBe(
      'policy.yaml: rules[0].way.fallback: expected a chain that ends in a named human in germany, got one that ends in pool world; end it with human, or person:<id>',
    );
    expect(words(withRules(rule('pql', { territories: ['rest'] }, { fallback: ['overflow'] }), rule('de', {}), { ...asked }))[0]).toContain(
      'got an empty one',
    );
  });
});

describe('territories', () => {
  it('16 tell what they leave open, by tier', () => {
    const found = words({ roster: roster({ territories: [germany, { ...rest, tiers: ['enterprise', 'smb'] }] }) });
    expect(found).toEqual([
      'roster.yaml: territories: warning: expected a territory for every country and tier prosumer, got none for AD, AE, AF, AG, AI, AL, AM, AO and 240 more; add one with the place *, or leave them to hana',
    ]);
  });

  it('16 do not overlap', () => {
    const both = { id: 'berlin', places: ['DE', 'AT'], pools: { ae: 'dach' } };
    expect(words({ roster: roster({ territories: [germany, rest, both] }) })[0]).toBe(
      'roster.yaml: territories[2].places: expected every place and tier in one territory, got DE for prosumer, smb, enterprise in germany too, which comes first; take it out of one of them',
    );
    const apart = [{ ...germany, tiers: ['smb'] }, rest, { ...both, tiers: ['enterprise'] }];
    expect(words({ roster: roster({ territories: apart }) })).toEqual([]);
  });

  it('16 name countries by their code', () => {
    const uk = { id: 'uk', places: ['UK', 'GB-ENG', 'XK'], pools: { ae: 'dach' } };
    expect(words({ roster: roster({ territories: [germany, rest, uk] }) })).toEqual([
      'roster.yaml: territories[2].places[0]: expected a code of ISO 3166-1 (GB, GR), or XK, got UK; write GB: leads are looked up by that',
    ]);
  });

  it('have the pools that rules ask for, of the right role, with somebody who takes such leads', () => {
    expect(words({ roster: roster({ territories: [germany, { ...rest, pools: {} }] }) })[0]).toBe(
      'policy.yaml: rules[0].way.role: expected a pool of ae in rest for rule asked, got none; add one to the roster, or name another',
    );
    expect(words({ roster: roster({ territories: [germany, { ...rest, pools: { ae: 'moon' } }] }) })).toEqual([
      'roster.yaml: territories[1].pools.ae: expected a pool of ae, got moon, which is no pool; name another pool',
    ]);
    expect(words(withRules(rule('pql', {}, { pool: 'moon' }), { ...asked }))[0]).toContain(
      'rules[0].way.pool: expected a pool of ae for rule pql, got moon',
    );
    expect(words(withRules(rule('pql', {}, { pool: 'world', role: 'csm' }), { ...asked }))[0]).toContain('got world, a pool of ae');
    const picky = roster({ people: people(person('ada', { tiers: ['smb'] })) });
    expect(words({ roster: picky })[1]).toContain(
      'expected somebody of pool dach who takes what rule pql sends in germany, got nobody for plg × prosumer, plg × enterprise',
    );
  });
});

describe('motions and rules', () => {
  it('every lead has a motion', () => {
    const given = policy({
      motions: [
        { motion: 'slg', when: { sources: ['form'] } },
        { motion: 'plg', when: { traits: { a: 1 } } },
      ],
    });
    expect(words({ policy: given })).toEqual([
      'policy.yaml: motions: expected a motion for every tier and source, whatever the traits, got none for prosumer from any other source, smb from any other source, enterprise from any other source; end the list with an entry without `when`',
    ]);
  });

  it('every entry of the motions is reached', () => {
    const given = policy({
      motions: [{ motion: 'slg', when: { sources: ['form'] } }, { motion: 'plg' }, { motion: 'slg', when: { tiers: ['smb'] } }],
    });
    expect(words({ policy: given })[0]).toContain('policy.yaml: motions[2]: expected an entry that some lead reaches');
    const traits = policy({ motions: [{ motion: 'slg', when: { traits: { a: 1 } } }, { motion: 'plg' }] });
    expect(words({ policy: traits })).toEqual([]);
  });

  it('every lead has a rule; what is open is told by what it has in common', () => {
    expect(words(withRules(rule('pql', { tiers: ['smb', 'prosumer'] }), { ...asked }))).toEqual([
      'policy.yaml: rules: expected a rule for every lead of plg × enterprise, got none for any; add a rule, or widen one',
    ]);
    expect(
      words(withRules(rule('pql', { score: { from: 50 } }), rule('de', { territories: ['germany'], tiers: ['smb'] }), { ...asked })),
    ).toEqual([
      'policy.yaml: rules: expected a rule for every lead of plg × prosumer, got none for scores from 40; add a rule, or widen one',
      'policy.yaml: rules: expected a rule for every lead of plg × smb, got none for territory rest; scores from 30; add a rule, or widen one',
      'policy.yaml: rules: expected a rule for every lead of plg × enterprise, got none for scores from 20; add a rule, or widen one',
    ]);
    expect(words(withRules(rule('live', { isBackfill: false }), { ...asked }))[0]).toContain('none for back-fill yes');
    expect(words(withRules(rule('one', { sources: ['product'] }), { ...asked }))[0]).toContain('none for source any other source');
  });

  it('scores below a tier’s threshold never come', () => {
    expect(words(withRules(rule('pql', { score: { from: 20 } }), { ...asked }))).toEqual([]);
    expect(words(withRules(rule('never', { score: { below: 10 } }), rule('pql', { score: { from: 20 } }), { ...asked }))).toEqual([
      expect.stringContaining('rules[0]: expected a rule that some lead reaches, got one that no lead can match'),
    ]);
    expect(words({ ...withRules(rule('pql', { score: { from: 20 } }), { ...asked }), scoring: null })[0]).toContain(
      'none for scores from -1',
    );
    expect(words(withRules(rule('low', { score: { below: 20 } }), rule('pql', {}), { ...asked }))[0]).toContain(
      'rules[0]: expected a rule that some lead reaches, got one that no lead can match',
    );
  });

  it('every rule is reached', () => {
    expect(words(withRules(rule('all', {}), rule('smb', { tiers: ['smb'] }), { ...asked }))).toEqual([
      'policy.yaml: rules[1]: expected a rule that some lead reaches, got one whose leads all take before; move it up, or take it out',
    ]);
    expect(
      words(
        withRules(rule('low', { score: { below: 50 } }), rule('high', { score: { from: 50 } }), rule('smb', { tiers: ['smb'] }), {
          ...asked,
        }),
      )[0],
    ).toContain('rules[2]: expected a rule that some lead reaches, got one whose leads low, high take before');
    expect(words(withRules(rule('special', { tiers: ['smb'] }), rule('all', {}), { ...asked }))).toEqual([]);
  });

  it('rules that overlap by chance are told, those that do the same are not', () => {
    const smb = rule('smb', { tiers: ['smb'] });
    const german = (change: Loose): Loose => rule('german', { territories: ['germany'] }, change);
    const rules = (change: Loose): Partial<CheckRequest> => withRules(smb, german(change), rule('all', {}), { ...asked });
    expect(words(rules({ play: 'self-serve-expansion' }))).toEqual([
      'policy.yaml: rules[1].when: warning: expected rules apart, or one within the other, got leads that smb takes too; it comes first; narrow one of them, if that is not meant',
    ]);
    expect(words(rules({}))).toEqual([]);
  });

  it('rules name territories and service levels that there are', () => {
    const found = words(withRules(rule('moon', { territories: ['moon', 'germany'] }), rule('pql', {}), { ...asked }));
    expect(found).toEqual([
      'policy.yaml: rules[0].when.territories[0]: expected the id of a territory of the roster, got moon; name another, or add it',
    ]);
  });
});
