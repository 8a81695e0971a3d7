/** Search by title, and users. */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Enter, NotionContext, Session } from './access.ts';
import { answer, bodyOf, listAnswer, listOfBody, listOfQuery, sliceOf } from './answers.ts';
import { booleanAt, type Json, objectAt, oneOfAt, onlyKeys, refuse, stringAt } from './check.ts';
import { notFound } from './errors.ts';
import { idAt } from './ids.ts';
import { inOrder, minutesOf, pageOfRows, requestStatus } from './query.ts';
import type { Row } from './query.ts';
import { plainText } from './rich-text.ts';
import { userAnswer } from './values.ts';
import type { Views } from './views.ts';
import { WORKSPACE } from './workspace.ts';
import type { Workspace } from './workspace.ts';

export function searchRoutes(app: Hono<VendorEnv>, views: Views, enter: Enter): void {
  app.post('/v1/search', (c) => search(c, views, enter(c, 'search by title', 'read')));
}

async function search(c: NotionContext, views: Views, session: Session): Promise<Response> {
  const { workspace } = views;
  const body = await bodyOf(c);
  onlyKeys(body, 'body', ['query', 'sort', 'filter', 'start_cursor', 'page_size']);
  const request = listOfBody(body);
  const wanted = body['query'] === undefined ? '' : stringAt(body['query'], 'body.query').toLowerCase();
  const { kind, inTrash } = filterOf(body['filter']);
  const isDescending = directionOf(body['sort']);
  const rows: Row[] = [];
  const add = (id: string, title: string, editedMs: number, place: number): void => {
    if (title.toLowerCase().includes(wanted)) rows.push({ id, keys: [minutesOf(editedMs), place, id] });
  };
  if (kind !== 'page') {
    for (const source of workspace.dataSources.values()) {
      const database = workspace.databases.get(source.databaseId);
      if (database === undefined || !workspace.canSee(session.actor, database) || views.isSourceTrashed(source) !== inTrash) continue;
      add(source.id, plainText(source.title), source.editedMs, -1);
    }
  }
  if (kind !== 'data_source') {
    for (const page of workspace.pages.values()) {
      if (workspace.isTrashed(page) !== inTrash || !workspace.canSee(session.actor, page)) continue;
      add(page.id, workspace.titleOf(page), page.editedMs, page.seq);
    }
  }
  const descending = [isDescending];
  const found = pageOfRows(inOrder(rows, descending), descending, request, ['search', wanted, kind, inTrash, isDescending]);
  Object.assign(c.env.trace, { effect: 'read', records: found.part.length });
  const results = found.part.map((row) => resultOf(views, row.id, session));
  return answer(c, { ...listAnswer('page_or_data_source', results, found.nextCursor), ...requestStatus(found) });
}

function resultOf(views: Views, id: string, session: Session): Json {
  const page = views.workspace.pages.get(id);
  if (page !== undefined) return views.page(page, session.version);
  return views.dataSource(views.workspace.dataSource(session.actor, id), session.version);
}

function filterOf(value: unknown): { kind: 'page' | 'data_source' | null; inTrash: boolean } {
  if (value === undefined) return { kind: null, inTrash: false };
  const given = objectAt(value, 'body.filter');
  onlyKeys(given, 'body.filter', ['property', 'value', 'in_trash']);
  const inTrash = given['in_trash'] === undefined ? false : booleanAt(given['in_trash'], 'body.filter.in_trash');
  if (given['property'] === undefined && given['value'] === undefined && given['in_trash'] !== undefined) return { kind: null, inTrash };
  oneOfAt(given['property'], 'body.filter.property', ['object']);
  return { kind: oneOfAt(given['value'], 'body.filter.value', ['page', 'data_source']), inTrash };
}

/** Whether the newest come first: so unless asked otherwise. */
function directionOf(value: unknown): boolean {
  if (value === undefined) return true;
  const given = objectAt(value, 'body.sort');
  onlyKeys(given, 'body.sort', ['timestamp', 'direction', 'property']);
  if (given['property'] !== undefined) {
    if (given['property'] !== 'relevance') refuse('body.sort.property', '`"relevance"`', given['property']);
    return true;
  }
  oneOfAt(given['timestamp'], 'body.sort.timestamp', ['last_edited_time']);
  return (
    given['direction'] === undefined || oneOfAt(given['direction'], 'body.sort.direction', ['ascending', 'descending']) === 'descending'
  );
}

export function userRoutes(app: Hono<VendorEnv>, workspace: Workspace, enter: Enter): void {
  app.get('/v1/users', (c) => {
    enter(c, 'list all users', 'read');
    const users = [...workspace.users.keys()];
    const { part, nextCursor } = sliceOf(users, listOfQuery(c), 'users');
    Object.assign(c.env.trace, { effect: 'read', records: part.length });
    return answer(
      c,
      listAnswer(
        'user',
        part.map((id) => fullUser(workspace, id)),
        nextCursor,
      ),
    );
  });
  app.get('/v1/users/me', (c) => {
    const { actor } = enter(c, "retrieve your token's bot user", 'read');
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return answer(c, fullUser(workspace, actor.id));
  });
  app.get('/v1/users/:id', (c) => {
    enter(c, 'retrieve a user', 'read');
    const id = idAt(c.req.param('id'), 'path.user_id');
    if (!workspace.users.has(id)) throw notFound('user', id);
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return answer(c, fullUser(workspace, id));
  });
}

/** A user with what the user endpoints say of a bot. */
function fullUser(workspace: Workspace, id: string): Json {
  const user = userAnswer(workspace, id);
  if (user['type'] !== 'bot') return user;
  return {
    ...user,
    bot: {
      owner: { type: 'workspace', workspace: true },
      workspace_id: WORKSPACE.id,
      workspace_name: WORKSPACE.name,
      workspace_limits: { max_file_upload_size_in_bytes: 5_242_880 },
    },
  };
}
