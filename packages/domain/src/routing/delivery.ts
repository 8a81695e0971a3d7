/**
 * What becomes of a notice that could not be delivered (R8): tried again, looked up, or handed to the next channel, so that the reader is told within a
 * minute. Pure: the caller says how long it has been trying.
 */
import type { ConnectorErrorCode } from '../sync/errors.ts';

/** R8: the next channel has it within this time. */
export const FALL_BACK_WITHIN_MS = 60_000;
/** For how long one channel is tried: what is left is for the next one to deliver in. */
export const PATIENCE_MS = 40_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 8_000;

/** What a failure means for a notice. */
type Meaning =
  /** Nothing was delivered; the same again may work. */
  | 'again'
  /** It may have been delivered: look first. */
  | 'look-first'
  /** This channel does not reach this person now. */
  | 'elsewhere';

const MEANINGS: Record<ConnectorErrorCode, Meaning> = {
  Throttled: 'again',
  Transient: 'again',
  OutcomeUnknown: 'look-first',
  AuthExpired: 'elsewhere',
  AuthRevoked: 'elsewhere',
  Forbidden: 'elsewhere',
  NotFound: 'elsewhere',
  Conflict: 'elsewhere',
  Invalid: 'elsewhere',
  CursorInvalid: 'elsewhere',
  QuotaExhausted: 'elsewhere',
};

export type DeliveryStep =
  /** The same channel again after the wait; `looksFirst`: with `triedSinceIso`, so that nothing is sent twice. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly looksFirst: boolean }
  /** The next channel, at once. `mayBeThere`: the reader may be told twice, which is better than not at all. */
  | { readonly kind: 'fall-back'; readonly mayBeThere: boolean };

export interface FailedDelivery {
  readonly code: ConnectorErrorCode;
  /** Of `Throttled`: how long to wait. */
  readonly retryAfterMs: number | null;
  /** How many attempts have failed, this one counted. */
  readonly attempts: number;
  /** Since the first attempt. */
  readonly elapsedMs: number;
  /** Whether an earlier attempt's outcome is unknown and has not been looked up. */
  readonly isUnsettled: boolean;
}

/** The next step after a failed attempt. A retry ends before `PATIENCE_MS`; no wait is longer than what is left of it. */
export function deliveryStep(failed: FailedDelivery): DeliveryStep {
  const meaning = MEANINGS[failed.code];
  const mayBeThere = failed.isUnsettled || meaning === 'look-first';
  const backOffMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (Math.max(1, failed.attempts) - 1));
  const afterMs = failed.retryAfterMs ?? backOffMs;
  if (meaning === 'elsewhere' || failed.elapsedMs + afterMs >= PATIENCE_MS) return { kind: 'fall-back', mayBeThere };
  return { kind: 'retry', afterMs, looksFirst: mayBeThere };
}

/** Nobody could be told on any channel: the round begins again after this time. */
export const NEXT_ROUND_MS = 300_000;

/** How far the delivery of one notice is. Plain JSON: whoever goes on with it later, goes on from here. */
export interface Attempt<C extends string> {
  readonly channel: C;
  /** When this channel was tried first. */
  readonly sinceMs: number;
  /** On this channel. */
  readonly attempts: number;
  /** An earlier attempt on this channel may have delivered it. */
  readonly isUnsettled: boolean;
  /** When it is tried next. */
  readonly nextMs: number;
}

export function firstAttempt<C extends string>(channel: C, nowMs: number): Attempt<C> {
  return { channel, sinceMs: nowMs, attempts: 0, isUnsettled: false, nextMs: nowMs };
}

/** After an attempt that has not delivered. Behind the last of the channels comes the first again: somebody has to hear of it. */
export function nextAttempt<C extends string>(
  { channel, sinceMs, isUnsettled, attempts: before }: Attempt<C>,
  failed: Pick<FailedDelivery, 'code' | 'retryAfterMs'>,
  nowMs: number,
  channels: readonly [C, ...C[]],
): Attempt<C> {
  const attempts = before + 1;
  const step = deliveryStep({ ...failed, attempts, elapsedMs: nowMs - sinceMs, isUnsettled });
  if (step.kind === 'retry') return { channel, sinceMs, attempts, isUnsettled: step.looksFirst, nextMs: nowMs + step.afterMs };
  const next = channels[channels.indexOf(channel) + 1];
  return next === undefined ? firstAttempt(channels[0], nowMs + NEXT_ROUND_MS) : firstAttempt(next, nowMs);
}
