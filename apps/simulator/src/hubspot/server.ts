/** The stand-in for one HubSpot portal (CRM, versions v3, v4, 2026-03 and 2026-09) at the root of its port. */
import { Hono } from 'hono';
import type { VendorEnv, VendorFactory } from '../kernel/vendor.ts';
import { rateLimited, withGrants } from './access.ts';
import { accountRoutes } from './account-routes.ts';
import { associationBatchRoutes } from './association-batch-routes.ts';
import { associationRoutes } from './association-routes.ts';
import { Associations } from './associations.ts';
import { batchRoutes } from './batch-routes.ts';
import { HubSpotError, notFound } from './errors.ts';
import { journalRoutes } from './journal-routes.ts';
import { mergedTasks, mergeRoutes } from './merge-routes.ts';
import { Grants, oauthRoutes } from './oauth.ts';
import { objectRoutes } from './object-routes.ts';
import { ownerRoutes } from './owner-routes.ts';
import { pageError, pageRoutes } from './page.ts';
import { personRoutes } from './person-routes.ts';
import type { Parts } from './parts.ts';
import { Portal } from './portal.ts';
import { propertyRoutes } from './property-routes.ts';
import { Rendering } from './rendering.ts';
import { searchRoutes } from './search-routes.ts';
import { deliverEvents } from './webhooks.ts';

export const createHubSpot: VendorFactory = (context) => {
  const portal = new Portal(context.documents, context.clock, () => context.knobs().indexLagMs);
  const associations = new Associations(context.documents, (type, id) => portal.find(type, id)?.archivedMs === null);
  const rendering = new Rendering(portal.schema, associations);
  const parts: Parts = { portal, associations, rendering, baseUrl: () => context.baseUrl() };
  const app = new Hono<VendorEnv>();
  const grants = new Grants(context.documents, context.clock);
  const limits = rateLimited(context);
  app.use(withGrants(grants));
  // The journal has no limit.
  for (const path of ['/crm/*', '/account-info/*', '/oauth/*']) app.use(path, limits);
  app.onError((error, c) => {
    if (!(error instanceof HubSpotError)) throw error;
    if (c.req.path.startsWith('/ui')) return c.html(pageError(error), error.status as 400);
    return c.json(error.body(), error.status as 400);
  });
  // What this portal does not have: HubSpot's own answer for an unknown path.
  app.notFound((c) => c.json(notFound().body(), 404));
  batchRoutes(app, parts);
  searchRoutes(app, parts, () => context.knobs().mostResults);
  objectRoutes(app, parts);
  propertyRoutes(app, parts);
  ownerRoutes(app);
  accountRoutes(app);
  oauthRoutes(app, grants);
  mergeRoutes(app, parts);
  mergedTasks(app, parts);
  associationRoutes(app, parts);
  associationBatchRoutes(app, parts);
  journalRoutes(app, parts, context.documents);
  pageRoutes(app, parts);
  personRoutes(app, parts);
  deliverEvents(portal, context.clock, context.webhooks);
  return { tool: 'hubspot', app };
};
