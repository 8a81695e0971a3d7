/**
 * Slack's OpenAPI document (2020-10, archived) as a contract. A call of Slack's is a method with arguments, which come in the query, as a form or as JSON alike:
 * exchanges are put into one form (GET or POST as the document has it, arguments as a query, `ok: false` as a 400) before they are held against it.
 */
import type { Contract, Operation } from './contract.ts';
import type { Exchange } from './recorder.ts';
import { asJsonSchema, changed, changedAll, isSchema, opened } from './schema.ts';
import type { Change, Definitions, Schema } from './schema.ts';
import { readSpec } from './specs.ts';

interface Parameter {
  readonly in: 'header' | 'query' | 'formData';
  readonly name: string;
  readonly type: string;
  readonly required?: boolean;
}

interface Swagger {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly parameters?: readonly Parameter[]; readonly responses: Readonly<Record<string, { readonly schema?: Schema }>> }
        >
      >
    >
  >;
  readonly definitions: Definitions;
}

/** Arguments that are newer than the document, each with where Slack describes it. */
export const NEWER_ARGUMENTS: readonly {
  readonly method: string;
  readonly name: string;
  readonly type: string;
  readonly source: string;
}[] = [
  { method: 'chat.postMessage', name: 'metadata', type: 'string', source: 'https://docs.slack.dev/reference/methods/chat.postMessage' },
  { method: 'chat.update', name: 'metadata', type: 'string', source: 'https://docs.slack.dev/reference/methods/chat.update' },
  {
    method: 'conversations.history',
    name: 'include_all_metadata',
    type: 'boolean',
    source: 'https://docs.slack.dev/reference/methods/conversations.history',
  },
];

/** Refusals that are newer than the document, or that it has not with every method: from the methods' own pages. */
const NEWER_ERRORS = [
  ...['invalid_arguments', 'missing_scope', 'invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long', 'invalid_metadata_format'],
  ...[
    'metadata_too_large',
    'messages_tab_disabled',
    'thread_not_found',
    'invalid_attachments',
    'unknown_method',
    'invalid_types',
    'ratelimited',
  ],
  // Of a response_url, whose refusals are not documented.
  ...['invalid_url', 'expired_url', 'used_url'],
];

export interface SlackRelaxation {
  readonly rule: string;
  readonly reason: string;
  readonly at: RegExp;
  readonly change: (schema: Schema) => Schema;
}

/** Where the document is known to be wrong about real answers. */
export const SLACK_RELAXATIONS: readonly SlackRelaxation[] = [
  {
    rule: 'members that the document does not name are passed over',
    reason: 'it is of 2020: metadata, response_metadata of a history, app_id and much else came later',
    at: /^/,
    change: (schema) => opened(schema, ''),
  },
  {
    rule: 'lists may be empty',
    reason: 'an empty history is an ordinary answer, which the document forbids (minItems 1)',
    at: /\.messages$/,
    change: (schema) => {
      const { minItems, ...rest } = schema;
      return minItems === undefined ? schema : rest;
    },
  },
  {
    rule: 'blocks of a changed message are a list',
    reason: 'the document has an object there, and a list everywhere else',
    at: /^POST \/api\/chat\.update\.message\.blocks$/,
    change: () => ({ type: 'array' }),
  },
];

export function slackContract(): Contract {
  const document = readDocument();
  const relaxed: Change = (schema, at) =>
    SLACK_RELAXATIONS.reduce((kept, relaxation) => (relaxation.at.test(at) ? relaxation.change(kept) : kept), schema);
  const definitions = changedAll(document.definitions, asJsonSchema);
  return {
    operations: operationsOf(document, relaxed),
    raw: definitions,
    requests: definitions,
    answers: changedAll(definitions, relaxed),
    error: { type: 'object', required: ['ok', 'error'], properties: { ok: { const: false }, error: { enum: knownErrors(document) } } },
  };
}

/** The document writes "one of these schemas" as `items` of no array: taken by the letter that would check nothing. */
function readDocument(): Swagger {
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read);
    if (!isSchema(value)) return value;
    const parts = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, read(part)]));
    if (!Array.isArray(parts['items']) || parts['type'] === 'array') return parts;
    const { items, ...rest } = parts;
    return { ...rest, anyOf: items };
  };
  return read(readSpec('slack/slack_web_openapi_v2.json')) as Swagger;
}

/** Schemas as they stand, for finding out what a relaxation changes. */
export function unrelaxed(): Definitions {
  const document = readDocument();
  const answers = operationsOf(document, (schema) => schema).map(({ name, answers: own }) => [name, own['200'] ?? {}] as const);
  return { ...changedAll(document.definitions, asJsonSchema), ...Object.fromEntries(answers) };
}

function operationsOf(document: Swagger, relaxed: Change): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, found]) => {
      const name = `${method.toUpperCase()} /api${path}`;
      const given = (found.parameters ?? []).filter((parameter) => parameter.in !== 'header' && parameter.name !== 'token');
      const newer = NEWER_ARGUMENTS.filter((argument) => `/${argument.method}` === path);
      const answer = changed(changed(found.responses['200']?.schema ?? {}, name, asJsonSchema), name, relaxed);
      return {
        name,
        method: method.toUpperCase(),
        path: `/api${path}`,
        query: Object.fromEntries([...given, ...newer].map((argument) => [argument.name, { type: argument.type }])),
        requiredQuery: given.filter(({ required }) => required === true).map((parameter) => parameter.name),
        body: null,
        answers: { '200': answer },
      };
    }),
  );
}

/** Every code that the document has with any method, and the newer ones. */
function knownErrors({ paths }: Swagger): readonly string[] {
  const codes = Object.values(paths).flatMap((item) =>
    Object.values(item).flatMap(({ responses }) => {
      const properties = responses['default']?.schema?.['properties'];
      const error = isSchema(properties) ? properties['error'] : undefined;
      return isSchema(error) ? ((error['enum'] ?? []) as readonly string[]) : [];
    }),
  );
  return [...new Set([...codes, ...NEWER_ERRORS])];
}

/** The exchange in the form in which it is held against the contract. */
export function normalised(exchange: Exchange): Exchange {
  const isRead = /\/(users\.\w+|auth\.test|conversations\.(list|info|history|members))$/.test(exchange.path);
  const params = new URLSearchParams(exchange.query);
  for (const [name, value] of Object.entries(bodyOf(exchange)))
    if (value !== null && value !== undefined) params.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  params.delete('token');
  return {
    ...exchange,
    method: isRead && exchange.method === 'POST' ? 'GET' : exchange.method,
    query: params.toString(),
    requestText: '',
    status: isRefused(exchange) && exchange.status === 200 ? 400 : exchange.status,
  };
}

export const isRefused = ({ answerText }: Exchange): boolean => !/^\{"ok":true\b/.test(answerText);

function bodyOf({ requestText, requestHeaders }: Exchange): Readonly<Record<string, unknown>> {
  if (requestText === '') return {};
  if (!(requestHeaders['content-type'] ?? '').includes('json')) return Object.fromEntries(new URLSearchParams(requestText));
  const value: unknown = JSON.parse(requestText);
  return isSchema(value) ? value : {};
}
