import { describe, expect, it } from 'vitest';
import { mergeSet } from './set-merge.ts';

describe('the three-way merge of sets', () => {
  it('A09 an addition here and a removal there', () => {
    expect(mergeSet(['keep', 'x', 'y'], ['keep', 'y'], ['keep'])).toEqual(['keep', 'x']);
  });

  it('a member that both added is there once; one that both removed is gone', () => {
    expect(mergeSet(['a', 'new'], ['a', 'old'], ['a', 'new'])).toEqual(['a', 'new']);
  });

  it('is sorted and distinct', () => {
    expect(mergeSet(['b'], [], ['c', 'a', 'b'])).toEqual(['a', 'b', 'c']);
  });
});
