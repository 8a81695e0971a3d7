/** The stand-in for one Jira Cloud site (REST v3) at the root of its port. */
import { Hono } from 'hono';
import type { VendorEnv, VendorFactory } from '../kernel/vendor.ts';
import { rateLimited } from './access.ts';
import { attachmentRoutes } from './attachment-routes.ts';
import { JiraError } from './errors.ts';
import { numbersChecked } from './body.ts';
import { deliverEvents } from './events.ts';
import { issueRoutes } from './issue-routes.ts';
import { metaRoutes } from './meta-routes.ts';
import { pageError, pageRoutes } from './page.ts';
import { relationRoutes } from './relation-routes.ts';
import { Rendering } from './rendering.ts';
import { searchRoutes } from './search-routes.ts';
import { settingsRoutes } from './settings-routes.ts';
import { Site } from './site.ts';
import { webhookRoutes } from './webhook-routes.ts';

export const createJira: VendorFactory = (context) => {
  const site = new Site(context.documents, context.clock, () => context.knobs().indexLagMs);
  const baseUrl = (): string => context.baseUrl();
  const rendering = new Rendering(site, baseUrl);
  const app = new Hono<VendorEnv>();
  app.use('/rest/*', rateLimited(context));
  app.use('/rest/*', numbersChecked);
  app.onError((error, c) => {
    if (!(error instanceof JiraError)) throw error;
    if (c.req.path.startsWith('/ui')) return c.html(pageError(error), 400);
    return c.json(error.body(), error.status as 400);
  });
  // What this site does not have: Jira's own answer for an unknown path.
  app.notFound((c) => c.json({ errorMessages: [`No endpoint ${c.req.method} ${c.req.path}.`], errors: {} }, 404));
  metaRoutes(app, site, rendering, baseUrl);
  searchRoutes(app, site, rendering);
  issueRoutes(app, site, rendering, baseUrl);
  relationRoutes(app, site, rendering);
  attachmentRoutes(app, site, rendering);
  webhookRoutes(app, site);
  settingsRoutes(app, site);
  pageRoutes(app, site);
  deliverEvents(site, rendering, context.webhooks);
  return { tool: 'jira', app };
};
