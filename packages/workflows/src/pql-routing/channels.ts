/** Which channel a notice of a lead tries next, and when (R8): pure. What a failure means is the domain's (routing/delivery.ts), the order of the channels is here. */
import { firstAttempt, nextAttempt } from '@lockstep/domain/routing/delivery.ts';
import type { Attempt, FailedDelivery } from '@lockstep/domain/routing/delivery.ts';
import type { Channel } from './activities.ts';

const CHANNELS: readonly [Channel, ...Channel[]] = ['slack', 'mail', 'crm-task'];

/** A notice on its way. Plain JSON: it goes on in the next run. */
export interface Delivery extends Attempt<Channel> {
  readonly noticeId: string;
}

export function firstTry(noticeId: string, nowMs: number, channel = CHANNELS[0]): Delivery {
  return { noticeId, ...firstAttempt(channel, nowMs) };
}

/** After a try that has not delivered. */
export function nextTry(delivery: Delivery, failed: Pick<FailedDelivery, 'code' | 'retryAfterMs'>, nowMs: number): Delivery {
  return { noticeId: delivery.noticeId, ...nextAttempt(delivery, failed, nowMs, CHANNELS) };
}
