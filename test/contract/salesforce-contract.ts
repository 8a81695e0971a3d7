/** Salesforce's OpenAPI document (REST API v59, 35 sObjects) as a contract. It has no queries, composites, collections and upserts. */
import type { Contract } from './contract.ts';
import { operationsOf } from './openapi.ts';
import type { OpenApi } from './openapi.ts';
import { relaxing } from './relaxations.ts';
import { asJsonSchema, changedAll, closed } from './schema.ts';
import type { Change, Schema } from './schema.ts';
import { readSpec } from './specs.ts';

/** Files in fields: the simulator has none, and what it answers at addresses of this form is a record by its external id. */
const BLOBS = 'GET /sobjects/{sObject}/{id}/{blobField}';

export function salesforceContract(): Contract {
  const document = readSpec('salesforce/salesforce-rest-v59.trimmed.oas.json') as OpenApi;
  const definitions = changedAll(document.components.schemas, asJsonSchema);
  const request: Change = (schema, at) => relaxing('salesforce', 'requests')(closed(schema, at), at);
  const answer = relaxing('salesforce', 'answers');
  // `describe` is no id: what names any object is looked at before what names one.
  const isOfAny = ({ path }: { readonly path: string }): number => (path.includes('{sObject}') ? 0 : 1);
  return {
    operations: operationsOf(document, request, answer)
      .filter(({ name }) => name !== BLOBS)
      .toSorted((left, right) => isOfAny(left) - isOfAny(right)),
    raw: definitions,
    requests: changedAll(definitions, request),
    answers: changedAll(definitions, answer),
    error: ERROR,
    normalised: normalisedPath,
  };
}

/** Without the version. `updated` is no id, and the contract does not have it: the path is made one of a form that it does not have. */
function normalisedPath(path: string): string {
  const resource = path.replace(/^\/services\/data\/v\d+\.\d/, '').replace(/(.)\/$/, '$1');
  return resource.replace(/^(\/sobjects\/\w+)\/updated$/, '$1/updated/0');
}

/** The contract requires no member of a refusal; real ones have a code and a message (vendor-apis.md 4, "errors"). OAuth has a shape of its own. */
const ERROR: Schema = {
  anyOf: [
    {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          message: { type: 'string' },
          errorCode: { type: 'string', pattern: '^[A-Z_]+$' },
          fields: { type: 'array', items: { type: 'string' } },
        },
        required: ['message', 'errorCode'],
        additionalProperties: false,
      },
    },
    {
      type: 'object',
      properties: { error: { type: 'string' }, error_description: { type: 'string' } },
      required: ['error', 'error_description'],
      additionalProperties: false,
    },
  ],
};
