/** The stand-in for one workspace of Slack: Web API under `/api`, answers to presses under `/actions`, at the root of its port. */
import { Hono } from 'hono';
import type { VendorEnv, VendorFactory } from '../kernel/vendor.ts';
import { createAccess, TooMany } from './access.ts';
import { chatRoutes } from './chat-routes.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { SlackError } from './errors.ts';
import { pageError, pageRoutes } from './page.ts';
import { personRoutes } from './person-routes.ts';
import { responseRoutes } from './response-routes.ts';
import { seed } from './scenario.ts';
import { userRoutes } from './user-routes.ts';
import { Workspace } from './workspace.ts';

export const createSlack: VendorFactory = (context) => {
  const workspace = new Workspace(context.documents, context.clock);
  seed(workspace);
  const access = createAccess(context, workspace);
  const baseUrl = (): string => context.baseUrl();
  const app = new Hono<VendorEnv>();
  app.onError((error, c) => {
    if (error instanceof TooMany) {
      c.header('retry-after', String(error.waitSeconds));
      return c.json({ ok: false, error: 'ratelimited' }, 429);
    }
    if (!(error instanceof SlackError)) throw error;
    // A call that was refused did nothing, though its status is 200.
    Object.assign(c.env.trace, { effect: 'none', records: 0 });
    const isForPeople = c.req.path.startsWith('/ui');
    const isJson = (c.req.header('content-type') ?? '').includes('json');
    if (isForPeople && !isJson) return c.html(pageError(error), 400);
    const status = isForPeople ? 400 : c.req.path.startsWith('/actions/') ? 404 : 200;
    return c.json(error.body(), status);
  });
  // A method that is not there, and one that is asked for in another way.
  app.notFound((c) => c.json(new SlackError('unknown_method', { req_method: c.req.path.split('/').at(-1) ?? '' }).body()));
  userRoutes(app, workspace, access, baseUrl);
  conversationRoutes(app, workspace, access);
  chatRoutes(app, workspace, access);
  responseRoutes(app, workspace);
  // Before the page, which has a path for every conversation.
  personRoutes(app, workspace, context.webhooks, baseUrl);
  pageRoutes(app, workspace);
  return { tool: 'slack', app };
};
