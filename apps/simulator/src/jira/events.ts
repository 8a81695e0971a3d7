/** What Jira posts to webhooks when something happens: an administrator's are signed with their secret, dynamic ones are not. */
import { createHmac, randomUUID } from 'node:crypto';
import type { WebhookQueue } from '../kernel/webhooks.ts';
import { JiraError } from './errors.ts';
import { parseJql } from './jql.ts';
import { matchingIssues } from './matching.ts';
import type { Webhook } from './model.ts';
import { issueView } from './rendering.ts';
import type { Rendering } from './rendering.ts';
import type { Site, SiteEvent } from './site.ts';

/** Answers after which Jira tries again; another refusal is final. */
const isRetried = (status: number): boolean => [408, 409, 425, 429].includes(status) || status >= 500;

/** Sends events to the webhooks that asked for them. */
export function deliverEvents(site: Site, rendering: Rendering, queue: WebhookQueue): void {
  site.onEvent((event) => {
    for (const webhook of site.webhooks.values()) {
      const isAlive = webhook.enabled && (webhook.expiresMs === null || webhook.expiresMs > site.nowMs());
      if (!isAlive || !webhook.events.includes(event.name) || !matches(site, webhook, event)) continue;
      const body = JSON.stringify(payload(site, rendering, event));
      const identifier = randomUUID();
      queue.send({ url: webhook.url, body, headers: (attempt) => headers(webhook, body, identifier, attempt), isRetried });
    }
  });
}

function matches(site: Site, webhook: Webhook, event: SiteEvent): boolean {
  const { fieldIds } = webhook;
  if (event.name === 'jira:issue_updated' && fieldIds.length > 0 && !event.change?.items.some((item) => fieldIds.includes(item.fieldId)))
    return false;
  if (webhook.jql.trim() === '' || event.issue === null || event.name === 'jira:issue_deleted') return true;
  try {
    const only = site.issues.get(event.issue.id);
    if (only === undefined) return false;
    return matchingIssues(site, parseJql(webhook.jql), { user: event.user, reconcile: new Set([only.id]), only }).length > 0;
  } catch (error) {
    // A filter can speak of what the site no longer has (a status): then it finds nothing, and the write that is told of stands.
    if (error instanceof JiraError) return false;
    throw error;
  }
}

function headers(webhook: Webhook, body: string, identifier: string, attempt: number): Record<string, string> {
  return {
    'content-type': 'application/json; charset=UTF-8',
    'x-atlassian-webhook-identifier': identifier,
    'x-atlassian-webhook-flow': 'Primary',
    ...(attempt === 1 ? {} : { 'x-atlassian-webhook-retry': String(attempt - 1) }),
    ...(webhook.secret === null ? {} : { 'x-hub-signature': `sha256=${createHmac('sha256', webhook.secret).update(body).digest('hex')}` }),
  };
}

function payload(site: Site, rendering: Rendering, event: SiteEvent): unknown {
  const { issue, user, change, link, comment } = event;
  return {
    timestamp: site.nowMs(),
    webhookEvent: event.name,
    ...(event.name === 'jira:issue_updated' ? { issue_event_type_name: 'issue_generic' } : {}),
    user: rendering.user(user),
    ...(issue === null ? {} : { issue: rendering.issue(issue, user, issueView(['*all'], [], '')) }),
    ...(issue === null || comment === undefined ? {} : { comment: rendering.comment(comment, issue, user) }),
    ...(change === null ? {} : { changelog: { id: change.id, items: change.items } }),
    ...(link === null
      ? {}
      : {
          issueLink: {
            id: Number(link.id),
            sourceIssueId: Number(link.inwardId),
            destinationIssueId: Number(link.outwardId),
            issueLinkType: { id: Number(link.typeId) },
          },
        }),
  };
}
