/**
 * What the generated code of @hubspot/api-client 14.0.1 says of its operations: paths, members of the query, models of body and answers. The contract's
 * file has the models' fields and the paths; what belongs to which operation stands in the SDK only.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const CODEGEN = join(dirname(require.resolve('@hubspot/api-client/package.json')), 'lib/codegen');

export interface SdkOperation {
  readonly method: string;
  readonly path: string;
  /** Types of the query's members, as the SDK writes them: `Array<string>`. */
  readonly query: Readonly<Record<string, string>>;
  /** The model of the body; null where there is none. */
  readonly body: string | null;
  /** The members of a form; empty where the body is no form. */
  readonly form: readonly string[];
  /** Models of the answers by status; null: no body. */
  readonly answers: Readonly<Record<string, string | null>>;
}

/** All operations of a group of the SDK (`crm/objects`). Throws where the code is not of the form that is known. */
export function sdkOperations(group: string): readonly SdkOperation[] {
  const folder = join(CODEGEN, group, 'apis');
  return readdirSync(folder)
    .filter((file) => file.endsWith('Api.js'))
    .flatMap((file) => operationsIn(readFileSync(join(folder, file), 'utf8'), `${group}/${file}`));
}

/** The values of an enumeration, which stands beside the model whose name it begins with. */
export function sdkEnum(group: string, name: string): readonly string[] {
  const folder = join(CODEGEN, group, 'models');
  const owners = readdirSync(folder).filter((file) => file.endsWith('.js') && name.startsWith(file.slice(0, -'.js'.length)));
  const [owner = 'all.js'] = owners.toSorted((left, right) => right.length - left.length);
  const values = (require(join(folder, owner)) as Readonly<Record<string, Readonly<Record<string, string>>>>)[name];
  if (values === undefined) throw new Error(`${group}: expected the enumeration ${name} among the SDK's models, got none`);
  return Object.values(values);
}

/** Methods of the two classes of a file, by name. */
const METHOD = /^ {4}(?:async )?(\w+)\(.*\) \{$/gm;

function operationsIn(code: string, place: string): readonly SdkOperation[] {
  const [factory = '', processor = ''] = code.split(/^class \w+ResponseProcessor/m);
  const answers = methodsOf(processor);
  return [...methodsOf(factory)].flatMap(([name, body]) => {
    const path = /const localVarPath = '([^']+)'/.exec(body)?.[1];
    if (path === undefined) return [];
    const method = /HttpMethod\.(\w+)\)/.exec(body)?.[1];
    const answer = answers.get(`${name}WithHttpInfo`);
    if (method === undefined || answer === undefined) throw new Error(`${place} ${name}: expected a method and its answers, got none`);
    return [{ method, path, query: queryOf(body), body: bodyOf(body), form: formOf(body), answers: answersOf(answer) }];
  });
}

function methodsOf(code: string): ReadonlyMap<string, string> {
  const starts = [...code.matchAll(METHOD)].filter(([, name]) => name !== 'constructor');
  return new Map(starts.map((start, index) => [start[1] ?? '', code.slice(start.index, starts[index + 1]?.index)]));
}

function queryOf(code: string): Readonly<Record<string, string>> {
  const single = [...code.matchAll(/setQueryParam\("(\w+)", ObjectSerializer_1\.ObjectSerializer\.serialize\(\w+, "([^"]+)"/g)];
  const lists = [...code.matchAll(/serialize\(\w+, "(Array<[^"]+>)"[^}]*?appendQueryParam\("(\w+)"/g)];
  return Object.fromEntries([
    ...single.map(([, name = '', type = '']) => [name, type] as const),
    ...lists.map(([, type = '', name = '']) => [name, type] as const),
  ]);
}

function bodyOf(code: string): string | null {
  return /stringify\(ObjectSerializer_1\.ObjectSerializer\.serialize\(\w+, "([^"]+)"/.exec(code)?.[1] ?? null;
}

function formOf(code: string): readonly string[] {
  return [...code.matchAll(/localVarFormParams\.append\('(\w+)'/g)].map(([, name = '']) => name);
}

function answersOf(code: string): Readonly<Record<string, string | null>> {
  const statuses = [...code.matchAll(/isCodeInRange\)\("(\d+)", response\.httpStatusCode\)\) \{([^}]+)\}/g)];
  return Object.fromEntries(
    statuses.flatMap(([, status = '', then = '']) => {
      if (status === '0') return [];
      const model = /, "([^"]+)", ""\)/.exec(then)?.[1];
      return [[status, model === undefined || model === 'void' ? null : model] as const];
    }),
  );
}
