/**
 * Atlassian's document format as Jira takes it: checked by shape, normalised as Jira does (text nodes of the same marks are joined, empty text refused).
 * Source: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
 */
import { fieldErrors } from './errors.ts';

interface Node {
  type: string;
  text?: string;
  marks?: unknown[];
  attrs?: Record<string, unknown>;
  content?: Node[];
  version?: number;
}

const BLOCKS = new Set([
  'paragraph',
  'heading',
  'bulletList',
  'orderedList',
  'listItem',
  'codeBlock',
  'blockquote',
  'rule',
  'panel',
  'table',
  'tableRow',
  'tableCell',
  'tableHeader',
  'mediaSingle',
  'mediaGroup',
  'media',
  'expand',
  'nestedExpand',
  'taskList',
  'taskItem',
  'decisionList',
  'decisionItem',
  'blockCard',
  'embedCard',
  'extension',
  'bodiedExtension',
  'layoutSection',
  'layoutColumn',
]);
const INLINES = new Set([
  'text',
  'hardBreak',
  'mention',
  'emoji',
  'date',
  'status',
  'inlineCard',
  'inlineExtension',
  'placeholder',
  'mediaInline',
]);
const MOST_CHARACTERS = 32_767;

/** The document as Jira stores it; null for an empty one. Throws Jira's 400 under this field. */
export function normaliseDocument(value: unknown, fieldId: string): Node | null {
  if (value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value))
    throw fieldErrors({ [fieldId]: 'Operation value must be an Atlassian Document (see the Atlassian Document Format)' });
  const document = value as Node;
  if (document.type !== 'doc' || document.version !== 1 || !Array.isArray(document.content))
    throw fieldErrors({ [fieldId]: 'INVALID_INPUT' });
  const content = document.content.map((node) => normalise(node, fieldId, BLOCKS));
  if (plainText({ ...document, content }).length > MOST_CHARACTERS)
    throw fieldErrors({ [fieldId]: `The entered text is too long. It exceeds the allowed limit of 32,767 characters.` });
  if (content.length === 0) return null;
  return { type: 'doc', version: 1, content };
}

function normalise(node: Node, fieldId: string, allowed: ReadonlySet<string>): Node {
  if (typeof node !== 'object' || node === null || !allowed.has(node.type)) throw fieldErrors({ [fieldId]: 'INVALID_INPUT' });
  if (node.type === 'text') {
    if (typeof node.text !== 'string' || node.text === '' || node.content !== undefined) throw fieldErrors({ [fieldId]: 'INVALID_INPUT' });
    return node;
  }
  if (node.text !== undefined) throw fieldErrors({ [fieldId]: 'INVALID_INPUT' });
  if (node.content === undefined) return node;
  if (!Array.isArray(node.content)) throw fieldErrors({ [fieldId]: 'INVALID_INPUT' });
  const inside = node.content.map((child) => normalise(child, fieldId, new Set([...BLOCKS, ...INLINES])));
  const content: Node[] = [];
  for (const child of inside) {
    const last = content.at(-1);
    if (child.type === 'text' && last?.type === 'text' && JSON.stringify(last.marks ?? []) === JSON.stringify(child.marks ?? []))
      content[content.length - 1] = { ...last, text: `${last.text ?? ''}${child.text ?? ''}` };
    else content.push(child);
  }
  const { content: _content, ...rest } = node;
  return content.length === 0 ? rest : { ...rest, content };
}

/** The words of a document, for search and for the changelog. */
export function plainText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const node = value as Node;
  if (node.type === 'text') return node.text ?? '';
  if (node.type === 'hardBreak') return '\n';
  const separator = node.content?.some((child) => BLOCKS.has(child.type)) ? '\n' : '';
  return (node.content ?? []).map(plainText).join(separator);
}

/** A document of paragraphs, one a line: what the page's text boxes make. */
export function documentOf(text: string): Node | null {
  if (text.trim() === '') return null;
  return {
    type: 'doc',
    version: 1,
    content: text
      .split(/\r?\n/)
      .map((line) => ({ type: 'paragraph', ...(line === '' ? {} : { content: [{ type: 'text', text: line }] }) })),
  };
}
