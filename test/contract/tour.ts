/** Tours: one valid request to each route that a tool of the simulator claims, so that each has answered at least once. */
import type { Exchange } from './recorder.ts';
import type { Request, Route, Stage } from './stage.ts';

/** What tests read of answers; an answer has some of it. */
export interface Body {
  readonly id: string;
  readonly key: string;
  readonly object: string;
  readonly results: readonly { readonly id: string }[];
  readonly [other: string]: unknown;
}

/** One request of a tour. Rejects where the answer is no success, so that a tour shows what works. */
export async function call(stage: Stage, method: string, path: string, rest: Pick<Request, 'body' | 'headers'> = {}): Promise<Body> {
  const { status, body } = await stage.ask({ method, path, ...rest });
  if (status < 200 || status > 299) throw new Error(`${method} ${path}: expected a success, got ${status} ${JSON.stringify(body)}`);
  return body as Body;
}

/** Pages for people are no part of a vendor's contract. */
const FOR_PEOPLE = /^\/ui(\/|$)/;
/** What is laid around other routes. */
const isMiddleware = ({ path }: Route): boolean => path.endsWith('/*');

/** Those that the suite has to call. */
export function claimedRoutes(routes: readonly Route[]): readonly Route[] {
  return routes.filter((route) => !isMiddleware(route) && !FOR_PEOPLE.test(route.path));
}

/** Routes, each with how often it was called and how often it answered with a success. The first route that matches a request serves it. */
export function callsOf(
  routes: readonly Route[],
  exchanges: readonly Exchange[],
): readonly { readonly route: Route; readonly calls: number; readonly successes: number }[] {
  const patterns = routes.map((route) => ({ route, pattern: new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`) }));
  const served = exchanges.map(({ method, path, status }) => ({
    isSuccess: status < 300,
    route: patterns.find(({ route, pattern }) => (route.method === 'ALL' || route.method === method) && pattern.test(path))?.route,
  }));
  return routes.map((route) => {
    const calls = served.filter((exchange) => exchange.route === route);
    return { route, calls: calls.length, successes: calls.filter(({ isSuccess }) => isSuccess).length };
  });
}
