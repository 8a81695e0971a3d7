/** Exact fractions of bigints, as weights are written. Always in lowest terms, denominator above 0. */

export interface Rational {
  readonly numerator: bigint;
  /** Above 0. */
  readonly denominator: bigint;
}

/** In lowest terms. Throws `RangeError` where the denominator is 0. */
export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 0n) throw new RangeError('rational: expected a denominator other than 0, got 0');
  const sign = denominator < 0n ? -1n : 1n;
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, sign * denominator);
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

/** Reads '3', '0.25', '1/3' and '-7/4'; null for anything else, a denominator of 0 included. */
export function readRational(text: string): Rational | null {
  const fraction = /^(-?\d{1,4000})\/(\d{1,4000})$/.exec(text);
  if (fraction !== null) {
    const denominator = BigInt(fraction[2] ?? '0');
    return denominator === 0n ? null : rational(BigInt(fraction[1] ?? '0'), denominator);
  }
  const decimal = /^(-?)(\d{1,4000})(?:\.(\d{1,4000}))?$/.exec(text);
  if (decimal === null) return null;
  const [, sign = '', whole = '0', decimals = ''] = decimal;
  return rational(BigInt(`${sign}${whole}${decimals}`), 10n ** BigInt(decimals.length));
}

/** '7/4'; whole numbers without a denominator. `readRational` reads it back. */
export function rationalText({ numerator, denominator }: Rational): string {
  return denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;
}

/** Of two whole numbers above 0. */
export function leastCommonMultiple(a: bigint, b: bigint): bigint {
  return (a / greatestCommonDivisor(a, b)) * b;
}

function greatestCommonDivisor(first: bigint, second: bigint): bigint {
  let [a, b] = [first, second];
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? 1n : a;
}
