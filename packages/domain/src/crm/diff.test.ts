import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import type { Operation } from './change-set.ts';
import { diffHash, diffOf } from './diff.ts';
import { at, CONTACT, image, setFields, stepOf } from './step.fixture.ts';

const ASSOCIATION = { to: { ...CONTACT, object: 'companies' }, label: 'works at' };
const NEW = { connectionId: 'crm', object: 'contacts', createdBy: 3 };

/** Lines as tuples: record, field, association, before, after. */
function lines(operation: Operation, before = image({ a: 'a0' }, { isAssociated: false })) {
  return diffOf([stepOf(operation, before, { ordinal: 3, reversibility: 'B' })]).map((row) => {
    expect(row).toMatchObject({ ordinal: 3, operation: operation.kind, reversibility: 'B' });
    return [row.record, row.field, row.association, row.before, row.after];
  });
}

describe('a diff', () => {
  it('has a line a field, by name, with both values', () => {
    expect(lines({ kind: 'set-fields', target: CONTACT, fields: { b: 2, a: 'a1' } })).toEqual([
      [CONTACT, 'a', null, 'a0', 'a1'],
      [CONTACT, 'b', null, null, 2],
    ]);
  });

  it('has a line for the record, each field and each association of a create', () => {
    const operation = { connectionId: 'crm', object: 'contacts', fields: { a: 'a1' }, associations: [ASSOCIATION] };
    for (const kind of ['create', 'create-task'] as const)
      expect(lines({ kind, ...operation })).toEqual([
        [NEW, null, null, null, 'present'],
        [NEW, 'a', null, null, 'a1'],
        [NEW, null, ASSOCIATION, false, true],
      ]);
  });

  it('says of an association whether it stands', () => {
    expect(lines({ kind: 'associate', target: CONTACT, association: ASSOCIATION })).toEqual([[CONTACT, null, ASSOCIATION, false, true]]);
    expect(lines({ kind: 'dissociate', target: CONTACT, association: ASSOCIATION }, image({}))).toEqual([
      [CONTACT, null, ASSOCIATION, null, false],
    ]);
  });

  it('says of a record where it is', () => {
    expect(lines({ kind: 'archive', target: CONTACT })).toEqual([[CONTACT, null, null, 'present', 'archived']]);
    expect(lines({ kind: 'restore', target: CONTACT }, image({}, { presence: 'archived' }))).toEqual([
      [CONTACT, null, null, 'archived', 'present'],
    ]);
  });

  it('hides no step: one without fields, or without a before-image, has a line, too', () => {
    expect(lines({ kind: 'set-fields', target: CONTACT, fields: {} })).toEqual([[CONTACT, null, null, 'present', 'present']]);
    expect(diffOf([stepOf({ kind: 'assign-owner', target: CONTACT, fields: {} }, null)])).toHaveLength(1);
    expect(diffOf([stepOf({ kind: 'set-fields', target: CONTACT, fields: { a: 1 } }, null)])).toMatchObject([{ before: null, after: 1 }]);
  });

  it('is in the order of the steps', () => {
    const steps = [0, 1, 2].map((ordinal) => setFields({ a: 'a0' }, { a: 'a1' }, { ordinal }));
    expect(diffOf(steps).map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
  });
});

describe('the hash of a diff', () => {
  const step = setFields({ a: 'a0', b: null }, { a: 'a1', b: 'b1' });
  const hash = diffHash([step], 'v1');

  it('C6 is of this shape for ever: approvals and the audit log hold it', () => {
    const record = '{"connectionId":"crm","object":"contacts","recordId":"1"}';
    const rest = `"operation":"set-fields","ordinal":0,"record":${record},"reversibility":"A"`;
    const rows = [
      `{"after":"a1","association":null,"before":"a0","field":"a",${rest}}`,
      `{"after":"b1","association":null,"before":null,"field":"b",${rest}}`,
    ];
    expect(hash).toBe(bytesToHex(sha256(utf8ToBytes(`{"policyVersion":"v1","rows":[${rows.join(',')}]}`))));
  });

  it('C6 is another one for a moved before-image, another value, policy version, record, class, order or number of steps', () => {
    const other = setFields({ a: 'a0', b: null }, { a: 'a1', b: 'b1' }, { ordinal: 1 });
    const hashes = [
      hash,
      diffHash([setFields({ a: 'moved', b: null }, { a: 'a1', b: 'b1' })], 'v1'),
      diffHash([setFields({ a: 'a0', b: null }, { a: 'a1', b: 'other' })], 'v1'),
      diffHash([step], 'v2'),
      diffHash([{ ...step, operation: { kind: 'set-fields', target: { ...CONTACT, recordId: '2' }, fields: { a: 'a1', b: 'b1' } } }], 'v1'),
      diffHash([{ ...step, reversibility: 'D' }], 'v1'),
      diffHash([step, other], 'v1'),
      diffHash([other, step], 'v1'),
      diffHash([], 'v1'),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('C6 is the same where only what the diff does not show has changed', () => {
    const before = image({ b: null, a: 'a0', unseen: 'x' }, { revision: 'r2', readAt: at(77) });
    expect(diffHash([{ ...step, before, state: 'sending', sentAt: at(3), finding: null }], 'v1')).toBe(hash);
    const reordered: Operation = { kind: 'set-fields', target: CONTACT, fields: { b: 'b1', a: 'a1' } };
    expect(diffHash([{ ...step, operation: reordered }], 'v1')).toBe(hash);
  });

  it('C6 tells apart values that only look alike, and takes those that no JSON holds', () => {
    const hashes = [
      1,
      '1',
      true,
      'true',
      null,
      '',
      'null',
      '\ud800',
      '\ud801',
      '\ufffd',
      '"\\ud800"',
      Number.NaN,
      Infinity,
      -Infinity,
      'NaN',
    ];
    expect(new Set(hashes.map((value) => diffHash([setFields({ a: 'a0' }, { a: value })], 'v1'))).size).toBe(hashes.length);
    expect(new Set(hashes.map((value) => diffHash([setFields({ a: value }, { a: 'a1' })], 'v1'))).size).toBe(hashes.length);
  });
});
