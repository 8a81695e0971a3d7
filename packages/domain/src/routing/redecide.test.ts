import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { Decision, DecisionInput, MemberReading } from './decide.ts';
import { changeOf, DECISION_CHANGES, isFaithful, redecide } from './redecide.ts';
import { person, policy, POLICY_TEXT, roster, ROSTER_TEXT } from './routing.fixture.ts';

const FREE: MemberReading = { openLeads: 0, off: null, hasOwner: true };
const input = (change: Partial<DecisionInput> = {}): DecisionInput => ({
  ...{ at: '2026-11-25T10:00:00Z', tier: 'smb', score: 60, source: 'product', isBackfill: false, traits: {} },
  match: { kind: 'new', reason: 'NO_ACCOUNT', domain: 'acme.example' },
  ...{ country: 'DE', subdivision: null, confidence: null, passed: [], credits: {} },
  members: { ada: FREE, ben: FREE, cleo: FREE, mia: FREE, hana: FREE },
  ...change,
});
const THEN = { policy: policy(), roster: roster() };
const stored = (change: Partial<DecisionInput> = {}): Decision => decide(THEN.policy, THEN.roster, input(change));
/** As the store gives it back: in another order of keys. */
const asKept = (decision: Decision): Decision =>
  Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(decision)) as Decision).toReversed()) as unknown as Decision;

const toWorld = policy({
  rules: [{ ...POLICY_TEXT.rules[0] }, { ...POLICY_TEXT.rules[1], way: { ...POLICY_TEXT.rules[1]?.way, pool: 'world' } }],
});

describe('a past decision', () => {
  it('R6 is the same from its stored input by the documents of then, whatever the order of keys', () => {
    const decision = asKept(stored());
    expect(isFaithful(THEN, input(), decision)).toBe(true);
    expect(redecide(THEN, input(), decision)).toMatchObject({ change: 'same', unread: [] });
  });

  it('R6 that was changed by hand, or is made otherwise by today’s code, is told', () => {
    const decision = stored();
    expect(isFaithful(THEN, input(), { ...decision, ruleId: 'asked' })).toBe(false);
    expect(isFaithful(THEN, input({ passed: ['ada'] }), decision)).toBe(false);
    expect(isFaithful({ ...THEN, policy: toWorld }, input(), decision)).toBe(false);
  });

  it.each<[string, Decision['outcome']['kind'], Partial<DecisionInput>, typeof THEN]>([
    ['other-person', 'assigned', {}, { ...THEN, policy: toWorld }],
    [
      'other-way',
      'assigned',
      {},
      { ...THEN, policy: policy({ rules: POLICY_TEXT.rules.map((rule) => ({ ...rule, id: `new-${rule.id}` })) }) },
    ],
    ['now-escalated', 'assigned', {}, { ...THEN, policy: policy({ rules: [POLICY_TEXT.rules[0]] }) }],
    [
      'no-longer-escalated',
      'escalated',
      { country: 'FR' },
      { ...THEN, roster: roster({ territories: [{ id: 'all', places: ['*'], pools: { ae: 'dach' } }] }) },
    ],
    ['other-person', 'escalated', { members: {} }, { ...THEN, policy: policy({ rules: [POLICY_TEXT.rules[0]] }) }],
  ])('R6 case 81 with other documents: %s of one that was %s', (change, was, at, documents) => {
    const all = { ...THEN, roster: change === 'no-longer-escalated' ? roster({ territories: [ROSTER_TEXT.territories[0]] }) : THEN.roster };
    const decision = decide(all.policy, all.roster, input(at));
    expect(decision.outcome.kind).toBe(was);
    expect(redecide(documents, input(at), decision).change).toBe(change);
  });

  it('R6 somebody new on the roster, of whom nothing was read then, is named', () => {
    const [pool, ...pools] = ROSTER_TEXT.pools;
    const joined = roster({
      people: [...ROSTER_TEXT.people, person('eve')],
      pools: [{ ...pool, members: ['eve', 'ada', 'ben'] }, ...pools],
    });
    expect(redecide({ ...THEN, roster: joined }, input(), stored())).toMatchObject({ change: 'same', unread: ['eve'] });
  });

  it('R6 every two ends have a name for what differs; the same decision has none', () => {
    const outcomes = fc.constantFrom<Decision['outcome']>(
      { kind: 'escalated', personId: 'hana', reason: 'NO_RULE' },
      { kind: 'escalated', personId: 'mia', reason: 'NO_RULE' },
      { kind: 'escalated', personId: 'mia', reason: 'NOBODY_AVAILABLE' },
      { kind: 'excluded', reason: 'COMPETITOR' },
      stored().outcome,
      stored({ passed: ['ada'] }).outcome,
    );
    const decisions = fc
      .record({ outcome: outcomes, ruleId: fc.constantFrom('pql', 'asked', null) })
      .map((part) => ({ ...stored(), ...part }));
    fc.assert(
      fc.property(decisions, decisions, (before, after) => {
        expect(DECISION_CHANGES).toContain(changeOf(before, after));
        expect(changeOf(before, before)).toBe('same');
        const [there, back] = [changeOf(before, after), changeOf(after, before)];
        expect(before.outcome.kind === after.outcome.kind ? back : there).toBe(there);
      }),
    );
  });
});
