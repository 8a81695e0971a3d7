import { describe, expect, it } from 'vitest';
import type { Operation } from './change-set.ts';
import type { ApprovalPolicy } from './policy.schema.ts';
import { reversibilityOf } from './reversibility.ts';
import { CONTACT, EMPTY_POLICY, objectOf } from './step.fixture.ts';

const ASSOCIATION = { to: { ...CONTACT, object: 'companies' }, label: null };
const CREATE = { connectionId: 'crm', object: 'contacts', fields: { name: 'x' }, associations: [] };
const OBJECT = objectOf(['name']);

const POLICY: ApprovalPolicy = {
  ...EMPTY_POLICY,
  fields: [
    { object: '*', field: 'lifecycle*', as: 'residue' },
    { object: 'contacts', field: 'consent', as: 'irreversible' },
    { object: 'deals', field: 'Amount', as: 'price' },
    { object: '*', field: '*contract*end', as: 'contract' },
  ],
};

const SETS = (object: string, field: string): Operation => ({
  kind: 'set-fields',
  target: { ...CONTACT, object },
  fields: { other: 1, [field]: 'x' },
});

describe('the reversibility of an operation', () => {
  it.each<[Operation, string]>([
    [{ kind: 'set-fields', target: CONTACT, fields: { name: 'x' } }, 'A'],
    [{ kind: 'assign-owner', target: CONTACT, fields: { owner: '7' } }, 'B'],
    [{ kind: 'associate', target: CONTACT, association: ASSOCIATION }, 'A'],
    [{ kind: 'dissociate', target: CONTACT, association: ASSOCIATION }, 'A'],
    [{ kind: 'create', ...CREATE }, 'C'],
    [{ kind: 'create-task', ...CREATE }, 'C'],
    [{ kind: 'archive', target: CONTACT }, 'A'],
    [{ kind: 'restore', target: CONTACT }, 'A'],
  ])('by its kind: %j', (operation, expected) => {
    expect(reversibilityOf(operation, OBJECT, POLICY)).toBe(expected);
  });

  it.each([
    ['same-id', 'A'],
    ['new-id', 'C'],
    ['never', 'D'],
  ] as const)('case 48 of an archive, by whether the record comes back: %s', (restores, expected) => {
    expect(reversibilityOf({ kind: 'archive', target: CONTACT }, { ...OBJECT, restores }, POLICY)).toBe(expected);
  });

  it.each([
    ['contacts', 'lifecyclestage', 'B'],
    ['contacts', 'consent', 'D'],
    ['companies', 'consent', 'A'],
    ['deals', 'amount', 'D'],
    ['Deals', 'AMOUNT', 'D'],
    ['deals', 'amount_in_words', 'A'],
    ['deals', 'my_contract_will_end', 'D'],
    ['deals', 'contractend', 'D'],
    ['deals', 'contract_ending', 'A'],
    ['deals', 'end_contract', 'A'],
    ['contacts', 'stage_lifecycle', 'A'],
  ])('case 58 by what the policy says of a field, whatever its case: %s.%s', (object, field, expected) => {
    expect(reversibilityOf(SETS(object, field), OBJECT, POLICY)).toBe(expected);
  });

  it('is the worst that applies: a price that a create writes, an owner with residue', () => {
    const deal = { kind: 'create' as const, ...CREATE, object: 'deals', fields: { amount: 5 } };
    expect(reversibilityOf(deal, OBJECT, POLICY)).toBe('D');
    expect(reversibilityOf({ kind: 'assign-owner', target: CONTACT, fields: { lifecyclestage: 'x' } }, OBJECT, POLICY)).toBe('B');
    expect(reversibilityOf({ kind: 'create', ...CREATE, fields: { lifecyclestage: 'x' } }, OBJECT, POLICY)).toBe('C');
  });
});
