/**
 * Webhooks in: verify over the raw body, store, answer 202, wake. Fails closed; what a delivery says is never believed, only where to look (law C05).
 */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import type { Logger } from 'pino';
import type { Wakes } from '../wakes.ts';

export interface IngressParts {
  readonly workspace: Workspace;
  readonly wakes: Wakes;
  readonly log: Logger;
  /** The base URL that the vendor was given; the request's own where there is none. */
  readonly publicUrl: string | null;
}

/** Jira drops deliveries over 25 MB; nothing that we subscribe to comes near this. */
const MOST_BYTES = 2 * 1024 * 1024;

export function createIngress(parts: IngressParts): Hono {
  const app = new Hono();
  app.post(
    '/webhooks/:connectionId',
    bodyLimit({ maxSize: MOST_BYTES, onError: (c) => c.json({ error: 'too large' }, 413) }),
    async (c) => {
      const connectionId = c.req.param('connectionId');
      const watches = parts.workspace.connections.find((connection) => connection.connectionId === connectionId)?.connector.watches;
      if (watches === undefined) return c.json({ error: 'no such connection' }, 404);
      const body = new Uint8Array(await c.req.arrayBuffer());
      const url = parts.publicUrl === null ? c.req.url : new URL(c.req.path, parts.publicUrl).href;
      const receivedAt = parts.workspace.now();
      const verdict = watches.verify({ method: c.req.method, url, headers: Object.fromEntries(c.req.raw.headers), body, receivedAt });
      if (!verdict.ok) {
        parts.log.warn({ security: true, connectionId, reason: verdict.reason }, 'a webhook was refused');
        return c.json({ error: verdict.reason }, verdict.reason === 'malformed' ? 400 : 401);
      }
      if ('handshake' in verdict) return c.text(verdict.handshake, 200);
      const fresh = await parts.workspace.store.transaction((tx) =>
        tx.acceptDelivery({ connectionId, deliveryId: verdict.deliveryId, receivedAt, body, hints: verdict.hints }),
      );
      if (fresh && verdict.hints.length > 0) {
        // The delivery is stored: a wake that is lost is made up for by the next poll.
        parts.wakes.wake([connectionId]).catch((error: unknown) => parts.log.warn({ err: error, connectionId }, 'a wake was lost'));
      }
      return c.json({ accepted: fresh, ignored: verdict.ignored }, fresh && verdict.hints.length > 0 ? 202 : 200);
    },
  );
  return app;
}
