/** Around every request of a tool: inject the fault that a test asked for, and write the request log. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, MiddlewareHandler, Next } from 'hono';
import type { Clock } from './clock.ts';
import type { FaultAction, Faults } from './faults.ts';
import { partialBatch, refusalOf } from './refusals.ts';
import type { RequestLog } from './request-log.ts';
import type { Tool, Trace, VendorEnv } from './vendor.ts';

export interface ObserveParts {
  readonly tool: Tool;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** Round trip to add to each request, in milliseconds. */
  latencyMs(): number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function observe(parts: ObserveParts): MiddlewareHandler<VendorEnv> {
  return async (c, next) => {
    const startedMs = performance.now();
    const url = new URL(c.req.url);
    const path = `${url.pathname}${url.search}`;
    const trace: Trace = { operation: null, account: null, effect: 'none', records: 0 };
    c.env.trace = trace;
    const authorization = c.req.header('authorization');
    const active = parts.faults.take({ tool: parts.tool, method: c.req.method, path, authorization });
    const action = active?.fault.action ?? null;
    const latencyMs = parts.latencyMs();
    if (latencyMs > 0) await wait(latencyMs);
    const wasAsked = await answer(parts.tool, action, c, next);
    // Vendors' answers carry the vendor's clock.
    if (action?.kind !== 'lose-request') c.res.headers.set('date', new Date(parts.clock.nowMs()).toUTCString());
    const done = wasAsked && c.res.status < 400;
    parts.log.record({
      tool: parts.tool,
      at: new Date(parts.clock.nowMs()).toISOString(),
      method: c.req.method,
      path,
      operation: trace.operation,
      account: trace.account,
      status: action?.kind === 'lose-request' ? 0 : c.res.status,
      effect: done ? trace.effect : 'none',
      records: done ? trace.records : 0,
      durationMs: performance.now() - startedMs,
      fault: action?.kind ?? null,
    });
    if (action?.kind === 'edit-between') await editBetween(url.origin, action.request);
    if (action?.kind === 'delay') await wait(action.ms);
    if (active !== null && action?.kind === 'hold') await parts.faults.hold(active);
    if (action?.kind === 'lose-request' || action?.kind === 'lose-answer') c.env.incoming.socket.destroy();
    if (action?.kind === 'cut') await cut(c);
  };
}

/** Puts the answer into the context; true where the vendor was asked for it. */
async function answer(tool: Tool, action: FaultAction | null, c: Context<VendorEnv>, next: Next): Promise<boolean> {
  const refusal = action?.kind === 'lose-request' ? new Response(null) : refusalOf(tool, action);
  if (refusal !== null) {
    c.res = refusal;
    return false;
  }
  const text = action?.kind === 'partial' && c.req.raw.body !== null ? await c.req.raw.text() : null;
  const partial = action?.kind === 'partial' && text !== null ? partialBatch(tool, text, action) : null;
  if (text !== null) c.req.raw = withBody(c.req.raw, partial?.body ?? text);
  if (partial === null || partial.body !== null) await next();
  if (partial === null) return true;
  const partly = await partial.answer(partial.body === null ? null : c.res);
  c.res = undefined;
  c.res = partly;
  return partial.body !== null;
}

function withBody(request: Request, body: string): Request {
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(request.url, { method: request.method, headers, body });
}

type PersonsRequest = Extract<FaultAction, { kind: 'edit-between' }>['request'];

/** A person writes while somebody else's answer is on its way. What the tool refuses is a defect of the test. */
async function editBetween(origin: string, { method, path, headers, body }: PersonsRequest): Promise<void> {
  const answered = await fetch(`${origin}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answered.ok) throw new Error(`edit-between ${method} ${path}: expected success, got ${answered.status}: ${await answered.text()}`);
}

/** Half of the body, under the length of the whole. */
async function cut(c: Context<VendorEnv>): Promise<void> {
  const bytes = new Uint8Array(await c.res.arrayBuffer());
  const { outgoing } = c.env;
  outgoing.writeHead(c.res.status, { ...Object.fromEntries(c.res.headers), 'content-length': String(Math.max(2, bytes.length)) });
  const half = bytes.subarray(0, Math.max(1, bytes.length >> 1));
  await new Promise<void>((resolve) => outgoing.write(half, () => resolve()));
  outgoing.destroy();
  c.res = undefined;
  c.res = RESPONSE_ALREADY_SENT;
}
