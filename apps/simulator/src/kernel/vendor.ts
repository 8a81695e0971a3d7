/**
 * What the kernel gives a vendor and what it asks of one. A vendor is an HTTP application at the root of its own port, so that the vendor's own SDK
 * needs nothing but another base URL; faults, logging and webhook transport are the kernel's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Hono } from 'hono';
import type { Clock } from './clock.ts';
import type { Documents } from './database.ts';
import type { WebhookQueue } from './webhooks.ts';

export const TOOLS = ['jira', 'notion', 'hubspot', 'salesforce', 'slack', 'mail'] as const;
export type Tool = (typeof TOOLS)[number];

/** What a request did to records, as the vendor knows it. A refused or failed request did nothing. */
export type Effect = 'none' | 'read' | 'create' | 'update' | 'delete';

/** Filled in by the vendor's handlers while a request is served; written to the request log at the end. */
export interface Trace {
  /** The vendor's name of the operation ("bulk create issues"), the same for every id. */
  operation: string | null;
  /** Whose credentials were used (`lockstep`, `maria`); `person` for the tool's own page. */
  account: string | null;
  effect: Effect;
  /** How many records were read, made, changed or removed. */
  records: number;
}

/** Handlers fill in `c.env.trace`. */
export interface VendorEnv {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse; trace: Trace };
}

export type VendorApp = Hono<VendorEnv>;

export interface VendorContext {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly webhooks: WebhookQueue;
  /** `documented`: the vendor's published limits are enforced; `off`: headers as documented, never a 429. Read at each request. */
  rateLimits(): RateLimits;
  /** What else a test has turned. Read at each request. */
  knobs(): VendorKnobs;
  /** The base URL under which this vendor is reached, for links in answers. Known once the port is open. */
  baseUrl(): string;
}

/** Null: as the vendor does it. */
export interface VendorKnobs {
  /** How long a search does not show a write, by the simulator's clock. */
  readonly indexLagMs: number | null;
  /** After how many results a query stops, where the vendor has such a limit. */
  readonly mostResults: number | null;
  /** Calls that an app may make in a day, where the vendor counts by the day. */
  readonly dailyCalls: number | null;
}

export const NO_KNOBS: VendorKnobs = { indexLagMs: null, mostResults: null, dailyCalls: null };

export type RateLimits = 'documented' | 'off';

export interface Vendor {
  readonly tool: Tool;
  /** The vendor's routes, and a small page for people under `/ui`. */
  readonly app: VendorApp;
}

/** Makes a vendor with an empty account; `growth` fills it with the shipped scenario where the documents are empty. */
export type VendorFactory = (context: VendorContext) => Vendor;
