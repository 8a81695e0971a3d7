/** How sure a share is that was counted on few: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209–212. */

/** Two-sided 95 %. */
const Z = 1.959963984540054;

/**
 * Wilson's 95 % score interval for `successes` of `trials`: the true shares under which what was counted is within 1.96 standard errors. 0 to 1 for no trials.
 * Unlike p ± 1.96·se it never claims certainty: 10 of 10 is 0.72 to 1.
 */
export function wilsonBounds(successes: number, trials: number): readonly [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const square = Z * Z;
  const middle = share + square / (2 * trials);
  const width = Z * Math.sqrt((share * (1 - share) + square / (4 * trials)) / trials);
  const of = (end: number): number => Math.min(1, Math.max(0, end / (1 + square / trials)));
  return [of(middle - width), of(middle + width)];
}

/** The smallest of these shares; 0 for no trials. */
export function wilsonLowerBound(successes: number, trials: number): number {
  return wilsonBounds(successes, trials)[0];
}
