import { describe, expect, it } from 'vitest';
import { sameValue } from './value.ts';

describe('two values of a CRM', () => {
  it.each([
    [null, '', true],
    [5, '5', true],
    [true, 'true', true],
    ['a', 'a', true],
    ['a', 'b', false],
    [null, 'null', false],
    [0, null, false],
    [undefined, undefined, false],
    [undefined, 'undefined', false],
    ['undefined', undefined, false],
    [undefined, null, false],
  ])('%j and %j are one: %s', (left, right, expected) => {
    expect(sameValue(left, right)).toBe(expected);
  });
});
