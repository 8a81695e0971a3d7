/** What each rule of the score has been worth alone: how many were won of those for which it gave points, and of those for which it did not. */
import type { OutcomeRow } from './calibrate.schema.ts';
import { wilsonBounds } from './wilson.ts';

/** Of rows whose outcome is known. */
export interface Rate {
  readonly closed: number;
  readonly won: number;
  /** won ÷ closed; null where none is closed. */
  readonly share: number | null;
  /** Wilson's 95 % interval of the share; 0 to 1 where none is closed. */
  readonly low: number;
  readonly high: number;
}

export interface RuleRate {
  /** Id of the spec's event or fit. */
  readonly rule: string;
  readonly fired: Rate;
  readonly quiet: Rate;
  /** The two intervals do not meet: `more` where those for which it fired were won more often. Null: the rows do not tell. */
  readonly tells: 'more' | 'less' | null;
}

/** Counted on all rows: it describes them, and claims nothing of others. */
export function rateOf(rows: readonly OutcomeRow[]): Rate {
  const won = rows.filter(({ outcome }) => outcome === 'closed-won').length;
  const closed = won + rows.filter(({ outcome }) => outcome === 'closed-lost').length;
  const [low, high] = wilsonBounds(won, closed);
  return { closed, won, share: closed === 0 ? null : won / closed, low, high };
}

/** In the order of the rules; rows of which nobody knows what fired do not count. */
export function ruleRates(rows: readonly OutcomeRow[], rules: readonly string[]): readonly RuleRate[] {
  const known = rows.filter(({ fired }) => fired !== null);
  return rules.map((rule) => {
    const fired = rateOf(known.filter((row) => row.fired?.includes(rule)));
    const quiet = rateOf(known.filter((row) => row.fired?.includes(rule) !== true));
    const tells = fired.low > quiet.high ? 'more' : fired.high < quiet.low ? 'less' : null;
    return { rule, fired, quiet, tells };
  });
}
