import { describe, expect, it } from 'vitest';
import type { Image, Operation, Step } from './change-set.ts';
import type { FieldVersion } from './crm.port.ts';
import { tookEffect } from './probe.ts';
import { CONTACT, image, reading, setFields, stepOf, version } from './step.fixture.ts';

const OLD = version('a', 'a0', -50, 'maria');
const OURS = version('a', 'a1', 1.5, null);

function sending(step: Step): Step {
  return { ...step, state: 'sending', after: null, doneAt: null };
}

const BOTH = sending(setFields({ a: 'a0', b: 'b0' }, { a: 'a1', b: 'b1' }));
const ONE = sending(setFields({ a: 'a0', b: 'same' }, { a: 'a1', b: 'same' }));

describe('a write of fields whose outcome is unknown', () => {
  it.each([
    ['yes', 'a1', 'b1'],
    ['no', 'a0', 'b0'],
    ['yes', 'a1', 'theirs'],
    ['no', 'a0', 'theirs'],
    ['unclear', 'a1', 'b0'],
    ['unclear', 'theirs', 'theirs'],
  ])('C5 took effect: %s, where the record shows %s and %s', (expected, a, b) => {
    expect(tookEffect({ step: BOTH, reading: reading({ a, b }), history: null })).toBe(expected);
  });

  it.each<[string, string, readonly FieldVersion[]]>([
    ['yes', 'a1', [OURS, OLD]],
    ['yes', 'theirs', [version('a', 'theirs', 3, 'omar'), OURS, OLD]],
    // They have put it back since: sent again, it would go over their edit.
    ['yes', 'a0', [version('a', 'a0', 3, 'omar'), OURS, OLD]],
    // They have set what we wanted to: it is theirs.
    ['no', 'a1', [version('a', 'a1', 1.5, 'omar'), OLD]],
    ['no', 'a0', [OLD]],
    ['no', 'theirs', [version('a', 'theirs', 3, 'omar'), OLD]],
    // An older write of ours with the same value is another one.
    ['no', 'a0', [OLD, version('a', 'a1', -60, null)]],
    ['no', 'theirs', [version('a', 'theirs', 3, 'omar'), OLD, version('a', 'a1', -60, null)]],
    // Somebody was faster than our second look: the history knows more than the record showed.
    ['no', 'theirs', [version('a', 'theirs too', 4, 'omar'), version('a', 'theirs', 3, 'omar'), OLD]],
    ['yes', 'theirs', [version('a', 'theirs too', 4, 'omar'), version('a', 'theirs', 3, 'omar'), OURS, OLD]],
    // The history is behind: the value decides.
    ['yes', 'a1', [OLD]],
    ['yes', 'a1', []],
    ['unclear', 'theirs', [OLD]],
    // All that it covers came after our comparison.
    ['yes', 'theirs', [version('a', 'theirs', 3, 'omar'), OURS]],
    ['no', 'theirs', [version('a', 'theirs', 3, 'omar'), version('a', 'mid', 1.5, null)]],
  ])('C5 C4 took effect: %s, where the field shows %s and its history decides (%#)', (expected, a, history) => {
    expect(tookEffect({ step: ONE, reading: reading({ a, b: 'same' }), history })).toBe(expected);
  });

  it('C5 has its effect where there was nothing to change', () => {
    const step = sending(setFields({ a: 'a0' }, { a: 'a0' }));
    expect(tookEffect({ step, reading: reading({ a: 'theirs' }), history: null })).toBe('yes');
  });

  it('C1 has none where no before-image is on record: it was not sent', () => {
    expect(tookEffect({ step: { ...BOTH, before: null }, reading: reading({ a: 'a1', b: 'b1' }), history: null })).toBe('no');
  });

  it.each(['absent', 'archived', 'merged'] as const)('C5 is unclear where the record is %s and the history tells nothing', (presence) => {
    const shown = reading({ a: 'a0', b: 'b0' }, { image: { presence } });
    expect(tookEffect({ step: BOTH, reading: shown, history: null })).toBe('unclear');
    expect(tookEffect({ step: BOTH, reading: null, history: null })).toBe('unclear');
    expect(tookEffect({ step: ONE, reading: reading({ a: 'a1' }, { image: { presence } }), history: [OURS, OLD] })).toBe('yes');
  });
});

describe('a write of a record or an association whose outcome is unknown', () => {
  const association = { to: { ...CONTACT, object: 'companies' }, label: null };
  const OPERATIONS = {
    create: { kind: 'create', connectionId: 'crm', object: 'contacts', fields: {}, associations: [] },
    'create-task': { kind: 'create-task', connectionId: 'crm', object: 'tasks', fields: {}, associations: [] },
    archive: { kind: 'archive', target: CONTACT },
    restore: { kind: 'restore', target: CONTACT },
    associate: { kind: 'associate', target: CONTACT, association },
    dissociate: { kind: 'dissociate', target: CONTACT, association },
  } as const satisfies Record<string, Operation>;

  it.each<[keyof typeof OPERATIONS, Partial<Image> | null, string]>([
    ['create', null, 'no'],
    ['create', {}, 'yes'],
    ['create', { presence: 'archived' }, 'yes'],
    ['create', { presence: 'merged' }, 'yes'],
    ['create', { presence: 'absent' }, 'no'],
    ['create-task', null, 'no'],
    ['create-task', {}, 'yes'],
    ['archive', {}, 'no'],
    ['archive', { presence: 'archived' }, 'yes'],
    ['archive', { presence: 'absent' }, 'yes'],
    ['archive', { presence: 'merged' }, 'unclear'],
    ['archive', null, 'unclear'],
    ['restore', {}, 'yes'],
    ['restore', { presence: 'archived' }, 'no'],
    ['restore', { presence: 'absent' }, 'unclear'],
    ['restore', null, 'no'],
    ['associate', { isAssociated: true }, 'yes'],
    ['associate', { isAssociated: false }, 'no'],
    ['associate', {}, 'unclear'],
    ['associate', { isAssociated: true, presence: 'archived' }, 'unclear'],
    ['dissociate', { isAssociated: true }, 'no'],
    ['dissociate', { isAssociated: false }, 'yes'],
    ['dissociate', null, 'unclear'],
  ])('C5 of %s, where it finds %j: %s', (kind, found, expected) => {
    const step = sending(stepOf(OPERATIONS[kind], image({})));
    expect(tookEffect({ step, reading: found === null ? null : reading({}, { image: found }), history: null })).toBe(expected);
  });
});
