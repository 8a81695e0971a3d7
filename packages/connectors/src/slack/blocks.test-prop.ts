import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderedNotice } from './blocks.ts';
import type { Block } from './blocks.ts';
import { NOTICE, READER } from './notice.fixture.ts';

const RUNS = Number(process.env['LOCKSTEP_HISTORIES'] ?? 500);
/** Mostly what could do harm. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom('<!channel>', '<@U1>', '&', '<', '>', '|', '&amp;', '\n', '*', '\u202E', '👩‍👩‍👧‍👦', '\uD83D'),
      fc.string({ unit: 'binary', maxLength: 40 }),
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(''));

const textsOf = (blocks: readonly Block[]): readonly string[] =>
  blocks.flatMap((block) => {
    if (block.type === 'section') return [block.text.text];
    if (block.type === 'context') return block.elements.map(({ text }) => text);
    return block.elements.map(({ text }) => text.text);
  });

test('whatever a notice says, nothing in it commands Slack, every limit is kept, and every text is whole', () => {
  fc.assert(
    fc.property(hostile, fc.array(hostile, { maxLength: 8 }), hostile, hostile, (title, why, label, pressed) => {
      const [button] = NOTICE.buttons;
      if (button === undefined) throw new Error('expected a button');
      const notice = {
        ...NOTICE,
        title,
        why,
        link: { label, url: 'https://crm.example/' },
        buttons: [{ ...button, label: `x${pressed}` }],
      };
      const { text, blocks } = renderedNotice(notice, READER);
      const texts = textsOf(blocks);
      expect([text, ...texts].every((each) => each.isWellFormed() && each.length > 0 && each.length <= 3_000)).toBe(true);
      const commands = [text, ...texts].flatMap((each) => each.match(/<[^>]*>?/g) ?? []);
      expect(commands.filter((command) => !command.startsWith('<https://crm.example/|'))).toEqual([]);
      expect([text, ...texts].join(' ').match(/&(?!amp;|lt;|gt;)/)).toBeNull();
      expect(blocks.length).toBeLessThanOrEqual(50);
    }),
    { numRuns: RUNS },
  );
});
