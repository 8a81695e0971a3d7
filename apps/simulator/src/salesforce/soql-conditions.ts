/** Conditions of SOQL: text does not mind its case, `!=` and `NOT IN` are true of what has no value, dates are UTC. */
import { isFilterable } from './describe.ts';
import { badRequest } from './errors.ts';
import { wellFormedId } from './ids.ts';
import type { FieldDefinition, Scalar } from './model.ts';
import type { Literal } from './soql-parser.ts';
import { instantOf } from './time.ts';

const DAY_MS = 86_400_000;

/** From an instant to before another one. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export type Test = (value: Scalar) => boolean;

/** Whether a value of a field meets a comparison. Throws Salesforce's refusal of what cannot be compared. */
export function testOf(field: FieldDefinition, operator: string, literals: readonly Literal[], nowMs: number): Test {
  if (!isFilterable(field) || ((field.name === 'OldValue' || field.name === 'NewValue') && !field.createable))
    throw badRequest('INVALID_FIELD', `field '${field.name}' can not be filtered in a query call`);
  switch (operator) {
    case '=':
    case 'IN':
      return anyEqual(field, literals, nowMs);
    case '!=':
    case 'NOT IN': {
      const isEqual = anyEqual(field, literals, nowMs);
      return (value) => !isEqual(value);
    }
    case 'LIKE':
      return like(field, literals);
    case 'INCLUDES':
    case 'EXCLUDES': {
      const includes = included(field, literals);
      return operator === 'INCLUDES' ? includes : (value) => !includes(value);
    }
    default:
      return ordered(field, operator, literals, nowMs);
  }
}

function anyEqual(field: FieldDefinition, literals: readonly Literal[], nowMs: number): Test {
  const tests = literals.map((literal): Test => {
    if (literal.kind === 'null') return (value) => value === null;
    if (isDated(field)) {
      const span = spanOf(field, literal, nowMs);
      return (value) => value !== null && atMs(value) >= span.fromMs && atMs(value) < span.toMs;
    }
    const wanted = comparable(field, literal);
    return (value) => value !== null && lower(value) === wanted;
  });
  return (value) => tests.some((test) => test(value));
}

function ordered(field: FieldDefinition, operator: string, [literal]: readonly Literal[], nowMs: number): Test {
  if (literal === undefined || literal.kind === 'null' || field.type === 'boolean' || field.type === 'multipicklist')
    throw badRequest('INVALID_QUERY_FILTER_OPERATOR', `invalid operator on ${field.name}: ${operator}`);
  const compare = (left: number | string, from: number | string, beyond: (value: number | string) => boolean): boolean => {
    if (operator === '<') return left < from;
    if (operator === '>=') return left >= from;
    return operator === '>' ? beyond(left) : !beyond(left);
  };
  if (isDated(field)) {
    const { fromMs, toMs } = spanOf(field, literal, nowMs);
    return (value) => value !== null && compare(atMs(value), fromMs, (left) => Number(left) >= toMs);
  }
  const wanted = comparable(field, literal) as number | string;
  return (value) => value !== null && compare(lower(value) as number | string, wanted, (left) => left > wanted);
}

function like(field: FieldDefinition, [literal]: readonly Literal[]): Test {
  if (literal?.kind !== 'text' || typeof comparableType(field) !== 'string' || comparableType(field) !== 'text')
    throw badRequest('INVALID_QUERY_FILTER_OPERATOR', `invalid operator on ${field.name}: LIKE`);
  // In one pass: what is escaped means itself.
  const source = literal.pattern.replaceAll(/\\([%_\\])|[%_]|[.*+?^${}()|[\]\\/]/g, (sign, escaped?: string) => {
    if (escaped !== undefined) return escaped === '\\' ? '\\\\' : escaped;
    return sign === '%' ? '.*' : sign === '_' ? '.' : `\\${sign}`;
  });
  const pattern = new RegExp(`^${source}$`, 'isu');
  return (value) => value !== null && pattern.test(String(value));
}

/** `INCLUDES ('a;b', 'c')`: has a and b, or has c. */
function included(field: FieldDefinition, literals: readonly Literal[]): Test {
  if (field.type !== 'multipicklist')
    throw badRequest('INVALID_QUERY_FILTER_OPERATOR', `includes/excludes can only be used with multi-select picklists, not ${field.name}`);
  const groups = literals.map((literal) => String(comparable(field, literal)).split(';'));
  return (value) => {
    const chosen = new Set(
      String(value ?? '')
        .toLowerCase()
        .split(';'),
    );
    return groups.some((group) => group.every((one) => chosen.has(one.trim())));
  };
}

const isDated = ({ type }: FieldDefinition): boolean => type === 'date' || type === 'datetime';
const atMs = (value: Scalar): number => Date.parse(String(value));
const lower = (value: Scalar): Scalar => (typeof value === 'string' ? value.toLowerCase() : value);

function comparableType({ type }: FieldDefinition): 'text' | 'number' | 'boolean' {
  if (type === 'boolean') return 'boolean';
  return ['int', 'double', 'currency', 'percent'].includes(type) ? 'number' : 'text';
}

function comparable(field: FieldDefinition, literal: Literal): Scalar {
  const type = comparableType(field);
  if (literal.kind === 'text' && type === 'text') {
    if (field.type !== 'id' && field.type !== 'reference') return literal.text.toLowerCase();
    const id = wellFormedId(literal.text);
    if (id === null && literal.text !== '') throw badRequest('INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${literal.text}`);
    return (id ?? '').toLowerCase();
  }
  if (literal.kind === 'number' && type === 'number') return literal.number;
  if (literal.kind === 'boolean' && type === 'boolean') return literal.boolean;
  throw wrongType(field, literal);
}

function wrongType(field: FieldDefinition, literal: Literal): Error {
  const should = literal.kind === 'text' ? 'should not be enclosed in quotes' : 'should be enclosed in quotes';
  return badRequest('INVALID_FIELD', `value of filter criterion for field '${field.name}' must be of type ${field.type} and ${should}`);
}

function spanOf(field: FieldDefinition, literal: Literal, nowMs: number): Span {
  if (literal.kind === 'relative') return relativeSpan(literal.text, nowMs);
  if ((literal.kind !== 'date' && literal.kind !== 'datetime') || literal.kind !== field.type) throw wrongType(field, literal);
  const fromMs = instantOf(literal.text.replace(/\.\d+/, ''));
  if (fromMs === null) throw badRequest('MALFORMED_QUERY', `invalid ${field.type}: ${literal.text}`);
  const fraction = Math.round(Number(/\.\d+/.exec(literal.text)?.[0] ?? 0) * 1_000);
  return field.type === 'date' ? { fromMs, toMs: fromMs + DAY_MS } : { fromMs: fromMs + fraction, toMs: fromMs + fraction + 1 };
}

function relativeSpan(text: string, nowMs: number): Span {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const days = (from: number, to: number): Span => ({ fromMs: today + from * DAY_MS, toMs: today + to * DAY_MS });
  const [word = '', number = '0'] = text.split(':');
  const count = Number(number);
  switch (word) {
    case 'TODAY':
      return days(0, 1);
    case 'YESTERDAY':
      return days(-1, 0);
    case 'TOMORROW':
      return days(1, 2);
    case 'LAST_N_DAYS':
      return days(-count, 1);
    case 'NEXT_N_DAYS':
      return days(1, count + 1);
    case 'N_DAYS_AGO':
      return days(-count, 1 - count);
    case 'LAST_90_DAYS':
      return days(-90, 1);
    case 'NEXT_90_DAYS':
      return days(1, 91);
    default:
      return calendarSpan(word, today);
  }
}

/** A week begins on Sunday, as in an org of the default locale. */
function calendarSpan(word: string, today: number): Span {
  const [which, unit] = word.split('_');
  const shift = which === 'LAST' ? -1 : which === 'NEXT' ? 1 : 0;
  const date = new Date(today);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (unit === 'WEEK') {
    const fromMs = today + (shift * 7 - date.getUTCDay()) * DAY_MS;
    return { fromMs, toMs: fromMs + 7 * DAY_MS };
  }
  if (unit === 'MONTH') return { fromMs: Date.UTC(year, month + shift, 1), toMs: Date.UTC(year, month + shift + 1, 1) };
  return { fromMs: Date.UTC(year + shift, 0, 1), toMs: Date.UTC(year + shift + 1, 0, 1) };
}
