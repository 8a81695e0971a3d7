/** How many calls an account may make: a bucket of tokens each, refilled evenly. A script that runs wild costs its own account the answers, and nobody else. */

export interface RateLimit {
  /** Calls a second, in the long run. */
  readonly perSecond: number;
  /** Calls at once. */
  readonly burst: number;
}

export const DEFAULT_RATE_LIMIT: RateLimit = { perSecond: 50, burst: 500 };

/**
 * Takes a token of an account's bucket: 0 where there was one, else the milliseconds after which there will be one. `nowMs` is a clock that only goes
 * forward. What is kept grows with the accounts of the configuration, no further.
 */
export function createRateLimit({ perSecond, burst }: RateLimit, nowMs: () => number): (accountId: string) => number {
  /** What a call costs, in time: a bucket holds time that has been saved. */
  const costMs = 1_000 / perSecond;
  const buckets = new Map<string, { readonly savedMs: number; readonly atMs: number }>();
  return (accountId) => {
    const atMs = nowMs();
    const before = buckets.get(accountId) ?? { savedMs: burst * costMs, atMs };
    const savedMs = Math.min(burst * costMs, before.savedMs + atMs - before.atMs);
    const isLeft = savedMs >= costMs;
    buckets.set(accountId, { savedMs: isLeft ? savedMs - costMs : savedMs, atMs });
    return isLeft ? 0 : Math.ceil(costMs - savedMs);
  };
}
