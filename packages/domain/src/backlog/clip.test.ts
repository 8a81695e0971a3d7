import { describe, expect, it } from 'vitest';
import { losesUnseenWords, unclipped } from './clip.ts';

describe('S9 an edited clip', () => {
  const clip = { agreed: 'one two three', remote: 'one two' };

  it('S9 stands for itself and the unseen end', () => {
    expect(unclipped(clip, 'ONE two')).toBe('ONE two three');
    expect(unclipped({ agreed: 'one two three', remote: 'one two ' }, 'ONE two ')).toBe('ONE two three');
    expect(unclipped({ agreed: 'one two three', remote: 'one two ' }, 'other words')).toBe('other wordsthree');
  });

  it('S2 that touches a word which the clip has cut stands for nothing more', () => {
    const cut = { agreed: 'one two three', remote: 'one tw' };
    expect(unclipped(cut, 'ONE tw')).toBe('ONE two three');
    expect(unclipped(cut, 'one TW')).toBeNull();
    expect(unclipped(cut, 'one ')).toBeNull();
    expect(unclipped({ agreed: 'three', remote: 'thr' }, 'thr')).toBe('three');
  });

  it('is none where the remote did not clip, or the author cleared the field', () => {
    expect(unclipped({ agreed: 'one', remote: 'one' }, 'two')).toBeNull();
    expect(unclipped({ agreed: 'one two', remote: 'two' }, 'three')).toBeNull();
    expect(unclipped({ agreed: 'one', remote: '' }, 'two')).toBeNull();
    expect(unclipped(clip, '')).toBeNull();
    for (const nothing of [null, ['one']]) {
      expect(unclipped({ ...clip, agreed: nothing }, 'ONE two')).toBeNull();
      expect(unclipped({ ...clip, remote: nothing }, 'ONE two')).toBeNull();
      expect(unclipped(clip, nothing)).toBeNull();
    }
  });
});

describe('S6 words that nobody has seen', () => {
  it.each([
    ['one two three', 'one two', 'ONE', true],
    ['one two three', 'one two', 'three', false],
    ['one one', 'one', 'two', true],
    ['one one', 'one', 'one', false],
    ['one one one', 'one', 'one', true],
    ['one  two', 'one', 'two', false],
    ['one', null, null, true],
    [null, 'one', null, false],
    [['one'], null, null, false],
  ])('S6 agreed %j, shown %j, then %j: lost is %j', (agreed, remote, observed, lost) => {
    expect(losesUnseenWords({ agreed, remote }, observed)).toBe(lost);
  });
});
