/** Requests inside a request: the operation that an address means, and its answer with refusals as answers. */
import { notFound, SalesforceError } from './errors.ts';
import type { Answer, Call, Operation } from './operations.ts';

export interface Subrequest {
  readonly method: string;
  /** From `/services/data/` on, with its query. */
  readonly url: string;
  readonly body: unknown;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

export type Dispatch = (outer: Call, subrequest: Subrequest) => Answer;

export function dispatcher(operations: readonly Operation[]): Dispatch {
  const routes = operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));
  return (outer, { method, url, body, headers }) => {
    const [path = '', query = ''] = url.split('?', 2);
    const [, version, rest = ''] = /^\/services\/data\/(v\d{2}\.\d)(\/.*)?$/.exec(path) ?? [];
    try {
      if (version === undefined) throw notFound();
      for (const { operation, pattern } of routes) {
        const params = operation.method === method ? pattern.exec(rest.replace(/\/$/, ''))?.groups : undefined;
        if (params !== undefined)
          return operation.run({
            ...{ session: outer.session, version, query: new URLSearchParams(query), trace: outer.trace },
            params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)])),
            header: (name) => headers.get(name.toLowerCase()),
            text: body === undefined || body === null ? '' : JSON.stringify(body),
          });
      }
      throw notFound();
    } catch (error) {
      if (!(error instanceof SalesforceError)) throw error;
      return { status: error.status, body: error.body() };
    }
  };
}

/** Which methods a path has; none where it is unknown. */
export function methodsOf(operations: readonly Operation[]): (path: string) => readonly string[] {
  const routes = operations.map(({ method, path }) => ({ method, pattern: patternOf(path) }));
  return (path) => {
    const rest = /^\/services\/data\/v\d{2}\.\d(\/.*)?$/.exec(path)?.[1] ?? '';
    const found = rest === '' ? [] : routes.filter(({ pattern }) => pattern.test(rest.replace(/\/$/, '')));
    return [...new Set(found.map(({ method }) => method))];
  };
}

/** A path without parameters has groups too, so that a match is told from none. */
function patternOf(path: string): RegExp {
  return new RegExp(`^(?<_>)${path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
}
