import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeText } from './text-merge.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', ' ', '  ', '\n', 'é', '👩‍💻'), { maxLength: 12 }).map((parts) => parts.join(''));
const words: fc.Arbitrary<readonly string[]> = fc.array(fc.constantFrom('one', 'two', 'three', 'four'), { minLength: 1, maxLength: 6 });

describe('the three-way merge of text', () => {
  it('S1 does not care which side is which', () => {
    fc.assert(
      fc.property(text, text, text, (left, base, right) => {
        expect(mergeText(left, base, right)).toBe(mergeText(right, base, left));
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes the side that changed where the other did not', () => {
    fc.assert(
      fc.property(text, text, (base, edited) => {
        expect(mergeText(edited, base, base)).toBe(edited);
        expect(mergeText(base, base, edited)).toBe(edited);
        expect(mergeText(edited, base, edited)).toBe(edited);
      }),
    );
  });

  it('S2 two additions: both are there and nothing else has changed, or the rule must decide', () => {
    fc.assert(
      fc.property(words, fc.nat(6), fc.nat(6), (base, leftAt, rightAt) => {
        const merged = mergeText(
          base.toSpliced(leftAt, 0, 'LEFT').join(' '),
          base.join(' '),
          base.toSpliced(rightAt, 0, 'RIGHT').join(' '),
        );
        const found = merged === null ? [...base, 'LEFT', 'RIGHT'] : merged.split(' ');
        expect(found.sort()).toEqual([...base, 'LEFT', 'RIGHT'].sort());
      }),
    );
  });
});
