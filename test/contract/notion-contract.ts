/**
 * Notion's contract: types of @notionhq/client 5.26 as JSON Schema (the better oracle: SOURCES.md), the SDK's own table of endpoints for paths and for
 * which member goes into path, query or body, and the OpenAPI document for the types of queries, which the SDK's types do not have.
 */
import { APIErrorCode } from '@notionhq/client';
import * as endpoints from '@notionhq/client/build/src/api-endpoints.js';
import type { Contract, Operation } from './contract.ts';
import { operationsOf } from './openapi.ts';
import type { OpenApi } from './openapi.ts';
import { relaxing } from './relaxations.ts';
import { asJsonSchema, changedAll, closed, isSchema, propertiesOf, refTo, requiredOf, schemaList } from './schema.ts';
import type { Change, Definitions, Schema } from './schema.ts';
import { readSpec } from './specs.ts';

interface Endpoint {
  readonly method: string;
  readonly pathParams: readonly string[];
  readonly queryParams: readonly string[];
  readonly bodyParams: readonly string[];
  readonly path: (params: Readonly<Record<string, string>>) => string;
}

/** Types that the SDK has under another endpoint's name only: what it answers is the same object. */
const ANSWERED_LIKE: Readonly<Record<string, string>> = {
  UpdateBlock: 'GetBlock',
  CreateDataSource: 'GetDataSource',
  UpdateDatabase: 'GetDatabase',
  MovePage: 'GetPage',
  GetComment: 'CreateComment',
  UpdateComment: 'CreateComment',
  DeleteComment: 'CreateComment',
};

/** The SDK's list has every code but this one, which the vendor's page has. */
const CODES = [...Object.values(APIErrorCode), 'missing_version'];

/** vendor-apis.md 2, "errors". */
const ERROR: Schema = {
  type: 'object',
  properties: {
    object: { const: 'error' },
    status: { type: 'integer' },
    code: { enum: CODES },
    message: { type: 'string', minLength: 1 },
    request_id: { type: 'string' },
    additional_data: { type: 'object' },
  },
  required: ['object', 'status', 'code', 'message', 'request_id'],
  additionalProperties: false,
};

/** An object of which only the id is shown: with a member more it must be the whole object. */
const closedPartials: Change = (schema, at) => (/^Partial\w+Response$/.test(at) ? { ...schema, additionalProperties: false } : schema);

export function notionContract(): Contract {
  const { definitions } = readSpec('notion/notion-sdk-5.26-types.schema.json') as { definitions: Definitions };
  const ours = changedAll(definitions, asJsonSchema);
  const request: Change = (schema, at) => relaxing('notion', 'requests')(closed(schema, at), at);
  const answer: Change = (schema, at) => closedPartials(relaxing('notion', 'answers')(schema, at), at);
  const openApi = operationsOf(readSpec('notion/notion-mcp-2025-09-03.openapi.json') as OpenApi, request, answer);
  return {
    operations: tabled().map(([name, endpoint]) => operationOf(name, endpoint, ours, openApi)),
    raw: ours,
    requests: { ...changedAll(ours, request), ...bodies(ours, request) },
    answers: changedAll(ours, answer),
    error: ERROR,
  };
}

/** The SDK's table: endpoints by name. */
function tabled(): readonly (readonly [string, Endpoint])[] {
  return Object.entries(endpoints as unknown as Readonly<Record<string, Endpoint>>).filter(([, { path }]) => typeof path === 'function');
}

const typeNameOf = (endpoint: string): string => endpoint.charAt(0).toUpperCase() + endpoint.slice(1);
const bodyNameOf = (typeName: string): string => `${typeName}Body`;

function operationOf(endpointName: string, endpoint: Endpoint, types: Definitions, openApi: readonly Operation[]): Operation {
  const typeName = typeNameOf(endpointName);
  const method = endpoint.method.toUpperCase();
  const braces = Object.fromEntries(endpoint.pathParams.map((param) => [param, `{${param}}`]));
  const path = `/v1/${endpoint.path(braces)}`;
  const like = openApi.find((operation) => operation.method === method && shapeOf(operation.path) === shapeOf(path));
  const answer = [`${typeName}Response`, `${ANSWERED_LIKE[typeName] ?? ''}Response`].find((candidate) => types[candidate] !== undefined);
  const name = `${method} ${path}`;
  return {
    name,
    method,
    path,
    query: Object.fromEntries(endpoint.queryParams.map((param) => [param, queryType(param, like)])),
    requiredQuery: [],
    body:
      endpoint.bodyParams.length === 0
        ? null
        : {
            schema: bodyOf(typeName, endpoint, types),
            isRequired: true,
            encoding: 'json',
            isNamesOnly: types[`${typeName}Parameters`] === undefined,
          },
    answers: { 200: answer === undefined ? null : refTo(answer) },
  };
}

const shapeOf = (path: string): string => path.replaceAll(/\{[^}]+\}/g, '{}');

/** Repeated members are lists in the SDK; the OpenAPI document has them as texts. */
function queryType(param: string, like: Operation | undefined): Schema {
  if (param === 'filter_properties') return { type: 'array', items: { type: 'string' } };
  return like?.query[param] ?? (param === 'page_size' ? { type: 'integer' } : { type: 'string' });
}

/** The type of an endpoint's parameters without those of path and query; where the SDK's types lack it, the names that the SDK sends. */
function bodyOf(typeName: string, endpoint: Endpoint, types: Definitions): Schema {
  if (types[`${typeName}Parameters`] !== undefined) return refTo(bodyNameOf(typeName));
  const named = Object.fromEntries(endpoint.bodyParams.map((param) => [param, {}]));
  return { type: 'object', properties: named, additionalProperties: false };
}

/** Bodies as definitions of their own, so that a place within them has a name. */
function bodies(types: Definitions, request: Change): Definitions {
  const found = tabled().flatMap(([name, { pathParams, queryParams }]) => {
    const typeName = typeNameOf(name);
    const type = types[`${typeName}Parameters`];
    return type === undefined ? [] : [[bodyNameOf(typeName), without(type, [...pathParams, ...queryParams])] as const];
  });
  return changedAll(Object.fromEntries(found), request);
}

function without(schema: Schema, names: readonly string[]): Schema {
  if (Array.isArray(schema['anyOf'])) return { ...schema, anyOf: schemaList(schema['anyOf']).map((part) => without(part, names)) };
  if (!isSchema(schema['properties'])) return schema;
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(propertiesOf(schema)).filter(([name]) => !names.includes(name))),
    required: requiredOf(schema).filter((name) => !names.includes(name)),
  };
}
