/** Pages: create, retrieve, update, move, and their properties one by one. */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Enter, NotionContext, Session } from './access.ts';
import { answer, bodyOf, listOfQuery, sliceOf } from './answers.ts';
import { appendBlocks, blocksAt, eraseBlocks } from './block-editing.ts';
import { booleanAt, type Json, objectAt, onlyKeys, refuse } from './check.ts';
import { createPage, movePage, updatePage } from './editing.ts';
import { invalid, notFound } from './errors.ts';
import { coverAt, iconAt } from './icons.ts';
import { idAt } from './ids.ts';
import type { Parent } from './model.ts';
import { idsOfQuery } from './query.ts';
import { findProperty } from './schema.ts';
import { contentOf, schemaOf, valuesAt } from './values.ts';
import type { Views } from './views.ts';
import type { Workspace } from './workspace.ts';

const CREATE_KEYS = ['parent', 'properties', 'icon', 'cover', 'children', 'content'] as const;
/** Of the vendor's contract, and not of this stand-in: refused by name. */
const UNSUPPORTED = ['markdown', 'allow_async', 'template', 'position', 'is_archived'] as const;

export function pageRoutes(app: Hono<VendorEnv>, views: Views, enter: Enter): void {
  const { workspace } = views;

  app.post('/v1/pages', async (c) => {
    const session = enter(c, 'create a page', 'insert');
    const body = await bodyOf(c);
    refuseUnsupported(body);
    onlyKeys(body, 'body', CREATE_KEYS);
    const parent = parentAt(workspace, session, body['parent'], 'body.parent');
    const written = valuesAt(workspace, session.actor, schemaOf(workspace, { parent }), body['properties'] ?? {}, 'body.properties');
    const children = body['children'] ?? body['content'];
    const drafts = children === undefined ? [] : blocksAt(workspace, children, 'body.children');
    const extras = { icon: iconAt(body['icon'], 'body.icon'), cover: coverAt(body['cover'], 'body.cover') };
    const page = workspace.transaction(() => {
      const created = createPage(workspace, session.actor, parent, written, { icon: extras.icon ?? null, cover: extras.cover ?? null });
      return drafts.length === 0 ? created : appendBlocks(workspace, session.actor, created, drafts, { isNewPage: true });
    });
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return answer(c, views.page(page, session.version, idsOfQuery(c.req.queries('filter_properties'), 'query.filter_properties')));
  });

  app.get('/v1/pages/:id', (c) => {
    const session = enter(c, 'retrieve a page', 'read');
    const page = workspace.page(session.actor, idAt(c.req.param('id'), 'path.page_id'));
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return answer(c, views.page(page, session.version, idsOfQuery(c.req.queries('filter_properties'), 'query.filter_properties')));
  });

  app.patch('/v1/pages/:id', (c) => update(c, views, enter(c, 'update page', 'update')));

  app.post('/v1/pages/:id/move', async (c) => {
    const session = enter(c, 'move a page', 'update');
    const page = workspace.page(session.actor, idAt(c.req.param('id'), 'path.page_id'));
    const body = await bodyOf(c);
    onlyKeys(body, 'body', ['parent']);
    const parent = parentAt(workspace, session, body['parent'], 'body.parent');
    if (parent.type === 'workspace') refuse('body.parent', 'a page or a data source', body['parent']);
    const moved = workspace.transaction(() => movePage(workspace, session.actor, page, parent));
    Object.assign(c.env.trace, { effect: 'update', records: 1 });
    return answer(c, views.page(moved, session.version));
  });

  app.get('/v1/pages/:id/properties/:property', (c) => propertyItem(c, views, enter(c, 'retrieve a page property item', 'read')));
}

async function update(c: NotionContext, views: Views, session: Session): Promise<Response> {
  const { workspace } = views;
  const page = workspace.page(session.actor, idAt(c.req.param('id'), 'path.page_id'));
  const body = await bodyOf(c);
  refuseUnsupported(body);
  onlyKeys(body, 'body', ['properties', 'icon', 'cover', 'is_locked', 'in_trash', 'erase_content', ...olderKeys(session)]);
  const inTrash = trashAt(body, session);
  const schema = schemaOf(workspace, page);
  const written =
    body['properties'] === undefined ? undefined : valuesAt(workspace, session.actor, schema, body['properties'], 'body.properties');
  const change = {
    written,
    icon: iconAt(body['icon'], 'body.icon'),
    cover: coverAt(body['cover'], 'body.cover'),
    isLocked: body['is_locked'] === undefined ? undefined : booleanAt(body['is_locked'], 'body.is_locked'),
    inTrash,
  };
  const erases = body['erase_content'] !== undefined && booleanAt(body['erase_content'], 'body.erase_content');
  const updated = workspace.transaction(() => {
    const changed = updatePage(workspace, session.actor, page, change);
    return erases ? eraseBlocks(workspace, session.actor, changed) : changed;
  });
  Object.assign(c.env.trace, { effect: inTrash === true && !page.inTrash ? 'delete' : 'update', records: 1 });
  return answer(c, views.page(updated, session.version, idsOfQuery(c.req.queries('filter_properties'), 'query.filter_properties')));
}

/** The older version's name of `in_trash`; the newer one does not know it. */
export function olderKeys(session: Session): readonly string[] {
  return session.version === '2025-09-03' ? ['archived'] : [];
}

/** The trash state that a body asks for, by either name. */
export function trashAt(body: Json, session: Session): boolean | undefined {
  const name = body['in_trash'] === undefined && olderKeys(session).length > 0 ? 'archived' : 'in_trash';
  return body[name] === undefined ? undefined : booleanAt(body[name], `body.${name}`);
}

function refuseUnsupported(body: Json): void {
  const name = UNSUPPORTED.find((key) => body[key] !== undefined);
  if (name !== undefined) throw invalid(`body failed validation: body.${name} is not supported by this simulator (see DIFFERENCES.md).`);
}

function parentAt(workspace: Workspace, session: Session, value: unknown, path: string): Parent {
  const given = objectAt(value, path);
  onlyKeys(given, path, ['type', 'page_id', 'data_source_id', 'database_id', 'workspace']);
  if (given['data_source_id'] !== undefined) {
    const source = workspace.dataSource(session.actor, idAt(given['data_source_id'], `${path}.data_source_id`));
    return { type: 'data_source_id', dataSourceId: source.id };
  }
  if (given['database_id'] !== undefined) {
    const database = workspace.database(session.actor, idAt(given['database_id'], `${path}.database_id`));
    const [only] = database.dataSourceIds;
    if (only === undefined || database.dataSourceIds.length > 1) {
      throw invalid('Databases with multiple data sources are not supported in this API version.');
    }
    return { type: 'data_source_id', dataSourceId: only };
  }
  if (given['page_id'] !== undefined) {
    return { type: 'page_id', pageId: workspace.page(session.actor, idAt(given['page_id'], `${path}.page_id`)).id };
  }
  if (given['workspace'] !== true) refuse(path, 'a parent', value);
  return { type: 'workspace' };
}

/** A property in full: one item, or a list of items for titles, texts, people and relations. */
function propertyItem(c: NotionContext, views: Views, session: Session): Response {
  const { workspace } = views;
  const page = workspace.page(session.actor, idAt(c.req.param('id'), 'path.page_id'));
  const reference = c.req.param('property') ?? '';
  const property = findProperty(schemaOf(workspace, page), reference);
  if (property === undefined) throw notFound('property', reference);
  const content = contentOf(workspace, page, property);
  Object.assign(c.env.trace, { effect: 'read', records: 1 });
  const { id, type } = property;
  if (!['title', 'rich_text', 'people', 'relation'].includes(type)) {
    return answer(c, { object: 'property_item', id, type, [type]: content });
  }
  const { part, nextCursor } = sliceOf(content as unknown[], listOfQuery(c), [page.id, id]);
  const next = nextCursor === null ? null : `${new URL(c.req.url).origin}/v1/pages/${page.id}/properties/${id}?start_cursor=${nextCursor}`;
  return answer(c, {
    object: 'list',
    results: part.map((item) => ({ object: 'property_item', id, type, [type]: item })),
    next_cursor: nextCursor,
    has_more: nextCursor !== null,
    type: 'property_item',
    property_item: { id, next_url: next, type, [type]: {} },
  });
}
