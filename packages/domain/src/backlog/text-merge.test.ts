import { describe, expect, it } from 'vitest';
import { mergeText } from './text-merge.ts';

describe('the three-way merge of text', () => {
  it.each([
    ['edits of different places', 'ONE two three', 'one two THREE', 'ONE two THREE'],
    ['an insertion and a removal', 'one two and three', 'one three', null],
    ['the same edit on both sides', 'one TWO three', 'one TWO three', 'one TWO three'],
    ['only the left changed', 'one 2 three', 'one two three', 'one 2 three'],
    ['only the right changed', 'one two three', 'one 2 three', 'one 2 three'],
    ['different edits of one word', 'one 2 three', 'one zwei three', null],
    ['additions at both ends', 'zero one two three', 'one two three four', 'zero one two three four'],
  ])('%s', (_, left, right, merged) => {
    expect(mergeText(left, 'one two three', right)).toBe(merged);
  });

  it('merges a long text of one word again and again without work that grows with the repeats', () => {
    const base = `${'word '.repeat(20_000)}end`;
    expect(mergeText(base.replace('word', 'First'), base, `${base} last`)).toBe(`${base.replace('word', 'First')} last`);
  }, 2_000);

  it('takes an edit of thousands of words as one place', () => {
    const base = Array.from({ length: 3_000 }, (_, index) => `w${index}`).join(' ');
    expect(mergeText(base.toUpperCase(), base, base.replace('w1500', 'other'))).toBeNull();
    expect(mergeText(`one ${base.toUpperCase()}`, `one ${base}`, `ONE ${base}`)).toBe(`ONE ${base.toUpperCase()}`);
  });

  it.each([
    ['overlap in part', 'one LEFT four', 'one two RIGHT'],
    ['overlap in part, the other way round', 'one two RIGHT', 'one LEFT four'],
    ['touch', 'ONE two three four', 'one  two three four'],
    ['overlap after others that do not', 'ONE two LEFT', 'one two three RIGHT'],
  ])('decides nothing where edits %s', (_, left, right) => {
    expect(mergeText(left, 'one two three four', right)).toBeNull();
  });

  it('keeps blanks and lines as they were written', () => {
    expect(mergeText('one\n\n  two three', 'one\n\n  two', 'ONE\n\n  two')).toBe('ONE\n\n  two three');
  });
});
