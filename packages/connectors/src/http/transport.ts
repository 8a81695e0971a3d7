/**
 * The one way out to a vendor: time-outs on, the budget asked first, and what fails on the way named by its consequence. The SDKs send through it at
 * their seams; their own retries are off, because Temporal retries and a second sending of a write is never blind.
 */
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Budget } from './budget.ts';
import { routeOf } from './route.ts';

export interface TransportOptions {
  /** "Jira", for messages. */
  readonly vendor: string;
  readonly budget: Budget;
  readonly timeoutMs: number;
  /** Looks at every answer before anybody else: rate headers. */
  readonly observe?: (response: Response) => void;
  /** More than that is not read: whoever sends it is not our vendor, or is ill. */
  readonly mostBytes?: number;
  /** Told of every request, without its body and without what names a record. */
  readonly watch?: AccountWatch;
  /** For messages, in place of the path, where that is a secret. */
  readonly place?: string;
}

/** True for a request that changes nothing. Vendors read by POST too: the caller knows. */
export type IsRead = (method: string, url: string) => boolean;

/** A `fetch` of ours. Rejects with `ConnectorError` only: Throttled, Transient (nothing has happened) or OutcomeUnknown (a write may have). */
export function createTransport(options: TransportOptions, isRead: IsRead): typeof fetch {
  return async (input, init) => {
    const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
    const method = (init?.method ?? 'GET').toUpperCase();
    options.budget.take();
    const ended = options.watch?.sending({ vendor: options.vendor, method, route: routeOf(url), isRead: isRead(method, url) });
    const limit = timeLimit(options.timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit.signal]) : limit.signal;
    try {
      const response = await fetch(input, { ...init, signal });
      // The body is read here, so that a connection that breaks half-way is the same failure as one that breaks at once.
      const body = await bodyOf(response, options);
      ended?.(response.status);
      options.observe?.(response);
      const bodiless = response.status === 204 || response.status === 304;
      return new Response(bodiless ? null : body, { status: response.status, statusText: response.statusText, headers: response.headers });
    } catch (error) {
      ended?.(null);
      throw networkFailure(options, error, { isRead: isRead(method, url), place: options.place ?? `${method} ${new URL(url).pathname}` });
    } finally {
      limit.lift();
    }
  };
}

/** A time-out that can be lifted: that of `AbortSignal.timeout` stands until it fires, one for each request of the last half minute. */
function timeLimit(ms: number): { readonly signal: AbortSignal; readonly lift: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException(`nothing within ${ms} ms`, 'TimeoutError')), ms);
  return { signal: controller.signal, lift: () => clearTimeout(timer) };
}

/** The body, or `Invalid` as soon as it is longer than it may be. */
async function bodyOf(response: Response, { vendor, mostBytes, place }: TransportOptions): Promise<ArrayBuffer> {
  if (mostBytes === undefined || response.body === null) return response.arrayBuffer();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop by an error cancels the stream.
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) throw new ConnectorError('Invalid', `${vendor} ${place ?? ''}: expected at most ${mostBytes} bytes, got more`);
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

/** Codes of failures before a request could leave. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
]);

function networkFailure(options: TransportOptions, error: unknown, request: { isRead: boolean; place: string }): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const code = codeOf(error);
  const how =
    error instanceof Error && error.name === 'TimeoutError' ? `nothing within ${options.timeoutMs} ms` : (code ?? 'a broken connection');
  const message = `${options.vendor} ${request.place}: expected an answer, got ${how}`;
  const isHarmless = request.isRead || (code !== null && NEVER_LEFT.has(code));
  return new ConnectorError(isHarmless ? 'Transient' : 'OutcomeUnknown', message, { cause: error });
}

function codeOf(error: unknown): string | null {
  for (let at: unknown = error; typeof at === 'object' && at !== null; at = 'cause' in at ? at.cause : null) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return null;
}

/** What a server error means: a read may simply be asked again; a write may have taken place. */
export function serverFailure(vendor: string, place: string, status: number, isReading: boolean): ConnectorError {
  const message = `${vendor} ${place}: expected an answer, got HTTP ${status}`;
  return new ConnectorError(isReading ? 'Transient' : 'OutcomeUnknown', message, { status });
}
