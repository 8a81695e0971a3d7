import { describe, expect, it } from 'vitest';
import { clippedHtml, clippedText, MOST_CHARACTERS } from './clip.ts';
import { decodeHtml } from './html.ts';

describe('texts over the limit', () => {
  it('I03 65,536 characters pass whole, 65,537 are cut between words, with nothing of ours inside', () => {
    const words = 'word '.repeat(13_108).slice(0, MOST_CHARACTERS - 1);
    expect(clippedText(`${words}s`)).toEqual({ text: `${words}s`, kept: null });
    const { text, kept } = clippedText(`${words} more`);
    expect(kept).toBe(text.length);
    expect(`${words} more`.startsWith(text)).toBe(true);
    expect(text.endsWith('word')).toBe(true);
  });

  it('I03 as HTML the escapes count, and the cut reads back as the beginning of the text', () => {
    const long = 'R&D <first>\n'.repeat(6_000);
    const { text, kept } = clippedHtml(long, null);
    expect(text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(text.length).toBeGreaterThan(MOST_CHARACTERS - 100);
    const shown = decodeHtml(text) ?? '';
    expect(long.startsWith(shown)).toBe(true);
    expect(shown).toHaveLength(kept ?? -1);
    expect(shown).toMatch(/(?:R&D|<first>)$/);
  });

  it('I01 one endless word is cut between characters as readers see them', () => {
    const family = '👩‍👩‍👧‍👦';
    const { text } = clippedText(family.repeat(8_000));
    expect(text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(text.replaceAll(family, '')).toBe('');
  });

  it('S9 formatting of a clipped body stays where it fits', () => {
    const long = `first\n${'word '.repeat(20_000)}`;
    const { text } = clippedHtml(long, '<p><b>first</b></p>');
    expect(text.startsWith('<p><b>first</b></p>')).toBe(true);
  });
});
