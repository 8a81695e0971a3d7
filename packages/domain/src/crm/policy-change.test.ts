import { describe, expect, it } from 'vitest';
import { judgePolicyChange, policyHash } from './policy-change.ts';
import type { PolicyChange } from './policy-change.ts';
import { POLICY, PRINCIPALS } from './policy.fixture.ts';

const LOOSER = {
  ...POLICY,
  version: 'growth-2',
  rules: POLICY.rules.map((rule) => (rule.name === 'agents' ? { ...rule, leastConfidence: 0.5 } : rule)),
};

function judged(answers: readonly (readonly [string, 'approve' | 'reject'])[], rest: Partial<PolicyChange> = {}) {
  const after = rest.after ?? LOOSER;
  const approvals = answers.map(([approver, decision]) => ({ approver, decision, policyHash: policyHash(after) }));
  return judgePolicyChange({ before: POLICY, after, changedBy: 'maria', approvals, principals: PRINCIPALS, ...rest });
}

describe('a policy edit', () => {
  it('case 66 comes into force by a second person, with its own version', () => {
    expect(judged([['omar', 'approve']])).toEqual({ decision: 'accepted', version: 'growth-2' });
  });

  it('case 66 without one, the policy before stays', () => {
    expect(judged([])).toEqual({ decision: 'waiting', version: 'growth-1', refused: [] });
  });

  it.each([
    ['maria', 'REQUESTER'],
    ['maria-admin', 'SAME_PERSON'],
    ['tom', 'NO_ROLE'],
    ['revops', 'NOT_A_PERSON'],
    ['gone', 'UNKNOWN'],
  ])('case 66 %s is no second person', (approver, refused) => {
    expect(judged([[approver, 'approve']])).toEqual({ decision: 'waiting', version: 'growth-1', refused: [refused] });
    expect(
      judged([
        [approver, 'approve'],
        ['ada', 'approve'],
      ]).decision,
    ).toBe('accepted');
  });

  it('case 66 a yes to another text is none, and a no to this one stops it', () => {
    const approvals = [{ approver: 'omar', decision: 'approve', policyHash: policyHash(POLICY) }] as const;
    expect(judged([], { approvals }).decision).toBe('waiting');
    expect(
      judged([
        ['omar', 'approve'],
        ['ada', 'reject'],
      ]),
    ).toEqual({ decision: 'rejected', version: 'growth-1' });
  });

  it('case 66 a stricter one, and the first of all, need a second person, too', () => {
    const stricter = { ...POLICY, version: 'growth-2', rules: [] };
    expect(judged([], { after: stricter }).decision).toBe('waiting');
    expect(judged([], { before: null })).toEqual({ decision: 'waiting', version: null, refused: [] });
    expect(judged([['omar', 'approve']], { before: null }).decision).toBe('accepted');
  });

  it('case 66 another content needs another version, so that every later entry says which it means', () => {
    expect(judged([['omar', 'approve']], { after: { ...LOOSER, version: 'growth-1' } })).toEqual({
      decision: 'same-version',
      version: 'growth-1',
    });
    expect(judged([], { after: { ...POLICY } })).toEqual({ decision: 'unchanged', version: 'growth-1' });
  });
});
