/** Webhooks of a world: what the tools send, signed as they sign it, handed over when the test says so. */
import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import type { Delivery } from '@lockstep/domain/sync/connector.port.ts';
import { ask } from '@lockstep/launcher/people/person.ts';
import { receiver } from '../conformance/receiver.ts';
import type { Receiver } from '../conformance/receiver.ts';
import { WEBHOOK_SECRET } from './world.ts';
import type { Tool, World } from './world.ts';

export interface Hooks {
  /** Deliveries that have arrived since the last look, once there are `count`. */
  arrived(count: number): Promise<readonly Delivery[]>;
  /** Takes deliveries in as the ingress does. Returns how many records they have marked. */
  handOver(deliveries: readonly Delivery[]): Promise<number>;
}

const ADMIN = { authorization: `Basic ${Buffer.from('maria@growth.example:jira-token-maria').toString('base64')}` };

export async function hooksOf(world: World, tool: Tool): Promise<Hooks> {
  const place = await receiver(() => Date.now());
  if (tool === 'jira') await subscribeToJira(world, place);
  else await ask(`${world.simulator.urls[tool]}/ui/webhooks`, { method: 'POST', headers: {}, body: { url: place.url } });
  // Notion's first call carries the token and is nobody's event.
  let seen = tool === 'notion' ? 1 : 0;
  const { connector } = world.run(tool).connection;
  return {
    async arrived(count) {
      await expect.poll(() => place.deliveries.length, { timeout: 10_000, interval: 5 }).toBeGreaterThanOrEqual(seen + count);
      const news = place.deliveries.slice(seen);
      seen = place.deliveries.length;
      return news.map((delivery) => signedAnew(tool, delivery));
    },
    async handOver(deliveries) {
      let marked = 0;
      for (const delivery of deliveries) {
        const verdict = connector.watches?.verify(delivery);
        if (verdict?.ok !== true || 'handshake' in verdict)
          throw new Error(`${tool}: expected a genuine delivery, got ${JSON.stringify(verdict)}`);
        const { deliveryId, hints } = verdict;
        const { receivedAt, body } = delivery;
        await world.workspace.store.transaction((tx) => tx.acceptDelivery({ connectionId: tool, deliveryId, receivedAt, body, hints }));
        marked += hints.length;
      }
      return marked;
    },
  };
}

async function subscribeToJira(world: World, { url }: Receiver): Promise<void> {
  await ask(`${world.simulator.urls.jira}/rest/webhooks/1.0/webhook`, {
    method: 'POST',
    headers: ADMIN,
    body: { name: 'Lockstep', url, events: ['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted'], secret: WEBHOOK_SECRET },
  });
}

/** Tokens and secrets of apps are the vendors' own: signed anew with the one that this world's connectors know. */
function signedAnew(tool: Tool, delivery: Delivery): Delivery {
  const { method, url, body, headers } = delivery;
  const mac = (...parts: readonly (string | Uint8Array)[]) =>
    parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', WEBHOOK_SECRET));
  if (tool === 'notion') return { ...delivery, headers: { ...headers, 'x-notion-signature': `sha256=${mac(body).digest('hex')}` } };
  if (tool === 'jira') return delivery;
  const signature = mac(method, url, body, headers['x-hubspot-request-timestamp'] ?? '').digest('base64');
  return { ...delivery, headers: { ...headers, 'x-hubspot-signature-v3': signature } };
}
