/**
 * What the owner of a workspace sets up in the vendor's settings, which no API reaches: webhook subscriptions, and what a connection may do.
 * JSON and form bodies alike, under /ui.
 */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { WebhookQueue } from '../kernel/webhooks.ts';
import type { NotionContext } from './access.ts';
import { invalid } from './errors.ts';
import type { SubscriptionRecord } from './model.ts';
import { EVENTS, subscribe } from './webhooks.ts';
import type { Workspace } from './workspace.ts';

const subscriptionSchema = z.strictObject({ url: z.url(), events: z.array(z.enum(EVENTS)).min(1).optional() });
const connectionSchema = z.strictObject({
  capabilities: z.array(z.enum(['read', 'insert', 'update', 'comment'])).optional(),
  isRevoked: z.boolean().optional(),
});

export function settingsRoutes(app: Hono<VendorEnv>, workspace: Workspace, queue: WebhookQueue): void {
  app.post('/ui/webhooks', async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'settings: subscribe a webhook' });
    const { url, events } = await givenBody(c, subscriptionSchema);
    const subscription = subscribe(workspace, queue, url, events ?? null);
    return isJson(c)
      ? c.json({ ...shown(subscription), verification_token: subscription.verificationToken }, 201)
      : c.redirect('/ui/settings');
  });
  app.get('/ui/webhooks', (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'settings: list webhooks' });
    return c.json({ results: [...workspace.subscriptions.values()].filter(({ isActive }) => isActive).map(shown) });
  });
  app.post('/ui/webhooks/:id/delete', (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'settings: delete a webhook' });
    const subscription = workspace.subscriptions.get(c.req.param('id'));
    if (subscription === undefined) throw invalid(`webhook subscription: expected a known id, got ${c.req.param('id')}`);
    workspace.put('subscription', { ...subscription, isActive: false });
    return isJson(c) ? c.json(shown({ ...subscription, isActive: false })) : c.redirect('/ui/settings');
  });
  app.post('/ui/connections/:account', async (c) => {
    Object.assign(c.env.trace, { account: 'person', operation: 'settings: change a connection' });
    const connection = [...workspace.connections.values()].find(({ account }) => account === c.req.param('account'));
    if (connection === undefined) throw invalid(`connection: expected a known account, got ${c.req.param('account')}`);
    const { capabilities, isRevoked } = await givenBody(c, connectionSchema);
    const changed = {
      ...connection,
      capabilities: capabilities ?? connection.capabilities,
      isRevoked: isRevoked ?? connection.isRevoked,
    };
    workspace.put('connection', changed);
    return c.json({ account: changed.account, capabilities: changed.capabilities, isRevoked: changed.isRevoked });
  });
}

function shown(subscription: SubscriptionRecord): Record<string, unknown> {
  const { id, url, events, isActive } = subscription;
  return { id, url, events, isActive };
}

function isJson(c: NotionContext): boolean {
  return (c.req.header('content-type') ?? '').includes('json');
}

async function givenBody<S extends z.ZodType>(c: NotionContext, schema: S): Promise<z.infer<S>> {
  const form = async (): Promise<unknown> => Object.fromEntries((await c.req.formData()).entries());
  const result = schema.safeParse(isJson(c) ? await c.req.json() : await form());
  if (!result.success) throw invalid(z.prettifyError(result.error));
  return result.data;
}
