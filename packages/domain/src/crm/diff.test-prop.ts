import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step } from './change-set.ts';
import { diffHash, diffOf } from './diff.ts';
import { at, CONTACT, image, stepOf } from './step.fixture.ts';

const value = fc.oneof(fc.constantFrom(null, '', '1', 'true', 1, 0, true, false), fc.string({ unit: 'binary', maxLength: 3 }));
const fields = fc.dictionary(fc.constantFrom('a', 'b'), value, { maxKeys: 2 });
const step: fc.Arbitrary<Step> = fc
  .record({
    before: fc.option(fields),
    fields,
    recordId: fc.constantFrom('1', '2'),
    revision: fc.constantFrom(null, 'r1'),
    readAt: fc.nat(5),
    state: fc.constantFrom('planned' as const, 'done' as const),
    reversibility: fc.constantFrom('A' as const, 'D' as const),
    kind: fc.constantFrom('set-fields' as const, 'assign-owner' as const, 'archive' as const),
  })
  .map(({ before, fields: wanted, recordId, revision, readAt, state, reversibility, kind }) => {
    const target = { ...CONTACT, recordId };
    const shown = before === null ? null : image(before, { revision, readAt: at(readAt) });
    const operation = kind === 'archive' ? { kind, target } : { kind, target, fields: wanted };
    return stepOf(operation, shown, { state, reversibility });
  });
const steps = fc.array(step, { maxLength: 3 });

describe('the hash of random diffs', () => {
  it('C6 changes when, and only when, the diff or the policy does', () => {
    fc.assert(
      fc.property(steps, steps, fc.constantFrom('v1', 'v2'), (left, right, version) => {
        const isSame = JSON.stringify(diffOf(left)) === JSON.stringify(diffOf(right)) && version === 'v1';
        expect(diffHash(left, 'v1') === diffHash(right, version)).toBe(isSame);
      }),
      { numRuns: 2_000 },
    );
  });

  it('C6 does not see what the diff does not show', () => {
    fc.assert(
      fc.property(steps, (some) => {
        const others = some.map((one): Step => ({
          ...one,
          before:
            one.before === null ? null : { ...one.before, revision: 'other', readAt: at(99), fields: { ...one.before.fields, unseen: 1 } },
          state: 'sending',
          sentAt: at(98),
        }));
        expect(diffHash(others, 'v1')).toBe(diffHash(some, 'v1'));
      }),
    );
  });

  it('C6 sees a single value that has moved, before or after', () => {
    fc.assert(
      fc.property(steps, fc.nat(2), fc.constantFrom('before' as const, 'wanted' as const), (some, place, side) => {
        const moved = some.map((one, index): Step => {
          if (index !== place % Math.max(1, some.length) || !('fields' in one.operation)) return one;
          const [name] = Object.keys(one.operation.fields);
          if (name === undefined) return one;
          if (side === 'wanted') return { ...one, operation: { ...one.operation, fields: { ...one.operation.fields, [name]: 'moved' } } };
          return { ...one, before: image({ ...one.before?.fields, [name]: 'moved' }) };
        });
        const isMoved = JSON.stringify(diffOf(moved)) !== JSON.stringify(diffOf(some));
        expect(diffHash(moved, 'v1') !== diffHash(some, 'v1')).toBe(isMoved);
      }),
    );
  });
});
