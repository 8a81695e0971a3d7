/**
 * What can go wrong at a remote, named by what we do about it. A closed union: one table per vendor makes these, one function
 * (apps/worker) turns them into Temporal failures. Nobody matches a message.
 */
export type ConnectorErrorCode =
  /** Wait `retryAfterMs`, then go on. */
  | 'Throttled'
  /** Try again later; nothing happened at the remote (a read, or a write that was refused before it took place). */
  | 'Transient'
  /** The access token is old: refresh once and go on. */
  | 'AuthExpired'
  /** Consent is gone: pause the connection and tell a person. */
  | 'AuthRevoked'
  | 'Forbidden'
  | 'NotFound'
  /** Someone else wrote in between: read again, merge, then write. */
  | 'Conflict'
  /** The remote will never take this: park it with the reason. */
  | 'Invalid'
  /** The cursor is not accepted any more: scan again from the beginning, with no deletes inferred. */
  | 'CursorInvalid'
  | 'QuotaExhausted'
  /** A write may or may not have taken place: look it up by its marker before sending again. */
  | 'OutcomeUnknown';

/** The only error that a connector throws. Its message names what, where, expected and got, and holds no secret and no personal data. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly code: ConnectorErrorCode;
  /** For Throttled and QuotaExhausted: how long to wait, in milliseconds. */
  readonly retryAfterMs: number | null;
  /** HTTP status, where there was one. */
  readonly status: number | null;

  constructor(code: ConnectorErrorCode, message: string, details: { retryAfterMs?: number; status?: number; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.status = details.status ?? null;
  }
}
