/**
 * What goes out to one account of a vendor, and what the vendor says of the calls that it has left: told by the connectors to whoever counts and traces.
 * Nothing that is told holds a body, a record's id or a person.
 */

/** `day`: of the vendor's day or of 24 hours. `window`: of the short interval in which it counts. */
export type AllowanceScope = 'day' | 'window';

export interface Allowance {
  readonly scope: AllowanceScope;
  /** Calls of the scope; null where the vendor does not say. */
  readonly limit: number | null;
  readonly remaining: number;
}

/** What came of a request: an answer by its class, being throttled, or no answer. */
export const REQUEST_OUTCOMES = ['answered', 'throttled', 'refused', 'failed', 'unanswered'] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** The outcome of an answer by its HTTP status; null: there was none. */
export function outcomeOf(status: number | null): RequestOutcome {
  if (status === null) return 'unanswered';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'answered';
}

export interface SentRequest {
  /** "Jira". */
  readonly vendor: string;
  readonly method: string;
  /** The path with `{}` for whatever is not a word of the vendor's own. */
  readonly route: string;
  /** Whether it changes nothing. */
  readonly isRead: boolean;
}

export interface AccountWatch {
  /** A request leaves. What is returned is told how it ended: the HTTP status, or null where there was no answer. */
  sending(request: SentRequest): (status: number | null) => void;
  allowance(known: Allowance): void;
  /** Nothing of a kind is sent to the account until then; epoch milliseconds. */
  held(untilMs: number): void;
}
