/**
 * Points that halve, equal bit for bit on every platform. `Math.pow`, `**` and `Math.exp` may differ in the last digit from one engine to another
 * (ECMAScript leaves them to the implementation); +, −, ×, ÷ and rounding down may not, so these are all that is used here.
 */

/** A millionth of a point: what scores are counted in, as whole numbers. Sums of whole numbers do not depend on their order. */
export const MICRO = 1_000_000;

const LN_2 = 0.6931471805599453;
/** Terms of the series; the next one is below 2^−60. */
const TERMS = 18;
/** A thousand points are less than half a millionth after as many half-lives. */
const MOST_HALVINGS = 64;

/** Points in whole millionths. */
export function microPoints(points: number): number {
  return Math.round(points * MICRO);
}

/**
 * What `micro` is worth after `ageMs` with a half-life of `halfLifeMs`, in whole millionths, rounded to the nearest: micro × 2^(−age ÷ half-life).
 * After n half-lives exactly micro ÷ 2^n. An age below 0 counts as 0.
 */
export function decayed(micro: number, ageMs: number, halfLifeMs: number): number {
  const halvings = Math.max(0, ageMs) / halfLifeMs;
  const whole = Math.floor(halvings);
  if (whole >= MOST_HALVINGS) return 0;
  let worth = micro * powerOfHalf(halvings - whole);
  for (let halving = 0; halving < whole; halving += 1) worth *= 0.5;
  return Math.round(worth);
}

/** 2^−x for 0 ≤ x < 1: the series of e^(−x·ln 2), summed from its small end. */
function powerOfHalf(x: number): number {
  const exponent = -x * LN_2;
  let sum = 1;
  for (let term = TERMS; term >= 1; term -= 1) sum = 1 + (exponent / term) * sum;
  return sum;
}
