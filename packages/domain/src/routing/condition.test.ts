import { describe, expect, it } from 'vitest';
import { conditionSchema } from './condition.schema.ts';
import { holds, valueAt } from './condition.ts';

const TRAITS = { plan: 'team', employees: 250, seats: '12', trial: false, address: { country: 'DE' }, 'a.b': 1, a: { b: 2 }, none: null };

describe('a condition', () => {
  it.each([
    [{}, true],
    [{ plan: 'team' }, true],
    [{ plan: 'Team' }, false],
    [{ plan: ['pro', 'team'] }, true],
    [{ plan: ['pro'] }, false],
    [{ trial: false }, true],
    [{ none: null }, true],
    [{ missing: null }, false],
    [{ missing: [null, 'x'] }, false],
    [{ employees: { gte: 250 } }, true],
    [{ employees: { gt: 250 } }, false],
    [{ employees: { lte: 250 } }, true],
    [{ employees: { lt: 250 } }, false],
    [{ employees: { gte: 200, lt: 250 } }, false],
    [{ seats: { gte: 12 } }, true],
    [{ plan: { gte: 0 } }, false],
    [{ missing: { gte: 0 } }, false],
    [{ missing: { lt: 9 } }, false],
    [{ missing: { exists: false } }, true],
    [{ none: { exists: false } }, true],
    [{ plan: { exists: true } }, true],
    [{ plan: { not: ['free', 'team'] } }, false],
    [{ missing: { not: ['free'] } }, true],
    [{ 'address.country': 'DE' }, true],
    [{ 'address.country.x': 'DE' }, false],
    [{ 'a.b': 1 }, true],
    [{ plan: 'team', employees: { gt: 1_000 } }, false],
    [{ constructor: { exists: true } }, false],
  ])('%j holds: %s', (condition, expected) => {
    expect(holds(conditionSchema.parse(condition), TRAITS)).toBe(expected);
  });

  it('does not look at what an object inherits', () => {
    expect(valueAt(TRAITS, 'address.toString')).toBeUndefined();
  });

  it.each([{ plan: {} }, { plan: [] }, { plan: { gte: '3' } }, { plan: { over: 3 } }])('%j is not one', (condition) => {
    expect(conditionSchema.safeParse(condition).success).toBe(false);
  });
});
