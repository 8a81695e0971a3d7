import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipped, sendableFields } from './text.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });

describe('text for vendors', () => {
  it('I01 I03 a clip is the longest beginning within the limit that ends between graphemes, and is said', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (value, most) => {
        const { text: kept, clip } = clipped('metric', value, most);
        const borders = [...new Intl.Segmenter().segment(value)].map(({ index }) => index).filter((index) => index > 0 && index <= most);
        fc.pre(value.length <= most || borders.length > 0);
        expect(kept).toBe(value.length <= most ? value : value.slice(0, borders.at(-1)));
        expect(clip.clip?.cause).toBe(value.length <= most ? undefined : 'clipped');
      }),
    );
  });

  it('I04 a clip never halves a code point, however long a character is', () => {
    const zalgo = `e${'\u0301'.repeat(300)}`;
    const family = '👩‍👩‍👧‍👦'.repeat(3);
    for (let most = 1; most < 30; most += 1) {
      for (const value of [zalgo, family, '\u{1F1E9}\u{1F1EA}'.repeat(8)]) {
        const { text: kept } = clipped('title', value, most);
        expect(kept?.isWellFormed()).toBe(true);
        expect((kept ?? '').length).toBeLessThanOrEqual(most);
      }
    }
  });

  it('I04 fields with a NUL or half a pair are taken out by name, alone or in a set; the others stay', () => {
    const { fields, refused } = sendableFields({ title: 'a\0', owner: 'b', labels: ['c', '\uD83D'], metric: null });
    expect(fields).toEqual({ owner: 'b', metric: null });
    expect(refused.map(({ field, cause }) => [field, cause])).toEqual([
      ['title', 'unwritable'],
      ['labels', 'unwritable'],
    ]);
    expect(refused.map(({ message }) => message).join()).not.toContain('\0');
  });

  it('I04 whatever is whole text is sent as it is', () => {
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(!value.includes('\0'));
        expect(sendableFields({ title: value })).toEqual({ fields: { title: value }, refused: [] });
      }),
    );
  });
});
