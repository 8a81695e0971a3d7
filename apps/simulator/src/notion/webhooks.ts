/**
 * Webhooks: what a subscription is told, and how it is signed. Signals only: who and what, never the content.
 * Source: webhook payload types of @notionhq/client 5.26; https://developers.notion.com/reference/webhooks.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { WebhookQueue } from '../kernel/webhooks.ts';
import type { SubscriptionRecord, UserRecord } from './model.ts';
import { WORKSPACE } from './workspace.ts';
import type { Workspace, WorkspaceEvent } from './workspace.ts';

/** Events that this stand-in sends; a subscription may name some of them. */
export const EVENTS = [
  'page.created',
  'page.properties_updated',
  'page.content_updated',
  'page.moved',
  'page.deleted',
  'page.undeleted',
  'page.locked',
  'page.unlocked',
  'comment.created',
  'comment.updated',
  'comment.deleted',
  'data_source.schema_updated',
] as const;

/** Makes a subscription and sends its token to the receiver, unsigned, as the first delivery. */
export function subscribe(workspace: Workspace, queue: WebhookQueue, url: string, events: readonly string[] | null): SubscriptionRecord {
  const subscription: SubscriptionRecord = {
    id: randomUUID(),
    url,
    verificationToken: `secret_${randomUUID().replaceAll('-', '')}`,
    events,
    isActive: true,
    createdMs: workspace.nowMs(),
  };
  workspace.put('subscription', subscription);
  const body = JSON.stringify({ verification_token: subscription.verificationToken });
  queue.send({ url, body, headers: () => ({ 'content-type': 'application/json' }) });
  return subscription;
}

/** Sends what happens to every subscription that asked for it and may see it. */
export function deliverEvents(workspace: Workspace, queue: WebhookQueue): void {
  workspace.onEvent((event) => {
    const bots = [...workspace.users.values()].filter((user) => user.type === 'bot');
    if (workspace.subscriptions.size === 0 || !isShared(workspace, event)) return;
    for (const subscription of workspace.subscriptions.values()) {
      if (!subscription.isActive || (subscription.events !== null && !subscription.events.includes(event.type))) continue;
      const body = JSON.stringify(payload(workspace, subscription, event, bots));
      const signature = createHmac('sha256', subscription.verificationToken).update(body).digest('hex');
      const headers = { 'content-type': 'application/json', 'x-notion-signature': `sha256=${signature}` };
      queue.send({ url: subscription.url, body, headers: () => headers });
    }
  });
}

/** A connection hears nothing of what it may not see. */
function isShared(workspace: Workspace, event: WorkspaceEvent): boolean {
  if (event.entity.type === 'data_source') return true;
  const id = event.entity.type === 'comment' ? workspace.comments.get(event.entity.id)?.pageId : event.entity.id;
  const page = workspace.pages.get(id ?? '');
  return page !== undefined && workspace.canSee({ id: '', type: 'bot' }, page);
}

function payload(workspace: Workspace, subscription: SubscriptionRecord, event: WorkspaceEvent, bots: readonly UserRecord[]): unknown {
  return {
    id: randomUUID(),
    timestamp: new Date(workspace.nowMs()).toISOString(),
    workspace_id: WORKSPACE.id,
    workspace_name: WORKSPACE.name,
    subscription_id: subscription.id,
    integration_id: WORKSPACE.integrationId,
    authors: [event.actor],
    accessible_by: bots.map(({ id, type }) => ({ id, type })),
    attempt_number: 1,
    api_version: '2026-03-11',
    type: event.type,
    entity: event.entity,
    data: event.data,
  };
}
