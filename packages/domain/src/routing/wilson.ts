/** How sure a share is that was counted on few: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209–212. */

/** Two-sided 95 %. */
const Z = 1.959963984540054;

/**
 * Lower end of Wilson's 95 % score interval for `successes` of `trials`: the smallest true share under which what was counted is still within 1.96 standard
 * errors. 0 for no trials. Unlike p ± 1.96·se it never claims certainty: 10 of 10 is 0.72.
 */
export function wilsonLowerBound(successes: number, trials: number): number {
  if (trials === 0) return 0;
  const share = successes / trials;
  const square = Z * Z;
  const middle = share + square / (2 * trials);
  const width = Z * Math.sqrt((share * (1 - share) + square / (4 * trials)) / trials);
  return Math.max(0, (middle - width) / (1 + square / trials));
}
