/** Deliveries as the vendors sign them, with the secret of a world's connectors, and whatever a forger makes of them. */
import { createHmac } from 'node:crypto';
import { WEBHOOK_SECRET } from '../scenarios/world.ts';
import type { Tool } from '../scenarios/world.ts';

/** Salesforce sends no webhooks. */
export type HookedTool = Exclude<Tool, 'salesforce'>;

export interface Signing {
  readonly url: string;
  readonly body: Uint8Array;
  /** HubSpot signs the time. */
  readonly atMs?: number;
  readonly secret?: string;
}

/** The headers that the vendor would send with this body. */
export function signed(tool: HookedTool, { url, body, atMs = Date.now(), secret = WEBHOOK_SECRET }: Signing): Record<string, string> {
  const mac = (...parts: readonly (string | Uint8Array)[]) => parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', secret));
  if (tool === 'jira') return { 'x-hub-signature': `sha256=${mac(body).digest('hex')}` };
  if (tool === 'notion') return { 'x-notion-signature': `sha256=${mac(body).digest('hex')}` };
  const timestamp = String(atMs);
  return {
    'x-hubspot-request-timestamp': timestamp,
    'x-hubspot-signature-v3': mac('POST', url, body, timestamp).digest('base64'),
  };
}

const EVENTS: Readonly<Record<HookedTool, (recordId: string, eventId: string) => unknown>> = {
  jira: (id, eventId) => ({ timestamp: eventId, webhookEvent: 'jira:issue_updated', issue: { id, key: 'GROW-1' } }),
  notion: (id, eventId) => ({ id: eventId, type: 'page.properties_updated', entity: { id, type: 'page' } }),
  hubspot: (id, eventId) => [{ eventId, subscriptionType: 'object.propertyChange', objectTypeId: '0-27', objectId: id }],
};

/** An event that says that this record has changed. */
export function eventOf(tool: HookedTool, recordId: string, eventId: string): Uint8Array {
  return Buffer.from(JSON.stringify(EVENTS[tool](recordId, eventId)));
}
