/**
 * The Markdown parser with positions, and the few questions that the plan asks of its tree. Offsets are those of the text as given, byte-order mark
 * included.
 */
import { fromMarkdown } from 'mdast-util-from-markdown';
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { frontmatter } from 'micromark-extension-frontmatter';
import { gfm } from 'micromark-extension-gfm';
import type { Span } from './plan.ts';

/** The parser's own types, so that no other package has to be declared for them. */
type Root = ReturnType<typeof fromMarkdown>;
export type RootContent = Root['children'][number];
export type Nodes = Root | RootContent;
type Node<Type extends RootContent['type']> = Extract<RootContent, { type: Type }>;
export type Heading = Node<'heading'>;
export type List = Node<'list'>;
export type ListItem = Node<'listItem'>;
export type Table = Node<'table'>;
export type TableRow = Node<'tableRow'>;
export type TableCell = Node<'tableCell'>;

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * What a paragraph, a heading and a cell consist of, by the parser's names: a plan takes their bytes as they stand, and where they end does not depend on it. It
 * would be a quarter of the work.
 */
const INLINE = [
  ...['attention', 'autolink', 'characterEscape', 'characterReference', 'codeText', 'hardBreakEscape', 'htmlText'],
  ...['labelEnd', 'labelStartImage', 'labelStartLink'],
  ...['emailAutolink', 'gfmFootnoteCall', 'gfmPotentialFootnoteCall', 'protocolAutolink', 'strikethrough', 'wwwAutolink'],
];

const SYNTAX = [gfm(), frontmatter(['yaml', 'toml']), { disable: { null: INLINE } }];
/** Without the look for addresses in the words of the tree. */
const TREE = [...gfmFromMarkdown().map((extension) => ({ ...extension, transforms: [] })), frontmatterFromMarkdown(['yaml', 'toml'])];

/** The tree of a text, and where its nodes stand. */
export interface Tree {
  readonly text: string;
  readonly root: Root;
  spanOf(node: Nodes): Span;
  raw(node: Nodes): string;
  /** The line of an offset, counted from 1. */
  lineOf(offset: number): number;
}

/**
 * Parses CommonMark with GFM and front matter down to paragraphs, headings and cells; these hold no more than their text. Every text is Markdown: never
 * throws.
 */
export function parseMarkdown(text: string): Tree {
  // The parser passes over a mark at the beginning and does not count it: ours is taken off, and a second one counted here.
  const own = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  const shift = text.length - own.length + (own.startsWith(BYTE_ORDER_MARK) ? 1 : 0);
  const root = fromMarkdown(own, { extensions: SYNTAX, mdastExtensions: TREE });
  const lineStarts = startsOfLines(text);
  const spanOf = (node: Nodes): Span => ({
    start: (node.position?.start.offset ?? 0) + shift,
    end: (node.position?.end.offset ?? 0) + shift,
  });
  return {
    text,
    root,
    spanOf,
    raw: (node) => {
      const { start, end } = spanOf(node);
      return text.slice(start, end);
    },
    lineOf: (offset) => lineAt(lineStarts, offset),
  };
}

/** Blocks of the document and of its quotations, in order: the places where a plan's headings, tables and lists stand. */
export function* blocksOf(nodes: readonly RootContent[]): Generator<RootContent> {
  for (const node of nodes) {
    if (node.type === 'blockquote') yield* blocksOf(node.children);
    else yield node;
  }
}

function startsOfLines(text: string): readonly number[] {
  const starts = [0];
  for (const end of text.matchAll(/\r\n|\r|\n/g)) starts.push(end.index + end[0].length);
  return starts;
}

function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
