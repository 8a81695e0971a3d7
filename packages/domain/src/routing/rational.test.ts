import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, dividedBy, minus, plus, rational, rationalText, readRational } from './rational.ts';

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

  it('adds, subtracts, divides, compares and prints as integers over a shared denominator do', () => {
    const whole = fc.bigInt({ min: -50n, max: 50n });
    const above = fc.bigInt({ min: 1n, max: 60n });
    fc.assert(
      fc.property(whole, above, whole, above, (a, b, c, d) => {
        const [x, y] = [rational(a, b), rational(c, d)];
        expect(plus(x, y)).toEqual(rational(a * d + c * b, b * d));
        expect(minus(x, y)).toEqual(rational(a * d - c * b, b * d));
        expect(dividedBy(x, rational(b, d))).toEqual(rational(a * d, b * b));
        expect(Math.sign(compare(x, y))).toBe(Math.sign(Number(a * d - c * b)));
        expect(readRational(rationalText(x))).toEqual(x);
      }),
    );
  });
});
