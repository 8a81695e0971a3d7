import { describe, expect, it } from 'vitest';
import { policySchema, principalSchema } from './policy.schema.ts';

const BANDS = [
  { upTo: 49, approvers: 0 },
  { upTo: 100, approvers: 1 },
];
const AGENTS = { name: 'agents', leastConfidence: 0.7, perDay: BANDS };

/** Places and messages of everything that is wrong. */
function problems(rest: Readonly<Record<string, unknown>>): readonly string[] {
  const result = policySchema.safeParse({ version: '1', ...rest });
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

function bandProblems(...perDay: readonly unknown[]): readonly string[] {
  return problems({ rules: [{ ...AGENTS, perDay }] });
}

describe('an approval policy', () => {
  it('case 65 may be empty: it names nothing, and nothing is written', () => {
    expect(policySchema.parse({ version: '1' })).toEqual({ version: '1', approvalExpiresAfterMs: 14_400_000, fields: [], rules: [] });
  });

  it('fills in what it does not say on the careful side', () => {
    const policy = policySchema.parse({ version: '1', fields: [{ field: 'price', as: 'price' }], rules: [AGENTS] });
    expect(policy.fields).toEqual([{ object: '*', field: 'price', as: 'price' }]);
    expect(policy.rules[0]).toEqual({
      ...AGENTS,
      deny: false,
      approvers: 0,
      perDay: BANDS.map((band) => ({ ...band, samplePercent: 100 })),
    });
  });

  it.each([
    [{ ...AGENTS, leastConfidence: undefined }, 'no leastConfidence'],
    [{ ...AGENTS, perDay: undefined }, 'no perDay'],
    [{ name: 'agents', actors: ['human', 'agent'] }, 'no leastConfidence'],
  ])('case 57 does not load where agents fall under a rule without limits: %j', (rule, got) => {
    expect(problems({ rules: [rule] })).toEqual([expect.stringContaining(`${rule.name}: a rule that agents fall under`)]);
    expect(problems({ rules: [rule] })[0]).toContain(`got ${got}`);
  });

  it.each([[{ name: 'people', actors: ['human', 'system'] }], [{ name: 'nobody', deny: true }], [AGENTS]])('loads %j', (rule) => {
    expect(problems({ rules: [rule] })).toEqual([]);
  });

  it('case 55 bands rise, and more records never need less approval', () => {
    expect(bandProblems({ upTo: 49, approvers: 1, samplePercent: 10 }, { upTo: 50, approvers: 1 }, { upTo: null, approvers: 2 })).toEqual(
      [],
    );
    expect(bandProblems({ upTo: 49, approvers: 0 }, { upTo: 49, approvers: 1 })).toEqual([
      expect.stringMatching(/^rules\.0\.perDay\.1\.upTo: /),
    ]);
    expect(bandProblems({ upTo: null, approvers: 0 }, { upTo: 49, approvers: 1 })).toEqual([
      expect.stringMatching(/^rules\.0\.perDay\.1\.upTo: /),
    ]);
    expect(bandProblems({ upTo: null, approvers: 0 }, { upTo: null, approvers: 1 })).toHaveLength(1);
    expect(bandProblems({ upTo: 49, approvers: 1 }, { upTo: 50, approvers: 0 })).toEqual([expect.stringMatching(/^rules\.0\.perDay\.1: /)]);
    expect(bandProblems({ upTo: 49, approvers: 1 }, { upTo: 50, approvers: 1, samplePercent: 10 })).toHaveLength(1);
    expect(bandProblems({ upTo: 49, approvers: 1 }, { upTo: 50, approvers: 2, samplePercent: 10 })).toEqual([]);
  });

  it.each([
    [{ version: '' }, /^version/],
    [{ aprovalExpiresAfterMs: 1 }, /aprovalExpiresAfterMs/],
    [{ approvalExpiresAfterMs: 0 }, /^approvalExpiresAfterMs/],
    [{ approvalExpiresAfterMs: 8 * 24 * 3_600_000 }, /^approvalExpiresAfterMs/],
    [{ inForceFrom: 'tomorrow' }, /^inForceFrom/],
    [{ fields: [{ field: 'price', as: 'free' }] }, /^fields\.0\.as/],
    [{ rules: [{ ...AGENTS, approvers: 3 }] }, /^rules\.0\.approvers/],
    [{ rules: [{ ...AGENTS, leastConfidence: 1.1 }] }, /^rules\.0\.leastConfidence/],
    [{ rules: [{ ...AGENTS, leastConfidence: Number.NaN }] }, /^rules\.0\.leastConfidence/],
    [{ rules: [{ ...AGENTS, perDay: [] }] }, /^rules\.0\.perDay/],
    [{ rules: [{ ...AGENTS, perDay: [{ upTo: 0, approvers: 0 }] }] }, /^rules\.0\.perDay\.0\.upTo/],
    [{ rules: [{ ...AGENTS, operations: ['merge'] }] }, /^rules\.0\.operations/],
    [{ rules: [{ ...AGENTS, actor: 'agent' }] }, /actor/],
  ])('says where it is wrong: %j', (rest, place) => {
    expect(problems(rest)[0]).toMatch(place);
  });
});

describe('a principal', () => {
  it('has no person, no people behind it and no role unless it says so', () => {
    expect(principalSchema.parse({ id: 'x', kind: 'human' })).toEqual({ id: 'x', kind: 'human', person: null, members: [], roles: [] });
    expect(principalSchema.safeParse({ id: 'x', kind: 'robot' }).success).toBe(false);
    expect(principalSchema.safeParse({ id: 'x', kind: 'human', roles: ['admin'] }).success).toBe(false);
  });
});
