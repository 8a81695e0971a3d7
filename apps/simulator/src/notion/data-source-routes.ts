/** Databases and data sources: retrieve, create, change the schema, query. */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Enter, NotionContext, Session } from './access.ts';
import { answer, bodyOf, listAnswer, listOfBody } from './answers.ts';
import { oneOfAt, onlyKeys } from './check.ts';
import { pageTest } from './filters.ts';
import { idAt } from './ids.ts';
import type { DataSourceRecord } from './model.ts';
import { olderKeys, trashAt } from './page-routes.ts';
import { criteriaAt, idsOfQuery, inOrder, pageOfRows, requestStatus } from './query.ts';
import type { Criterion, Row } from './query.ts';
import { createDatabase, createDataSource, updateDatabase, updateDataSource } from './schema-editing.ts';
import type { Views } from './views.ts';

const QUERY_KEYS = ['sorts', 'filter', 'start_cursor', 'page_size', 'in_trash', 'result_type'] as const;

/** `mostRows`: after how many rows a query stops; null for the vendor's number. */
export function dataSourceRoutes(app: Hono<VendorEnv>, views: Views, enter: Enter, mostRows: () => number | null): void {
  const { workspace } = views;
  const results = queryResults(views);

  app.post('/v1/databases', async (c) => {
    const session = enter(c, 'create a database', 'insert');
    const body = await bodyOf(c);
    const database = workspace.transaction(() => createDatabase(workspace, session.actor, body));
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return answer(c, views.database(database, session.version));
  });

  app.get('/v1/databases/:id', (c) => {
    const session = enter(c, 'retrieve a database', 'read');
    const database = workspace.database(session.actor, idAt(c.req.param('id'), 'path.database_id'));
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return answer(c, views.database(database, session.version));
  });

  app.patch('/v1/databases/:id', async (c) => {
    const session = enter(c, 'update a database', 'update');
    const database = workspace.database(session.actor, idAt(c.req.param('id'), 'path.database_id'));
    const body = await bodyOf(c);
    const inTrash = trashAt(body, session);
    const updated = workspace.transaction(() => updateDatabase(workspace, session.actor, database, body, inTrash, olderKeys(session)));
    Object.assign(c.env.trace, { effect: 'update', records: 1 });
    return answer(c, views.database(updated, session.version));
  });

  app.post('/v1/data_sources', async (c) => {
    const session = enter(c, 'create a data source', 'insert');
    const body = await bodyOf(c);
    const source = workspace.transaction(() => createDataSource(workspace, session.actor, body));
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return answer(c, views.dataSource(source, session.version));
  });

  app.get('/v1/data_sources/:id', (c) => {
    const session = enter(c, 'retrieve a data source', 'read');
    const source = workspace.dataSource(session.actor, idAt(c.req.param('id'), 'path.data_source_id'));
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return answer(c, views.dataSource(source, session.version));
  });

  app.patch('/v1/data_sources/:id', async (c) => {
    const session = enter(c, 'update a data source', 'update');
    const source = workspace.dataSource(session.actor, idAt(c.req.param('id'), 'path.data_source_id'));
    const body = await bodyOf(c);
    const inTrash = trashAt(body, session);
    const updated = workspace.transaction(() => updateDataSource(workspace, session.actor, source, body, inTrash, olderKeys(session)));
    Object.assign(c.env.trace, { effect: 'update', records: 1 });
    return answer(c, views.dataSource(updated, session.version));
  });

  app.post('/v1/data_sources/:id/query', (c) => query(c, { views, results, mostRows }, enter(c, 'query a data source', 'read')));
}

interface QueryParts {
  readonly views: Views;
  readonly results: QueryResults;
  readonly mostRows: () => number | null;
}

async function query(c: NotionContext, { views, results, mostRows }: QueryParts, session: Session): Promise<Response> {
  const { workspace } = views;
  const source = workspace.dataSource(session.actor, idAt(c.req.param('id'), 'path.data_source_id'));
  const body = await bodyOf(c);
  onlyKeys(body, 'body', [...QUERY_KEYS, ...olderKeys(session)]);
  const request = listOfBody(body);
  const kind = body['result_type'] === undefined ? 'page' : oneOfAt(body['result_type'], 'body.result_type', ['page', 'data_source']);
  const only = idsOfQuery(c.req.queries('filter_properties'), 'query.filter_properties');
  const inTrash = trashAt(body, session) ?? false;
  const criteria = criteriaAt(body['sorts'], 'body.sorts', source.schema, workspace);
  const descending = criteria.map((criterion) => criterion.descending);
  // Rows of this stand-in are pages: data sources below a data source exist at the vendor only for synced ones.
  const found = results(source, session, { filter: body['filter'], sorts: body['sorts'], inTrash }, criteria);
  const rows = kind === 'page' ? found : [];
  const scope = [source.id, body['filter'], body['sorts'], inTrash];
  const page = pageOfRows(rows, descending, request, scope, mostRows() ?? undefined);
  const pages = page.part.map((row) => workspace.pages.get(row.id)).filter((each) => each !== undefined);
  Object.assign(c.env.trace, { effect: 'read', records: pages.length });
  return answer(c, {
    ...listAnswer(
      'page_or_data_source',
      pages.map((each) => views.page(each, session.version, only)),
      page.nextCursor,
    ),
    ...requestStatus(page),
  });
}

interface QueryWish {
  readonly filter: unknown;
  readonly sorts: unknown;
  readonly inTrash: boolean;
}
type QueryResults = (source: DataSourceRecord, session: Session, wish: QueryWish, criteria: readonly Criterion[]) => readonly Row[];

/** Remembers the last results, so that a scan of n rows in pages costs one pass and not n / 100. */
function queryResults(views: Views): QueryResults {
  const { workspace } = views;
  const known = new Map<string, readonly Row[]>();
  let revision = -1;
  return (source, session, wish, criteria) => {
    const nowMs = workspace.nowMs();
    const { filter } = wish;
    const test =
      filter === undefined ? () => true : pageTest(filter, 'body.filter', { schema: source.schema, actor: session.actor, nowMs });
    if (revision !== workspace.revision) known.clear();
    revision = workspace.revision;
    // Relative dates move with the clock, whoever asks decides what is seen and who "me" is.
    const key = JSON.stringify([source.id, session.actor.id, wish, Math.floor(nowMs / 60_000)]);
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const rows: Row[] = [];
    for (const id of workspace.rows.get(source.id) ?? []) {
      const page = workspace.pages.get(id);
      if (page === undefined || page.inTrash !== wish.inTrash) continue;
      if (!workspace.canSee(session.actor, page) || !test(page)) continue;
      rows.push({ id, keys: [...criteria.map(({ keyOf }) => keyOf(page)), page.seq] });
    }
    const ordered = inOrder(
      rows,
      criteria.map((criterion) => criterion.descending),
    );
    if (known.size > 16) known.clear();
    known.set(key, ordered);
    return ordered;
  };
}
