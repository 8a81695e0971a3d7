/** The stand-in for one Salesforce org (REST API, OAuth, undelete of the SOAP API) at the root of its port. */
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { VendorContext, VendorEnv, VendorFactory } from '../kernel/vendor.ts';
import { limited, Sessions, Usage } from './access.ts';
import { accountOperations, identityOf, isVersion, versions } from './account-routes.ts';
import { collectionOperations } from './collection-routes.ts';
import { compositeOperations } from './composite-routes.ts';
import { dispatcher, methodsOf } from './dispatch.ts';
import { notFound, SalesforceError } from './errors.ts';
import { externalIdOperations } from './external-id-routes.ts';
import { Grants, oauthRoutes } from './oauth.ts';
import { objectOperations, recordOperations } from './object-routes.ts';
import type { Answer, Operation } from './operations.ts';
import { Org } from './org.ts';
import { pageError, pageRoutes } from './page.ts';
import { queryOperations } from './query-routes.ts';
import { replicationOperations } from './replication-routes.ts';
import { Rules } from './rules.ts';
import { seed } from './scenario.ts';
import { settingsRoutes } from './settings-routes.ts';
import { soapRoutes } from './soap-routes.ts';
import type { Writers } from './writing.ts';

export const createSalesforce: VendorFactory = (context) => {
  const org = new Org(context.documents, context.clock);
  if (org.isEmpty) seed(org);
  const writers: Writers = { org, rules: new Rules(context.documents) };
  const grants = new Grants(context.documents, context.clock);
  const sessions = new Sessions(org, grants);
  const usage = new Usage(context);
  const operations = operationsOf(writers, usage, context);
  const app = new Hono<VendorEnv>({ strict: false });
  app.use('/services/data/:version/*', limited(usage));
  app.onError((error, c) => {
    if (!(error instanceof SalesforceError)) throw error;
    const isPage = c.req.path.startsWith('/ui') && !c.req.path.startsWith('/ui/settings');
    return isPage ? c.html(pageError(error), error.status as 400) : c.json(error.body(), error.status as 400);
  });
  const methodsAt = methodsOf(operations);
  app.notFound((c) => {
    const allowed = methodsAt(c.req.path);
    if (allowed.length === 0) return c.json(notFound().body(), 404);
    const message = `HTTP Method '${c.req.method}' not allowed. Allowed are ${allowed.join(',')}`;
    return c.json([{ message, errorCode: 'METHOD_NOT_ALLOWED' }], 405);
  });
  app.get('/services/data', (c) => {
    c.env.trace.operation = 'versions';
    return c.json(versions());
  });
  const [organization] = org.list(org.schema.object('Organization'));
  const orgId = organization?.id ?? '';
  oauthRoutes(app, grants, {
    baseUrl: () => context.baseUrl(),
    orgId: () => orgId,
    userIdOf: (account) => sessions.named(account)?.userId ?? null,
  });
  identityRoutes(app, { org, sessions, context });
  for (const operation of operations)
    app.on(operation.method, `/services/data/:version${operation.path}`, async (c) => {
      const version = c.req.param('version') ?? '';
      if (!isVersion(version)) throw notFound();
      const session = sessions.of(c.req.header('authorization'));
      Object.assign(c.env.trace, { account: session.account, operation: operation.name });
      const text = operation.method === 'GET' || operation.method === 'DELETE' ? '' : await c.req.text();
      const answer = org.transaction(() =>
        operation.run({
          session,
          version,
          params: c.req.param(),
          query: new URL(c.req.url).searchParams,
          header: (name) => c.req.header(name),
          text,
          trace: c.env.trace,
        }),
      );
      return toResponse(c, answer);
    });
  soapRoutes(app, writers, sessions);
  settingsRoutes(app, writers, { grants, sessions });
  pageRoutes(app, writers, sessions);
  return { tool: 'salesforce', app };
};

/** In the order in which they are matched. */
function operationsOf(writers: Writers, usage: Usage, context: VendorContext): readonly Operation[] {
  const operations = [
    ...accountOperations(writers.org, usage, () => context.baseUrl()),
    ...queryOperations(writers.org),
    ...collectionOperations(writers),
    ...objectOperations(writers),
    ...replicationOperations(writers.org),
    ...recordOperations(writers),
    ...externalIdOperations(writers),
  ];
  // A composite does not hold composites.
  return [...compositeOperations(writers.org, dispatcher(operations), () => usage.count()), ...operations];
}

function identityRoutes(
  app: Hono<VendorEnv>,
  { org, sessions, context }: { readonly org: Org; readonly sessions: Sessions; readonly context: VendorContext },
): void {
  const identity = (c: Context<VendorEnv>): Response => {
    const token = c.req.query('oauth_token');
    const session = sessions.of(c.req.header('authorization') ?? (token === undefined ? undefined : `Bearer ${token}`));
    Object.assign(c.env.trace, { account: session.account, operation: 'identity', effect: 'read', records: 1 });
    return c.json(identityOf(org, session.userId, context.baseUrl()));
  };
  app.get('/services/oauth2/userinfo', identity);
  app.get('/id/:organization/:user', identity);
}

function toResponse(c: Context<VendorEnv>, { status, body, headers }: Answer): Response {
  if (body === undefined) return c.body(null, status as 204, headers);
  return c.body(JSON.stringify(body), status as 200, { 'content-type': 'application/json;charset=UTF-8', ...headers });
}
