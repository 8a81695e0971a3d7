import { describe, expect, it } from 'vitest';
import { judge } from './approval.ts';
import type { JudgeRequest } from './approval.ts';
import type { CrmFields, Operation } from './change-set.ts';
import { POLICY } from './policy.fixture.ts';
import { at, CONTACT, EMPTY_POLICY } from './step.fixture.ts';

type JudgedStep = JudgeRequest['steps'][number];

const AGENT = { kind: 'bulk', actorKind: 'agent', confidence: 0.9 } as const;
const PERSON = { kind: 'bulk', actorKind: 'human', confidence: null } as const;

function sets(recordId: string, fields: CrmFields = { name: 'x' }, object = 'contacts'): JudgedStep {
  return step({ kind: 'set-fields', target: { ...CONTACT, object, recordId }, fields });
}

function step(operation: Operation, reversibility: JudgedStep['reversibility'] = 'A'): JudgedStep {
  return { operation, reversibility };
}

function records(count: number): readonly JudgedStep[] {
  return Array.from({ length: count }, (_, index) => sets(String(index)));
}

function verdict(rest: Partial<JudgeRequest>) {
  return judge({ policy: POLICY, set: AGENT, steps: records(1), touchedToday: 0, now: at(0), ...rest });
}

/** Decision, people, share to look through, reasons. */
function said(rest: Partial<JudgeRequest>) {
  const { decision, approvers, samplePercent, reasons } = verdict(rest);
  return [decision, approvers, samplePercent, [...reasons]];
}

const GO = ['go', 0, 0, []];
const SAMPLE = ['review', 1, 10, ['MANY_RECORDS']];
const WHOLE = ['review', 1, 100, ['MANY_RECORDS']];

describe('the records of an agent’s day', () => {
  const TABLE: readonly (readonly [number, readonly unknown[]])[] = [
    [49, GO],
    [50, SAMPLE],
    [51, SAMPLE],
    [99, SAMPLE],
    [100, SAMPLE],
    [101, WHOLE],
  ];

  it.each(TABLE)('case 55 %i records planned', (count, expected) => {
    expect(said({ steps: records(count) })).toEqual(expected);
  });

  it.each(TABLE)('case 55 %i records, all but one of them by earlier sets or held by sets in flight', (count, expected) => {
    expect(said({ touchedToday: count - 1 })).toEqual(expected);
  });

  it('case 55 a record that several steps touch counts once, each end of an association and each create by itself', () => {
    const to = (recordId: string) => ({ to: { ...CONTACT, object: 'companies', recordId }, label: null });
    const created = { connectionId: 'crm', object: 'tasks', fields: {}, associations: [to('c1')] };
    const steps = [
      sets('1'),
      sets('1', { stage: 'x' }),
      step({ kind: 'associate', target: { ...CONTACT, recordId: '1' }, association: to('c1') }),
      step({ kind: 'create-task', ...created }),
      step({ kind: 'create-task', ...created }),
      step({ kind: 'set-fields', target: { connectionId: 'crm', object: 'tasks', createdBy: 3 }, fields: { a: 1 } }),
    ];
    // Contact 1, company c1, two tasks.
    expect(said({ steps, touchedToday: 45 })).toEqual(GO);
    expect(said({ steps, touchedToday: 46 })).toEqual(SAMPLE);
    const other = sets('1', {}, 'companies');
    expect(said({ steps: [...steps, other], touchedToday: 45 })).toEqual(SAMPLE);
    const ends = records(49).map(({ operation }, index) =>
      'target' in operation ? step({ kind: 'associate', target: { ...CONTACT, recordId: '0' }, association: to(`c${index}`) }) : sets('0'),
    );
    expect(said({ steps: ends })).toEqual(SAMPLE);
  });

  it('case 55 nothing is written above the last band, nor on a number that is none', () => {
    const rules = POLICY.rules.map((rule) => ({ ...rule, perDay: rule.perDay?.slice(0, 2) }));
    const capped = { ...POLICY, rules: rules.map(({ perDay, ...rule }) => (perDay === undefined ? rule : { ...rule, perDay })) };
    expect(said({ policy: capped, steps: records(100) })).toEqual(SAMPLE);
    expect(said({ policy: capped, steps: records(101) })).toEqual(['deny', 0, 0, ['TOO_MANY_RECORDS']]);
    expect(said({ touchedToday: Number.NaN })).toEqual(['deny', 0, 0, ['COUNT_UNKNOWN']]);
    expect(said({ touchedToday: -5 })).toEqual(['deny', 0, 0, ['COUNT_UNKNOWN']]);
    expect(said({ touchedToday: Infinity })).toEqual(WHOLE);
  });

  it('people have bands of their own', () => {
    expect(said({ set: PERSON, touchedToday: 499 })).toEqual(GO);
    expect(said({ set: PERSON, touchedToday: 500 })).toEqual(WHOLE);
    expect(said({ set: PERSON, touchedToday: 5_000 })).toEqual(['review', 2, 100, ['MANY_RECORDS']]);
  });
});

describe('the confidence of an agent', () => {
  it.each([
    [0.6999, ['review', 1, 100, ['CONFIDENCE_LOW']]],
    [0.7, GO],
    [Number.NaN, ['review', 1, 100, ['CONFIDENCE_MISSING']]],
    [null, ['review', 1, 100, ['CONFIDENCE_MISSING']]],
    [1.7, ['deny', 0, 0, ['CONFIDENCE_INVALID']]],
    [-0.1, ['deny', 0, 0, ['CONFIDENCE_INVALID']]],
    [Infinity, ['deny', 0, 0, ['CONFIDENCE_INVALID']]],
    [0, ['review', 1, 100, ['CONFIDENCE_LOW']]],
    [1, GO],
  ])('case 57 %s', (confidence, expected) => {
    expect(said({ set: { ...AGENT, confidence } })).toEqual(expected);
  });

  it('case 57 none is asked of people, but one that is none is refused of anybody', () => {
    expect(said({ set: PERSON })).toEqual(GO);
    expect(said({ set: { ...PERSON, confidence: 0.1 } })).toEqual(GO);
    expect(said({ set: { ...PERSON, confidence: 1.7 } })).toEqual(['deny', 0, 0, ['CONFIDENCE_INVALID']]);
  });

  it('case 57 with many records: all is looked through, not a sample', () => {
    expect(said({ steps: records(60), set: { ...AGENT, confidence: 0.5 } })).toEqual([
      'review',
      1,
      100,
      ['CONFIDENCE_LOW', 'MANY_RECORDS'],
    ]);
  });
});

describe('what no rule waives', () => {
  const deal = sets('9', { amount: 100 }, 'deals');
  const open = { ...POLICY, rules: [{ name: 'all', deny: false, approvers: 0 as const }] };

  it.each([
    ['an agent', AGENT],
    ['an agent that is sure', { ...AGENT, confidence: 1 }],
    ['a person', PERSON],
    ['a person’s rollback', { ...PERSON, kind: 'rollback' }],
  ] as const)('case 58 a price takes two people, whatever the count and the confidence: %s', (_, set) => {
    expect(verdict({ set, steps: [deal] })).toMatchObject({ decision: 'review', approvers: 2, reasons: ['PRICE'] });
    expect(verdict({ set, steps: [...records(40), deal] })).toMatchObject({ decision: 'review', approvers: 2, samplePercent: 100 });
    expect(verdict({ set, steps: [deal], policy: open })).toMatchObject({ decision: 'review', approvers: 2 });
  });

  it('case 58 in any case of letters, in a create, and for contracts, too', () => {
    expect(verdict({ steps: [sets('9', { Amount: 1 }, 'Deals')] }).approvers).toBe(2);
    const create: Operation = { kind: 'create', connectionId: 'crm', object: 'deals', fields: { amount: 1 }, associations: [] };
    expect(verdict({ set: PERSON, steps: [step(create, 'C')] })).toMatchObject({ approvers: 2, reasons: ['PRICE'] });
    expect(verdict({ steps: [sets('9', { my_contract_end: 'x' })] })).toMatchObject({ approvers: 2, reasons: ['CONTRACT'] });
    expect(verdict({ steps: [sets('9', { amount: 1 })] }).decision).toBe('go');
  });

  it('what cannot be taken back takes one person, before', () => {
    expect(said({ set: PERSON, steps: [step({ kind: 'archive', target: CONTACT }, 'D')] })).toEqual(['review', 1, 100, ['IRREVERSIBLE']]);
    expect(said({ steps: [sets('1', { consent: true })] })).toEqual(['review', 1, 100, ['IRREVERSIBLE']]);
    expect(said({ set: PERSON, steps: [step({ kind: 'archive', target: CONTACT }, 'C')] })).toEqual(GO);
    expect(said({ set: PERSON, steps: [sets('1', { lifecyclestage: 'x' })] })).toEqual(GO);
  });

  it('case 70 with the kill switch on, agents write nothing, and people and routing do', () => {
    expect(said({ isStopped: true })).toEqual(['deny', 0, 0, ['STOPPED']]);
    expect(said({ isStopped: false })).toEqual(GO);
    expect(said({ isStopped: true, set: PERSON })).toEqual(GO);
    expect(said({ isStopped: true, set: { kind: 'routing', actorKind: 'system', confidence: null } })).toEqual(GO);
  });
});

describe('the rules', () => {
  it('C6 case 65 without a policy, and under an empty one, nothing is written', () => {
    expect(verdict({ policy: null })).toEqual({
      decision: 'deny',
      approvers: 0,
      expiresAfterMs: 0,
      samplePercent: 0,
      reasons: ['NO_POLICY'],
    });
    expect(said({ policy: EMPTY_POLICY })).toEqual(['deny', 0, 0, ['NO_RULE']]);
    expect(said({ policy: EMPTY_POLICY, set: PERSON })).toEqual(['deny', 0, 0, ['NO_RULE']]);
  });

  it('C6 one step that no rule names denies the set', () => {
    const archive = step({ kind: 'create', connectionId: 'crm', object: 'contacts', fields: {}, associations: [] });
    expect(said({ steps: [...records(3), archive] })).toEqual(['deny', 0, 0, ['NO_RULE']]);
    expect(said({ set: { ...AGENT, kind: 'rollback' } })).toEqual(['deny', 0, 0, ['NO_RULE']]);
    const routing = { kind: 'routing', actorKind: 'system', confidence: null } as const;
    expect(said({ set: routing, steps: [sets('1', {}, 'LeadHistory'), sets('1', {}, 'CONTACTS')] })).toEqual(GO);
    expect(said({ set: routing, steps: [sets('1', {}, 'companies')] })).toEqual(['deny', 0, 0, ['NO_RULE']]);
  });

  it('C6 a set without steps is nothing to say yes to', () => {
    expect(said({ steps: [] })).toEqual(['deny', 0, 0, ['NO_STEPS']]);
  });

  it('the first rule that matches a step decides it, and the strictest step the set', () => {
    const owner = step({ kind: 'assign-owner', target: CONTACT, fields: { owner: '2' } }, 'B');
    expect(said({ set: PERSON, steps: [owner] })).toEqual(['review', 1, 100, ['RULE_ASKS']]);
    expect(said({ set: PERSON, steps: [...records(3), owner] })).toEqual(['review', 1, 100, ['RULE_ASKS']]);
    expect(said({ set: { ...PERSON, kind: 'rollback' }, steps: [owner] })).toEqual(GO);
    const archive = step({ kind: 'archive', target: CONTACT });
    expect(said({ steps: [...records(3), archive] })).toEqual(['deny', 0, 0, ['RULE_DENIES']]);
  });

  it('C6 a policy is in force from its instant on', () => {
    const policy = { ...POLICY, inForceFrom: at(10) };
    expect(said({ policy, now: at(9) })).toEqual(['deny', 0, 0, ['NOT_IN_FORCE']]);
    expect(said({ policy, now: at(10) })).toEqual(GO);
  });

  it('case 60 says how long an approval is waited for', () => {
    expect(verdict({}).expiresAfterMs).toBe(4 * 3_600_000);
    expect(verdict({ policy: { ...POLICY, approvalExpiresAfterMs: 1_000 }, steps: [] }).expiresAfterMs).toBe(1_000);
    expect(verdict({ policy: { ...POLICY, approvalExpiresAfterMs: 1_000, inForceFrom: at(10) } }).expiresAfterMs).toBe(1_000);
  });
});
