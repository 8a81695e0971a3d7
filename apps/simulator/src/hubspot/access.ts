/** Who asks, what they may, and how often: bearer tokens, scopes, the rolling window and the daily sum of an app, the limit of searches. */
import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { slidingWindow } from '../kernel/rate-limit.ts';
import type { RateLimit } from '../kernel/rate-limit.ts';
import type { VendorContext, VendorEnv } from '../kernel/vendor.ts';
import type { HubSpotContext } from './body.ts';
import { HubSpotError } from './errors.ts';
import type { Account, ObjectType, Source } from './model.ts';
import { traitsOf } from './object-types.ts';
import type { Grants } from './oauth.ts';
import { ACCOUNTS } from './scenario.ts';

/** Professional tier, an app with a static token. */
const WINDOW = { calls: 190, ms: 10_000 };
const DAILY = 650_000;
const SEARCHES_PER_SECOND = 5;
const DAY_MS = 86_400_000;

const tokenOf = (c: HubSpotContext): string | undefined => /^Bearer\s+(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];

/** Whose OAuth token a request has; put there before anything else looks at it. */
const granted = new WeakMap<Request, Account>();

/** Knows the tokens of apps with OAuth. */
export function withGrants(grants: Grants): MiddlewareHandler<VendorEnv> {
  return (c, next) => {
    const account = grants.accountOf(tokenOf(c) ?? '');
    if (account !== undefined) granted.set(c.req.raw, account);
    return next();
  };
}

const find = (c: HubSpotContext): Account | undefined => granted.get(c.req.raw) ?? ACCOUNTS.find((account) => account.token === tokenOf(c));

/** The app that asks; without valid credentials 401. */
export function authenticated(c: HubSpotContext): Account {
  const account = find(c);
  if (account === undefined)
    throw new HubSpotError(
      401,
      'INVALID_AUTHENTICATION',
      'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    );
  c.env.trace.account = account.account;
  return account;
}

/** The app that asks, which must hold a scope; without the scope 403. */
export function allowed(c: HubSpotContext, scope: string): Account {
  const account = authenticated(c);
  if (!account.scopes.includes(scope))
    throw new HubSpotError(
      403,
      'MISSING_SCOPES',
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
      {
        errors: [{ message: 'One or more of the following scopes are required.', context: { requiredGranularScopes: [scope] } }],
        links: { scopes: 'https://developers.hubspot.com/scopes' },
      },
    );
  return account;
}

export const mayRead = (c: HubSpotContext, type: ObjectType): Account => allowed(c, `crm.objects.${traitsOf(type).scope}.read`);
export const mayWrite = (c: HubSpotContext, type: ObjectType): Account => allowed(c, `crm.objects.${traitsOf(type).scope}.write`);

/** How the history names an app. */
export const sourceOf = (account: Account): Source => ({
  sourceType: 'INTEGRATION',
  sourceId: String(account.appId),
  userId: account.userId,
});

interface Meter {
  readonly window: RateLimit;
  /** Documented beside the window; told, not enforced. */
  readonly second: RateLimit;
  day: number;
  today: number;
}

const newMeter = (): Meter => ({
  window: slidingWindow(WINDOW.calls, WINDOW.ms),
  second: slidingWindow(WINDOW.calls / 10, 1_000),
  day: 0,
  today: 0,
});

const UNLIMITED = { allowed: true, remaining: WINDOW.calls };
const UNLIMITED_SECOND = { allowed: true, remaining: WINDOW.calls / 10 };

/** Puts the documented headers on answers other than a search's; refuses with 429 where limits are on. */
export function rateLimited(context: VendorContext): MiddlewareHandler<VendorEnv> {
  const meters = new Map<string, Meter>();
  const searches = slidingWindow(SEARCHES_PER_SECOND, 1_000);
  return async (c, next) => {
    const account = find(c);
    if (account === undefined) return next();
    c.env.trace.account = account.account;
    const nowMs = context.clock.nowMs();
    const meter = meters.get(account.token) ?? newMeter();
    meters.set(account.token, meter);
    const today = Math.floor(nowMs / DAY_MS);
    if (meter.day !== today) Object.assign(meter, { day: today, today: 0 });
    meter.today += 1;
    const isSearch = c.req.method === 'POST' && c.req.path.endsWith('/search');
    // Without limits nothing is used up: a client that believes the headers must not be made to wait by them.
    const isLimited = context.rateLimits() === 'documented';
    const verdict = !isLimited ? UNLIMITED : isSearch ? searches.take(nowMs) : meter.window.take(nowMs);
    const secondly = isLimited ? meter.second.take(nowMs) : UNLIMITED_SECOND;
    const daily = context.knobs().dailyCalls ?? DAILY;
    const policy = meter.today > daily ? 'DAILY' : verdict.allowed ? null : isSearch ? 'SECONDLY' : 'TEN_SECONDLY_ROLLING';
    if (policy !== null && isLimited) {
      if (!isSearch) headers(c, { remaining: 0, secondly: 0, today: meter.today, daily });
      return c.json(refusal(policy), 429);
    }
    await next();
    if (!isSearch) headers(c, { remaining: verdict.remaining, secondly: secondly.remaining, today: meter.today, daily });
    return undefined;
  };
}

interface Left {
  readonly remaining: number;
  readonly secondly: number;
  readonly today: number;
  readonly daily: number;
}

function headers(c: HubSpotContext, { remaining, secondly, today, daily }: Left): void {
  c.header('X-HubSpot-RateLimit-Max', String(WINDOW.calls));
  c.header('X-HubSpot-RateLimit-Remaining', String(remaining));
  c.header('X-HubSpot-RateLimit-Interval-Milliseconds', String(WINDOW.ms));
  c.header('X-HubSpot-RateLimit-Secondly', String(WINDOW.calls / 10));
  c.header('X-HubSpot-RateLimit-Secondly-Remaining', String(secondly));
  c.header('X-HubSpot-RateLimit-Daily', String(daily));
  c.header('X-HubSpot-RateLimit-Daily-Remaining', String(Math.max(0, daily - today)));
}

function refusal(policyName: string): object {
  return {
    status: 'error',
    message: `You have reached your ${policyName.toLowerCase()} limit.`,
    errorType: 'RATE_LIMIT',
    correlationId: randomUUID(),
    policyName,
    requestId: randomUUID(),
    category: 'RATE_LIMITS',
  };
}
