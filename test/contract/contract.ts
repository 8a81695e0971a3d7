/** A vendor's contract, made of whatever form it comes in, and what of an exchange does not keep to it. */
import { Ajv } from 'ajv';
import type { ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Exchange } from './recorder.ts';
import { DOCUMENT } from './schema.ts';
import type { Definitions, Schema } from './schema.ts';

/** How a body is written; of `other` ones (files) only that they are there is checked. */
export type Encoding = 'json' | 'form' | 'other';

export interface Operation {
  /** `POST /rest/api/3/issue/bulk`, with the contract's names of path parameters in braces. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** By name; members of the query that are not here are violations. */
  readonly query: Readonly<Record<string, Schema>>;
  readonly requiredQuery: readonly string[];
  /** Null: the operation takes none. */
  readonly body: {
    readonly schema: Schema;
    readonly isRequired: boolean;
    readonly encoding: Encoding;
    /** The contract has the names of the members and not their types. */
    readonly isNamesOnly?: boolean;
  } | null;
  /** By status; null: the contract has the status and does not describe a body. */
  readonly answers: Readonly<Record<string, Schema | null>>;
}

export interface Contract {
  readonly operations: readonly Operation[];
  /** The vendor's own, before anything is made stricter or relaxed. */
  readonly raw: Definitions;
  /** As requests are held against it: strictly. */
  readonly requests: Definitions;
  /** As answers are held against it: relaxed. */
  readonly answers: Definitions;
  /** The vendor's shape of every refusal. */
  readonly error: Schema;
  /** The path of a request as the contract's version names it. */
  readonly normalised?: (path: string) => string;
}

export interface Checker {
  readonly contract: Contract;
  /** Null: the contract does not have it. */
  operationOf(method: string, path: string): Operation | null;
  /** What of a request is not in the contract; empty where all is. */
  requestViolations(operation: Operation, request: Pick<Exchange, 'query' | 'requestText'>): readonly string[];
  answerViolations(operation: Operation, exchange: Exchange): readonly string[];
  /** What of a refusal has not the vendor's shape. */
  errorViolations(exchange: Exchange): readonly string[];
}

export function createChecker(contract: Contract): Checker {
  const requests = validatorOf(contract.requests);
  const answers = validatorOf(contract.answers);
  // The most exact path first: `users/me` before `users/{user_id}`.
  const routes = contract.operations
    .map((operation) => ({ operation, pattern: patternOf(operation.path), vague: operation.path.split('{').length }))
    .toSorted((left, right) => left.vague - right.vague);
  const { normalised = (path: string): string => path } = contract;
  const checker: Checker = {
    contract,
    operationOf: (method, path) =>
      routes.find(({ operation, pattern }) => operation.method === method && pattern.test(normalised(path)))?.operation ?? null,
    requestViolations: (operation, { query, requestText }) => [
      ...queryViolations(requests, operation, query),
      ...bodyViolations(requests, operation, requestText),
    ],
    answerViolations: (operation, exchange) => {
      const { status, answerText } = exchange;
      const schema = operation.answers[String(status)];
      const refusal = status < 400 ? [] : checker.errorViolations(exchange);
      // Where a status has a shape of its own, a refusal of the whole request may still have the common one.
      if (status >= 400 && (refusal.length === 0 || schema === undefined || schema === null)) return refusal;
      if (schema === undefined) return [`status: expected one of ${Object.keys(operation.answers).join(', ')}, got ${status}`];
      if (schema === null) return [];
      return violations(answers(schema), parsed(answerText), 'answer');
    },
    errorViolations: ({ status, answerText }) =>
      status >= 500 || status < 400
        ? [`status: expected 4xx, got ${status}: ${answerText.slice(0, 200)}`]
        : violations(answers(contract.error), parsed(answerText), 'answer'),
  };
  return checker;
}

/** Compiles each schema once. Code is not made fast: it runs a few hundred times, and making it so takes longer. */
function validatorOf(definitions: Definitions): (schema: Schema) => ValidateFunction {
  const ajv = new Ajv({ strict: false, inlineRefs: false, code: { optimize: false } });
  formats.default(ajv);
  // Words of OpenAPI that say how a text is meant and nothing that could be checked.
  for (const format of ['binary', 'url', 'json']) ajv.addFormat(format, true);
  ajv.addSchema({ $id: DOCUMENT, definitions });
  const compiled = new Map<Schema, ValidateFunction>();
  return (schema) => {
    const known = compiled.get(schema) ?? ajv.compile(schema);
    compiled.set(schema, known);
    return known;
  };
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`).replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
}

function queryViolations(compile: (schema: Schema) => ValidateFunction, operation: Operation, query: string): readonly string[] {
  const params = new URLSearchParams(query);
  const missing = operation.requiredQuery.filter((name) => !params.has(name)).map((name) => `query: expected ${name}, got none`);
  const wrong = [...new Set(params.keys())].flatMap((name) => {
    const schema = operation.query[name];
    if (schema === undefined) return [`query: expected no ${name}, which the contract does not have`];
    return violations(compile(schema), valueOf(schema, params.getAll(name)), `query ${name}`);
  });
  return [...missing, ...wrong];
}

/** A query has texts only: what they stand for, by the contract's type. */
function valueOf(schema: Schema, texts: readonly string[]): unknown {
  const [first = ''] = texts;
  switch (schema['type']) {
    case 'array':
      return texts.flatMap((text) => text.split(',')).map((text) => valueOf((schema['items'] ?? {}) as Schema, [text]));
    case 'integer':
    case 'number':
      return first.trim() === '' ? first : Number(first);
    case 'boolean':
      return first === 'true' ? true : first === 'false' ? false : first;
    default:
      return first;
  }
}

function bodyViolations(compile: (schema: Schema) => ValidateFunction, { body }: Operation, text: string): readonly string[] {
  if (text === '') return body?.isRequired === true ? ['body: expected one, got none'] : [];
  if (body === null) return ['body: expected none, got one'];
  if (body.encoding === 'other') return [];
  const value = body.encoding === 'json' ? parsed(text) : Object.fromEntries(new URLSearchParams(text));
  return violations(compile(body.schema), value, 'body');
}

const UNREADABLE = Symbol('no JSON');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return UNREADABLE;
  }
}

function violations(validate: ValidateFunction, value: unknown, what: string): readonly string[] {
  if (value === UNREADABLE) return [`${what}: expected JSON, got something else`];
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${what}${instancePath}: ${message ?? 'is wrong'} ${JSON.stringify(params)}`,
  );
}
