/** The stand-in for one Notion workspace (API 2026-03-11, and 2025-09-03) at the root of its port. */
import { Hono } from 'hono';
import type { VendorEnv, VendorFactory } from '../kernel/vendor.ts';
import { entrance } from './access.ts';
import { answerError } from './answers.ts';
import { blockRoutes } from './block-routes.ts';
import { commentRoutes } from './comment-routes.ts';
import { dataSourceRoutes } from './data-source-routes.ts';
import { invalidUrl, NotionError } from './errors.ts';
import { pageRoutes } from './page-routes.ts';
import { pageError, personRoutes } from './page.ts';
import { seed } from './scenario.ts';
import { searchRoutes, userRoutes } from './search-routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { Views } from './views.ts';
import { deliverEvents } from './webhooks.ts';
import { Workspace } from './workspace.ts';

export const createNotion: VendorFactory = (context) => {
  const workspace = new Workspace(context.documents, context.clock);
  seed(workspace);
  const views = new Views(workspace, () => context.baseUrl());
  const enter = entrance(context, workspace);
  const app = new Hono<VendorEnv>();
  app.onError((error, c) => {
    if (!(error instanceof NotionError)) throw error;
    const isForPeople = c.req.path.startsWith('/ui') && !(c.req.header('content-type') ?? '').includes('json');
    return isForPeople ? c.html(pageError(error), 400) : answerError(c, error);
  });
  // What this workspace does not have: Notion's own answer for an unknown path.
  app.notFound((c) => answerError(c, invalidUrl()));
  userRoutes(app, workspace, enter);
  searchRoutes(app, views, enter);
  dataSourceRoutes(app, views, enter, () => context.knobs().mostResults);
  pageRoutes(app, views, enter);
  blockRoutes(app, views, enter);
  commentRoutes(app, workspace, enter);
  settingsRoutes(app, workspace, context.webhooks);
  personRoutes(app, workspace);
  deliverEvents(workspace, context.webhooks);
  return { tool: 'notion', app };
};
