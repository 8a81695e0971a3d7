import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastCommonMultiple, rational, rationalText, readRational } from './rational.ts';

describe('exact fractions', () => {
  it.each([
    ['3', '3'],
    ['0.25', '1/4'],
    ['1/3', '1/3'],
    ['2/6', '1/3'],
    ['-7/4', '-7/4'],
    ['-0.5', '-1/2'],
    ['0', '0'],
    ['0.30', '3/10'],
  ])('reads %s as %s', (text, expected) => {
    const value = readRational(text);
    expect(value === null ? null : rationalText(value)).toBe(expected);
  });

  it.each(['', 'x', '1/0', '1/-2', '.5', '5.', '1e3', ' 1', '1/2/3', 'NaN', '1,5'])('does not read %j', (text) => {
    expect(readRational(text)).toBeNull();
  });

  it('has no denominator of 0', () => {
    expect(() => rational(1n, 0n)).toThrow('rational: expected a denominator other than 0, got 0');
  });

  it('stands in lowest terms, with the sign above, and is read back as it is printed', () => {
    const whole = fc.bigInt({ min: -50n, max: 50n });
    const other = fc.bigInt({ min: -60n, max: 60n }).filter((value) => value !== 0n);
    fc.assert(
      fc.property(whole, other, other, (a, b, scale) => {
        const value = rational(a, b);
        expect(value.denominator).toBeGreaterThan(0n);
        expect(value.numerator * b).toBe(a * value.denominator);
        expect(rational(a * scale, b * scale)).toEqual(value);
        expect(readRational(rationalText(value))).toEqual(value);
      }),
    );
  });

  it('knows the least common multiple', () => {
    expect([leastCommonMultiple(4n, 6n), leastCommonMultiple(1n, 7n), leastCommonMultiple(5n, 5n)]).toEqual([12n, 7n, 5n]);
  });
});
