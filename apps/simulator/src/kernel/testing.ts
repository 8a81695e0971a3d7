/** One vendor alone on a port, for its tests. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import { createClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { openDatabase } from './database.ts';
import { createFaultLog } from './fault-log.ts';
import type { FaultLog } from './fault-log.ts';
import { createFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { observe } from './observe.ts';
import { createRequestLog } from './request-log.ts';
import type { RequestLog } from './request-log.ts';
import { NO_KNOBS } from './vendor.ts';
import type { RateLimits, Tool, VendorEnv, VendorFactory } from './vendor.ts';
import { createWebhookQueue } from './webhooks.ts';
import type { WebhookQueue } from './webhooks.ts';

export interface ServedVendor {
  readonly url: string;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly faultLog: FaultLog;
  readonly log: RequestLog;
  readonly webhooks: WebhookQueue;
  close(): Promise<void>;
}

/** Serves a vendor on a free port. `databaseFile` keeps its records over a restart. */
export async function serveVendor(
  tool: Tool,
  factory: VendorFactory,
  options: { rateLimits?: RateLimits; databaseFile?: string } = {},
): Promise<ServedVendor> {
  const database = openDatabase(options.databaseFile ?? ':memory:');
  const clock = createClock();
  const faultLog = createFaultLog(clock);
  const faults = createFaults(clock, faultLog);
  const webhooks = createWebhookQueue(faultLog);
  const log = createRequestLog(database);
  let url = '';
  const vendor = factory({
    documents: database.documents(tool),
    clock,
    webhooks,
    rateLimits: () => options.rateLimits ?? 'off',
    knobs: () => NO_KNOBS,
    baseUrl: () => url,
  });
  const outer = new Hono<VendorEnv>();
  outer.use(observe({ tool, clock, faults, log, latencyMs: () => 0 }));
  outer.all('*', (c) => vendor.app.fetch(c.req.raw, c.env));
  return new Promise((resolve) => {
    const server = serve({ fetch: outer.fetch, port: 0, hostname: '127.0.0.1' }, (address: AddressInfo) => {
      url = `http://127.0.0.1:${address.port}`;
      const close = (): Promise<void> =>
        new Promise((done) => {
          webhooks.close();
          server.close(() => {
            database.close();
            done();
          });
          if ('closeAllConnections' in server) server.closeAllConnections();
        });
      resolve({ url, clock, faults, faultLog, log, webhooks, close });
    });
  });
}
