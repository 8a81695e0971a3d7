/** The simulator's time: the machine's, shifted by what a test asked for. Whatever vendors stamp or compare comes from here. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Stands still at an instant, or runs again with `null`. */
  freeze(atMs: number | null): void;
  /** Moves a frozen or running clock; may be negative. */
  advance(byMs: number): void;
}

/** A clock that begins at the machine's time. */
export function createClock(machine: () => number = Date.now): Clock {
  let offsetMs = 0;
  let frozenMs: number | null = null;
  return {
    nowMs: () => frozenMs ?? machine() + offsetMs,
    freeze: (atMs) => {
      if (atMs === null && frozenMs !== null) offsetMs = frozenMs - machine();
      frozenMs = atMs;
    },
    advance: (byMs) => {
      if (frozenMs === null) offsetMs += byMs;
      else frozenMs += byMs;
    },
  };
}
