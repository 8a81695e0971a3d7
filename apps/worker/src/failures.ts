/**
 * The one place that turns errors into Temporal failures and waits. Workflows branch on nothing else.
 */
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';

const SECOND_MS = 1_000;
/** Of a stack, how many places are told. */
const FRAMES = 3;

/**
 * How a connection goes on after an error that concerns a whole page; nothing is lost in any case, because all that is owed lies in the outbox.
 * `wait`: the workflow comes back after the remote's Retry-After, or after this many milliseconds. `retry`: Temporal tries the activity again, with
 * back-off. `breaker`: nothing is called any more until a person has resumed the connection (J07).
 */
export type AfterError = { readonly how: 'wait'; readonly waitMs: number } | { readonly how: 'retry' } | { readonly how: 'breaker' };

const wait = (seconds: number): AfterError => ({ how: 'wait', waitMs: seconds * SECOND_MS });

const AFTER_ERROR: Readonly<Record<ConnectorErrorCode, AfterError>> = {
  Throttled: wait(10),
  QuotaExhausted: wait(900),
  AuthExpired: { how: 'breaker' },
  AuthRevoked: { how: 'breaker' },
  Conflict: wait(1),
  OutcomeUnknown: wait(2),
  CursorInvalid: wait(1),
  Invalid: wait(15),
  // A person has to mend these at the tool: one call a minute finds out.
  Forbidden: wait(60),
  NotFound: wait(60),
  Transient: { how: 'retry' },
};

/** How to go on after the error; the remote's own delay, where it gave one, stands before ours. */
export function afterError(error: ConnectorError): AfterError {
  const next = AFTER_ERROR[error.code];
  return next.how === 'wait' && error.retryAfterMs !== null ? { how: 'wait', waitMs: error.retryAfterMs } : next;
}

/** Errors of our own whose messages hold ids, states and places of files and nothing else. */
const SPEAKABLE: ReadonlySet<string> = new Set([
  ...['AuditTampered', 'AuditUnavailable', 'WitnessUnreadable', 'StaleCheckpoint', 'UnknownConnection', 'NotConfigured'],
  ...['UnknownCrm', 'SetNotOnRecord', 'SetElsewhere', 'ReplayNotOnRecord'],
]);

/** Around every activity: whatever it throws is thrown as `toFailure` says. The SDK logs what it is thrown, word for word. */
export const toldAsFailures: ActivityInterceptorsFactory = () => ({
  inbound: {
    async execute(input, next): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        throw toFailure(error);
      }
    },
  },
});

/**
 * An error as an activity may throw it: retryable, with the remote's own delay, and with a message that holds no personal data. What is no error of a remote
 * or of ours, as PostgreSQL's or a defect's, may have values in its words: it is told by its name, its code and where it was thrown (C12).
 */
export function toFailure(error: unknown): Error {
  if (error instanceof TemporalFailure) return error;
  if (error instanceof ConnectorError) {
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: false,
      ...(error.retryAfterMs === null ? {} : { nextRetryDelay: error.retryAfterMs }),
    });
  }
  if (!(error instanceof Error)) return ApplicationFailure.create({ type: 'Unknown', message: `${typeof error} was thrown` });
  const message = SPEAKABLE.has(error.name) ? error.message : placeOf(error);
  return ApplicationFailure.create({ type: error.name, message });
}

/** An error as the log shows it, for pino's `err`: in the words of `toFailure`, and where it was thrown. Its other properties, as PostgreSQL's `detail`, are left out. */
export function loggedError(error: unknown): { readonly type: string; readonly message: string; readonly stack: string } {
  const { message } = toFailure(error);
  if (!(error instanceof Error)) return { type: typeof error, message, stack: '' };
  return { type: error.name, message, stack: framesOf(error).join('\n') };
}

/** `DatabaseError 23505 at …/items.ts:40:11 < …/page.ts:88:5`. */
function placeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  const places = framesOf(error).flatMap((frame) => /([^\s(/]+\/[^\s(/]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? []);
  const told = (typeof code === 'string' && /^\w{1,40}$/.test(code)) || typeof code === 'number' ? ` ${code}` : '';
  const from = places.slice(0, FRAMES).map((place) => `…/${place}`);
  return `${error.name}${told} at ${from.join(' < ')}`;
}

/** The lines of a stack that say where; its first ones are the error's own words. */
function framesOf({ stack = '', message }: Error): readonly string[] {
  const words = stack.indexOf(message);
  return (words === -1 ? stack : stack.slice(words + message.length)).split('\n').filter((line) => line.startsWith('    at '));
}
