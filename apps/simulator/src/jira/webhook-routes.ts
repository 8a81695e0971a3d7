/**
 * Where webhooks are registered: dynamic ones (30 days, refreshed by the client) and an administrator's.
 * Source: https://developer.atlassian.com/cloud/jira/platform/webhooks/
 */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { userOf } from './access.ts';
import { bodyOf, numberParameter } from './body.ts';
import { JiraError } from './errors.ts';
import { parseJql } from './jql.ts';
import { matchingIssues } from './matching.ts';
import type { User, Webhook } from './model.ts';
import type { Site } from './site.ts';

const LIFE_MS = 30 * 86_400_000;
const DYNAMIC_EVENTS = [
  'jira:issue_created',
  'jira:issue_updated',
  'jira:issue_deleted',
  'comment_created',
  'comment_updated',
  'comment_deleted',
] as const;
const ADMIN_EVENTS = [...DYNAMIC_EVENTS, 'issuelink_created', 'issuelink_deleted'] as const;

/** What this site does not do (events and filters of issue properties) is refused here, not accepted and forgotten. */
const registerSchema = z.strictObject({
  url: z.url(),
  webhooks: z
    .array(
      z.strictObject({
        events: z.array(z.enum(DYNAMIC_EVENTS)).min(1),
        jqlFilter: z.string(),
        fieldIdsFilter: z.array(z.string()).optional(),
      }),
    )
    .min(1),
});
const idsSchema = z.strictObject({ webhookIds: z.array(z.number().int()).min(1) });
const adminSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  url: z.url(),
  events: z.array(z.enum(ADMIN_EVENTS)).min(1),
  secret: z.string().optional(),
  filters: z.strictObject({ 'issue-related-events-section': z.string().optional() }).optional(),
  excludeBody: z.literal(false).optional(),
});

export function webhookRoutes(app: Hono<VendorEnv>, site: Site): void {
  app.post('/rest/api/3/webhook', async (c) => {
    const user = userOf(c);
    const body = await bodyOf(c, registerSchema);
    const results = body.webhooks.map(({ events, jqlFilter, fieldIdsFilter }) => {
      try {
        refuseFilter(site, user, jqlFilter);
      } catch (error) {
        return { errors: error instanceof JiraError ? [...error.errorMessages] : [String(error)] };
      }
      const id = site.next('webhook');
      site.saveWebhook({
        id,
        kind: 'dynamic',
        name: `dynamic ${id}`,
        url: body.url,
        events,
        jql: jqlFilter,
        fieldIds: fieldIdsFilter ?? [],
        secret: null,
        expiresMs: site.nowMs() + LIFE_MS,
        enabled: true,
      });
      return { createdWebhookId: id };
    });
    return c.json({ webhookRegistrationResult: results });
  });
  app.get('/rest/api/3/webhook', (c) => {
    userOf(c);
    const all = [...site.webhooks.values()].filter((webhook) => webhook.kind === 'dynamic');
    const startAt = numberParameter(c, 'startAt', 0);
    const maxResults = Math.min(numberParameter(c, 'maxResults', 100), 100);
    const values = all.slice(startAt, startAt + maxResults).map(({ id, jql, events, expiresMs, url, fieldIds }) => ({
      id,
      url,
      jqlFilter: jql,
      events,
      ...(fieldIds.length === 0 ? {} : { fieldIdsFilter: fieldIds }),
      expirationDate: expiresMs,
    }));
    return c.json({ startAt, maxResults, total: all.length, isLast: startAt + values.length >= all.length, values });
  });
  app.delete('/rest/api/3/webhook', async (c) => {
    userOf(c);
    for (const id of (await bodyOf(c, idsSchema)).webhookIds) if (site.webhooks.get(id)?.kind === 'dynamic') site.removeWebhook(id);
    return c.body(null, 202);
  });
  app.put('/rest/api/3/webhook/refresh', async (c) => {
    userOf(c);
    const expiresMs = site.nowMs() + LIFE_MS;
    for (const id of (await bodyOf(c, idsSchema)).webhookIds) {
      const webhook = site.webhooks.get(id);
      if (webhook?.kind === 'dynamic') site.saveWebhook({ ...webhook, expiresMs });
    }
    return c.json({ expirationDate: expiresMs });
  });
  adminRoutes(app, site);
}

/** Refuses a filter that no issue could be held against: one that does not parse, or speaks of what the site does not have. */
function refuseFilter(site: Site, user: User, jql: string): void {
  matchingIssues(site, parseJql(jql), { user, reconcile: new Set() });
}

function adminRoutes(app: Hono<VendorEnv>, site: Site): void {
  const path = '/rest/webhooks/1.0/webhook';
  const shown = (webhook: Webhook, base: string): object => ({
    name: webhook.name,
    url: webhook.url,
    events: webhook.events,
    filters: { 'issue-related-events-section': webhook.jql },
    excludeBody: false,
    enabled: webhook.enabled,
    isSigned: webhook.secret !== null,
    self: `${new URL(base).origin}${path}/${webhook.id}`,
  });
  app.post(path, async (c) => {
    const user = userOf(c);
    const body = await bodyOf(c, adminSchema);
    const jql = body.filters?.['issue-related-events-section'] ?? '';
    refuseFilter(site, user, jql);
    const webhook: Webhook = {
      id: site.next('webhook'),
      kind: 'admin',
      name: body.name,
      url: body.url,
      events: body.events,
      jql,
      fieldIds: [],
      secret: body.secret ?? null,
      expiresMs: null,
      enabled: true,
    };
    site.saveWebhook(webhook);
    return c.json(shown(webhook, c.req.url), 201);
  });
  app.get(path, (c) => {
    userOf(c);
    return c.json([...site.webhooks.values()].filter((webhook) => webhook.kind === 'admin').map((webhook) => shown(webhook, c.req.url)));
  });
  app.delete(`${path}/:id`, (c) => {
    userOf(c);
    const id = Number(c.req.param('id'));
    if (site.webhooks.get(id)?.kind !== 'admin') throw new JiraError(404, [`Webhook with id ${c.req.param('id')} not found.`]);
    site.removeWebhook(id);
    return c.body(null, 204);
  });
}
