/** Who asks, and how often: sessions, the rolling day's calls. Source: vendor-apis.md 4, "limits" and "headers". */
import type { MiddlewareHandler } from 'hono';
import type { VendorContext, VendorEnv } from '../kernel/vendor.ts';
import { noSession } from './errors.ts';
import type { Session } from './model.ts';
import type { Org } from './org.ts';
import type { Grants } from './oauth.ts';
import { ACCOUNTS, DAILY_CALLS, userIdOf } from './scenario.ts';

const DAY_MS = 86_400_000;

/** Sessions by their tokens: the fixed ones of the scenario and those that the OAuth endpoint has given. */
export class Sessions {
  private readonly org: Org;
  private readonly grants: Grants;

  constructor(org: Org, grants: Grants) {
    this.org = org;
    this.grants = grants;
  }

  /** Throws Salesforce's 401. */
  of(authorization: string | undefined): Session {
    const token = /^(?:Bearer|OAuth)\s+(.+)$/i.exec(authorization ?? '')?.[1] ?? '';
    const name = token.startsWith('sf_') ? token.slice(3) : this.grants.accountOf(token);
    const session = name === null ? null : this.named(name);
    if (session === null) throw noSession();
    return session;
  }

  /** The session of somebody of the scenario; null for a stranger, and for who has left. */
  named(name: string): Session | null {
    const account = ACCOUNTS.find((one) => one.account === name);
    if (account === undefined) return null;
    // By id: whoever is given another name or address has the same session.
    const user = this.org.any(userIdOf(account));
    return user?.values['IsActive'] === true ? { account: name, userId: user.id, isReadOnly: account.isReadOnly } : null;
  }
}

/** The org's calls of the last 24 hours by the simulator's clock. */
export class Usage {
  private readonly context: VendorContext;
  private readonly calls: number[] = [];

  constructor(context: VendorContext) {
    this.context = context;
  }

  get limit(): number {
    return this.context.knobs().dailyCalls ?? DAILY_CALLS;
  }

  get used(): number {
    const before = this.context.clock.nowMs() - DAY_MS;
    while ((this.calls[0] ?? Number.POSITIVE_INFINITY) <= before) this.calls.shift();
    // Without limits nothing is used up: a client that believes the headers must not be made to stop by them.
    return this.context.rateLimits() === 'documented' ? this.calls.length : Math.min(this.calls.length, 1);
  }

  count(): void {
    this.calls.push(this.context.clock.nowMs());
  }

  get isExhausted(): boolean {
    return this.context.rateLimits() === 'documented' && this.used > this.limit;
  }
}

/** Counts calls of the REST API, puts `Sforce-Limit-Info` on every answer, refuses with 403 what is beyond the day's. */
export function limited(usage: Usage): MiddlewareHandler<VendorEnv> {
  return async (c, next) => {
    usage.count();
    if (usage.isExhausted) c.res = c.json([{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }], 403);
    else await next();
    c.res.headers.set('Sforce-Limit-Info', `api-usage=${Math.min(usage.used, usage.limit)}/${usage.limit}`);
  };
}
