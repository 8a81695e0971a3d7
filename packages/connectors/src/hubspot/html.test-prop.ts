import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clippedHtml, MOST_CHARACTERS } from './clip.ts';
import { decodeHtml, encodeHtml } from './html.ts';

const fragment = fc.constantFrom(
  ...['<p>', '</p>', '<div>', '</div>', '<ul>', '</ul>', '<ol>', '<li>', '</li>', '<br>', '<b>', '</b>', '<h2>', '</h2>', '<td>', '<tr>'],
  ...[
    '<img src="a">',
    '<!-- x -->',
    '<script>1</script>',
    '<pre>',
    '</pre>',
    '<x y="<">',
    '</',
    '<',
    '>',
    '&amp;',
    '&lt;',
    '&nbsp;',
    '&x;',
  ],
  ...['word', ' ', '\n', '\t', '- ', '1. ', '# ', '[image]', '"', "'", '\u00a0', 'é'],
);
const html = fc.array(fragment, { maxLength: 40 }).map((parts) => parts.join(''));
const line = fc.oneof(
  fc.constantFrom('', 'word', '- word', '  - ', '1. x', '[image]', '<p>', '&amp;', ' '),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n').replaceAll('\0', ''));

describe('the body codec', () => {
  it('S9 PutGet: whatever was there, what is written reads back as the text', () => {
    fc.assert(
      fc.property(text, fc.option(html), (wanted, before) => {
        expect(decodeHtml(encodeHtml(wanted, before))).toBe(wanted === '' ? null : wanted);
      }),
      { numRuns: 2_000 },
    );
  });

  it('S9 GetPut: the text that was read leaves the source byte for byte, unless it shows nothing', () => {
    fc.assert(
      fc.property(html, (source) => {
        const shown = decodeHtml(source);
        expect(encodeHtml(shown, source)).toBe(shown === null || shown === '' ? '' : source);
      }),
      { numRuns: 2_000 },
    );
  });

  it('I03 a text of any length is sent as a beginning of itself that fits', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 30_000 }),
        fc.boolean(),
        (lines, times, separate) => {
          const long = lines
            .join(separate ? '\n' : '')
            .replaceAll('\0', '')
            .repeat(times)
            .slice(0, 200_000);
          const { text: sent, kept } = clippedHtml(long, null);
          expect(sent.length).toBeLessThanOrEqual(MOST_CHARACTERS);
          const shown = decodeHtml(sent) ?? '';
          expect(long.startsWith(shown)).toBe(true);
          expect(shown.length).toBe(kept ?? long.length);
        },
      ),
      { numRuns: 30 },
    );
  });
});
