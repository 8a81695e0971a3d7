/**
 * Webhooks in: verify over the raw body, store, answer 202, wake. Fails closed; what a delivery says is never believed, only where to look (law C05).
 */
import { Hono } from 'hono';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import type { Logger } from 'pino';
import { markedTraces } from '../telemetry/subjects.ts';
import { NO_TRACES } from '../telemetry/traces.ts';
import type { Traces } from '../telemetry/traces.ts';
import type { Wakes } from '../wakes.ts';
import { bodyOf, CLOSE, isPlain } from './body.ts';
import { createDeliveries } from './deliveries.ts';

export interface IngressParts {
  readonly workspace: Workspace;
  readonly wakes: Wakes;
  readonly log: Logger;
  /** The base URL that the vendor was given; the request's own where there is none. */
  readonly publicUrl: string | null;
  /** Left out: nothing is traced. */
  readonly traces?: Traces;
}

/** Jira drops deliveries over 25 MB; nothing that we subscribe to comes near this. */
const MOST_BYTES = 2 * 1024 * 1024;

/** Ids of records and of deliveries, as all vendors make them. A signed one of another form is no vendor's. */
const VENDORS_ID = /^[A-Za-z0-9][\w:.-]{0,199}$/;

export function createIngress(parts: IngressParts): Hono {
  const app = new Hono();
  const { traces = NO_TRACES } = parts;
  const accept = createDeliveries(parts.workspace.store);
  app.post('/webhooks/:connectionId', async (c) => {
    const connectionId = c.req.param('connectionId');
    const watches = parts.workspace.connections.find((connection) => connection.connectionId === connectionId)?.connector.watches;
    if (watches === undefined) return c.json({ error: 'no such connection' }, 404);
    if (!isPlain(c.req.header('content-encoding'))) return c.json({ error: 'expected an uncompressed body' }, 415, CLOSE);
    const body = await bodyOf(c.req.raw, MOST_BYTES);
    if (body === 'too large') return c.json({ error: body }, 413, CLOSE);
    if (body === 'broken off') return c.json({ error: body }, 400, CLOSE);
    const url = parts.publicUrl === null ? c.req.url : new URL(c.req.path, parts.publicUrl).href;
    const receivedAt = parts.workspace.now();
    const verdict = watches.verify({ method: c.req.method, url, headers: Object.fromEntries(c.req.raw.headers), body, receivedAt });
    if (!verdict.ok) {
      parts.log.warn({ security: true, connectionId, reason: verdict.reason }, 'a webhook was refused');
      return c.json({ error: verdict.reason }, verdict.reason === 'malformed' ? 400 : 401);
    }
    if ('handshake' in verdict) return c.text(verdict.handshake, 200);
    if (![verdict.deliveryId, ...verdict.hints.map(({ remoteId }) => remoteId)].every((id) => VENDORS_ID.test(id))) {
      parts.log.warn({ security: true, connectionId, reason: 'malformed' }, 'a webhook was refused');
      return c.json({ error: 'malformed' }, 400);
    }
    const delivery = { connectionId, deliveryId: verdict.deliveryId, receivedAt, body, hints: verdict.hints };
    const attributes = { 'lockstep.connection': connectionId, 'lockstep.hints': verdict.hints.length };
    const fresh = await traces.doing({ name: 'webhook', subject: null, attributes }, async () => {
      const isFresh = await accept(delivery);
      if (isFresh && verdict.hints.length > 0) await traces.leave(markedTraces(connectionId));
      return isFresh;
    });
    if (fresh && verdict.hints.length > 0) {
      // The delivery is stored: a wake that is lost is made up for by the next poll.
      parts.wakes
        .wake([connectionId], { reason: 'marked' })
        .catch((error: unknown) => parts.log.warn({ err: error, connectionId }, 'a wake was lost'));
    }
    return c.json({ accepted: fresh, ignored: verdict.ignored }, fresh && verdict.hints.length > 0 ? 202 : 200);
  });
  return app;
}
