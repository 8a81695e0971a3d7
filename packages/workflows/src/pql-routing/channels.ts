/** Which channel a notice tries next, and when (R8): pure. What a failure means is the domain's (routing/delivery.ts), the order of the channels is here. */
import { deliveryStep } from '@lockstep/domain/routing/delivery.ts';
import type { FailedDelivery } from '@lockstep/domain/routing/delivery.ts';
import type { Channel } from './activities.ts';

const CHANNELS: readonly [Channel, ...Channel[]] = ['slack', 'mail', 'crm-task'];
/** Nobody could be told on any channel: the round begins again after this time. */
export const NEXT_ROUND_MS = 300_000;

/** A notice on its way. Plain JSON: it goes on in the next run. */
export interface Delivery {
  readonly noticeId: string;
  readonly channel: Channel;
  /** When this channel was tried first. */
  readonly sinceMs: number;
  /** On this channel. */
  readonly attempts: number;
  /** An earlier attempt on this channel may have delivered it. */
  readonly isUnsettled: boolean;
  /** When it is tried next. */
  readonly nextMs: number;
}

export function firstTry(noticeId: string, nowMs: number, channel = CHANNELS[0]): Delivery {
  return { noticeId, channel, sinceMs: nowMs, attempts: 0, isUnsettled: false, nextMs: nowMs };
}

/** After a try that has not delivered. Behind the last channel comes the first again: somebody has to hear of it. */
export function nextTry(delivery: Delivery, failed: Pick<FailedDelivery, 'code' | 'retryAfterMs'>, nowMs: number): Delivery {
  const { noticeId, channel, sinceMs, isUnsettled } = delivery;
  const attempts = delivery.attempts + 1;
  const step = deliveryStep({ ...failed, attempts, elapsedMs: nowMs - sinceMs, isUnsettled });
  if (step.kind === 'retry') return { ...delivery, attempts, isUnsettled: step.looksFirst, nextMs: nowMs + step.afterMs };
  const next = CHANNELS[CHANNELS.indexOf(channel) + 1];
  return next === undefined ? firstTry(noticeId, nowMs + NEXT_ROUND_MS) : firstTry(noticeId, nowMs, next);
}
