import { describe, expect, test } from 'vitest';
import type { Approval, ChangeSet } from './change-set.ts';
import { concernedBy, noticeIdOf, untilOf, wordsOf } from './notice.ts';
import type { SetNotice } from './notice.ts';
import type { Principal } from './policy.schema.ts';
import { CONTACT, at, setFields, stepOf } from './step.fixture.ts';

const account = (id: string, person: string | null, roles: Principal['roles'], more: Partial<Principal> = {}): Principal => ({
  ...{ id, kind: 'human', person, members: [], roles },
  ...more,
});

const PRINCIPALS: readonly Principal[] = [
  account('ops', 'olga', ['operator', 'approver']),
  account('ops-2', 'olga', ['approver']),
  account('lead', 'lena', ['approver']),
  account('lead-2', 'lena', ['approver']),
  account('head', 'hugo', ['approver']),
  account('night', 'nina', ['operator']),
  account('desk', null, ['operator'], { kind: 'group', members: ['nina', 'omar'] }),
  account('bot', 'hugo', ['approver'], { kind: 'bot' }),
];

const SET: ChangeSet = {
  ...{ changeSetId: 'cs-1', kind: 'bulk', requestedBy: 'ops', actorKind: 'human', requestedAt: at(0), reason: 'Maria Müller leaves' },
  ...{ confidence: null, rollsBack: [], steps: 1, state: 'awaiting-approval', end: null, cause: null, diffHash: 'abcdef0123456789' },
  ...{ policyVersion: 'p1', approvalExpiresAt: at(3_600), deadlineAt: at(3_600), updatedAt: at(0) },
};

const yes = (approver: string, more: Partial<Approval> = {}): Approval => ({
  ...{ changeSetId: 'cs-1', approver, decision: 'approve', diffHash: 'abcdef0123456789', policyVersion: 'p1', at: at(1), voidedAt: null },
  ...more,
});

const concerned = (notice: SetNotice, set: Partial<ChangeSet> = {}, approvals: readonly Approval[] = []) =>
  concernedBy({ notice, set: { ...SET, ...set }, approvals, principals: PRINCIPALS });

describe('whom a notice concerns', () => {
  test('C6 case 59 a question goes to each person who may answer it, once, and never to who asked, by whatever account', () => {
    expect(concerned('approval-asked')).toEqual(['lena', 'hugo']);
    expect(concerned('approval-asked', { requestedBy: 'lead-2' })).toEqual(['olga', 'hugo']);
    expect(concerned('approval-asked', { requestedBy: 'routing', actorKind: 'system' })).toEqual(['olga', 'lena', 'hugo']);
  });

  test('C6 who has said yes to this diff is not asked again; who has to another one, or whose yes is void, is', () => {
    expect(concerned('approval-asked', {}, [yes('lead')])).toEqual(['hugo']);
    expect(concerned('approval-asked', {}, [yes('lead', { diffHash: 'other' })])).toEqual(['lena', 'hugo']);
    expect(concerned('approval-asked', {}, [yes('lead', { voidedAt: at(2) })])).toEqual(['lena', 'hugo']);
    expect(concerned('approval-asked', {}, [yes('lead', { decision: 'reject' })])).toEqual(['lena', 'hugo']);
  });

  test.each<[SetNotice, readonly string[]]>([
    ['approval-expired', ['olga', 'nina', 'omar']],
    ['rejected', ['olga']],
    ['denied', ['olga']],
    ['out-of-time', ['olga']],
    ['asked-again', ['olga']],
    ['rolled-back', ['olga']],
    ['needs-operator', ['olga', 'nina', 'omar']],
    ['needs-operator-still', ['olga', 'nina', 'omar']],
  ])('case 60 C7 %s: %j', (notice, people) => {
    expect(concerned(notice)).toEqual(people);
  });

  test('what a system or somebody unknown has asked for ends without a word to anybody but the operators', () => {
    expect(concerned('rolled-back', { requestedBy: 'routing', actorKind: 'system' })).toEqual([]);
    expect(concerned('approval-expired', { requestedBy: 'nobody' })).toEqual(['olga', 'nina', 'omar']);
  });
});

describe('the id of a notice', () => {
  const idOf = (
    notice: SetNotice,
    approvals: readonly Approval[] = [],
    askedAt = at(5),
    principals = PRINCIPALS,
    diffHash = SET.diffHash,
  ) => noticeIdOf(notice, { ...SET, diffHash }, { approvals, principals, askedAt });

  test('C6 a question is the same for the same diff, whoever asks when, and whoever has said yes so far', () => {
    expect(idOf('approval-asked')).toBe('cs-1/approval-asked/abcdef012345/0');
    expect(idOf('approval-asked', [yes('lead')], at(900))).toBe(idOf('approval-asked'));
  });

  test('C6 case 62 it is another one for another diff, and once a yes has come to count no more', () => {
    expect(idOf('approval-asked', [], at(5), PRINCIPALS, '9999')).toBe('cs-1/approval-asked/9999/0');
    expect(idOf('approval-asked', [yes('lead', { voidedAt: at(2) })])).toBe('cs-1/approval-asked/abcdef012345/1');
    const dismissed = PRINCIPALS.map((one) => (one.id === 'lead' ? { ...one, roles: [] } : one));
    expect(idOf('approval-asked', [yes('lead')], at(5), dismissed)).toBe('cs-1/approval-asked/abcdef012345/1');
  });

  test('an end is told once, a reminder once for each time that it is due', () => {
    expect(idOf('rolled-back', [], at(7))).toBe('cs-1/rolled-back');
    expect(idOf('needs-operator-still', [], at(7))).toBe(`cs-1/needs-operator-still/${at(7)}`);
  });
});

describe('the words of a notice', () => {
  const owner = (recordId: string) =>
    stepOf({ kind: 'assign-owner', target: { ...CONTACT, recordId }, fields: { owner: '7' } }, null, {
      reversibility: 'B',
      state: 'planned',
    });
  const steps = [owner('1'), owner('2'), setFields({ email: 'x@y.example' }, { email: 'ann@y.example' }, { state: 'planned' })];

  test('C6 a question says what, who asked, how many records, how far it can be taken back, until when, and what to run', () => {
    expect(wordsOf('approval-asked', { set: SET, steps, approvers: 2 })).toEqual({
      title: 'Your approval is asked for: change set cs-1',
      why: [
        'What: assign-owner on contacts of crm × 2, set-fields on contacts of crm × 1',
        'Asked for by ops (human)',
        '2 records; can be taken back: 2 × class B, exact with a residue, 1 × class A, exact',
        '2 different people have to approve',
        'Look at it: `lockstep crm show cs-1`',
        'Say yes: `lockstep crm approve cs-1`',
        'Say no: `lockstep crm reject cs-1`',
      ],
      ...{ score: null, deadlineIso: at(3_600), link: null, buttons: [] },
    });
  });

  test('C7 an operator reads why, what is left, that the records are reserved, and what to run', () => {
    const END = { state: 'ended', end: 'needs-operator', cause: 'refused' } as const;
    const finding = { code: 'LOCKED', message: 'record of Ann is locked', fields: ['owner'] } as const;
    const ended = [{ ...owner('1'), state: 'stuck', finding } as const, { ...owner('2'), state: 'refused', finding } as const];
    const { title, why, deadlineIso } = wordsOf('needs-operator', { set: { ...SET, ...END }, steps: ended, approvers: 0 });
    expect(title).toBe('It needs an operator, its records are reserved until then: change set cs-1');
    expect(why.slice(2)).toEqual([
      '2 records; can be taken back: class B, exact with a residue',
      'Cause: refused',
      'End: needs-operator',
      'Refused by the CRM: LOCKED × 1',
      'Could not be taken back: LOCKED × 1',
      'Look at it: `lockstep crm show cs-1`',
      'Once the cause is removed in the CRM: `lockstep rollback cs-1 --apply --wait`',
      'Once its records are set right by hand: `lockstep crm cancel cs-1`',
    ]);
    expect(deadlineIso).toBeNull();
  });

  test.each<SetNotice>([
    ...(['approval-asked', 'approval-expired', 'rejected', 'denied', 'out-of-time', 'asked-again', 'rolled-back'] as const),
    ...(['needs-operator', 'needs-operator-still'] as const),
  ])('C12 case 78 %s has no value of a record in it, no word of the CRM and not the reason; the set and the command are', (notice) => {
    const finding = { code: 'INVALID', message: 'Ann is no owner', fields: [] } as const;
    const all = [...steps, { ...owner('3'), state: 'stuck', finding } as const];
    const text = JSON.stringify(wordsOf(notice, { set: { ...SET, cause: 'refused' }, steps: all, approvers: 1 }));
    expect(text).not.toMatch(/Ann|ann@|x@y|Maria|Müller/);
    expect(text).toContain('lockstep crm show cs-1');
  });
});

test('C6 a question is worth telling until it expires, an end for a week', () => {
  expect(untilOf('approval-asked', SET, at(0))).toBe(at(3_600));
  expect(untilOf('approval-asked', { approvalExpiresAt: null }, at(0))).toBe(at(7 * 86_400));
  expect(untilOf('rolled-back', SET, at(0))).toBe(at(7 * 86_400));
});
