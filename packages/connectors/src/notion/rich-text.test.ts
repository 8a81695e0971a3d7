import { describe, expect, test } from 'vitest';
import { decodeRichText, encodeRichText, MOST_RUNS, MOST_UNITS } from './rich-text.ts';
import type { Piece } from './wire.ts';

const PLAIN = { bold: false, italic: false, strikethrough: false, underline: false, code: false, color: 'default' };
const text = (content: string, marks: Record<string, unknown> = {}, url: string | null = null): Piece => ({
  type: 'text',
  text: { content, link: url === null ? null : { url } },
  annotations: { ...PLAIN, ...marks },
  plain_text: content,
  href: url,
});
const user = (name: string): Piece => ({
  type: 'mention',
  mention: { type: 'user', user: { object: 'user', id: `user-${name}`, name } },
  annotations: PLAIN,
  plain_text: `@${name}`,
  href: null,
});
const equation = (expression: string): Piece => ({
  type: 'equation',
  equation: { expression },
  annotations: PLAIN,
  plain_text: expression,
  href: null,
});

interface Sent {
  readonly type: string;
  readonly text?: { readonly content: string; readonly link?: { readonly url: string } | null };
  readonly mention?: unknown;
  readonly annotations?: Readonly<Record<string, unknown>>;
}
const sent = (words: string | null, before: readonly Piece[] = []): readonly Sent[] =>
  encodeRichText(words, before).runs as readonly Sent[];
/** What Notion would answer. */
const answered = (runs: readonly Sent[]): string => runs.map((run) => run.text?.content ?? '').join('');

describe('rich text', () => {
  test('S9: words are read from every kind of run, and none at all is null', () => {
    expect(decodeRichText([text('Ask '), user('Maria'), text(' about '), equation('e=mc^2')])).toBe('Ask @Maria about e=mc^2');
    expect(decodeRichText([])).toBeNull();
    expect(sent(null)).toEqual([]);
  });

  test('S9: a mention, an equation, a link and marks are carried unchanged when their neighbours change', () => {
    const before = [
      text('Ask '),
      user('Maria'),
      text(' about '),
      text('the deal', { bold: true }, 'https://x.test'),
      text(' and '),
      equation('x^2'),
      text('.'),
    ];
    const runs = sent('Please ask @Maria today about the deal and then x^2!', before);
    expect(runs).toEqual([
      { type: 'text', text: { content: 'Please ask ' } },
      { type: 'mention', mention: { user: { id: 'user-Maria' } }, annotations: PLAIN },
      { type: 'text', text: { content: ' today about ' } },
      { type: 'text', text: { content: 'the deal', link: { url: 'https://x.test' } }, annotations: { ...PLAIN, bold: true } },
      { type: 'text', text: { content: ' and then ' } },
      { type: 'equation', equation: { expression: 'x^2' }, annotations: PLAIN },
      { type: 'text', text: { content: '!' } },
    ]);
  });

  test('S9: words put into a marked run take its marks, and a mention that was edited away leaves words', () => {
    expect(sent('a big deal', [text('a deal', { bold: true })])).toEqual([
      { type: 'text', text: { content: 'a big deal', link: null }, annotations: { ...PLAIN, bold: true } },
    ]);
    expect(sent('Ask @Mario', [text('Ask '), user('Maria')])).toEqual([{ type: 'text', text: { content: 'Ask @Mario' } }]);
  });

  test('S9: a mention is found where its words stand by themselves, not inside other words', () => {
    const runs = sent('Not @Marianne but @Maria now', [text('See '), user('Maria'), text(' soon')]);
    expect(runs.map((run) => run.type)).toEqual(['text', 'mention', 'text']);
    expect(runs[0]?.text?.content).toBe('Not @Marianne but ');
  });

  test('S6: a link preview, which the API cannot write, becomes a plain link and is on record', () => {
    const preview: Piece = {
      type: 'mention',
      mention: { type: 'link_preview', link_preview: { url: 'https://x.test/1' } },
      plain_text: 'https://x.test/1',
      href: 'https://x.test/1',
    };
    const encoded = encodeRichText('now https://x.test/1', [text('see '), preview]);
    expect(encoded.runs.at(-1)).toEqual({ type: 'text', text: { content: 'https://x.test/1', link: { url: 'https://x.test/1' } } });
    expect(encoded.loss).toMatch(/link preview/);
  });

  test.each([2_001, 4_000, 200_000])('I01: %i characters are split into runs of at most 2,000 and rejoin exactly', (length) => {
    const words = 'abcdefghi '.repeat(Math.ceil(length / 10)).slice(0, length);
    const encoded = encodeRichText(words, []);
    const runs = encoded.runs as readonly Sent[];
    expect(encoded.loss).toBeNull();
    expect(runs).toHaveLength(Math.ceil(length / MOST_UNITS));
    expect(runs.every((run) => (run.text?.content.length ?? 0) <= MOST_UNITS)).toBe(true);
    expect(answered(runs)).toBe(words);
  });

  test('I01: a run is cut between graphemes, never inside one', () => {
    const family = '👨‍👩‍👧‍👦';
    const words = `x${family.repeat(400)}`;
    const runs = sent(words);
    expect(answered(runs)).toBe(words);
    expect(runs.length).toBeGreaterThan(1);
    for (const run of runs.slice(1)) expect(run.text?.content.startsWith(family)).toBe(true);
  });

  test('I01: more than 100 runs are clipped at a grapheme border, and the clip is on record', () => {
    const encoded = encodeRichText('x'.repeat(MOST_RUNS * MOST_UNITS + 1), []);
    expect(answered(encoded.runs as readonly Sent[])).toHaveLength(MOST_RUNS * MOST_UNITS);
    expect(encoded.loss).toMatch(/at most 200000 characters, got 200001/);
  });

  test('S6: too many marked runs give up their marks before any word, on record', () => {
    const before = Array.from({ length: MOST_RUNS }, (_, index) => text(`w${index} `, { bold: index % 2 === 0, italic: index % 2 === 1 }));
    const words = `${before.map((piece) => piece.plain_text).join('')}more`;
    const encoded = encodeRichText(words, before);
    expect(answered(encoded.runs as readonly Sent[])).toBe(words);
    expect(encoded.loss).toMatch(/at most 100 runs/);
  });
});
