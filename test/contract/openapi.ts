/** OpenAPI documents: their operations in our form. */
import type { Operation } from './contract.ts';
import { asJsonSchema, changed, isSchema } from './schema.ts';
import type { Change, Schema } from './schema.ts';

interface OpenApiParameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface OpenApiOperation {
  readonly parameters?: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const JSON_TYPE = 'application/json';

/** All operations of an OpenAPI document, in our form; `request` and `answer` are made to their schemas. */
export function operationsOf({ paths }: OpenApi, request: Change, answer: Change): readonly Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const found = item[method] as OpenApiOperation | undefined;
      return found === undefined ? [] : [operationOf(method.toUpperCase(), path, found, { request, answer })];
    }),
  );
}

function operationOf(method: string, path: string, found: OpenApiOperation, change: { request: Change; answer: Change }): Operation {
  const name = `${method} ${path}`;
  const schemaOf = (schema: Schema, made: Change): Schema => changed(changed(schema, name, asJsonSchema), name, made);
  const query = (found.parameters ?? []).filter((parameter) => parameter.in === 'query');
  const content = found.requestBody?.content ?? {};
  const [described] = Object.values(content);
  return {
    name,
    method,
    path,
    query: Object.fromEntries(query.map((parameter) => [parameter.name, schemaOf(parameter.schema, change.request)])),
    requiredQuery: query.flatMap((parameter) => (parameter.required === true ? [parameter.name] : [])),
    body:
      described === undefined
        ? null
        : {
            schema: schemaOf(described.schema ?? {}, change.request),
            isRequired: found.requestBody?.required === true,
            encoding: isSchema(content[JSON_TYPE]) ? 'json' : 'other',
          },
    answers: Object.fromEntries(
      Object.entries(found.responses).map(([status, response]) => {
        const schema = response.content?.[JSON_TYPE]?.schema;
        // `{}`: anything, nothing too.
        return [status, schema === undefined || Object.keys(schema).length === 0 ? null : schemaOf(schema, change.answer)];
      }),
    ),
  };
}
