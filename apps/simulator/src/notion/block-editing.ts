/**
 * Changes of blocks. An edit of the body through the API does not move the page's last_edited_time: a trap of the vendor (see DIFFERENCES.md)
 * that only a read of the body reveals.
 */
import { randomUUID } from 'node:crypto';
import { blockAt } from './block-content.ts';
import type { BlockDraft } from './block-content.ts';
import { arrayAt, type Json } from './check.ts';
import { eventParent } from './editing.ts';
import { invalid } from './errors.ts';
import type { Actor, BlockRecord, PageRecord } from './model.ts';
import type { Workspace } from './workspace.ts';

/** Blocks in one request, at all depths. */
const MOST_BLOCKS = 1_000;

/** Reads the children of a request: at most 100 in a list, 1,000 in all. */
export function blocksAt(workspace: Workspace, value: unknown, path: string): readonly BlockDraft[] {
  const drafts = arrayAt(value, path).map((block, index) => blockAt(block, `${path}[${index}]`, workspace.mentions));
  const count = (blocks: readonly BlockDraft[]): number => blocks.reduce((sum, block) => sum + 1 + count(block.children), 0);
  if (count(drafts) > MOST_BLOCKS)
    throw invalid(`body failed validation: ${path} should have ≤ \`${MOST_BLOCKS}\` blocks, instead had \`${count(drafts)}\`.`);
  return drafts;
}

/** Where blocks go: behind another child, at the start, or (by default) at the end. */
export type Place = { readonly after?: string | undefined; readonly atStart?: boolean };

function keep(workspace: Workspace, actor: Actor, parentId: string, draft: BlockDraft): string {
  const nowMs = workspace.nowMs();
  const id = randomUUID();
  const children = draft.children.map((child) => keep(workspace, actor, id, child));
  const block: BlockRecord = {
    id,
    parentId,
    type: draft.type,
    content: draft.content,
    children,
    createdMs: nowMs,
    editedMs: nowMs,
    createdBy: actor.id,
    editedBy: actor.id,
    inTrash: false,
  };
  workspace.put('block', block);
  return id;
}

function placed(children: readonly string[], made: readonly string[], place: Place): string[] {
  if (place.atStart === true) return [...made, ...children];
  const index = place.after === undefined ? children.length : children.indexOf(place.after) + 1;
  return children.toSpliced(index, 0, ...made);
}

/** Adds blocks below a page and gives the page; the webhooks hear of it unless the page itself is new. */
export function appendBlocks(
  workspace: Workspace,
  actor: Actor,
  page: PageRecord,
  drafts: readonly BlockDraft[],
  { isNewPage }: { isNewPage: boolean },
): PageRecord {
  const made = drafts.map((draft) => keep(workspace, actor, page.id, draft));
  const record = { ...page, children: [...page.children, ...made] };
  workspace.put('page', record);
  if (!isNewPage) contentUpdated(workspace, actor, page.id, made);
  return record;
}

/** Adds blocks below a page or block, and gives their ids. */
export function insertBlocks(workspace: Workspace, actor: Actor, parentId: string, drafts: readonly BlockDraft[], place: Place): string[] {
  const made = drafts.map((draft) => keep(workspace, actor, parentId, draft));
  const page = workspace.pages.get(parentId);
  const block = workspace.blocks.get(parentId);
  if (page !== undefined) workspace.put('page', { ...page, children: placed(page.children, made, place) });
  else if (block !== undefined) workspace.put('block', { ...block, children: placed(block.children, made, place) });
  contentUpdated(workspace, actor, parentId, made);
  return made;
}

/** Changes the content or the trash state of a block. */
export function updateBlock(
  workspace: Workspace,
  actor: Actor,
  before: BlockRecord,
  change: { content?: Json; inTrash?: boolean },
): BlockRecord {
  const block = {
    ...before,
    content: change.content ?? before.content,
    inTrash: change.inTrash ?? before.inTrash,
    editedMs: workspace.nowMs(),
    editedBy: actor.id,
  };
  workspace.put('block', block);
  contentUpdated(workspace, actor, block.parentId, [block.id]);
  return block;
}

/** Moves all blocks of a page to the trash. Pages below it stay. */
export function eraseBlocks(workspace: Workspace, actor: Actor, page: PageRecord): PageRecord {
  const blocks = page.children.map((id) => workspace.blocks.get(id)).filter((block) => block !== undefined && !block.inTrash);
  for (const block of blocks) if (block !== undefined) workspace.put('block', { ...block, inTrash: true, editedMs: workspace.nowMs() });
  if (blocks.length > 0)
    contentUpdated(
      workspace,
      actor,
      page.id,
      blocks.map((block) => block?.id ?? ''),
    );
  return page;
}

function contentUpdated(workspace: Workspace, actor: Actor, at: string, blockIds: readonly string[]): void {
  const page = workspace.pageOf(at);
  if (page === undefined) return;
  const data = { parent: eventParent(workspace, page.parent), updated_blocks: blockIds.map((id) => ({ id, type: 'block' })) };
  workspace.emit({ type: 'page.content_updated', actor, entity: { type: 'page', id: page.id }, data });
}
