/**
 * The rate budget of one account: proactive. What the vendor says (remaining calls, Retry-After) is believed to the second; while the account is held,
 * nothing is sent and the caller is told how long to wait. Other accounts are not touched (J01).
 */
import type { AccountWatch } from '@lockstep/domain/sync/account-watch.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';

export interface Budget {
  /** Throws `Throttled` while the account is held. */
  take(): void;
  /** The vendor refused a call. Null: it did not say for how long; then the wait grows, within bounds and with jitter (J02). Returns the wait. */
  refused(retryAfterMs: number | null): number;
  /** The vendor says that no call is left until then. */
  exhausted(forMs: number): void;
  /** A call went through. */
  passed(): void;
}

const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 60_000;
/** No vendor asks for more; a header that does is wrong. */
const LONGEST_HOLD_MS = 24 * 3_600_000;

/** `now` is epoch milliseconds; `random` is in [0, 1). `watch` is told of every hold. */
export function createBudget(now: () => number, random: () => number = Math.random, watch?: Pick<AccountWatch, 'held'>): Budget {
  let heldUntilMs = 0;
  let refusals = 0;
  const hold = (forMs: number): number => {
    const waitMs = Math.min(Math.max(0, forMs), LONGEST_HOLD_MS);
    heldUntilMs = Math.max(heldUntilMs, now() + waitMs);
    watch?.held(heldUntilMs);
    return waitMs;
  };
  return {
    take() {
      const waitMs = heldUntilMs - now();
      if (waitMs > 0)
        throw new ConnectorError('Throttled', `rate limit: expected calls to be left, got none for ${waitMs} ms`, { retryAfterMs: waitMs });
    },
    refused(askedMs) {
      refusals += 1;
      if (askedMs !== null && Number.isFinite(askedMs) && askedMs >= 0) return hold(askedMs);
      const ceilingMs = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (refusals - 1));
      return hold(ceilingMs / 2 + (random() * ceilingMs) / 2);
    },
    exhausted: (forMs) => void hold(forMs),
    passed() {
      refusals = 0;
    },
  };
}

/** The wait that a `Retry-After` header asks for, in milliseconds: seconds or an HTTP date. Null where it says nothing that can be read. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1_000 : null;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
