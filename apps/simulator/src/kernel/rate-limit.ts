/** Rate limits as vendors publish them: a window that slides, or a bucket that refills. Both work on the simulator's clock. */

export interface Verdict {
  readonly allowed: boolean;
  /** Calls left now. */
  readonly remaining: number;
  /** Until the next call is allowed; 0 where it is now. */
  readonly waitMs: number;
}

export interface RateLimit {
  /** Counts a call that costs `points`, or refuses it. */
  take(nowMs: number, points?: number): Verdict;
  /** As `take`, without counting. */
  peek(nowMs: number): Verdict;
}

/** A bucket of `capacity` that refills by `perSecond`. */
export function tokenBucket(capacity: number, perSecond: number): RateLimit {
  let level = capacity;
  let seenMs: number | null = null;
  const refill = (nowMs: number): void => {
    if (seenMs !== null) level = Math.min(capacity, level + (Math.max(0, nowMs - seenMs) / 1_000) * perSecond);
    seenMs = nowMs;
  };
  const verdict = (points: number, allowed: boolean): Verdict => ({
    allowed,
    remaining: Math.max(0, Math.floor(level)),
    waitMs: allowed ? 0 : Math.ceil(((points - level) / perSecond) * 1_000),
  });
  return {
    take: (nowMs, points = 1) => {
      refill(nowMs);
      const allowed = level >= points;
      if (allowed) level -= points;
      return verdict(points, allowed);
    },
    peek: (nowMs) => {
      refill(nowMs);
      return verdict(1, level >= 1);
    },
  };
}

/** At most `limit` calls in any `windowMs`. */
export function slidingWindow(limit: number, windowMs: number): RateLimit {
  const calls: number[] = [];
  const forget = (nowMs: number): void => {
    while (calls.length > 0 && (calls[0] ?? 0) <= nowMs - windowMs) calls.shift();
  };
  const verdict = (nowMs: number, allowed: boolean): Verdict => ({
    allowed,
    remaining: Math.max(0, limit - calls.length),
    waitMs: allowed ? 0 : Math.max(1, (calls[0] ?? nowMs) + windowMs - nowMs),
  });
  return {
    take: (nowMs, points = 1) => {
      forget(nowMs);
      const allowed = calls.length + points <= limit;
      if (allowed) for (let point = 0; point < points; point += 1) calls.push(nowMs);
      return verdict(nowMs, allowed);
    },
    peek: (nowMs) => {
      forget(nowMs);
      return verdict(nowMs, calls.length < limit);
    },
  };
}
