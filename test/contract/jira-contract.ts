/** Jira's OpenAPI document as a contract. */
import type { Contract } from './contract.ts';
import { operationsOf } from './openapi.ts';
import type { OpenApi } from './openapi.ts';
import { relaxing } from './relaxations.ts';
import { asJsonSchema, changedAll, closed, refTo } from './schema.ts';
import type { Change } from './schema.ts';
import { readSpec } from './specs.ts';

export function jiraContract(): Contract {
  const document = readSpec('jira/jira-platform-v3.openapi.json') as OpenApi;
  const definitions = changedAll(document.components.schemas, asJsonSchema);
  const request: Change = (schema, at) => relaxing('jira', 'requests')(closed(schema, at), at);
  const answer = relaxing('jira', 'answers');
  return {
    operations: operationsOf(document, request, answer),
    raw: definitions,
    requests: changedAll(definitions, request),
    answers: changedAll(definitions, answer),
    // The contract requires neither member; real refusals have both (vendor-apis.md 1, "errors").
    error: { allOf: [refTo('ErrorCollection'), { type: 'object', required: ['errorMessages', 'errors'] }] },
  };
}
