/** The simulator's own API, on a port of its own so that no vendor path is taken: faults, clock, request log, reset. For tests and for the story. */
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { FaultLog } from './fault-log.ts';
import { faultSchema } from './faults.ts';
import type { Faults } from './faults.ts';
import type { RequestFilter, RequestLog } from './request-log.ts';
import type { RateLimits, Vendor, VendorKnobs } from './vendor.ts';
import type { WebhookQueue } from './webhooks.ts';

export interface Knobs extends VendorKnobs {
  rateLimits: RateLimits;
  /** Round trip added to each request, in milliseconds. */
  latencyMs: number;
}

export interface AdminParts {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly faultLog: FaultLog;
  readonly log: RequestLog;
  readonly webhooks: WebhookQueue;
  readonly knobs: Knobs;
  vendors(): readonly Vendor[];
  /** Back to the scenario's beginning. */
  reset(): void;
}

const clockSchema = z
  .strictObject({ freeze: z.iso.datetime().nullable().optional(), advanceMs: z.number().int().optional() })
  .refine(({ freeze, advanceMs }) => (freeze === undefined) !== (advanceMs === undefined), 'expected one of freeze and advanceMs');
const knobsSchema = z.strictObject({
  rateLimits: z.enum(['documented', 'off']).optional(),
  latencyMs: z.number().min(0).optional(),
  indexLagMs: z.number().int().min(0).nullable().optional(),
  mostResults: z.number().int().min(1).nullable().optional(),
  dailyCalls: z.number().int().min(1).nullable().optional(),
});
const rate = z.number().min(0).max(1).optional();
const webhooksSchema = z.strictObject({
  hold: z.boolean().optional(),
  copies: z.number().int().min(1).optional(),
  reversed: z.boolean().optional(),
  drop: z.boolean().optional(),
  dropRate: rate,
  copyRate: rate,
  lateRate: rate,
  lateMs: z.number().int().min(0).optional(),
  swapRate: rate,
  seed: z.number().int().optional(),
});

export function createAdmin(parts: AdminParts): Hono {
  const app = new Hono().basePath('/_simulator');
  app.onError((error, c) => c.json({ error: error instanceof z.ZodError ? z.prettifyError(error) : String(error) }, 400));
  app.get('/health', (c) => c.json({ ok: true }));
  app.get('/requests', (c) => {
    const limit = z.coerce.number().int().min(1).max(100_000).catch(1_000).parse(c.req.query('limit'));
    return c.json({ requests: parts.log.list(filterOf(c), limit), lastSeq: parts.log.lastSeq() });
  });
  app.get('/counts', (c) => c.json({ ...parts.log.counts(filterOf(c)), lastSeq: parts.log.lastSeq() }));
  app.post('/faults', async (c) => {
    parts.faults.add(faultSchema.parse(await c.req.json()));
    return c.json(parts.faults.status());
  });
  app.get('/faults', (c) => c.json(parts.faults.status()));
  app.get('/faults/log', (c) => c.json({ faults: parts.faultLog.list(Number(c.req.query('after') ?? 0)) }));
  app.delete('/faults', (c) => {
    parts.faults.clear();
    return c.json(parts.faults.status());
  });
  app.post('/clock', async (c) => {
    const { freeze, advanceMs } = clockSchema.parse(await c.req.json());
    if (advanceMs !== undefined) parts.clock.advance(advanceMs);
    if (freeze !== undefined) parts.clock.freeze(freeze === null ? null : Date.parse(freeze));
    return c.json({ now: new Date(parts.clock.nowMs()).toISOString() });
  });
  app.post('/settings', async (c) => {
    const settings = knobsSchema.parse(await c.req.json());
    Object.assign(parts.knobs, settings);
    noteSetting(parts, settings);
    return c.json(parts.knobs);
  });
  app.post('/webhooks', async (c) => {
    const settings = webhooksSchema.parse(await c.req.json());
    parts.webhooks.set(settings);
    noteSetting(parts, settings);
    if (!parts.webhooks.faults.hold) parts.webhooks.release();
    return c.json({ ...parts.webhooks.faults, ...parts.webhooks.counts });
  });
  app.get('/webhooks', (c) => c.json({ ...parts.webhooks.faults, ...parts.webhooks.counts }));
  app.post('/reset', (c) => {
    parts.reset();
    return c.json({ ok: true });
  });
  /** What each tool answers to, for the contract suite. */
  app.get('/routes', (c) =>
    c.json(
      Object.fromEntries(
        parts.vendors().map(({ tool, app: vendor }) => [tool, vendor.routes.map(({ method, path }) => ({ method, path }))]),
      ),
    ),
  );
  return app;
}

function noteSetting({ faultLog }: AdminParts, settings: object): void {
  faultLog.record({ tool: null, fault: 'setting', method: null, path: JSON.stringify(settings) });
}

function filterOf(c: Context): RequestFilter {
  const after = c.req.query('after');
  return {
    ...(c.req.query('tool') === undefined ? {} : { tool: c.req.query('tool') as string }),
    ...(c.req.query('account') === undefined ? {} : { account: c.req.query('account') as string }),
    ...(after === undefined ? {} : { after: z.coerce.number().int().min(0).parse(after) }),
  };
}
