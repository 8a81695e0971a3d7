import { describe, expect, it } from 'vitest';
import type { Image, Operation } from './change-set.ts';
import { inverseOf } from './inverse.ts';
import { CONTACT, image, setFields, stepOf } from './step.fixture.ts';

const ASSOCIATION = { to: { ...CONTACT, object: 'companies' }, label: 'works at' };
const CREATE = { connectionId: 'crm', object: 'contacts', fields: { name: 'x' }, associations: [] };

describe('the inverse of a step', () => {
  it.each<[string, Operation, Image, Operation | null]>([
    [
      'fields get back what they held, those that were not read are left',
      { kind: 'set-fields', target: CONTACT, fields: { a: 1, b: 2, c: 3 } },
      image({ a: 'x', b: null }),
      { kind: 'set-fields', target: CONTACT, fields: { a: 'x', b: null } },
    ],
    [
      'an owner gets back the record',
      { kind: 'assign-owner', target: CONTACT, fields: { owner: '2' } },
      image({ owner: '1' }),
      { kind: 'assign-owner', target: CONTACT, fields: { owner: '1' } },
    ],
    ['nothing where no field was read', { kind: 'set-fields', target: CONTACT, fields: { a: 1 } }, image({}), null],
    [
      'a create is archived by its ordinal',
      { kind: 'create', ...CREATE },
      image({}, { presence: 'absent' }),
      { kind: 'archive', target: { connectionId: 'crm', object: 'contacts', createdBy: 3 } },
    ],
    [
      'a task, too',
      { kind: 'create-task', ...CREATE },
      image({}, { presence: 'absent' }),
      { kind: 'archive', target: { connectionId: 'crm', object: 'contacts', createdBy: 3 } },
    ],
    [
      'an association is taken away that did not stand',
      { kind: 'associate', target: CONTACT, association: ASSOCIATION },
      image({}, { isAssociated: false }),
      { kind: 'dissociate', target: CONTACT, association: ASSOCIATION },
    ],
    ['one that stood is left', { kind: 'associate', target: CONTACT, association: ASSOCIATION }, image({}, { isAssociated: true }), null],
    ['and one of which nobody knows', { kind: 'associate', target: CONTACT, association: ASSOCIATION }, image({}), null],
    [
      'an association is put back that stood',
      { kind: 'dissociate', target: CONTACT, association: ASSOCIATION },
      image({}, { isAssociated: true }),
      { kind: 'associate', target: CONTACT, association: ASSOCIATION },
    ],
    [
      'one that did not is not',
      { kind: 'dissociate', target: CONTACT, association: ASSOCIATION },
      image({}, { isAssociated: false }),
      null,
    ],
    ['and none of which nobody knows', { kind: 'dissociate', target: CONTACT, association: ASSOCIATION }, image({}), null],
    ['an archived record comes back', { kind: 'archive', target: CONTACT }, image({}), { kind: 'restore', target: CONTACT }],
    ['one that was in the bin stays there', { kind: 'archive', target: CONTACT }, image({}, { presence: 'archived' }), null],
    [
      'a restored record goes back',
      { kind: 'restore', target: CONTACT },
      image({}, { presence: 'archived' }),
      { kind: 'archive', target: CONTACT },
    ],
    ['one that was there stays', { kind: 'restore', target: CONTACT }, image({}), null],
  ])('C2 %s', (_, operation, before, expected) => {
    expect(inverseOf(stepOf(operation, before, { ordinal: 3, state: 'planned' }))).toEqual(expected);
  });

  it('C2 is there before the step runs and the same after it', () => {
    const step = setFields({ a: 'x' }, { a: 'y' });
    expect(inverseOf({ ...step, state: 'planned', after: null, sentAt: null, doneAt: null })).toEqual(inverseOf(step));
  });

  it.each(['set-fields', 'associate', 'archive', 'restore'] as const)('C1 of %s there is none without a before-image', (kind) => {
    const operations = {
      'set-fields': { kind: 'set-fields', target: CONTACT, fields: { a: 1 } },
      associate: { kind: 'associate', target: CONTACT, association: ASSOCIATION },
      archive: { kind: 'archive', target: CONTACT },
      restore: { kind: 'restore', target: CONTACT },
    } as const;
    expect(inverseOf(stepOf(operations[kind], null))).toBeNull();
  });

  it('case 48 names a record by the id that it got', () => {
    const named = { kind: 'archive', target: { ...CONTACT, recordId: '77' } };
    expect(inverseOf(stepOf({ kind: 'create', ...CREATE }, null, { createdId: '77' }))).toEqual(named);
    expect(inverseOf(stepOf({ kind: 'restore', target: CONTACT }, image({}, { presence: 'archived' }), { createdId: '77' }))).toEqual(
      named,
    );
  });

  it('C3 class D has none', () => {
    expect(inverseOf(setFields({ price: 1 }, { price: 2 }, { reversibility: 'D' }))).toBeNull();
    expect(inverseOf(stepOf({ kind: 'create', ...CREATE }, null, { reversibility: 'D' }))).toBeNull();
  });
});
