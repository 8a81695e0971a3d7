/**
 * Salesforce's REST API through jsforce, over a transport of ours: its retries (five, of reads) and its own time-out of half an hour never come into play,
 * and status and headers, which its errors do not carry, are seen here.
 */
import { PassThrough } from 'node:stream';
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { Connection } from 'jsforce/lib/connection.js';
import { Transport } from 'jsforce/lib/transport.js';
import type { HttpRequest, HttpResponse } from 'jsforce/lib/types/index.js';
import { StreamPromise } from 'jsforce/lib/util/promise.js';
import type { z } from 'zod';
import { createBudget, retryAfterMs } from '../http/budget.ts';
import type { Budget } from '../http/budget.ts';
import { createTransport } from '../http/transport.ts';
import { isExpired, isQuotaSpent, QUOTA_PROBE_MS, salesforceFailure } from './errors.ts';
import { createSessions } from './sessions.ts';
import type { Session, SessionOptions } from './sessions.ts';
import * as wire from './wire.ts';
import { jsonOf } from '../http/json.ts';

/** Summer '26. jsforce's own default is 50.0. */
export const VERSION = '67.0';
export const DATA = `/services/data/v${VERSION}`;
/** The share of the calls of 24 hours that is kept for people's edits. */
const RESERVE = 0.1;

/** A request inside a composite one. */
export interface SubRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below `/services/data/vNN.N`. */
  readonly path: string;
  readonly referenceId: string;
  readonly httpHeaders?: Readonly<Record<string, string>>;
  readonly body?: { readonly [key: string]: Json };
}

export interface Window {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** The calls that the connector makes. All reject with `ConnectorError` only. */
export type SalesforceClient = ReturnType<typeof createSalesforceClient>;

export function createSalesforceClient(options: SessionOptions) {
  const { sessions, org, call } = salesforceCalls(options);
  const read = <S extends z.ZodType>(schema: S, path: string, place: string): Promise<z.infer<S>> =>
    call(schema, { method: 'GET', path, place: `GET ${place}`, isReading: true });
  return {
    /** True while what is left of the calls of 24 hours is to be spared. */
    isNearlySpent: () => org.isNearlySpent(),
    session: () => sessions.current(),
    /** The present by Salesforce's clock, epoch milliseconds. */
    serverTimeMs: () => org.serverTimeMs(),
    describe: (object: string) => read(wire.describeSchema, `/sobjects/${object}/describe`, 'sobjects/{object}/describe'),
    limits: () => read(wire.limitsSchema, '/limits', 'limits'),
    /** Live records; with `deleted` also those in the recycle bin and archived ones. `done` is false where more were found than the answer holds. */
    query: async (soql: string, { deleted = false } = {}): Promise<{ readonly rows: readonly wire.Row[]; readonly done: boolean }> => {
      const { records, done } = await read(wire.querySchema, queryPath(soql, deleted), deleted ? 'queryAll' : 'query');
      return { rows: records, done };
    },
    /** Ids of records that were made or changed in the window. */
    updated: (object: string, window: Window) =>
      read(wire.updatedSchema, `/sobjects/${object}/updated/?${windowQuery(window)}`, 'sobjects/{object}/updated'),
    /** At most 25 requests in one call, in their order, each standing for itself. Of them at most 5 queries and collections. */
    composite: async (subs: readonly SubRequest[], isReading: boolean): Promise<ReadonlyMap<string, wire.SubAnswer>> => {
      const compositeRequest = subs.map(({ path, ...rest }): Json => ({ ...rest, url: `${DATA}${path}` }));
      const { compositeResponse } = await call(wire.compositeSchema, {
        method: 'POST',
        path: '/composite',
        place: 'POST composite',
        isReading,
        body: { allOrNone: false, compositeRequest },
      });
      return new Map(compositeResponse.map((answer) => [answer.referenceId, answer]));
    },
    /** At most 200 ids. */
    remove: (ids: readonly string[]) =>
      call(wire.savesSchema, {
        method: 'DELETE',
        path: `/composite/sobjects?ids=${ids.join(',')}&allOrNone=false`,
        place: 'DELETE composite/sobjects',
        isReading: false,
      }),
  };
}

/** One organisation's way out: its sessions, what its answers tell besides, and calls of any path. */
export function salesforceCalls(options: SessionOptions) {
  const sessions = createSessions(options);
  const org = createOrganisation(() => options.clock().getTime(), options.watch);
  return { sessions, org, call: createCall(options, sessions, org) };
}

/** The path of a query, for a call or inside a composite one. */
export function queryPath(soql: string, deleted: boolean): string {
  return `/${deleted ? 'queryAll' : 'query'}/?q=${encodeURIComponent(soql)}`;
}

/** A window as the replication calls take it. */
export function windowQuery({ sinceMs, untilMs }: Window): string {
  const at = (ms: number): string => new Date(ms).toISOString();
  return new URLSearchParams({ start: at(sinceMs), end: at(untilMs) }).toString();
}

interface Call {
  readonly method: HttpRequest['method'];
  /** Below `/services/data/vNN.N`. */
  readonly path: string;
  /** For messages: without ids and queries. */
  readonly place: string;
  readonly isReading: boolean;
  readonly body?: { readonly [key: string]: Json };
}

function createCall(options: SessionOptions, sessions: ReturnType<typeof createSessions>, org: Organisation) {
  const now = (): number => options.clock().getTime();
  const budget = createBudget(now, Math.random, options.watch);
  const shared = {
    ...(options.watch === undefined ? {} : { watch: options.watch }),
    vendor: 'Salesforce',
    budget,
    timeoutMs: options.requestTimeoutMs,
    observe: (response: Response) => org.observe(response),
  };
  const transports = { reading: createTransport(shared, () => true), writing: createTransport(shared, () => false) };
  return async <S extends z.ZodType>(schema: S, request: Call): Promise<z.infer<S>> => {
    const send = async (session: Session): Promise<unknown> => {
      const transport = new Wire(async (sent) => {
        const response = await (request.isReading ? transports.reading : transports.writing)(sent.url, initOf(sent));
        return answered(response, request, budget, now());
      });
      const sent: HttpRequest = {
        method: request.method,
        url: `${DATA}${request.path}`,
        headers: { accept: 'application/json', ...(request.body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      };
      return connectionOf(session).request(sent, { transport });
    };
    const session = await sessions.current();
    let answer: unknown;
    try {
      answer = await send(session);
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'AuthExpired') throw error;
      // Refused before anything happened: a write may be sent again.
      answer = await send(await sessions.renewed(session));
    }
    return parsed(schema, answer, request);
  };
}

const connections = new WeakMap<Session, Connection>();

function connectionOf(session: Session): Connection {
  const known = connections.get(session);
  if (known !== undefined) return known;
  const { instanceUrl, accessToken } = session;
  const made = new Connection({ instanceUrl, accessToken, version: VERSION, logLevel: 'NONE' });
  connections.set(session, made);
  return made;
}

/** jsforce's seam: it builds the request and reads the answer, we send it. */
class Wire extends Transport {
  readonly #send: (request: HttpRequest) => Promise<HttpResponse>;

  constructor(send: (request: HttpRequest) => Promise<HttpResponse>) {
    super();
    this.#send = send;
  }

  override httpRequest(request: HttpRequest): StreamPromise<HttpResponse> {
    return StreamPromise.create(() => ({ stream: new PassThrough(), promise: this.#send(request) }));
  }
}

function initOf({ method, headers = {}, body }: HttpRequest): RequestInit {
  return { method, headers, ...(typeof body === 'string' ? { body } : {}) };
}

/** The answer as jsforce reads it, or the failure that it is. */
async function answered(response: Response, request: Call, budget: Budget, nowMs: number): Promise<HttpResponse> {
  const { status } = response;
  const body = await response.text();
  if (response.ok) {
    budget.passed();
    return { statusCode: status, headers: Object.fromEntries(response.headers), body };
  }
  const parsedBody = jsonOf(body);
  const askedMs = retryAfterMs(response.headers.get('retry-after'), nowMs);
  let waitMs = askedMs;
  if (status === 429 || status === 420) waitMs = budget.refused(askedMs);
  if (isQuotaSpent(parsedBody)) budget.exhausted((waitMs = askedMs ?? QUOTA_PROBE_MS));
  if (isExpired(status))
    throw new ConnectorError('AuthExpired', `Salesforce ${request.place}: expected a session that is open, got HTTP 401`, { status });
  throw salesforceFailure({ status, body: parsedBody, place: request.place, isReading: request.isReading, waitMs });
}

/** A write whose answer cannot be read has taken place, as far as anybody knows. */
function parsed<S extends z.ZodType>(schema: S, answer: unknown, { place, isReading }: Call): z.infer<S> {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  const message = `Salesforce ${place}: expected the documented shape, got another at "${where}": ${issue?.message ?? ''}`;
  throw new ConnectorError(isReading ? 'Invalid' : 'OutcomeUnknown', message);
}

interface Organisation {
  observe(response: Response): void;
  isNearlySpent(): boolean;
  serverTimeMs(): number;
}

/** What every answer tells besides: the calls of the last 24 hours, and the time there. */
function createOrganisation(now: () => number, watch: AccountWatch | undefined): Organisation {
  let spent = 0;
  let aheadMs = 0;
  return {
    observe({ headers }) {
      const usage = /api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '');
      const [used, most] = [Number(usage?.[1]), Number(usage?.[2])];
      if (most > 0) {
        spent = used / most;
        watch?.allowance({ scope: 'day', limit: most, remaining: Math.max(0, most - used) });
      }
      const atMs = Date.parse(headers.get('date') ?? '');
      if (!Number.isNaN(atMs)) aheadMs = atMs - now();
    },
    isNearlySpent: () => spent >= 1 - RESERVE,
    serverTimeMs: () => now() + aheadMs,
  };
}
