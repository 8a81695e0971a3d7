/** Whether a condition of scoring.yaml or policy.yaml holds. */
import type { Json } from '../sync/json.ts';
import type { Condition, ConditionTest } from './condition.schema.ts';

/** A value of the traits or properties; values nest, and dotted paths reach into them. */
export type Traits = Readonly<Record<string, Json>>;

/**
 * All tests of the condition hold; the empty condition always does. Total: a value that is not there fails every test but `exists: false` and `not`.
 * Texts are compared exactly. `gte`, `gt`, `lte`, `lt` take numbers, and texts that are a decimal number and nothing else (CRMs store numbers so).
 */
export function holds(condition: Condition, traits: Traits): boolean {
  return Object.entries(condition).every(([path, test]) => passes(test, valueAt(traits, path)));
}

/** The value at a dotted path; a key that has the dots itself comes first. Undefined where there is none. */
export function valueAt(traits: Traits, path: string): Json | undefined {
  if (Object.hasOwn(traits, path)) return traits[path];
  return path.split('.').reduce<Json | undefined>((value, step) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step)) return undefined;
    return (value as Traits)[step];
  }, traits);
}

function passes(test: ConditionTest, value: Json | undefined): boolean {
  if (typeof test !== 'object' || test === null) return value === test;
  if (Array.isArray(test)) return value !== undefined && test.some((one) => one === value);
  const number = numberOf(value);
  const isBeyond = (limit: number | undefined, isMet: (limit: number, number: number) => boolean): boolean =>
    limit === undefined || (number !== null && isMet(limit, number));
  return (
    isBeyond(test.gte, (limit, given) => given >= limit) &&
    isBeyond(test.gt, (limit, given) => given > limit) &&
    isBeyond(test.lte, (limit, given) => given <= limit) &&
    isBeyond(test.lt, (limit, given) => given < limit) &&
    (test.exists === undefined || test.exists === (value !== undefined && value !== null)) &&
    (test.not === undefined || !test.not.some((one) => one === value))
  );
}

function numberOf(value: Json | undefined): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : null;
}
