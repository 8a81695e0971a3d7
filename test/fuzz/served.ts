/** The API's contract as the server itself hands it out, and what of an exchange does not keep to it. */
import { createChecker } from '../contract/contract.ts';
import type { Checker, Operation } from '../contract/contract.ts';
import { operationsOf } from '../contract/openapi.ts';
import type { OpenApi } from '../contract/openapi.ts';
import { asJsonSchema, changedAll, closed, refTo } from '../contract/schema.ts';

export interface ServedOperation extends Operation {
  /** Names of the path's parameters, in order. */
  readonly params: readonly string[];
  /** Statuses that are described. */
  readonly statuses: readonly number[];
}

export interface Served {
  readonly checker: Checker;
  readonly operations: readonly ServedOperation[];
}

/** Answers are held strictly against it: what it does not describe is shown to nobody. */
export function servedContract(document: OpenApi): Served {
  const raw = document.components.schemas;
  const strict = changedAll(changedAll(raw, asJsonSchema), closed);
  const operations = operationsOf(document, (schema) => schema, closed).map((operation) => ({
    ...operation,
    params: [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    statuses: Object.keys(operation.answers).map(Number),
  }));
  const requests = changedAll(raw, asJsonSchema);
  return { operations, checker: createChecker({ operations, raw, requests, answers: strict, error: refTo('Problem') }) };
}
