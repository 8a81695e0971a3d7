/**
 * HubSpot's CRM API through @hubspot/api-client, over a transport of ours. The SDK's generated classes call retired v3 paths, so requests are made with
 * `apiRequest` and paths of one version; its decorators (retries, limiter) are shared by all clients of a process and are not used.
 */
import { Client } from '@hubspot/api-client';
import { Request } from '@hubspot/api-client/lib/src/services/http/Request.js';
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import type { z } from 'zod';
import { createBudget, retryAfterMs } from '../http/budget.ts';
import type { Budget } from '../http/budget.ts';
import { staticToken } from '../http/tokens.ts';
import type { TokenSource } from '../http/tokens.ts';
import { createTransport } from '../http/transport.ts';
import { hubspotFailure, isDailyLimit, isExpired } from './errors.ts';
import type { Words } from './errors.ts';
import * as wire from './wire.ts';

/** The dated version of every path. */
export const VERSION = '2026-09';
const TASKS = `/crm/objects/${VERSION}/tasks`;
const TASK_PROPERTIES = `/crm/properties/${VERSION}/tasks`;
const ACCOUNT = `/account-info/${VERSION}/details`;
const TOKEN_INFO = '/oauth/v2/private-apps/get/access-token-info';

/** Calls of one day are counted by account zone, which we do not know: asked again each hour. */
const DAILY_PROBE_MS = 3_600_000;

export interface HubSpotCredentials {
  /** `https://api.hubapi.com` */
  readonly baseUrl: string;
  /** Of a service key or an app with static authentication: `pat-…`; or a source of tokens that run out (an app with OAuth). */
  readonly accessToken: string | TokenSource;
}

export interface HubSpotClientOptions {
  readonly credentials: HubSpotCredentials;
  readonly requestTimeoutMs: number;
  readonly clock: () => Date;
  /** Told of what goes out, and of the calls that are left. */
  readonly watch?: AccountWatch;
  /** What errors repeat of HubSpot's words; all where it is left out. */
  readonly words?: Words;
}

export interface Filter {
  readonly propertyName: string;
  readonly operator: 'EQ' | 'GT' | 'GTE' | 'HAS_PROPERTY';
  readonly value?: string;
}

export interface SearchRequest {
  /** Groups are alternatives, a group's filters hold together. At most 5 groups of 6, 18 filters in all. */
  readonly groups: readonly (readonly Filter[])[];
  readonly sortBy: string;
  readonly properties: readonly string[];
  /** At most 200. */
  readonly limit: number;
}

export interface ReadRequest {
  readonly ids: readonly string[];
  readonly properties: readonly string[];
  /** Ids are values of this unique property. */
  readonly idProperty?: string;
  /** Properties to show with their past values; then at most 50 ids. */
  readonly history?: readonly string[];
  readonly archived?: boolean;
  /** Reads what was just written. */
  readonly isAfterWrite?: boolean;
}

/** The calls that the connector makes. All reject with `ConnectorError` only. */
export type HubSpotClient = ReturnType<typeof createHubSpotClient>;

export function createHubSpotClient(options: HubSpotClientOptions) {
  const { tokens, day, call } = hubspotCalls(options);
  return {
    /** True while what the account has left of the day's calls is to be spared. */
    isNearlySpent: () => day.isNearlySpent(),
    list: async (request: { after: string | null; archived: boolean; properties: readonly string[]; limit: number }) => {
      const query = new URLSearchParams({
        limit: String(request.limit),
        archived: String(request.archived),
        properties: request.properties.join(','),
        ...(request.after === null ? {} : { after: request.after }),
      });
      return (await call(wire.pageSchema, { method: 'GET', path: `${TASKS}?${query.toString()}`, place: TASKS, isReading: true })).answer;
    },
    /** With the instant of the answer by HubSpot's clock, in epoch milliseconds; null where it does not say. */
    search: async ({ groups, sortBy, properties, limit }: SearchRequest) => {
      const body = {
        filterGroups: groups.map((filters) => ({ filters: filters.map((filter) => ({ ...filter })) })),
        sorts: [{ propertyName: sortBy, direction: 'ASCENDING' }],
        properties: [...properties],
        limit,
      };
      const path = `${TASKS}/search`;
      const { answer, answeredAtMs } = await call(wire.pageSchema, {
        method: 'POST',
        path,
        place: path,
        body,
        isReading: true,
        lane: 'search',
      });
      return { ...answer, answeredAtMs };
    },
    /** Reads by id from the primary store; ids without a record are left out of the results. */
    read: async ({ ids, properties, idProperty, history = [], archived = false, isAfterWrite = false }: ReadRequest) => {
      const body = {
        inputs: ids.map((id) => ({ id })),
        properties: [...properties],
        propertiesWithHistory: [...history],
        ...(idProperty === undefined ? {} : { idProperty }),
      };
      const place = `${TASKS}/batch/read`;
      const path = `${place}?archived=${archived}`;
      const lane = isAfterWrite ? 'after' : 'rest';
      return (await call(wire.batchSchema, { method: 'POST', path, place, body, isReading: true, lane })).answer.results;
    },
    /** At most 100 rows. A 207 is an answer like any other: its `errors` belong to rows. */
    write: async (operation: 'upsert' | 'update' | 'archive', inputs: readonly Json[]): Promise<wire.WireBatch> => {
      const path = `${TASKS}/batch/${operation}`;
      return (await call(wire.batchSchema, { method: 'POST', path, place: path, body: { inputs: [...inputs] }, isReading: false })).answer;
    },
    properties: async () =>
      (await call(wire.propertyListSchema, { method: 'GET', path: TASK_PROPERTIES, place: TASK_PROPERTIES, isReading: true })).answer
        .results,
    account: async () => (await call(wire.accountSchema, { method: 'GET', path: ACCOUNT, place: ACCOUNT, isReading: true })).answer,
    /** The scopes of a private app's token; service keys and others answer with an error. */
    scopes: async () => {
      const body = { tokenKey: await tokens.current() };
      return (await call(wire.tokenSchema, { method: 'POST', path: TOKEN_INFO, place: TOKEN_INFO, body, isReading: true })).answer.scopes;
    },
  };
}

/** One account's way out: its tokens, what its day has left, and calls of any path of the API. */
export function hubspotCalls(options: HubSpotClientOptions) {
  const { accessToken } = options.credentials;
  const tokens = typeof accessToken === 'string' ? staticToken(accessToken) : accessToken;
  const day = createDay(() => options.clock().getTime(), options.watch);
  return { tokens, day, call: createCall(options, tokens, day) };
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The path without its query, for messages. */
  readonly place: string;
  readonly body?: { readonly [key: string]: Json };
  readonly isReading: boolean;
  readonly lane?: Lane;
}

/**
 * `search`: searches have a limit of their own, beside that of the account, and show no rate headers. `after`: what must follow a write that has taken
 * place; the calls that `rest` leaves unused are for it.
 */
type Lane = 'search' | 'rest' | 'after';

function createCall(options: HubSpotClientOptions, tokens: TokenSource, day: Day) {
  const now = (): number => options.clock().getTime();
  const budgetOf = (): Budget => createBudget(now, Math.random, options.watch);
  const budgets: Readonly<Record<Lane, Budget>> = { search: budgetOf(), rest: budgetOf(), after: budgetOf() };
  const window = observer(budgets.rest, options.watch);
  const observe = (response: Response): void => {
    window(response);
    day.observe(response);
  };
  const clients: Readonly<Record<Lane, Sender>> = {
    search: createSender(options, budgets.search),
    rest: createSender(options, budgets.rest, observe),
    after: createSender(options, budgets.after, observe),
  };
  return async <S extends z.ZodType>(schema: S, request: Call): Promise<{ answer: z.infer<S>; answeredAtMs: number | null }> => {
    const { method, path, isReading, lane = 'rest' } = request;
    const place = `${method} ${request.place}`;
    const send = (token: string): Promise<Response> =>
      clients[lane].apiRequest({
        method,
        path,
        headers: { [READS]: String(isReading), authorization: `Bearer ${token}` },
        ...(request.body === undefined ? {} : { body: request.body }),
      });
    const token = await tokens.current();
    let response = await send(token);
    let body = await response.text();
    if (isExpired(response.status, body)) {
      // Refused before anything happened: a write may be sent again.
      response = await send(await tokens.renewed(token));
      body = await response.text();
    }
    const answeredAtMs = Date.parse(response.headers.get('date') ?? '');
    if (response.ok) {
      budgets[lane].passed();
      return { answer: parsed(schema, body, { place, isReading }), answeredAtMs: Number.isNaN(answeredAtMs) ? null : answeredAtMs };
    }
    const askedMs = retryAfterMs(response.headers.get('retry-after'), now());
    const waitMs = response.status === 429 ? budgets[lane].refused(askedMs ?? (isDailyLimit(body) ? DAILY_PROBE_MS : null)) : askedMs;
    // The account's limit stops searches too; the searches' own stops nothing else (J01).
    if (response.status === 429 && (lane !== 'search' || isDailyLimit(body))) {
      for (const budget of Object.values(budgets)) budget.exhausted(waitMs ?? 0);
    }
    throw hubspotFailure({ status: response.status, body, place, isReading, waitMs, words: options.words ?? 'all' });
  };
}

/** Tells the transport that a POST changes nothing. Taken off before the request leaves. */
const READS = 'x-lockstep-reads';

/** `apiRequest` has no seam for a transport: the request is built by the SDK (address, token, body) and sent by us. */
class Sender extends Client {
  readonly send: (request: Request, isReading: boolean) => Promise<Response>;

  constructor(config: ConstructorParameters<typeof Client>[0], send: Sender['send']) {
    super(config);
    this.send = send;
  }

  override apiRequest(request: Parameters<Client['apiRequest']>[0] = {}): Promise<Response> {
    const { [READS]: isReading, ...headers } = request.headers ?? {};
    return this.send(new Request(this.config, { ...request, headers }), isReading === 'true');
  }
}

function createSender(options: HubSpotClientOptions, budget: Budget, observe?: (response: Response) => void): Sender {
  const { baseUrl } = options.credentials;
  const shared = {
    vendor: 'HubSpot',
    budget,
    timeoutMs: options.requestTimeoutMs,
    ...(observe === undefined ? {} : { observe }),
    ...(options.watch === undefined ? {} : { watch: options.watch }),
  };
  const reading = createTransport(shared, () => true);
  const writing = createTransport(shared, () => false);
  return new Sender({ basePath: baseUrl.replace(/\/+$/, '') }, (request, isReading) =>
    (isReading ? reading : writing)(request.getUrl(), request.getSendData()),
  );
}

/** The share of a day's calls that is kept for people's edits. */
const RESERVE = 0.1;

interface Day {
  observe(response: Response): void;
  isNearlySpent(): boolean;
}

/** Believes the daily headers of the last answer that had them, for an hour: searches have none, and when the account's day ends is not known. */
function createDay(now: () => number, watch: AccountWatch | undefined): Day {
  let spentAtMs: number | null = null;
  return {
    observe({ headers }) {
      const [most, left] = [headers.get('x-hubspot-ratelimit-daily'), headers.get('x-hubspot-ratelimit-daily-remaining')];
      if (most === null || left === null || !(Number(most) > 0)) return;
      watch?.allowance({ scope: 'day', limit: Number(most), remaining: Number(left) });
      spentAtMs = Number(left) <= Number(most) * RESERVE ? now() : null;
    },
    isNearlySpent: () => spentAtMs !== null && now() - spentAtMs < DAILY_PROBE_MS,
  };
}

/** Calls of a window that are left for what follows a write: two histories, and an error that is singled out. */
const ROOM = 5;

/** Stops before the window's last calls are used up: the rate headers are believed. */
function observer(budget: Budget, watch: AccountWatch | undefined): (response: Response) => void {
  return ({ headers }) => {
    const remaining = headers.get('x-hubspot-ratelimit-remaining');
    const intervalMs = Number(headers.get('x-hubspot-ratelimit-interval-milliseconds'));
    const most = headers.get('x-hubspot-ratelimit-max');
    if (remaining !== null) watch?.allowance({ scope: 'window', limit: most === null ? null : Number(most), remaining: Number(remaining) });
    if (remaining !== null && Number(remaining) <= ROOM && intervalMs > 0) budget.exhausted(intervalMs);
  };
}

/** A write whose answer cannot be read has taken place, as far as anybody knows. */
function parsed<S extends z.ZodType>(schema: S, body: string, { place, isReading }: { place: string; isReading: boolean }): z.infer<S> {
  const code = isReading ? 'Invalid' : 'OutcomeUnknown';
  let json: unknown;
  try {
    json = body === '' ? {} : JSON.parse(body);
  } catch {
    throw new ConnectorError(code, `HubSpot ${place}: expected JSON, got ${body.length} other characters`);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const message = `HubSpot ${place}: expected the documented shape, got another at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw new ConnectorError(code, message);
}
