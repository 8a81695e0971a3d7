/** Comments on pages and blocks. Source: SDK types of the comment endpoints (@notionhq/client 5.26). */
import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Enter, Session } from './access.ts';
import { answer, bodyOf, listAnswer, listOfQuery, sliceOf } from './answers.ts';
import { blockOf } from './block-routes.ts';
import { type Json, objectAt, onlyKeys, refuse } from './check.ts';
import { invalid, notFound, restricted } from './errors.ts';
import { idAt, minute } from './ids.ts';
import type { Actor, CommentRecord } from './model.ts';
import { richTextAt } from './rich-text.ts';
import type { RichText } from './rich-text.ts';
import type { Workspace } from './workspace.ts';

export function commentRoutes(app: Hono<VendorEnv>, workspace: Workspace, enter: Enter): void {
  app.post('/v1/comments', async (c) => {
    const session = enter(c, 'create a comment', 'comment');
    const body = await bodyOf(c);
    onlyKeys(body, 'body', ['parent', 'discussion_id', 'rich_text']);
    const richText = textAt(workspace, body['rich_text']);
    const place = placeOfNew(workspace, session, body);
    const nowMs = workspace.nowMs();
    const comment: CommentRecord = {
      id: randomUUID(),
      ...place,
      richText,
      createdMs: nowMs,
      editedMs: nowMs,
      createdBy: session.actor.id,
      isDeleted: false,
    };
    keep(workspace, session.actor, comment, 'comment.created');
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return answer(c, commentAnswer(workspace, comment));
  });

  app.get('/v1/comments', (c) => {
    const session = enter(c, 'list comments', 'comment');
    const id = c.req.query('block_id');
    if (id === undefined) refuse('query.block_id', 'defined', undefined);
    const at = blockOf(workspace, session, id);
    const comments = [...(workspace.commentsAt.get(at.id) ?? [])].map((known) => workspace.comments.get(known));
    const shown = comments.filter((comment) => comment !== undefined && !comment.isDeleted) as CommentRecord[];
    const { part, nextCursor } = sliceOf(shown, listOfQuery(c), ['comments', at.id]);
    Object.assign(c.env.trace, { effect: 'read', records: part.length });
    return answer(
      c,
      listAnswer(
        'comment',
        part.map((comment) => commentAnswer(workspace, comment)),
        nextCursor,
      ),
    );
  });

  app.get('/v1/comments/:id', (c) => {
    const session = enter(c, 'retrieve a comment', 'comment');
    const comment = commentOf(workspace, session, c.req.param('id'));
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return answer(c, commentAnswer(workspace, comment));
  });

  ownCommentRoutes(app, workspace, enter);
}

/** Changing and deleting, which only the author may. */
function ownCommentRoutes(app: Hono<VendorEnv>, workspace: Workspace, enter: Enter): void {
  app.patch('/v1/comments/:id', async (c) => {
    const session = enter(c, 'update a comment', 'comment');
    const comment = commentOf(workspace, session, c.req.param('id'));
    if (comment.createdBy !== session.actor.id) throw restricted();
    const body = await bodyOf(c);
    onlyKeys(body, 'body', ['rich_text']);
    const updated = { ...comment, richText: textAt(workspace, body['rich_text']), editedMs: workspace.nowMs() };
    keep(workspace, session.actor, updated, 'comment.updated');
    Object.assign(c.env.trace, { effect: 'update', records: 1 });
    return answer(c, commentAnswer(workspace, updated));
  });

  app.delete('/v1/comments/:id', (c) => {
    const session = enter(c, 'delete a comment', 'comment');
    const comment = commentOf(workspace, session, c.req.param('id'));
    if (comment.createdBy !== session.actor.id) throw restricted();
    keep(workspace, session.actor, { ...comment, isDeleted: true }, 'comment.deleted');
    Object.assign(c.env.trace, { effect: 'delete', records: 1 });
    return answer(c, commentAnswer(workspace, comment));
  });
}

function textAt(workspace: Workspace, value: unknown): RichText[] {
  const text = richTextAt(value, 'body.rich_text', workspace.mentions);
  if (text.length === 0) throw invalid('body failed validation: body.rich_text should have at least one item with text.');
  return text;
}

type CommentPlace = Pick<CommentRecord, 'parent' | 'pageId' | 'discussionId'>;

function placeOfNew(workspace: Workspace, session: Session, body: Json): CommentPlace {
  if ((body['parent'] === undefined) === (body['discussion_id'] === undefined)) {
    throw invalid('body failed validation: exactly one of body.parent and body.discussion_id should be defined.');
  }
  if (body['discussion_id'] !== undefined) {
    const id = idAt(body['discussion_id'], 'body.discussion_id');
    const first = [...workspace.comments.values()].find((comment) => comment.discussionId === id);
    const page = workspace.pages.get(first?.pageId ?? '');
    if (first === undefined || page === undefined || !workspace.canSee(session.actor, page)) throw notFound('discussion', id);
    return { parent: first.parent, pageId: first.pageId, discussionId: id };
  }
  const parent = objectAt(body['parent'], 'body.parent');
  onlyKeys(parent, 'body.parent', ['type', 'page_id', 'block_id']);
  const discussionId = randomUUID();
  if (parent['page_id'] !== undefined) {
    const page = workspace.page(session.actor, idAt(parent['page_id'], 'body.parent.page_id'));
    workspace.refuseTrashed({ type: 'page_id', pageId: page.id });
    return { parent: { type: 'page_id', pageId: page.id }, pageId: page.id, discussionId };
  }
  const block = blockOf(workspace, session, idAt(parent['block_id'], 'body.parent.block_id'));
  workspace.refuseTrashed({ type: 'block_id', blockId: block.id });
  return { parent: { type: 'block_id', blockId: block.id }, pageId: workspace.pageOf(block.id)?.id ?? '', discussionId };
}

function commentOf(workspace: Workspace, session: Session, given: string): CommentRecord {
  const id = idAt(given, 'path.comment_id');
  const comment = workspace.comments.get(id);
  const page = workspace.pages.get(comment?.pageId ?? '');
  if (comment === undefined || comment.isDeleted || page === undefined || !workspace.canSee(session.actor, page))
    throw notFound('comment', id);
  return comment;
}

function keep(workspace: Workspace, actor: Actor, comment: CommentRecord, type: string): void {
  workspace.put('comment', comment);
  const { parent } = comment;
  const at = parent.type === 'page_id' ? { id: parent.pageId, type: 'page' } : { id: parent.blockId, type: 'block' };
  workspace.emit({ type, actor, entity: { type: 'comment', id: comment.id }, data: { parent: at, page_id: comment.pageId } });
}

function commentAnswer(workspace: Workspace, comment: CommentRecord): Json {
  const author = workspace.users.get(comment.createdBy);
  const { parent } = comment;
  return {
    object: 'comment',
    id: comment.id,
    parent: parent.type === 'page_id' ? { type: 'page_id', page_id: parent.pageId } : { type: 'block_id', block_id: parent.blockId },
    discussion_id: comment.discussionId,
    created_time: minute(comment.createdMs),
    last_edited_time: minute(comment.editedMs),
    created_by: { object: 'user', id: comment.createdBy },
    rich_text: comment.richText,
    display_name: { type: author?.type === 'bot' ? 'integration' : 'user', resolved_name: author?.name ?? null },
  };
}
