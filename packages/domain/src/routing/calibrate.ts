/**
 * What a score is worth: precision and recall against closed-won, by tier and threshold. The threshold is chosen on the earlier part of the rows and its
 * precision claimed on the later one, which it has never seen. A precision is claimed only where Wilson's lower bound supports it.
 */
import type { OutcomeRow } from './calibrate.schema.ts';
import { leaks } from './outcomes.ts';
import type { Problem } from './problem.ts';
import { TIERS } from './tier.ts';
import type { Tier } from './tier.ts';
import { wilsonLowerBound } from './wilson.ts';

/** The precision that routing without a person needs. */
export const TARGET_PRECISION = 0.7;
/** Rows that close early are not like those that close late: with more open than closed ones above the threshold nothing is claimed. */
const MOST_OPEN_SHARE = 0.5;

/** Counted on the rows of one tier with a score of `threshold` or more. */
export interface Figures {
  readonly threshold: number;
  /** Rows whose outcome is known. */
  readonly closed: number;
  readonly won: number;
  readonly open: number;
  /** won ÷ closed; null where none is closed. */
  readonly precision: number | null;
  /** Wilson's 95 % lower bound of the precision; 0 where none is closed. */
  readonly lowerBound: number;
  /** won ÷ all won of the tier, below the threshold too; null where none is won. */
  readonly recall: number | null;
}

export interface TierCalibration {
  readonly tier: Tier;
  /** Every threshold that the earlier part offers, rising. */
  readonly curve: readonly Figures[];
  /** The chosen threshold on the part that it was chosen on, or the one in force there; null where nothing can be chosen: no row is closed. */
  readonly chosenOn: Figures | null;
  /** The same threshold on the later part. */
  readonly claimedOn: Figures | null;
  readonly claim:
    | { readonly kind: 'proven'; readonly precision: number }
    /** Not to be routed without a person. */
    | { readonly kind: 'refused'; readonly reason: 'NO_ROWS' | 'BOUND_TOO_LOW' | 'TOO_MANY_OPEN'; readonly message: string };
}

export type Calibration =
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] }
  | {
      readonly kind: 'calibrated';
      readonly splitAt: string;
      readonly target: number;
      readonly tiers: readonly TierCalibration[];
      /** `FEATURE_TIMES_UNKNOWN`: rows without lastEventAt, for which the guard could not look. */
      readonly caveats: readonly 'FEATURE_TIMES_UNKNOWN'[];
    };

export interface CalibrateOptions {
  /** The precision to be proven; above 0, below 1. */
  readonly target?: number;
  /** Share of the rows, latest first, that is claimed on; above 0, below 1. */
  readonly holdout?: number;
  /** Thresholds that are in force, and are judged as they are instead of choosing one. */
  readonly thresholds?: Readonly<Partial<Record<Tier, number>>>;
}

/** Calibrates, or refuses rows that leak. */
export function calibrate(
  rows: readonly OutcomeRow[],
  { target = TARGET_PRECISION, holdout = 0.3, thresholds = {} }: CalibrateOptions = {},
): Calibration {
  const times = rows.map(({ scoredAt }) => scoredAt).sort();
  const splitAt = times[Math.floor(times.length * (1 - holdout))];
  if (splitAt === undefined || splitAt === times[0])
    return {
      kind: 'refused',
      problems: [
        {
          severity: 'error',
          file: null,
          line: null,
          path: 'scoredAt',
          expected: 'rows that were scored at different times, so that there is an earlier and a later part',
          got: `${rows.length} rows`,
          remedy: 'add rows',
        },
      ],
    };
  const problems = leaks(rows);
  if (problems.length > 0) return { kind: 'refused', problems };
  const earlier = rows.filter(({ scoredAt }) => scoredAt < splitAt).map((row) => asOf(row, splitAt));
  const later = rows.filter(({ scoredAt }) => scoredAt >= splitAt);
  const of = (part: readonly OutcomeRow[], tier: Tier): readonly OutcomeRow[] => part.filter((row) => row.tier === tier);
  return {
    kind: 'calibrated',
    splitAt,
    target,
    tiers: TIERS.map((tier) => calibrateTier(tier, of(earlier, tier), of(later, tier), { target, threshold: thresholds[tier] ?? null })),
    caveats: rows.some(({ lastEventAt }) => lastEventAt === null) ? ['FEATURE_TIMES_UNKNOWN'] : [],
  };
}

/** Whoever chose the threshold then did not know an outcome of later. */
function asOf(row: OutcomeRow, splitAt: string): OutcomeRow {
  return row.outcomeAt !== null && row.outcomeAt >= splitAt ? { ...row, outcome: 'open', outcomeAt: null } : row;
}

function calibrateTier(
  tier: Tier,
  earlier: readonly OutcomeRow[],
  later: readonly OutcomeRow[],
  { target, threshold }: { readonly target: number; readonly threshold: number | null },
): TierCalibration {
  const curve = curveOf(earlier);
  // A score at which nothing is closed says nothing for a threshold as low as that.
  const offered = curve.filter(({ closed }, index) => closed > (curve[index + 1]?.closed ?? 0));
  // The lowest threshold that holds the target keeps the most leads; where none does, the one that comes closest.
  const best =
    offered.find(({ lowerBound }) => lowerBound >= target) ??
    offered.reduce<Figures | null>((most, one) => (most === null || one.lowerBound > most.lowerBound ? one : most), null);
  const chosenOn = threshold === null ? best : figuresAt(earlier, threshold);
  const claimedOn = chosenOn === null ? null : figuresAt(later, chosenOn.threshold);
  return { tier, curve, chosenOn, claimedOn, claim: claimOf(tier, claimedOn, target) };
}

function claimOf(tier: Tier, figures: Figures | null, target: number): TierCalibration['claim'] {
  if (figures === null || figures.precision === null)
    return {
      kind: 'refused',
      reason: 'NO_ROWS',
      message: `${tier}: expected closed rows in both parts, got none; leads of it go to people`,
    };
  const { closed, open, won, lowerBound, precision, threshold } = figures;
  const counted = `${won} of ${closed} closed rows won at ${threshold} and above`;
  if (open > closed * (MOST_OPEN_SHARE / (1 - MOST_OPEN_SHARE)))
    return {
      kind: 'refused',
      reason: 'TOO_MANY_OPEN',
      message: `${tier}: ${counted}, but ${open} are open still; wait until more are closed`,
    };
  if (lowerBound < target)
    return {
      kind: 'refused',
      reason: 'BOUND_TOO_LOW',
      message: `${tier}: ${counted}: at least ${percent(lowerBound)} precise with 95 % confidence, expected ${percent(target)}; add rows, or a better spec`,
    };
  return { kind: 'proven', precision };
}

const percent = (share: number): string => `${Math.floor(share * 1_000) / 10} %`;

/** Figures at one threshold. */
export function figuresAt(rows: readonly OutcomeRow[], threshold: number): Figures {
  const above = rows.filter(({ score }) => score >= threshold);
  const count = (outcome: OutcomeRow['outcome'], of: readonly OutcomeRow[] = above): number =>
    of.filter((row) => row.outcome === outcome).length;
  return figuresOf(threshold, { won: count('closed-won'), lost: count('closed-lost'), open: count('open') }, count('closed-won', rows));
}

/** Figures at every score that occurs, rising; one pass over the sorted rows. */
function curveOf(rows: readonly OutcomeRow[]): readonly Figures[] {
  const allWon = rows.filter(({ outcome }) => outcome === 'closed-won').length;
  const falling = [...rows].sort((a, b) => b.score - a.score);
  const counts = { won: 0, lost: 0, open: 0 };
  const curve: Figures[] = [];
  for (const [index, { score, outcome }] of falling.entries()) {
    counts[outcome === 'closed-won' ? 'won' : outcome === 'closed-lost' ? 'lost' : 'open'] += 1;
    if (falling[index + 1]?.score !== score) curve.push(figuresOf(score, counts, allWon));
  }
  return curve.toReversed();
}

function figuresOf(
  threshold: number,
  { won, lost, open }: { readonly won: number; readonly lost: number; readonly open: number },
  allWon: number,
): Figures {
  const closed = won + lost;
  return {
    threshold,
    closed,
    won,
    open,
    precision: closed === 0 ? null : won / closed,
    lowerBound: wilsonLowerBound(won, closed),
    recall: allWon === 0 ? null : won / allWon,
  };
}

/** What the monthly check says of a tier. */
export interface MonthlyCheck {
  readonly tier: Tier;
  readonly figures: Figures;
  /** `route to people`: precision fell below the target. `too few`: last month's word stands. */
  readonly verdict: 'route' | 'route to people' | 'too few';
}

/**
 * The monthly check: of the leads whose outcome became known in the month (`YYYY-MM`, UTC) and that were above their tier's threshold, are enough won? The counted precision
 * decides, not its bound: a month has too few leads for a bound of 70 %, and what once was proven is kept until counting says otherwise. Below `least` closed
 * leads it says nothing.
 */
export function checkMonth(
  rows: readonly OutcomeRow[],
  month: string,
  thresholds: Readonly<Partial<Record<Tier, number>>>,
  { target = TARGET_PRECISION, least = 10 } = {},
): readonly MonthlyCheck[] {
  const known = rows.filter(({ outcomeAt }) => outcomeAt?.startsWith(`${month}-`) === true);
  return TIERS.flatMap((tier) => {
    const threshold = thresholds[tier];
    if (threshold === undefined) return [];
    const figures = figuresAt(
      known.filter((row) => row.tier === tier),
      threshold,
    );
    const verdict = figures.closed < least ? 'too few' : (figures.precision ?? 0) < target ? 'route to people' : 'route';
    return [{ tier, figures, verdict }];
  });
}
