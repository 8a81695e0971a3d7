/** HubSpot's answers, named by consequence: the one table. Source: vendor-apis, section 3 (status, category, policyName). */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import { serverFailure } from '../http/transport.ts';
import { errorSchema } from './wire.ts';
import type { WireError } from './wire.ts';

/** HubSpot asks for at least 2 seconds after 423 (locked). */
const LOCKED_WAIT_MS = 2_000;
/** While an account is moved (477), where no Retry-After says otherwise. */
const MIGRATION_WAIT_MS = 60_000;
const MOST_WORDS = 400;

const BY_CATEGORY: Readonly<Record<string, ConnectorErrorCode>> = {
  EXPIRED_AUTHENTICATION: 'AuthExpired',
  INVALID_AUTHENTICATION: 'AuthRevoked',
  MISSING_SCOPES: 'Forbidden',
  OBJECT_NOT_FOUND: 'NotFound',
  NOT_FOUND: 'NotFound',
  CONFLICT: 'Conflict',
  OBJECT_ALREADY_EXISTS: 'Conflict',
  RATE_LIMITS: 'Throttled',
};

const BY_STATUS: Readonly<Record<number, ConnectorErrorCode>> = {
  401: 'AuthRevoked',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'NotFound',
  423: 'Transient',
  429: 'Throttled',
  477: 'Throttled',
};

/** A refusal (`Invalid`, `Conflict`) that names the properties it is about, so that the others can be written without them (J08, G08). */
export class PropertyRefusal extends ConnectorError {
  readonly properties: readonly string[];

  constructor(message: string, status: number | null, properties: readonly string[], code: 'Invalid' | 'Conflict' = 'Invalid') {
    super(code, message, status === null ? {} : { status });
    this.properties = properties;
  }
}

export interface FailedCall {
  readonly status: number;
  readonly body: string;
  /** "POST /crm/…", without ids. */
  readonly place: string;
  readonly isReading: boolean;
  /** What the answer or our budget says about waiting; null where neither does. */
  readonly waitMs: number | null;
  readonly words?: Words;
}

/** What a message repeats of HubSpot's. `codes`: not its sentences, which quote values (an e-mail address), where records are people's (C12). */
export type Words = 'all' | 'codes';

/** True where the day's calls are used up, which no short wait cures. */
export function isDailyLimit(body: string): boolean {
  return parsedError(body)?.policyName === 'DAILY';
}

/** True where the access token is old: refused before anything has happened. */
export function isExpired(status: number, body: string): boolean {
  return status === 401 && parsedError(body)?.category === 'EXPIRED_AUTHENTICATION';
}

export function hubspotFailure(call: FailedCall): ConnectorError {
  const { status, place, waitMs } = call;
  const error = parsedError(call.body);
  const message = `HubSpot ${place}: HTTP ${status}${wordsOf(error, call.words)}`;
  if (status === 429 && error?.policyName === 'DAILY')
    return new ConnectorError('QuotaExhausted', message, { status, ...(waitMs === null ? {} : { retryAfterMs: waitMs }) });
  if (status === 423) return new ConnectorError('Transient', message, { status, retryAfterMs: waitMs ?? LOCKED_WAIT_MS });
  if (status === 429 || status === 477)
    return new ConnectorError('Throttled', message, { status, retryAfterMs: waitMs ?? MIGRATION_WAIT_MS });
  if (status >= 500) return serverFailure('HubSpot', place, status, call.isReading);
  const code = BY_CATEGORY[error?.category ?? ''] ?? BY_STATUS[status] ?? 'Invalid';
  return refusal(code, message, status, error);
}

/** An error of one row of a batch that was answered with 207. */
export function rowFailure(error: WireError, place: string, words?: Words): ConnectorError {
  const code = BY_CATEGORY[error.category ?? ''] ?? 'Invalid';
  return refusal(code, `HubSpot ${place}: the row was refused${wordsOf(error, words)}`, null, error);
}

function refusal(code: ConnectorErrorCode, message: string, status: number | null, error: WireError | null): ConnectorError {
  const properties = (error?.errors ?? []).flatMap((detail) => contextValues(detail.context, 'propertyName'));
  if ((code === 'Invalid' || code === 'Conflict') && properties.length > 0) return new PropertyRefusal(message, status, properties, code);
  return new ConnectorError(code, message, status === null ? {} : { status });
}

/** Every text in an error's context, or those under one key. HubSpot documents lists of strings and sends plain strings too. */
export function contextValues(context: unknown, key?: string): readonly string[] {
  if (typeof context !== 'object' || context === null) return [];
  return Object.entries(context).flatMap(([name, value]: [string, unknown]) =>
    key !== undefined && name !== key
      ? []
      : (Array.isArray(value) ? (value as unknown[]) : [value]).filter((entry): entry is string => typeof entry === 'string'),
  );
}

/**
 * Whether an error of a batch is about the row with one of these names. One that names trace ids is about those rows alone, and the record that stands in
 * the way (`existingId`) is never the row that was refused.
 */
export function concerns(error: WireError, names: readonly string[]): boolean {
  const { existingId: _, ...context } = (error.context ?? {}) as Readonly<Record<string, unknown>>;
  const traced = contextValues(context, 'objectWriteTraceId');
  const named = traced.length > 0 ? traced : contextValues(context);
  return names.some((name) => named.includes(name));
}

function parsedError(body: string): WireError | null {
  try {
    return errorSchema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}

function wordsOf(error: WireError | null, kind: Words = 'all'): string {
  const said =
    kind === 'all'
      ? [error?.message]
      : (error?.errors ?? []).flatMap(({ code, context }) => [code, ...contextValues(context, 'propertyName')]);
  const words = [error?.category, ...said].filter((part) => part !== null && part !== undefined && part !== '').join(': ');
  return words === '' ? '' : `: ${words.slice(0, MOST_WORDS)}`;
}
