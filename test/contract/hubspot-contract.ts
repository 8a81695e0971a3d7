/** HubSpot's contract: field lists of the SDK's models as JSON Schema, at the operations that the SDK has them for. */
import type { Contract, Operation } from './contract.ts';
import { sdkEnum, sdkOperations } from './hubspot-sdk.ts';
import type { SdkOperation } from './hubspot-sdk.ts';
import { relaxing } from './relaxations.ts';
import { changedAll, closed, orNull, refTo } from './schema.ts';
import type { Change, Definitions, Schema } from './schema.ts';
import { readSpec } from './specs.ts';

interface Field {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly required: boolean;
}

export interface Models {
  readonly groups: Readonly<
    Record<string, { readonly paths: readonly string[]; readonly models: Readonly<Record<string, readonly Field[]>> }>
  >;
}

/** Those that the simulator stands in for. */
export const GROUPS = [
  'crm/objects',
  'crm/contacts',
  'crm/companies',
  'crm/deals',
  'crm/associations/v4',
  'crm/associations/v4/schema',
  'crm/owners',
  'crm/properties',
  'oauth',
] as const;

export const readModels = (): Models => readSpec('hubspot/hubspot-sdk-14-models.json') as Models;

/** Dated paths, and where in the contract's versions the same operation stands (vendor-apis.md 0.1). */
const DATED: readonly (readonly [RegExp, string])[] = [
  [/^\/crm\/objects\/\d{4}-\d{2}\/([^/]+\/[^/]+\/associations\/)/, '/crm/v4/objects/$1'],
  [/^\/crm\/objects\/\d{4}-\d{2}\//, '/crm/v3/objects/'],
  [/^\/crm\/properties\/\d{4}-\d{2}\//, '/crm/v3/properties/'],
  [/^\/crm\/owners\/\d{4}-\d{2}/, '/crm/v3/owners'],
  [/^\/crm\/associations\/\d{4}-\d{2}\//, '/crm/v4/associations/'],
];

function normalisedPath(path: string): string {
  const rule = DATED.find(([pattern]) => pattern.test(path));
  return rule === undefined ? path : path.replace(rule[0], rule[1]);
}

export function hubspotContract(): Contract {
  const models = readModels();
  const definitions: Definitions = Object.fromEntries(GROUPS.flatMap((group) => groupDefinitions(models, group)));
  const request: Change = (schema, at) => relaxing('hubspot', 'requests')(closed(schema, at), at);
  return {
    operations: GROUPS.flatMap((group) => sdkOperations(group).map((operation) => operationOf(models, group, operation))),
    raw: definitions,
    requests: changedAll(definitions, request),
    answers: changedAll(definitions, relaxing('hubspot', 'answers')),
    error: withStatus(refTo(nameIn('crm/objects', 'ModelError'))),
    normalised: normalisedPath,
  };
}

/** Real errors say that they are (vendor-apis.md 3, "errors"); the model has forgotten it. */
const withStatus = (schema: Schema): Schema => ({
  allOf: [schema, { type: 'object', properties: { status: { const: 'error' } }, required: ['status'] }],
});

/** A name that has no slash. */
const nameIn = (group: string, model: string): string => `${group.replaceAll('/', '-')}.${model}`;

function groupDefinitions(models: Models, group: string): readonly (readonly [string, Schema])[] {
  return Object.entries(models.groups[group]?.models ?? {}).map(([model, fields]) => {
    const properties = Object.fromEntries(fields.map((field) => [field.name, typed(models, group, field.type, field.format)]));
    const required = fields.flatMap((field) => (field.required ? [field.name] : []));
    return [nameIn(group, model), { type: 'object', properties, ...(required.length === 0 ? {} : { required }) }] as const;
  });
}

const SIMPLE: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  Date: { type: 'string', format: 'date-time' },
  any: {},
};

/** A type as the SDK writes it. */
function typed(models: Models, group: string, type: string, format = ''): Schema {
  const simple = SIMPLE[type];
  if (simple !== undefined) return format.startsWith('int') ? { type: 'integer' } : simple;
  if (type.startsWith("'")) return { enum: type.split(' | ').map((value) => value.slice(1, -1)) };
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) return { type: 'array', items: typed(models, group, list) };
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) return { type: 'object', additionalProperties: typed(models, group, map) };
  const nullable = /^(.+) \| null$/.exec(type)?.[1];
  if (nullable !== undefined) return orNull(typed(models, group, nullable));
  if (models.groups[group]?.models[type] !== undefined) return refTo(nameIn(group, type));
  if (type.endsWith('Enum')) return { type: 'string', enum: sdkEnum(group, type) };
  throw new Error(`${group}: expected a type that is known, got ${type}`);
}

function operationOf(models: Models, group: string, { method, path, query, body, form, answers }: SdkOperation): Operation {
  return {
    name: `${method} ${path}`,
    method,
    path,
    query: Object.fromEntries(Object.entries(query).map(([name, type]) => [name, typed(models, group, type)])),
    requiredQuery: [],
    body:
      form.length > 0
        ? { schema: formOf(form), isRequired: true, encoding: 'form' }
        : body === null
          ? null
          : { schema: typed(models, group, body), isRequired: true, encoding: 'json' },
    answers: Object.fromEntries(
      Object.entries(answers).map(([status, model]) => [status, model === null ? null : typed(models, group, model)]),
    ),
  };
}

/** The members of a form, all texts; the SDK leaves out those that are not given. */
function formOf(names: readonly string[]): Schema {
  return { type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])), additionalProperties: false };
}
