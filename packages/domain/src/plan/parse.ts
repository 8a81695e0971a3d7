/**
 * Text → plan. Reads headings, tables, lists and labelled paragraphs in the order of the text; what is none of a plan's parts is prose and stays as it is.
 */
import type { ItemKind } from '../backlog/item.ts';
import type { Draft, DraftItem, Position } from './draft.ts';
import { readList } from './entries.ts';
import type { ListSetting } from './entries.ts';
import { finishPlan } from './finish.ts';
import { contentOfHeading, readHeadingItem, readLabels } from './headings.ts';
import { blocksOf, parseMarkdown } from './markdown.ts';
import type { Heading, List, RootContent, Tree } from './markdown.ts';
import type { Plan } from './plan.ts';
import { headOf, readTable } from './tables.ts';
import { decodeText } from './text-codec.ts';
import { refuseUnfinished } from './unfinished.ts';
import { roleOfHeading } from './words.ts';
import type { HeadingRole } from './words.ts';

interface Above {
  readonly depth: number;
  readonly text: string | null;
  readonly role: HeadingRole;
  readonly item: DraftItem | null;
}

/**
 * Reads a plan. Throws `PlanError` (with `file` in its message) for a file that breaks off, a row with the wrong number of cells, an item without a title
 * and an id that stands twice; nothing else, whatever the text.
 */
export function parsePlan(text: string, file = 'plan'): Plan {
  const tree = parseMarkdown(text);
  refuseUnfinished(tree, file);
  const draft: Draft = { tree, file, items: [], blocks: [] };
  const blocks = [...blocksOf(tree.root.children)];
  const above: Above[] = [];
  for (let index = beginningOfPlan(tree, blocks); index < blocks.length; index += 1) {
    const block = blocks[index];
    if (block?.type === 'heading') readHeading(draft, block, blocks.slice(index + 1), above);
    else if (block?.type === 'table') readTable(draft, block, positionOf(above));
    else if (block?.type === 'list') readListUnder(draft, block, above);
    else if (block?.type === 'paragraph') {
      const span = tree.spanOf(block);
      readLabels(draft, span, span, 'paragraph', above.at(-1)?.item ?? null, positionOf(above));
    }
  }
  return finishPlan(draft);
}

/**
 * A file with several top-level headings may talk about the plan before it comes to it: the plan begins with the first of these parts that has a phase or
 * a table of items. With no such part, the whole file is the plan.
 */
function beginningOfPlan(tree: Tree, blocks: readonly RootContent[]): number {
  const starts = blocks.flatMap((block, index) => (block.type === 'heading' && block.depth === 1 ? [index] : []));
  if (starts.length < 2) return 0;
  const begins = (block: RootContent): boolean =>
    (block.type === 'heading' && roleOf(tree, block) === 'phase') || (block.type === 'table' && headOf(tree, block) !== null);
  const first = blocks.findIndex(begins);
  return first < 0 ? 0 : Math.max(0, ...starts.filter((start) => start <= first));
}

function readHeading(draft: Draft, heading: Heading, following: readonly RootContent[], above: Above[]): void {
  while ((above.at(-1)?.depth ?? 0) >= heading.depth) above.pop();
  const content = contentOfHeading(draft.tree, heading);
  const text = decodeText(draft.tree.text.slice(content.start, content.end), { form: 'line', dressed: true });
  const role = text === null ? null : roleOfHeading(text);
  const kind = kindOfHeading(draft.tree, role, heading, following, above.at(-1)?.role ?? null);
  const item = kind === null ? null : readHeadingItem(draft, kind, heading, positionOf(above));
  above.push({ depth: heading.depth, text, role, item });
}

type HeadingKind = Extract<ItemKind, 'phase' | 'epic' | 'group' | 'loop'>;

function kindOfHeading(
  tree: Tree,
  role: HeadingRole,
  heading: Heading,
  following: readonly RootContent[],
  around: HeadingRole,
): HeadingKind | null {
  if (role === 'phase' || role === 'epic' || role === 'group') return role;
  if (around === 'loops') return 'loop';
  return around === 'phases' && role === null && holdsItems(tree, heading, following) ? 'phase' : null;
}

/** True where a table of deliverables, tasks or gates, or a checkbox, stands right under the heading. */
function holdsItems(tree: Tree, heading: Heading, following: readonly RootContent[]): boolean {
  for (const block of following) {
    if (block.type === 'heading' && block.depth <= heading.depth) return false;
    if (block.type === 'table' && ['deliverable', 'task', 'gate'].includes(headOf(tree, block)?.kind ?? '')) return true;
    if (block.type === 'list' && block.children.some((entry) => typeof entry.checked === 'boolean')) return true;
  }
  return false;
}

function roleOf(tree: Tree, heading: Heading): HeadingRole {
  const content = contentOfHeading(tree, heading);
  return roleOfHeading(tree.text.slice(content.start, content.end));
}

function positionOf(above: readonly Above[]): Position {
  return { section: above.at(-1)?.text ?? null, parent: above.findLast((heading) => heading.item !== null)?.item ?? null };
}

function readListUnder(draft: Draft, list: List, above: readonly Above[]): void {
  const position = positionOf(above);
  const owner = above.at(-1)?.item ?? null;
  const setting: ListSetting = { position, role: roleOfList(above), holdsTasks: holdsTasks(above) };
  const before = draft.items.length;
  readList(draft, list, setting);
  if (draft.items.length > before || owner === null) return;
  for (const entry of list.children) {
    const [first] = entry.children;
    if (first?.type === 'paragraph') readLabels(draft, draft.tree.spanOf(first), draft.tree.spanOf(entry), 'entry', owner, position);
  }
}

/** The role of the nearest heading that has one, up to the one that is an item. */
function roleOfList(above: readonly Above[]): HeadingRole {
  for (const heading of above.toReversed()) {
    if (heading.item !== null) return null;
    if (heading.role !== null) return heading.role;
  }
  return null;
}

/** True under a phase, epic or group, but for headings in between that announce checks. */
function holdsTasks(above: readonly Above[]): boolean {
  for (const heading of above.toReversed()) {
    if (heading.item !== null) return heading.item.kind !== 'loop';
    if (heading.role === 'checks') return false;
  }
  return false;
}
