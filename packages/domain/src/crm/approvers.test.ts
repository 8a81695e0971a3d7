import { describe, expect, it } from 'vitest';
import { mayApprove, standing } from './approval.ts';
import type { StandingRequest, Verdict } from './approval.ts';
import type { Approval } from './change-set.ts';
import { PRINCIPALS } from './policy.fixture.ts';
import { at } from './step.fixture.ts';

const BY_MARIA = { requestedBy: 'maria', actorKind: 'human' } as const;

function asked(approver: string, set: { readonly requestedBy: string; readonly actorKind: 'human' | 'agent' | 'system' } = BY_MARIA) {
  const answer = mayApprove({ set, approver: { id: approver }, principals: PRINCIPALS });
  return answer.ok ? 'ok' : answer.refused;
}

describe('who may approve', () => {
  it.each([
    ['omar', 'ok'],
    ['ada', 'ok'],
    ['maria', 'REQUESTER'],
    ['maria-admin', 'SAME_PERSON'],
    ['maria-bot', 'NOT_A_PERSON'],
    ['ops-bot', 'NOT_A_PERSON'],
    ['revops', 'NOT_A_PERSON'],
    ['agent-1', 'NOT_A_PERSON'],
    ['shared', 'NOT_A_PERSON'],
    ['tom', 'NO_ROLE'],
    ['nobody', 'UNKNOWN'],
  ])('C6 case 59 what Maria asks for: %s → %s', (approver, expected) => {
    expect(asked(approver)).toBe(expected);
  });

  it.each([
    ['maria-admin', 'maria', 'SAME_PERSON'],
    ['maria-bot', 'maria', 'SAME_PERSON'],
    ['maria-bot', 'omar', 'ok'],
    ['revops', 'maria', 'SAME_PERSON'],
    ['revops', 'omar-admin', 'SAME_PERSON'],
    ['revops', 'ada', 'ok'],
    ['ops-bot', 'omar', 'SAME_PERSON'],
    ['agent-1', 'maria', 'ok'],
    ['shared', 'maria', 'ok'],
  ])('C6 case 59 what %s asks for: %s → %s', (requestedBy, approver, expected) => {
    expect(asked(approver, { requestedBy, actorKind: 'human' })).toBe(expected);
  });

  it('C6 case 59 a person who is not on the list cannot be told from the one who approves; an agent or a system is nobody', () => {
    expect(asked('omar', { requestedBy: 'gone', actorKind: 'human' })).toBe('REQUESTER_UNKNOWN');
    expect(asked('omar', { requestedBy: 'gone', actorKind: 'agent' })).toBe('ok');
    expect(asked('omar', { requestedBy: 'lockstep', actorKind: 'system' })).toBe('ok');
    expect(asked('tom', { requestedBy: 'gone', actorKind: 'agent' })).toBe('NO_ROLE');
  });

  it('C6 case 62 who has lost the role, or has left, may no more', () => {
    const now = (principals: typeof PRINCIPALS) => mayApprove({ set: BY_MARIA, approver: { id: 'omar' }, principals });
    expect(now(PRINCIPALS)).toEqual({ ok: true });
    expect(now(PRINCIPALS.map((one) => (one.id === 'omar' ? { ...one, roles: ['operator'] } : one)))).toEqual({
      ok: false,
      refused: 'NO_ROLE',
    });
    expect(now(PRINCIPALS.filter(({ id }) => id !== 'omar'))).toEqual({ ok: false, refused: 'UNKNOWN' });
  });
});

const ONE: Verdict = { decision: 'review', approvers: 1, expiresAfterMs: 14_400_000, samplePercent: 100, reasons: ['RULE_ASKS'] };
const TWO: Verdict = { ...ONE, approvers: 2, reasons: ['PRICE'] };
const GO: Verdict = { ...ONE, decision: 'go', approvers: 0, samplePercent: 0, reasons: [] };

function yes(approver: string, rest: Partial<Approval> = {}): Approval {
  return { changeSetId: 'set-1', approver, decision: 'approve', diffHash: 'h1', policyVersion: 'v1', at: at(5), voidedAt: null, ...rest };
}

function no(approver: string, rest: Partial<Approval> = {}): Approval {
  return { ...yes(approver, rest), decision: 'reject' };
}

function stands(approvals: readonly Approval[], rest: Partial<StandingRequest> = {}) {
  const set = { ...BY_MARIA, approvalExpiresAt: at(100) };
  return standing({ set, verdict: ONE, approvals, principals: PRINCIPALS, diffHash: 'h1', policyVersion: 'v1', now: at(10), ...rest });
}

describe('where a set stands with its approvals', () => {
  it('C6 waits without an answer, and is approved by one that counts', () => {
    expect(stands([])).toBe('waiting');
    expect(stands([yes('omar')])).toBe('approved');
  });

  it('case 58 two people are two people, not two accounts and not twice one', () => {
    expect(stands([yes('omar')], { verdict: TWO })).toBe('waiting');
    expect(stands([yes('omar'), yes('omar')], { verdict: TWO })).toBe('waiting');
    expect(stands([yes('omar'), yes('omar-admin')], { verdict: TWO })).toBe('waiting');
    expect(stands([yes('omar'), yes('ada')], { verdict: TWO })).toBe('approved');
  });

  it('C6 another diff or policy voids what was said: it is asked for again', () => {
    expect(stands([yes('omar', { diffHash: 'h0' })])).toBe('void');
    expect(stands([yes('omar', { policyVersion: 'v0' })])).toBe('void');
    expect(stands([yes('omar', { diffHash: 'h0' }), yes('ada')])).toBe('approved');
    expect(stands([yes('omar', { diffHash: 'h0' }), yes('ada')], { verdict: TWO })).toBe('void');
    expect(stands([yes('omar', { voidedAt: at(6) })])).toBe('waiting');
  });

  it('C6 case 62 an approver who has lost the role since voids it, unless others are enough', () => {
    expect(stands([yes('tom')])).toBe('void');
    expect(stands([yes('gone')])).toBe('void');
    expect(stands([yes('tom'), yes('ada')])).toBe('approved');
  });

  it('case 59 what the requester has said counts nothing, however it got there', () => {
    expect(stands([yes('maria')])).toBe('void');
    expect(stands([yes('maria-admin'), yes('omar')], { verdict: TWO })).toBe('void');
  });

  it('C6 one no to this diff rejects it; one to another does not', () => {
    expect(stands([yes('omar'), no('ada')])).toBe('rejected');
    expect(stands([no('gone')])).toBe('rejected');
    expect(stands([no('ada', { diffHash: 'h0' })])).toBe('waiting');
    expect(stands([no('ada', { policyVersion: 'v0' })])).toBe('waiting');
    expect(stands([yes('omar'), no('ada', { voidedAt: at(6) })])).toBe('approved');
    expect(stands([no('ada')], { verdict: GO })).toBe('rejected');
  });

  it.each([
    [99, 'approved'],
    [100, 'expired'],
    [101, 'expired'],
  ])('C6 case 60 at second %i of 100 an approval is worth: %s', (seconds, expected) => {
    expect(stands([yes('omar')], { now: at(seconds) })).toBe(expected);
  });

  it('C6 without an answer in time it is expired, without an instant it was never asked', () => {
    expect(stands([], { now: at(100) })).toBe('expired');
    const set = { ...BY_MARIA, approvalExpiresAt: null };
    expect(stands([yes('omar')], { set })).toBe('waiting');
    expect(stands([yes('omar')], { set: { ...BY_MARIA, approvalExpiresAt: 'never' } })).toBe('expired');
  });

  it('C6 a denied set is never approved; one that may go needs no answer', () => {
    expect(stands([yes('omar'), yes('ada')], { verdict: { ...ONE, decision: 'deny', approvers: 0 } })).toBe('rejected');
    expect(stands([], { verdict: GO })).toBe('approved');
    expect(stands([], { verdict: GO, now: at(1_000) })).toBe('approved');
  });
});
