import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDocument, encodeText } from './adf.ts';

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom('', 'a', 'b', '- a', '- b', '1. a', '# a', '[rule]', '| a |', '- '),
);
const text = fc.array(line, { minLength: 1, maxLength: 6 }).map((lines) => lines.join('\n'));

const words = fc.oneof(fc.constantFrom('a', 'b', '- a', 'c'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }));
const inline = fc.oneof(
  words.map((value) => ({ type: 'text', text: value, marks: [{ type: 'strong' }] })),
  words.map((value) => ({ type: 'mention', attrs: { id: '1', text: `@${value}` } })),
  fc.constant({ type: 'hardBreak' }),
);
const paragraph = fc
  .array(inline, { maxLength: 3 })
  .map((content) => (content.length === 0 ? { type: 'paragraph' } : { type: 'paragraph', content }));
const list = (type: string) =>
  fc
    .array(
      paragraph.map((node) => ({ type: 'listItem', content: [node] })),
      { minLength: 1, maxLength: 3 },
    )
    .map((content) => ({ type, content }));
const worded = fc.oneof(
  paragraph,
  list('bulletList'),
  list('orderedList'),
  fc.constant({ type: 'heading', attrs: { level: 2 }, content: [{ type: 'text', text: 'a' }] }),
);
const opaque = fc.constantFrom({ type: 'rule' }, { type: 'mediaSingle', content: [{ type: 'media', attrs: { id: 'm' } }] });
const documentOf = (block: fc.Arbitrary<unknown>): fc.Arbitrary<{ type: string; version: number; content: unknown[] }> =>
  fc.array(block, { minLength: 1, maxLength: 6 }).map((content) => ({ type: 'doc', version: 1, content }));

describe('documents as text', () => {
  it('S9 PutGet: what is written into any document is read back', () => {
    fc.assert(
      fc.property(text, fc.oneof(documentOf(worded), fc.constant(null)), (value, before) => {
        expect(decodeDocument(encodeText(value, before)) ?? '').toBe(value);
      }),
    );
  });

  it('S9 GetPut: what was read, written again, leaves every node as it was', () => {
    fc.assert(
      fc.property(documentOf(fc.oneof(worded, opaque)), (before) => {
        const value = decodeDocument(before);
        expect(encodeText(value, before)).toEqual(value === null ? null : before);
      }),
    );
  });

  it('I07 S9: nodes without words stay in their order, whatever is written', () => {
    fc.assert(
      fc.property(text, documentOf(fc.oneof(worded, opaque)), (value, before) => {
        const after = encodeText(value, before) as { content: { type: string }[] } | null;
        const kept = (content: readonly unknown[]): readonly unknown[] =>
          content.filter((node) => ['rule', 'mediaSingle'].includes((node as { type: string }).type));
        fc.pre(after !== null);
        expect(kept(after?.content ?? [])).toEqual(kept(before.content));
      }),
    );
  });

  it('S9: an edit in one place leaves the nodes of all other lines as they were', () => {
    fc.assert(
      fc.property(
        documentOf(paragraph.filter((node) => decodeDocument({ type: 'doc', content: [node] })?.includes('\n') !== true)),
        fc.nat(),
        (before, at) => {
          const lines = (decodeDocument(before) ?? '').split('\n');
          fc.pre(lines.length === before.content.length);
          const index = at % lines.length;
          const edited = lines.with(index, `${lines[index] ?? ''} edited beyond doubt`);
          const after = encodeText(edited.join('\n'), before) as { content: unknown[] };
          expect(after.content.toSpliced(index, 1)).toEqual(before.content.toSpliced(index, 1));
        },
      ),
    );
  });
});
