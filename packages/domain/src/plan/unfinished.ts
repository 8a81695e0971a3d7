/**
 * Half-saved files: what an editor or a crash leaves behind when only the beginning of a plan was written. Refused with the line, so that a cut-off file
 * is never read as a plan with fewer items.
 */
import type { Nodes, Tree } from './markdown.ts';
import { PlanError } from './plan-error.ts';
import { readHead } from './words.ts';

const CUT_BOX = /^\[(?:[ xX]?|[ xX]\][ \t]*)$/;

/** Throws `PlanError` for a fence, comment or front matter that does not end, a table without its second line, and a checkbox that breaks off. */
export function refuseUnfinished(tree: Tree, file: string): void {
  refuseOpenFrontMatter(tree, file);
  const visit = (node: Nodes): void => {
    if (node.type === 'code') refuseOpenFence(tree, node, file);
    else if (node.type === 'html') refuseOpenComment(tree, node, file);
    else if (node.type === 'paragraph') refuseCutTable(tree, node, file);
    else if (node.type === 'listItem') refuseCutBox(tree, node, file);
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(tree.root);
}

function refuse(tree: Tree, file: string, offset: number, expected: string, got: string): never {
  throw new PlanError(file, tree.lineOf(offset), expected, got);
}

function refuseOpenFrontMatter(tree: Tree, file: string): void {
  const opened = /^\uFEFF?(---|\+\+\+)[ \t]*\r?\n[ \t]*[\w-]+[ \t]*[:=]/.exec(tree.text);
  const first = tree.root.children[0];
  if (opened !== null && first?.type !== 'yaml' && String(first?.type) !== 'toml')
    refuse(tree, file, 0, `front matter that ends with a line of ${opened[1] ?? '---'}`, 'no such line');
}

function refuseOpenFence(tree: Tree, node: Nodes, file: string): void {
  const raw = tree.raw(node);
  const opening = /^(`{3,}|~{3,})/.exec(raw)?.[1];
  if (opening === undefined) return;
  const lines = raw.split(/\r\n|\r|\n/);
  const last = (lines.at(-1) ?? '').replace(/^[ \t>]*/, '').trimEnd();
  const closed = lines.length > 1 && last.length >= opening.length && last === opening.charAt(0).repeat(last.length);
  if (!closed) refuse(tree, file, tree.spanOf(node).start, `a code fence that ends with ${opening}`, 'the end of the file or of its list');
}

function refuseOpenComment(tree: Tree, node: Nodes, file: string): void {
  const raw = tree.raw(node).trimStart();
  if (raw.startsWith('<!--') && !raw.includes('-->'))
    refuse(tree, file, tree.spanOf(node).start, 'a comment that ends with -->', 'the end of the file');
}

/** A table's head with no line of dashes under it is a paragraph to Markdown. */
function refuseCutTable(tree: Tree, node: Nodes, file: string): void {
  const raw = tree.raw(node);
  if (!raw.startsWith('|')) return;
  const head = (raw.split(/\r\n|\r|\n/)[0] ?? '').split('|').slice(1);
  if (head.at(-1)?.trim() === '') head.pop();
  if (readHead(head) === null) return;
  refuse(tree, file, tree.spanOf(node).start, `a table: under its head a line of dashes with ${head.length} cells`, 'none');
}

function refuseCutBox(tree: Tree, node: Nodes, file: string): void {
  if (node.type !== 'listItem' || typeof node.checked === 'boolean') return;
  const raw = tree.raw(node);
  const firstLine = (raw.split(/\r\n|\r|\n/)[0] ?? '').replace(/^(?:[-*+]|\d+[.)])[ \t]*/, '');
  if (CUT_BOX.test(firstLine))
    refuse(tree, file, tree.spanOf(node).start, 'a checkbox with a text ("- [ ] text")', `"${firstLine.trimEnd()}"`);
}
