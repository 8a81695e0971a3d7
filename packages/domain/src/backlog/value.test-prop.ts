import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldValue } from './item.ts';
import { normalise, sameValue } from './value.ts';

const anyValue: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 5 }),
);

describe('values', () => {
  it('normalising twice is normalising once', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(normalise(normalise(value))).toEqual(normalise(value));
      }),
    );
  });

  it('a value is the same as its canonical form, and sameness goes both ways', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (left, right) => {
        expect(sameValue(left, normalise(left))).toBe(true);
        expect(sameValue(left, right)).toBe(sameValue(right, left));
      }),
    );
  });
});
