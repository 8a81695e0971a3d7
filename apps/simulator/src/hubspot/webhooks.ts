/**
 * Webhooks of an app: up to a hundred events a call, signed with the app's secret. Tasks have no subscription of their own, they come as `object.*`.
 * Source: webhooks v3; https://developers.hubspot.com/docs/apps/developer-platform/add-features/configure-webhooks
 */
import { createHmac } from 'node:crypto';
import type { Clock } from '../kernel/clock.ts';
import type { WebhookQueue } from '../kernel/webhooks.ts';
import type { CrmEvent } from './model.ts';
import { traitsOf } from './object-types.ts';
import type { Portal } from './portal.ts';
import { CLIENT_SECRET, PORTAL_ID, WEBHOOK_APP_ID } from './scenario.ts';

const MOST_EVENTS = 100;

/** Sends what happens to every address that was subscribed. */
export function deliverEvents(portal: Portal, clock: Clock, queue: WebhookQueue): void {
  portal.onEvents((events) => {
    for (const { id, url } of portal.subscriptions.values())
      for (let start = 0; start < events.length; start += MOST_EVENTS) {
        const chunk = events.slice(start, start + MOST_EVENTS);
        const lastEventId = portal.next('event', chunk.length);
        const body = JSON.stringify(chunk.map((event, index) => payload(event, lastEventId - chunk.length + 1 + index, id)));
        queue.send({ url, body, headers: () => headers(url, body, clock.nowMs()) });
      }
  });
}

function headers(url: string, body: string, nowMs: number): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-hubspot-request-timestamp': String(nowMs),
    'x-hubspot-signature-version': 'v3',
    'x-hubspot-signature-v3': createHmac('sha256', CLIENT_SECRET).update(`POST${url}${body}${nowMs}`).digest('base64'),
  };
}

function payload(event: CrmEvent, eventId: number, subscriptionId: number): object {
  const { typeId, singular } = traitsOf(event.objectType);
  const isGeneric = event.objectType === 'tasks';
  return {
    eventId,
    subscriptionId,
    portalId: PORTAL_ID,
    appId: WEBHOOK_APP_ID,
    occurredAt: event.atMs,
    subscriptionType: `${isGeneric ? 'object' : singular}.${event.kind}`,
    ...(isGeneric ? { objectTypeId: typeId } : {}),
    attemptNumber: 0,
    objectId: Number(event.objectId),
    ...(event.kind === 'creation' ? { changeFlag: 'CREATED' } : {}),
    ...(event.kind === 'deletion' ? { changeFlag: 'DELETED' } : {}),
    ...(event.kind === 'restore' ? { changeFlag: 'RESTORED' } : {}),
    ...(event.kind === 'propertyChange' ? { propertyName: event.propertyName, propertyValue: event.propertyValue } : {}),
    ...(event.kind === 'merge'
      ? {
          primaryObjectId: Number(event.objectId),
          mergedObjectIds: (event.mergedIds ?? []).map(Number),
          newObjectId: null,
          numberOfPropertiesMoved: event.movedProperties,
        }
      : {}),
    changeSource: event.source.sourceType,
    sourceId: event.source.sourceType === 'CRM_UI' ? `userId:${event.source.userId}` : event.source.sourceId,
  };
}
