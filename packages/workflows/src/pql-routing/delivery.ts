/** Which channel a notice tries next, and when (R8): pure. */
import type { Channel, Told } from './activities.ts';

/** A notice that is not delivered on its first channel is on the next within 60 s (R8): the rest is for the call itself. */
const CHANNEL_PATIENCE_MS = 20_000;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 300_000;
const CHANNELS: readonly [Channel, ...Channel[]] = ['slack', 'mail', 'crm-task'];

export interface Delivery {
  readonly channel: Channel;
  /** When this channel was tried first. */
  readonly sinceMs: number;
  /** Calls in a row that were put off, over all channels. */
  readonly putOff: number;
  /** Before the next call. */
  readonly waitMs: number;
}

export function firstTry(nowMs: number): Delivery {
  return { channel: CHANNELS[0], sinceMs: nowMs, putOff: 0, waitMs: 0 };
}

/** The next try after one that has not delivered. Behind the last channel comes the first again: somebody has to hear of it. */
export function nextTry(delivery: Delivery, told: Told, nowMs: number): Delivery {
  const { channel, sinceMs } = delivery;
  const putOff = delivery.putOff + 1;
  const patienceMs = told.waitMs ?? Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(putOff - 1, 10));
  if (told.outcome === 'wait' && nowMs + patienceMs - sinceMs <= CHANNEL_PATIENCE_MS)
    return { channel, sinceMs, putOff, waitMs: patienceMs };
  const place = CHANNELS.indexOf(channel) + 1;
  const next = CHANNELS[place];
  // Once around: not in a hurry any more.
  if (next === undefined) return { channel: CHANNELS[0], sinceMs: nowMs + LONGEST_WAIT_MS, putOff, waitMs: LONGEST_WAIT_MS };
  return { channel: next, sinceMs: nowMs, putOff, waitMs: 0 };
}
