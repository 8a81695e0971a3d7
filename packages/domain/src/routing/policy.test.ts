import { describe, expect, it } from 'vitest';
import { agentMayGoOn, motionOf } from './motion.ts';
import { routingHash, ruleFor } from './policy.ts';
import type { RoutedLead } from './policy.ts';
import { problemText } from './problem.ts';
import { readRoutingFile } from './routing-file.schema.ts';
import { policy, POLICY_TEXT, roster } from './routing.fixture.ts';

const LEAD: RoutedLead = { motion: 'plg', tier: 'smb', territoryId: 'germany', source: 'product', score: 50, isBackfill: false };
const way = { play: 'sales-assist', role: 'ae', sla: 'pql' };

describe('the motion of a lead', () => {
  const given = policy({
    motions: [
      { motion: 'alg', when: { sources: ['chat'], tiers: ['smb'] } },
      { motion: 'slg', when: { traits: { quoteRequested: true } } },
      { motion: 'plg', when: { tiers: ['smb', 'prosumer'] } },
    ],
  });

  it.each([
    ['smb', 'chat', {}, 'alg'],
    ['prosumer', 'chat', {}, 'plg'],
    ['enterprise', 'product', { quoteRequested: true }, 'slg'],
    ['smb', 'chat', { quoteRequested: true }, 'alg'],
    ['enterprise', 'product', {}, null],
  ] as const)('%s from %s with %j: %s', (tier, source, traits, motion) => {
    expect(motionOf(given, { tier, source, traits })).toBe(motion);
  });
});

describe('an agent', () => {
  it.each([
    [0.7, true],
    [1, true],
    [0.69, false],
    [null, false],
    [Number.NaN, false],
    [1.01, false],
    [-1, false],
  ])('with confidence %s may go on by itself: %s', (confidence, expected) => {
    expect(agentMayGoOn(confidence, 0.7)).toBe(expected);
  });
});

describe('the rule of a lead', () => {
  const rule = (id: string, when: Readonly<Record<string, unknown>>): unknown => ({ id, when: { motions: ['plg'], ...when }, way });

  it.each([
    [{}, true],
    [{ motions: ['plg', 'plg'] }, true],
    [{ tiers: ['smb'] }, true],
    [{ tiers: ['enterprise'] }, false],
    [{ territories: ['germany'] }, true],
    [{ territories: ['rest'] }, false],
    [{ sources: ['product'] }, true],
    [{ sources: ['form'] }, false],
    [{ score: { from: 50 } }, true],
    [{ score: { from: 50.01 } }, false],
    [{ score: { below: 50 } }, false],
    [{ score: { below: 50.01 } }, true],
    [{ isBackfill: false }, true],
    [{ isBackfill: true }, false],
  ])('when %j matches: %s', (when, expected) => {
    expect(ruleFor(policy({ rules: [rule('one', when)] }), LEAD)?.id ?? null).toBe(expected ? 'one' : null);
  });

  it('is the first that matches; none for another motion', () => {
    const given = policy({ rules: [rule('small', { score: { below: 40 } }), rule('first', {}), rule('second', {})] });
    expect(ruleFor(given, LEAD)?.id).toBe('first');
    expect(ruleFor(given, { ...LEAD, motion: 'slg' })).toBeNull();
    expect(ruleFor(given, { ...LEAD, score: 10 })?.id).toBe('small');
  });

  it('has the usual chain and confidence where it does not say', () => {
    expect(ruleFor(policy(), LEAD)?.way).toEqual({ ...way, leastConfidence: 0.7, fallback: ['overflow', 'manager', 'human'] });
  });

  it('R6 policies and rosters have a hash of their content', () => {
    expect(routingHash(policy())).toMatch(/^[0-9a-f]{64}$/);
    expect(routingHash(policy({ version: 'test-2' }))).not.toBe(routingHash(policy()));
    expect(routingHash(roster())).toBe(routingHash(roster()));
  });
});

describe('a policy', () => {
  const words = (change: Readonly<Record<string, unknown>>): readonly string[] => {
    const result = readRoutingFile('policy', { ...POLICY_TEXT, ...change }, { file: 'policy.yaml', locate: (path) => path.length });
    return 'problems' in result ? result.problems.map(problemText) : [];
  };
  const [asked, pql] = POLICY_TEXT.rules;

  it.each([
    [{ rules: [asked, asked] }, 'policy.yaml:3: rules[1].id: expected every id once, got "asked"'],
    [
      { rules: [{ ...pql, way: { ...way, play: 'sdr-discovery' } }] },
      'rules[0].way.play: expected a play of plg: self-serve-expansion or sales-assist, got "sdr-discovery"',
    ],
    [
      { rules: [{ ...pql, way: { ...way, fallback: ['admin'] } }] },
      'rules[0].way.fallback[0]: expected overflow, manager, human or person:<id>, got "admin"',
    ],
    [{ rules: [{ ...pql, way: { ...way, fallback: [] } }] }, 'rules[0].way.fallback'],
    [
      { rules: [{ ...pql, when: { motions: ['plg'], score: { from: 5, below: 5 } } }] },
      'rules[0].when.score: expected `from` under `below`',
    ],
    [{ rules: [{ ...pql, way: { ...way, leastConfidence: 7 } }] }, 'rules[0].way.leastConfidence'],
    [{ motions: [] }, 'motions'],
    [{ excluded: { competitors: ['sales@rival.io'] } }, 'excluded.competitors[0]: expected a domain such as rival.example'],
    [{ default: 'admin' }, 'expected only keys that are known, got "default"'],
  ])('does not load with %j', (change, message) => {
    expect(words(change)[0]).toContain(message);
  });
});
