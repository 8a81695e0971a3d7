/**
 * Deliveries of webhooks: each receiver's in order of creation, at least once, retried with the vendor's delays, and as badly as a test asks for.
 * The vendor signs: it hands over the exact bytes and headers.
 */
import type { FaultLog } from './fault-log.ts';
import { seededRandom } from './seeded-random.ts';

export interface WebhookDelivery {
  readonly url: string;
  /** Made for each attempt: signatures with a time differ between attempts. */
  readonly headers: (attempt: number) => Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the vendor tries again after this status; every refusal where left out. A connection that breaks is always tried again. */
  readonly isRetried?: (status: number) => boolean;
}

/** What a test may do to deliveries. */
export interface WebhookFaults {
  /** Keep deliveries back until they are released. */
  hold: boolean;
  /** Send each delivery this many times (1 is honest). */
  copies: number;
  /** Send in reverse order at the next release. */
  reversed: boolean;
  /** Forget deliveries. */
  drop: boolean;
  /** Shares of deliveries, drawn from `seed`: forgotten, doubled, sent `lateMs` late, sent after the one behind them (or after `lateMs`). */
  dropRate: number;
  copyRate: number;
  lateRate: number;
  lateMs: number;
  swapRate: number;
  seed: number;
}

export interface WebhookQueue {
  send(delivery: WebhookDelivery): void;
  readonly faults: WebhookFaults;
  /** Changes faults; a seed begins anew. */
  set(faults: { readonly [F in keyof WebhookFaults]?: WebhookFaults[F] | undefined }): void;
  /** Sends what was held. */
  release(): void;
  /** Resolves when every first attempt has been made; retries go on beside the queue. */
  settled(): Promise<void>;
  readonly counts: { delivered: number; failed: number; dropped: number; held: number };
  close(): void;
}

const RETRY_DELAYS_MS = [250, 1_000, 5_000, 30_000];
const TIMEOUT_MS = 5_000;

const HONEST: WebhookFaults = {
  ...{ hold: false, copies: 1, reversed: false, drop: false },
  ...{ dropRate: 0, copyRate: 0, lateRate: 0, lateMs: 1_000, swapRate: 0, seed: 1 },
};

/** A queue with honest faults. */
export function createWebhookQueue(log: FaultLog): WebhookQueue {
  const held: WebhookDelivery[] = [];
  const faults: WebhookFaults = { ...HONEST };
  let random = seededRandom(faults.seed);
  /** Waits for the delivery behind it. */
  let swapped: WebhookDelivery | null = null;
  const counts = { delivered: 0, failed: 0, dropped: 0, held: 0 };
  const closing = new AbortController();
  const line = createLine(counts, closing.signal);

  const note = (fault: string, { url }: WebhookDelivery): void =>
    log.record({ tool: null, fault: `webhook-${fault}`, method: 'POST', path: url });
  /** Draws whether a fault meets this delivery, and puts it on the log. */
  const meets = (fault: string, rate: number, delivery: WebhookDelivery): boolean => {
    if (rate === 0 || random() >= rate) return false;
    note(fault, delivery);
    return true;
  };
  const enqueue = (delivery: WebhookDelivery, more = 0): void => {
    for (let copy = 0; copy < faults.copies + more; copy += 1) line.add(delivery);
  };
  const later = (work: () => void): void => {
    const timer = setTimeout(() => closing.signal.aborted || work(), faults.lateMs).unref();
    closing.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  };
  const releaseSwapped = (delivery: WebhookDelivery | null): void => {
    if (delivery === null || swapped !== delivery) return;
    swapped = null;
    enqueue(delivery);
  };
  return {
    faults,
    counts,
    set: (changed) => {
      Object.assign(faults, changed);
      if (changed.seed !== undefined) random = seededRandom(changed.seed);
    },
    send: (delivery) => {
      if (faults.drop || meets('lost', faults.dropRate, delivery)) {
        if (faults.drop) note('lost', delivery);
        counts.dropped += 1;
      } else if (faults.hold) {
        note('held', delivery);
        counts.held = held.push(delivery);
      } else if (meets('late', faults.lateRate, delivery)) later(() => enqueue(delivery));
      else if (swapped === null && meets('swapped', faults.swapRate, delivery)) {
        swapped = delivery;
        later(() => releaseSwapped(delivery));
      } else {
        enqueue(delivery, meets('doubled', faults.copyRate, delivery) ? 1 : 0);
        releaseSwapped(swapped);
      }
    },
    release: () => {
      const waiting = held.splice(0);
      counts.held = 0;
      for (const delivery of faults.reversed ? waiting.toReversed() : waiting) enqueue(delivery);
    },
    settled: line.settled,
    close: () => closing.abort(),
  };
}

/** First attempts: each receiver's one after the other. Vendors do not wait for each other. */
function createLine(
  counts: WebhookQueue['counts'],
  closed: AbortSignal,
): { readonly add: (delivery: WebhookDelivery) => void; readonly settled: () => Promise<void> } {
  const tails = new Map<string, Promise<void>>();
  return {
    add: (delivery) => {
      const first = (tails.get(delivery.url) ?? Promise.resolve()).then(() => attempt(delivery, 1, closed));
      // A delivery that fails is retried beside the line: it must not hold up the ones behind it.
      const tail = first.then((outcome) => {
        if (outcome === 'delivered') counts.delivered += 1;
        else if (outcome === 'refused') counts.failed += 1;
        else void retry(delivery, counts, closed);
      });
      tails.set(delivery.url, tail);
    },
    settled: async () => void (await Promise.all(tails.values())),
  };
}

async function retry(delivery: WebhookDelivery, counts: WebhookQueue['counts'], closed: AbortSignal): Promise<void> {
  for (const [index, delayMs] of RETRY_DELAYS_MS.entries()) {
    await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
    if (closed.aborted) return;
    const outcome = await attempt(delivery, index + 2, closed);
    if (outcome === 'delivered') {
      counts.delivered += 1;
      return;
    }
    if (outcome === 'refused') break;
  }
  counts.failed += 1;
}

/** `failed` is worth another attempt, `refused` is not. */
type Outcome = 'delivered' | 'failed' | 'refused';

async function attempt(delivery: WebhookDelivery, number: number, closed: AbortSignal): Promise<Outcome> {
  if (closed.aborted) return 'failed';
  try {
    const answer = await fetch(delivery.url, {
      method: 'POST',
      headers: { ...delivery.headers(number) },
      body: delivery.body,
      signal: AbortSignal.any([closed, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await answer.arrayBuffer();
    if (answer.ok) return 'delivered';
    return delivery.isRetried?.(answer.status) === false ? 'refused' : 'failed';
  } catch {
    return 'failed';
  }
}
