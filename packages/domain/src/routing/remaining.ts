/** What becomes of a lead whose owner is called away while its clock runs (cases 01 and 02). */

export interface RemainingRequest {
  /** As it stood before the absence was known: an absence buys no time. */
  readonly deadlineMs: number;
  /** So long before the deadline somebody has to be at it. */
  readonly bufferMs: number;
  /** When the owner works again; null: not in sight. */
  readonly returnMs: number | null;
  /** Whether somebody else may take it: on duty, of the territory, below the capacity. */
  readonly hasOthers: boolean;
}

export type RemainingDecision =
  | { readonly kind: 'move' }
  | { readonly kind: 'wait'; readonly untilMs: number }
  | { readonly kind: 'escalate'; readonly reason: 'RETURN_TOO_LATE' | 'NO_RETURN' };

/** Others first; else it waits, but only if the owner is back in time to act; else a named person hears now, while there is time. */
export function decideRemaining({ deadlineMs, bufferMs, returnMs, hasOthers }: RemainingRequest): RemainingDecision {
  if (hasOthers) return { kind: 'move' };
  if (returnMs === null) return { kind: 'escalate', reason: 'NO_RETURN' };
  return returnMs <= deadlineMs - bufferMs ? { kind: 'wait', untilMs: returnMs } : { kind: 'escalate', reason: 'RETURN_TOO_LATE' };
}
