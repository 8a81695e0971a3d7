/** Blocks: retrieve, list, append, update, delete. A page is a block, too. */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Enter, NotionContext, Session } from './access.ts';
import { answer, bodyOf, cursorOf, listAnswer, listOfQuery, placeOf } from './answers.ts';
import { contentAt, isEditableType } from './block-content.ts';
import { blocksAt, insertBlocks, updateBlock } from './block-editing.ts';
import type { Place } from './block-editing.ts';
import { type Json, objectAt, oneOfAt, onlyKeys, refuse } from './check.ts';
import { updatePage } from './editing.ts';
import { invalid, notFound, trashed } from './errors.ts';
import { idAt } from './ids.ts';
import type { BlockRecord, PageRecord } from './model.ts';
import { olderKeys, trashAt } from './page-routes.ts';
import type { Views } from './views.ts';
import type { Workspace } from './workspace.ts';

export function blockRoutes(app: Hono<VendorEnv>, views: Views, enter: Enter): void {
  const { workspace } = views;

  app.get('/v1/blocks/:id', (c) => {
    const session = enter(c, 'retrieve a block', 'read');
    const found = blockOf(workspace, session, c.req.param('id'));
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return answer(c, blockAnswer(views, found.id, session));
  });

  app.get('/v1/blocks/:id/children', (c) => {
    const session = enter(c, 'retrieve block children', 'read');
    const found = blockOf(workspace, session, c.req.param('id'));
    const { size, cursor } = listOfQuery(c);
    const scope = ['children', found.id];
    // A cursor names a child: what is added or taken away before it moves nothing.
    const from = cursor === undefined ? 0 : found.children.indexOf(String(placeOf(cursor, scope)[0]));
    if (from === -1) throw invalid(`The start_cursor provided is invalid: ${cursor}`);
    const children = found.children.slice(from).filter((id) => isShown(workspace, session, id));
    const next = children[size];
    const part = children.slice(0, size).map((id) => blockAnswer(views, id, session));
    Object.assign(c.env.trace, { effect: 'read', records: part.length });
    return answer(c, listAnswer('block', part, next === undefined ? null : cursorOf(scope, [next])));
  });

  app.patch('/v1/blocks/:id/children', async (c) => {
    const session = enter(c, 'append block children', 'insert');
    const found = blockOf(workspace, session, c.req.param('id'));
    const body = await bodyOf(c);
    onlyKeys(body, 'body', ['children', 'position', ...(session.version === '2025-09-03' ? ['after'] : [])]);
    workspace.refuseTrashed({ type: 'block_id', blockId: found.id });
    const drafts = blocksAt(workspace, body['children'], 'body.children');
    const place = placeAt(body, found);
    const made = workspace.transaction(() => insertBlocks(workspace, session.actor, found.id, drafts, place));
    Object.assign(c.env.trace, { effect: 'create', records: made.length });
    return answer(
      c,
      listAnswer(
        'block',
        made.map((id) => blockAnswer(views, id, session)),
        null,
      ),
    );
  });

  app.patch('/v1/blocks/:id', (c) => update(c, views, enter(c, 'update a block', 'update')));

  app.delete('/v1/blocks/:id', (c) => {
    const session = enter(c, 'delete a block', 'update');
    const found = blockOf(workspace, session, c.req.param('id'));
    if (workspace.isTrashedAt({ type: 'block_id', blockId: found.id })) throw trashed();
    workspace.transaction(() => trash(workspace, session, found, true));
    Object.assign(c.env.trace, { effect: 'delete', records: 1 });
    return answer(c, blockAnswer(views, found.id, session));
  });
}

function trash(workspace: Workspace, session: Session, found: PageRecord | BlockRecord, inTrash: boolean): void {
  if ('content' in found) updateBlock(workspace, session.actor, found, { inTrash });
  else updatePage(workspace, session.actor, found, { inTrash });
}

async function update(c: NotionContext, views: Views, session: Session): Promise<Response> {
  const { workspace } = views;
  const found = blockOf(workspace, session, c.req.param('id') ?? '');
  const body = await bodyOf(c);
  const inTrash = trashAt(body, session);
  const known = ['type', 'in_trash', ...olderKeys(session)];
  if (!('content' in found)) {
    // Of a page only its place in the trash changes here; its title is a property.
    onlyKeys(body, 'body', known);
    if (inTrash !== undefined) workspace.transaction(() => trash(workspace, session, found, inTrash));
  } else {
    onlyKeys(body, 'body', [...known, found.type]);
    if (found.inTrash && inTrash !== false) throw trashed();
    workspace.refuseTrashed({ type: 'block_id', blockId: found.parentId });
    const given = body[found.type];
    if (given !== undefined && !isEditableType(found.type)) refuse(`body.${found.type}`, 'not present', given);
    const path = `body.${found.type}`;
    const content = given === undefined ? undefined : contentAt(found.type, objectAt(given, path), path, workspace.mentions, found.content);
    workspace.transaction(() =>
      updateBlock(workspace, session.actor, found, {
        ...(content === undefined ? {} : { content }),
        ...(inTrash === undefined ? {} : { inTrash }),
      }),
    );
  }
  Object.assign(c.env.trace, { effect: inTrash === true ? 'delete' : 'update', records: 1 });
  return answer(c, blockAnswer(views, found.id, session));
}

/** The block or page of an id, or 404 where there is none or it is not shared. */
export function blockOf(workspace: Workspace, session: Session, given: string): PageRecord | BlockRecord {
  const id = idAt(given, 'path.block_id');
  const found = workspace.pages.get(id) ?? workspace.blocks.get(id);
  const page = workspace.pageOf(id);
  if (found === undefined || page === undefined || !workspace.canSee(session.actor, page)) throw notFound('block', id);
  return found;
}

function isShown(workspace: Workspace, session: Session, id: string): boolean {
  const page = workspace.pages.get(id);
  if (page !== undefined) return !page.inTrash && workspace.canSee(session.actor, page);
  return workspace.blocks.get(id)?.inTrash === false;
}

function placeAt(body: Json, parent: PageRecord | BlockRecord): Place {
  const child = (value: unknown, path: string): Place => {
    const id = idAt(value, path);
    if (!parent.children.includes(id)) throw invalid(`Block to append children after, ${id}, is not a child of ${parent.id}.`);
    return { after: id };
  };
  if (body['after'] !== undefined) return child(body['after'], 'body.after');
  if (body['position'] === undefined) return {};
  const position = objectAt(body['position'], 'body.position');
  onlyKeys(position, 'body.position', ['type', 'after_block']);
  const type = oneOfAt(position['type'], 'body.position.type', ['after_block', 'start', 'end']);
  if (type !== 'after_block') return { atStart: type === 'start' };
  return child(objectAt(position['after_block'], 'body.position.after_block')['id'], 'body.position.after_block.id');
}

function blockAnswer(views: Views, id: string, session: Session): Json {
  const { workspace } = views;
  const page = workspace.pages.get(id);
  const block = workspace.blocks.get(id);
  const record = page ?? block;
  if (record === undefined) throw notFound('block', id);
  const parentId = block?.parentId ?? '';
  const parent =
    page === undefined
      ? views.parent(workspace.pages.has(parentId) ? { type: 'page_id', pageId: parentId } : { type: 'block_id', blockId: parentId })
      : views.parent(page.parent);
  const content = page === undefined ? block?.content : { title: workspace.titleOf(page) };
  const type = block?.type ?? 'child_page';
  return {
    object: 'block',
    id,
    parent,
    ...views.stamps(record),
    has_children: record.children.some((child) => isShown(workspace, session, child)),
    ...views.trash(workspace.isTrashedAt({ type: 'block_id', blockId: id }), session.version),
    type,
    [type]: content,
  };
}
