/**
 * The simulator as a whole: one database, one clock, a port per tool and one for its own API.
 */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createHubSpot } from './hubspot/server.ts';
import { createJira } from './jira/server.ts';
import { createAdmin } from './kernel/admin.ts';
import type { Knobs } from './kernel/admin.ts';
import { createClock } from './kernel/clock.ts';
import type { Clock } from './kernel/clock.ts';
import { openDatabase } from './kernel/database.ts';
import type { Database } from './kernel/database.ts';
import { createFaultLog } from './kernel/fault-log.ts';
import { createFaults } from './kernel/faults.ts';
import { observe } from './kernel/observe.ts';
import { createRequestLog } from './kernel/request-log.ts';
import { NO_KNOBS, TOOLS } from './kernel/vendor.ts';
import type { Tool, Vendor, VendorContext, VendorEnv, VendorFactory } from './kernel/vendor.ts';
import { createWebhookQueue } from './kernel/webhooks.ts';
import type { WebhookQueue } from './kernel/webhooks.ts';
import { createMail } from './mail/server.ts';
import type { MailVendor } from './mail/server.ts';
import { startSmtp } from './mail/smtp.ts';
import { createNotion } from './notion/server.ts';
import { createSalesforce } from './salesforce/server.ts';
import { createSlack } from './slack/server.ts';

const FACTORIES: Record<Exclude<Tool, 'mail'>, VendorFactory> = {
  jira: createJira,
  notion: createNotion,
  hubspot: createHubSpot,
  salesforce: createSalesforce,
  slack: createSlack,
};

/** Every tool, and the mail server's own part beside it. */
type Vendors = Record<Tool, Vendor> & { readonly mail: MailVendor };

/** Where something listens: the tools, mail by SMTP, the simulator's own API. */
type Place = Tool | 'smtp' | 'admin';

export interface SimulatorOptions {
  /** A SQLite file, or `:memory:`. */
  readonly databaseFile: string;
  /** Ports asked for; a free one where left out. */
  readonly ports?: Partial<Record<Place, number>>;
  readonly rateLimits?: Knobs['rateLimits'];
  readonly latencyMs?: number;
  readonly clock?: Clock;
}

export interface Simulator {
  /** Base URLs, without a slash at the end; `mail` is the page, `smtp` the server. */
  readonly urls: Readonly<Record<Place, string>>;
  close(): Promise<void>;
}

type Listening = { url: string; close(): Promise<void> };

/** Starts every tool. Rejects where a port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const database = openDatabase(options.databaseFile);
  const clock = options.clock ?? createClock();
  const faultLog = createFaultLog(clock);
  const faults = createFaults(clock, faultLog);
  const webhooks = createWebhookQueue(faultLog);
  const log = createRequestLog(database);
  const knobs: Knobs = { ...NO_KNOBS, rateLimits: options.rateLimits ?? 'documented', latencyMs: options.latencyMs ?? 0 };
  const urls: Partial<Record<Place, string>> = {};
  const build = (): Vendors => buildVendors({ database, clock, webhooks, knobs, urls });
  let vendors = build();
  const admin = createAdmin({
    clock,
    faults,
    faultLog,
    log,
    webhooks,
    knobs,
    vendors: () => Object.values(vendors),
    reset: () => {
      faults.clear();
      faultLog.clear();
      database.clear();
      vendors = build();
    },
  });
  const listening: Listening[] = [];
  const opened = async (place: Place, starting: Promise<Listening>): Promise<void> => {
    const server = await starting;
    urls[place] = server.url;
    listening.push(server);
  };
  for (const tool of TOOLS) {
    const outer = new Hono<VendorEnv>();
    outer.use(observe({ tool, clock, faults, log, latencyMs: () => knobs.latencyMs }));
    // Looked up for each request: a reset puts new vendors in place.
    outer.all('*', (c) => vendors[tool].app.fetch(c.req.raw, c.env));
    await opened(tool, listen(outer.fetch as Hono['fetch'], options.ports?.[tool]));
  }
  await opened('smtp', startSmtp({ faults, log, clock, mailbox: () => vendors.mail.mailbox }, options.ports?.smtp));
  await opened('admin', listen(admin.fetch, options.ports?.admin));
  return {
    urls: urls as Record<Place, string>,
    close: async () => {
      webhooks.close();
      faults.clear();
      await Promise.all(listening.map((server) => server.close()));
      database.close();
    },
  };
}

interface VendorParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly webhooks: WebhookQueue;
  readonly knobs: Knobs;
  readonly urls: Partial<Record<Place, string>>;
}

function buildVendors({ database, clock, webhooks, knobs, urls }: VendorParts): Vendors {
  const contextOf = (tool: Tool): VendorContext => ({
    documents: database.documents(tool),
    clock,
    webhooks,
    rateLimits: () => knobs.rateLimits,
    knobs: () => knobs,
    baseUrl: () => urls[tool] ?? 'http://127.0.0.1',
  });
  const vendor = (tool: Exclude<Tool, 'mail'>): Vendor => FACTORIES[tool](contextOf(tool));
  return {
    ...{ jira: vendor('jira'), notion: vendor('notion'), hubspot: vendor('hubspot'), salesforce: vendor('salesforce') },
    ...{ slack: vendor('slack'), mail: createMail(contextOf('mail')) },
  };
}

function listen(fetch: Hono['fetch'], port = 0): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname: '127.0.0.1', overrideGlobalObjects: false }, (address: AddressInfo) =>
      resolve({
        url: `http://127.0.0.1:${address.port}`,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      }),
    );
    server.once('error', reject);
  });
}
