/** Which records a search finds: filters by the type of their property, words of a query, one sort. */
import { badRequest } from './errors.ts';
import { plainText } from './html.ts';
import type { PropertyDefinition, Values } from './model.ts';
import { instantOf } from './values.ts';

export interface Filter {
  readonly propertyName: string;
  readonly operator: Operator;
  readonly value?: string | undefined;
  readonly highValue?: string | undefined;
  readonly values?: readonly string[] | undefined;
}

export const OPERATORS = [
  'EQ',
  'NEQ',
  'LT',
  'LTE',
  'GT',
  'GTE',
  'BETWEEN',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'CONTAINS_TOKEN',
  'NOT_CONTAINS_TOKEN',
] as const;
type Operator = (typeof OPERATORS)[number];

type Test = (value: string | undefined) => boolean;

/** A filter as a test of one value. Throws HubSpot's 400 where an operator lacks what it needs. */
export function testOf(property: PropertyDefinition, filter: Filter): Test {
  const { operator } = filter;
  if (operator === 'HAS_PROPERTY') return (value) => value !== undefined;
  if (operator === 'NOT_HAS_PROPERTY') return (value) => value === undefined;
  if (operator === 'IN' || operator === 'NOT_IN') {
    const wanted = new Set((filter.values ?? []).map((value) => comparable(property, value)));
    if (wanted.size === 0) throw lacks(filter, 'values');
    return (value) => value !== undefined && wanted.has(comparable(property, value)) === (operator === 'IN');
  }
  if (filter.value === undefined) throw lacks(filter, 'value');
  if (operator === 'CONTAINS_TOKEN' || operator === 'NOT_CONTAINS_TOKEN') {
    const patterns = filter.value
      .split(/\s+/)
      .filter((token) => token !== '')
      .map(tokenPattern);
    return (value) => {
      const tokens = tokensOf(value ?? '');
      const has = patterns.every((pattern) => tokens.some((token) => pattern.test(token)));
      return value !== undefined && has === (operator === 'CONTAINS_TOKEN');
    };
  }
  const bound = comparable(property, filter.value);
  if (operator === 'BETWEEN') {
    if (filter.highValue === undefined) throw lacks(filter, 'highValue');
    const high = comparable(property, filter.highValue);
    return (value) => value !== undefined && comparable(property, value) >= bound && comparable(property, value) <= high;
  }
  return (value) => value !== undefined && COMPARISONS[operator](comparable(property, value), bound);
}

const COMPARISONS: Record<
  Exclude<Operator, 'BETWEEN' | 'IN' | 'NOT_IN' | 'HAS_PROPERTY' | 'NOT_HAS_PROPERTY' | 'CONTAINS_TOKEN' | 'NOT_CONTAINS_TOKEN'>,
  (value: string | number, bound: string | number) => boolean
> = {
  EQ: (value, bound) => value === bound,
  NEQ: (value, bound) => value !== bound,
  LT: (value, bound) => value < bound,
  LTE: (value, bound) => value <= bound,
  GT: (value, bound) => value > bound,
  GTE: (value, bound) => value >= bound,
};

/** A value in the form in which its type compares: numbers and times as numbers, words without their case. */
export function comparable(property: PropertyDefinition, value: string): string | number {
  if (property.type === 'number') return Number(value);
  if (property.type === 'date' || property.type === 'datetime') {
    const atMs = instantOf(value);
    if (atMs === null) throw badRequest(`There was a problem with the request: '${value}' is not a time for ${property.name}`);
    return atMs;
  }
  return value.toLowerCase();
}

const tokensOf = (text: string): string[] =>
  plainText(text)
    .toLowerCase()
    .split(/[^\p{L}\p{N}_]+/u)
    .filter((token) => token !== '');

function tokenPattern(token: string): RegExp {
  const words = token
    .toLowerCase()
    .split('*')
    .map((part) => part.replaceAll(/[^\p{L}\p{N}_]/gu, ''));
  return new RegExp(`^${words.join('.*')}$`, 'u');
}

/** True where every word of the query begins a word of the record's searched properties. */
export function matchesQuery(values: Values, searched: readonly string[], query: string): boolean {
  const tokens = searched.flatMap((name) => tokensOf(values[name] ?? ''));
  return tokensOf(query).every((word) => tokens.some((token) => token.startsWith(word)));
}

function lacks(filter: Filter, what: string): Error {
  return badRequest(`There was a problem with the request: operator ${filter.operator} on ${filter.propertyName} needs '${what}'`);
}
