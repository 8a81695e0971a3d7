import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRichText, encodeRichText, MOST_UNITS } from './rich-text.ts';
import { pieceSchema } from './wire.ts';
import type { Piece } from './wire.ts';

const PLAIN = { bold: false, italic: false, strikethrough: false, underline: false, code: false, color: 'default' };

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => text.normalize('NFC'));
const textPiece = fc.record({ content: words, bold: fc.boolean(), url: fc.option(fc.constantFrom('https://x.test/', 'https://y.test/')) });
const piece: fc.Arbitrary<Piece> = fc.oneof(
  textPiece.map(({ content, bold, url }) => ({
    type: 'text',
    text: { content, link: url === null ? null : { url } },
    annotations: { ...PLAIN, bold },
    plain_text: content,
    href: url,
  })),
  words.map((name) => ({
    type: 'mention',
    mention: { type: 'user', user: { object: 'user', id: `id of ${name}` } },
    annotations: PLAIN,
    plain_text: `@${name}`,
    href: null,
  })),
);
const pieces = fc.array(piece, { maxLength: 8 });

/** What Notion answers to these runs. */
function answered(runs: readonly unknown[], before: readonly Piece[]): readonly Piece[] {
  return runs.map((run) => {
    const { type, text, mention, annotations } = run as {
      type: string;
      text?: { content: string; link?: { url: string } | null };
      mention?: { user: { id: string } };
      annotations?: Record<string, unknown>;
    };
    const mentioned = before.find((old) => JSON.stringify(old).includes(JSON.stringify(mention?.user.id ?? null)));
    return pieceSchema.parse({
      type,
      ...(text === undefined ? { mention: { type: 'user', ...mention } } : { text }),
      annotations: annotations ?? PLAIN,
      plain_text: text?.content ?? mentioned?.plain_text,
      href: text?.link?.url ?? null,
    });
  });
}

test('S9: PutGet: whatever stood there, the text that was written is read back', () => {
  fc.assert(
    fc.property(pieces, fc.string({ unit: 'grapheme', maxLength: 60 }), (before, written) => {
      const text = written.normalize('NFC');
      const { runs } = encodeRichText(text, before);
      expect(decodeRichText(answered(runs, before))).toBe(text === '' ? null : text);
    }),
  );
});

test('S9: GetPut: writing back what was read changes no run', () => {
  fc.assert(
    fc.property(pieces, (before) => {
      const text = decodeRichText(before);
      const once = answered(encodeRichText(text, before).runs, before);
      const twice = encodeRichText(decodeRichText(once), once);
      expect(twice.loss).toBeNull();
      expect(answered(twice.runs, before)).toEqual(once);
      expect(once.filter((run) => run.type === 'mention')).toHaveLength(
        before.filter((old) => old.type === 'mention').length * (text === null ? 0 : 1),
      );
    }),
  );
});

test('S9: an edit at either end carries every run of the other end', () => {
  fc.assert(
    fc.property(pieces, words, (before, more) => {
      const text = decodeRichText(before) ?? '';
      fc.pre(`${more}${text}`.normalize('NFC') === `${more}${text}` && `${text}${more}`.normalize('NFC') === `${text}${more}`);
      const mentions = before.filter((old) => old.type === 'mention').length;
      for (const edited of [`${more}${text}`, `${text}${more}`]) {
        const runs = answered(encodeRichText(edited, before).runs, before);
        expect(runs.filter((run) => run.type === 'mention')).toHaveLength(mentions);
      }
    }),
  );
});

test('I01: long text of any graphemes is split into runs that Notion takes and rejoins exactly', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1_500, maxLength: 6_000 }), (text) => {
      const { runs, loss } = encodeRichText(text, []);
      const contents = runs.map((run) => (run as { text: { content: string } }).text.content);
      expect(loss).toBeNull();
      expect(contents.join('')).toBe(text);
      expect(contents.every((content) => content.length <= MOST_UNITS && content.isWellFormed())).toBe(true);
    }),
    { numRuns: 30 },
  );
});
