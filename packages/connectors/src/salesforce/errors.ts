/**
 * Salesforce's answers, named by consequence: the one table. Source: REST API Developer Guide, "Status Codes and Error Responses", and the SOAP API's
 * `StatusCode`; vendor-apis, section 4.
 */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import { serverFailure } from '../http/transport.ts';
import { errorSchema } from './wire.ts';
import type { WireError } from './wire.ts';

/** Calls are counted over the last 24 hours: some come back each hour. */
export const QUOTA_PROBE_MS = 3_600_000;
const MOST_WORDS = 200;

const BY_CODE: Readonly<Record<string, ConnectorErrorCode>> = {
  REQUEST_LIMIT_EXCEEDED: 'QuotaExhausted',
  INVALID_SESSION_ID: 'AuthExpired',
  INVALID_AUTH_HEADER: 'AuthExpired',
  API_DISABLED_FOR_ORG: 'Forbidden',
  API_CURRENTLY_DISABLED: 'Forbidden',
  INSUFFICIENT_ACCESS: 'Forbidden',
  INSUFFICIENT_ACCESS_OR_READONLY: 'Forbidden',
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: 'Forbidden',
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: 'Invalid',
  INVALID_TYPE: 'Forbidden',
  NOT_FOUND: 'NotFound',
  ENTITY_IS_DELETED: 'NotFound',
  INVALID_CROSS_REFERENCE_KEY: 'NotFound',
  UNABLE_TO_LOCK_ROW: 'Transient',
  QUERY_TIMEOUT: 'Transient',
  SERVER_UNAVAILABLE: 'Transient',
  EXCEEDED_MAX_SEMAPHORE: 'Transient',
  /** Another writer has just made the record with this marker: sent again, the upsert finds it. */
  DUPLICATE_VALUE: 'Conflict',
  INVALID_QUERY_LOCATOR: 'CursorInvalid',
  INVALID_REPLICATION_DATE: 'CursorInvalid',
  EXCEEDED_ID_LIMIT: 'CursorInvalid',
  ALL_OR_NONE_OPERATION_ROLLED_BACK: 'Transient',
};

const BY_STATUS: Readonly<Record<number, ConnectorErrorCode>> = {
  401: 'AuthExpired',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  412: 'Conflict',
  420: 'Throttled',
  429: 'Throttled',
};

/** Codes whose words are the organisation's own and say what a person has to do; those of others may quote values, and stay out. */
const WORDED = new Set(['FIELD_CUSTOM_VALIDATION_EXCEPTION']);

/** A refusal that names fields, so that the others can be written without them (J08). */
export class FieldRefusal extends ConnectorError {
  /** API names; none where it is about what the record points at, and Salesforce does not say by which field. */
  readonly fields: readonly string[];

  constructor(message: string, fields: readonly string[]) {
    super('Invalid', message);
    this.fields = fields;
  }
}

/** Codes of whole answers that say that the query names a field that is not there (any more), for this user. */
export function isUnknownField(error: unknown): boolean {
  return error instanceof SchemaRefusal;
}

/** A query names a field that does not exist, or that this user may not see: what is known of the object is old. */
class SchemaRefusal extends ConnectorError {
  constructor(message: string) {
    super('Invalid', message, { status: 400 });
  }
}

export interface FailedCall {
  readonly status: number;
  /** Parsed, where it is JSON. */
  readonly body: unknown;
  /** "POST composite", without ids. */
  readonly place: string;
  readonly isReading: boolean;
  /** What the answer or our budget says about waiting; null where neither does. */
  readonly waitMs: number | null;
}

/** An answer that is no success: of a request, or of one of a composite's. */
export function salesforceFailure(call: FailedCall): ConnectorError {
  const { status, place, waitMs } = call;
  const [error] = errorsIn(call.body);
  const known = BY_CODE[error?.code ?? ''];
  if (known === undefined && status >= 500) return serverFailure('Salesforce', place, status, call.isReading);
  const code = known ?? BY_STATUS[status] ?? 'Invalid';
  const message = `Salesforce ${place}: HTTP ${status}${wordsOf(error)}`;
  return refusal(error, message, status) ?? new ConnectorError(code, message, { status, ...waitOf(code, waitMs) });
}

function waitOf(code: ConnectorErrorCode, waitMs: number | null): { readonly retryAfterMs?: number } {
  if (code === 'QuotaExhausted') return { retryAfterMs: waitMs ?? QUOTA_PROBE_MS };
  return waitMs === null ? {} : { retryAfterMs: waitMs };
}

/** The refusal of one record of a collection. */
export function recordFailure(errors: readonly WireError[], place: string): ConnectorError {
  const [error] = errors;
  const message = `Salesforce ${place}: the record was refused${wordsOf(error)}`;
  const fields = [...new Set(errors.flatMap((one) => one.fields))];
  const whole = error === undefined ? undefined : { ...error, fields };
  return refusal(whole, message, null) ?? new ConnectorError(BY_CODE[error?.code ?? ''] ?? 'Invalid', message);
}

/** Codes of a lookup whose target is not there, or not for us; of a record that is not there itself they come with 404. */
const ABOUT_TARGETS = new Set(['INVALID_CROSS_REFERENCE_KEY', 'ENTITY_IS_DELETED', 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY']);

/** A refusal that some fields of the record are the cause of; null where it is about all of it. */
function refusal(error: WireError | undefined, message: string, status: number | null): ConnectorError | null {
  if (error === undefined || status === 404) return null;
  if (error.code === 'INVALID_FIELD') return new SchemaRefusal(message);
  if (ABOUT_TARGETS.has(error.code)) return new FieldRefusal(message, error.fields);
  const isInvalid = (BY_CODE[error.code] ?? 'Invalid') === 'Invalid';
  return isInvalid && error.fields.length > 0 ? new FieldRefusal(message, error.fields) : null;
}

export function errorsIn(body: unknown): readonly WireError[] {
  return errorSchema.array().safeParse(body).data ?? [];
}

/** True where the session has ended: refused before anything has happened. */
export function isExpired(status: number): boolean {
  return status === 401;
}

/** True where the organisation's calls of the last 24 hours are used up. */
export function isQuotaSpent(body: unknown): boolean {
  return errorsIn(body)[0]?.code === 'REQUEST_LIMIT_EXCEEDED';
}

function wordsOf(error: WireError | undefined): string {
  if (error === undefined || error.code === '') return '';
  const fields = error.fields.length === 0 ? '' : ` (${error.fields.join(', ')})`;
  return `: ${error.code}${fields}${WORDED.has(error.code) ? `: ${error.message.slice(0, MOST_WORDS)}` : ''}`;
}
