/**
 * The one place that turns errors into Temporal failures and waits. Workflows branch on nothing else.
 */
import { ApplicationFailure } from '@temporalio/common';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';

const SECOND_MS = 1_000;

/**
 * How the workflow goes on after an error that concerns a whole page. `wait`: it comes back after the remote's Retry-After or this many milliseconds;
 * `retry`: the activity is tried again by Temporal, with back-off; nothing is lost in either case, because all that is owed lies in the outbox.
 */
const NEXT: Readonly<Record<ConnectorErrorCode, { readonly waitMs: number } | 'retry'>> = {
  Throttled: { waitMs: 10 * SECOND_MS },
  QuotaExhausted: { waitMs: 900 * SECOND_MS },
  AuthExpired: { waitMs: 60 * SECOND_MS },
  AuthRevoked: { waitMs: 300 * SECOND_MS },
  Conflict: { waitMs: 1 * SECOND_MS },
  OutcomeUnknown: { waitMs: 2 * SECOND_MS },
  CursorInvalid: { waitMs: 1 * SECOND_MS },
  Invalid: { waitMs: 15 * SECOND_MS },
  Forbidden: { waitMs: 300 * SECOND_MS },
  NotFound: { waitMs: 300 * SECOND_MS },
  Transient: 'retry',
};

/** How long to leave the remote alone, in milliseconds, or null where Temporal's retry is the better wait. */
export function waitMsOf(error: ConnectorError): number | null {
  const next = NEXT[error.code];
  if (next === 'retry') return null;
  return error.retryAfterMs ?? next.waitMs;
}

/** An error as an activity may throw it: retryable, with the remote's own delay, and with a message that holds no personal data. */
export function toFailure(error: unknown): Error {
  if (error instanceof ConnectorError) {
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: false,
      ...(error.retryAfterMs === null ? {} : { nextRetryDelay: error.retryAfterMs }),
    });
  }
  return error instanceof Error ? error : new Error(String(error));
}
