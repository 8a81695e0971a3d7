import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarkdown } from './markdown.ts';
import { decodeText, encodings } from './text-codec.ts';
import type { Manner } from './text-codec.ts';

const nasty = fc.array(
  fc.oneof(
    fc.constantFrom(
      '|',
      '\\',
      '**',
      '<br>',
      '&#124;',
      '&amp;#92;',
      '&lt;br>',
      '\n',
      '\r\n',
      ' ',
      '\t',
      '`',
      '#',
      '- ',
      '[ ] ',
      'é',
      '👩‍👩‍👧',
      '>',
    ),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 8 },
);
const value = nasty.map((parts) => parts.join('')).filter((text) => text !== '' && text.isWellFormed() && !text.includes('\0'));
const manner = fc.record<Manner>({ form: fc.constantFrom('cell', 'line'), dressed: fc.boolean() });

describe('values and the bytes of their places', () => {
  it('S9 PutGet: every spelling of a value gives the value back', () => {
    fc.assert(
      fc.property(value, manner, fc.boolean(), (text, how, bold) => {
        const ways = encodings(text, how, bold);
        expect(ways.length).toBeGreaterThan(0);
        for (const way of ways) expect(decodeText(way, how)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('S9 a value never leaves its cell: the row keeps its three cells, and its neighbours', () => {
    fc.assert(
      fc.property(value, (text) => {
        const [way] = encodings(text, { form: 'cell', dressed: false }, false);
        const plan = `| a | b | c |\n|---|---|---|\n| left | ${way ?? ''} | right |\n`;
        const tree = parseMarkdown(plan);
        const table = tree.root.children[0];
        const row = table?.type === 'table' ? table.children[1] : undefined;
        expect(row?.children.length).toBe(3);
        expect(row === undefined ? '' : tree.raw(row.children[2] ?? row)).toBe('| right |');
      }),
      { numRuns: 1_000 },
    );
  });
});
