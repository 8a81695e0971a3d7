/**
 * In front of every route: who calls, whether their token still counts, how often they may, and whether their role may call this route (the table in
 * packages/api/src/access.ts). Every call that may change something leaves a line in the log, with account, route and outcome; so does every refusal.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { GUARDED_ROUTES, mayCall } from '@lockstep/api/access.ts';
import type { GuardedRoute } from '@lockstep/api/access.ts';
import type { Problem } from '@lockstep/api/schemas.ts';
import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Logger } from 'pino';
import { identify } from './identity.ts';
import type { KnownToken } from './identity.ts';

export interface GuardParts {
  readonly tokens: readonly KnownToken[];
  /** ISO; expiries are held against it. */
  readonly now: () => string;
  /** 0, or the milliseconds that this account has to wait. */
  readonly take: (accountId: string) => number;
  readonly log: Logger;
}

const BY_ROUTE: ReadonlyMap<string, GuardedRoute> = new Map(GUARDED_ROUTES.map((route) => [`${route.method} ${route.path}`, route]));

/** Added before the routes that it guards, and after those that anybody may call. */
export function addGuard(app: OpenAPIHono, { tokens, now, take, log }: GuardParts): void {
  app.use('/v1/*', async (c, next) => {
    const route = routeOf(c);
    const refuse = (status: 401 | 403 | 429, code: Problem['code'], message: string, accountId: string | null) => {
      log.warn({ security: true, source: 'api', reason: code, account: accountId, route }, 'a call of the API was refused');
      return c.json({ code, message } satisfies Problem, status);
    };
    const caller = identify(c.req.header('authorization'), tokens, now());
    if (caller === 'nobody') return refuse(401, 'unauthorized', NO_TOKEN, null);
    if ('expiredAt' in caller)
      return refuse(
        401,
        'unauthorized',
        `authorization: expected a token that counts, got one that ran out at ${caller.expiredAt}`,
        caller.accountId,
      );
    const { accountId, roles } = caller;
    const waitMs = take(accountId);
    if (waitMs > 0) {
      c.header('retry-after', String(Math.ceil(waitMs / 1_000)));
      return refuse(429, 'rate_limited', `${accountId}: expected fewer calls, got too many; go on in ${waitMs} ms`, accountId);
    }
    // No route at all: the answer is 404. One that the table does not know is nobody's.
    const access = route === null ? 'account' : (BY_ROUTE.get(route)?.access ?? 'sender');
    if (!mayCall(access, roles))
      return refuse(
        403,
        'forbidden',
        `${accountId}: expected an account with the role ${access} for ${route ?? c.req.path}, got ${roles.join(', ') || 'none'}`,
        accountId,
      );
    await next();
    if (access !== 'viewer' && route !== null) log.info({ account: accountId, route, status: c.res.status }, 'a call of the API');
    return undefined;
  });
}

const NO_TOKEN = 'authorization: expected Bearer and the API token of the data directory, or that of an account, got none or another';

/** `GET /v1/items/:itemId/why`: never the path itself, which holds ids. Null where no route is there. */
function routeOf(c: Context): string | null {
  const matched = matchedRoutes(c).find(({ method }) => method !== 'ALL');
  return matched === undefined ? null : `${matched.method} ${matched.path}`;
}
