import fc from 'fast-check';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { frontmatter } from 'micromark-extension-frontmatter';
import { gfm } from 'micromark-extension-gfm';
import { expect, it } from 'vitest';
import { mangled } from './mangling.fixture.ts';
import { parseMarkdown } from './markdown.ts';
import type { Nodes } from './markdown.ts';
import { BAKERY_PLAN, SPEC_KIT_PLAN } from './plan.fixture.ts';

/** Blocks that hold words and nothing that a plan looks into. */
const OF_WORDS = new Set<string>(['paragraph', 'heading', 'tableCell']);

/** Every block with where it stands. Where a box is ticked, the paragraph after it is left to the list's item: the parser counts its first blank by what follows. */
function outline(node: Nodes, isBoxed = false): unknown {
  const { start, end } = node.position ?? {};
  const checked = node.type === 'listItem' ? node.checked : undefined;
  const children = 'children' in node && !OF_WORDS.has(node.type) ? node.children : [];
  const from = isBoxed ? 'after its box' : start?.offset;
  return [
    node.type,
    from,
    end?.offset,
    checked,
    children.map((child, index) => outline(child, typeof checked === 'boolean' && index === 0)),
  ];
}

/** All of the language, as a reader shows it. */
function whole(text: string): Nodes {
  return fromMarkdown(text, {
    extensions: [gfm(), frontmatter(['yaml', 'toml'])],
    mdastExtensions: [gfmFromMarkdown(), frontmatterFromMarkdown(['yaml', 'toml'])],
  });
}

const words = fc.constantFrom(
  ...[
    'a',
    '**b**',
    '`c|d`',
    '`',
    '<!-- e -->',
    '<!--',
    '<br>',
    '<b',
    '[f](g "h',
    '[i]: j',
    '![k',
    ']',
    '[^l]',
    '[^l]: m',
    '\\',
    '\\|',
    '|',
    '&amp;',
  ],
  ...[
    '~~n~~',
    'www.o.example',
    'p@q.example',
    'https://r.example/s|t',
    '*',
    '_u_',
    '- [ ] ',
    '- [x] v',
    '# ',
    '---',
    '|-|-|',
    '> ',
    '```',
    '    ',
    '\t',
  ],
  ...['\n', '\n\n', ' ', '  \n'],
);
const any = fc.oneof(
  mangled([BAKERY_PLAN, SPEC_KIT_PLAN]),
  fc.array(words, { maxLength: 40 }).map((some) => some.join('')),
);

it('I08 blocks, cells and boxes stand where the whole of the language has them, whatever the words in them', () => {
  fc.assert(
    fc.property(any, (text) => {
      fc.pre(!text.startsWith('\uFEFF'));
      expect(outline(parseMarkdown(text).root)).toEqual(outline(whole(text)));
    }),
    { numRuns: 200 },
  );
});
