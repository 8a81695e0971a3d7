/** Who asks, and how often they may: basic authentication, burst limits per endpoint, the limit of writes on one issue. */
import type { Context, MiddlewareHandler } from 'hono';
import { slidingWindow, tokenBucket } from '../kernel/rate-limit.ts';
import type { RateLimit, Verdict } from '../kernel/rate-limit.ts';
import type { VendorContext, VendorEnv } from '../kernel/vendor.ts';
import { JiraError } from './errors.ts';
import type { User } from './model.ts';
import { USERS } from './scenario.ts';

/** Calls a second that a tenant may make of one endpoint with one method. */
const BURST_PER_SECOND: Readonly<Record<string, number>> = { GET: 100, POST: 100, PUT: 50, DELETE: 50 };
/** Endpoints with a limit of their own. */
const BURST_BY_ENDPOINT: Readonly<Record<string, number>> = {
  'GET /rest/api/3/issue/{}': 150,
  'GET /rest/api/3/issue/{}/changelog': 200,
  'POST /rest/api/3/search/approximate-count': 150,
};
/** On one issue, whichever comes first. */
const WRITES_PER_ISSUE = [
  { calls: 20, windowMs: 2_000 },
  { calls: 100, windowMs: 30_000 },
] as const;

/** The user of a request; a request without valid credentials is 401. */
export function userOf(c: Context<VendorEnv>): User {
  const header = c.req.header('authorization') ?? '';
  const [email = '', token = ''] = header.startsWith('Basic ')
    ? Buffer.from(header.slice(6), 'base64').toString('utf8').split(/:(.*)/s)
    : [];
  const user = USERS.find((candidate) => candidate.emailAddress === email && candidate.apiToken === token);
  if (user === undefined) throw new JiraError(401, ['You are not authenticated. Authentication required to perform this operation.']);
  c.env.trace.account = user.account;
  return user;
}

/** Puts the documented headers on every answer; refuses with 429 where limits are on. */
export function rateLimited(context: VendorContext): MiddlewareHandler<VendorEnv> {
  const buckets = new Map<string, RateLimit>();
  const perIssue = new Map<string, RateLimit>();
  return async (c, next) => {
    const nowMs = context.clock.nowMs();
    const endpoint = `${c.req.method} ${endpointOf(c.req.path)}`;
    const limit = BURST_BY_ENDPOINT[endpoint] ?? BURST_PER_SECOND[c.req.method] ?? 100;
    const verdict = bucketOf(buckets, endpoint, () => tokenBucket(limit, limit)).take(nowMs);
    const issue = /\/issue\/(\d+|[A-Z]+-\d+)/.exec(c.req.path)?.[1];
    const onIssue =
      issue === undefined || c.req.method === 'GET'
        ? null
        : takeAll(
            WRITES_PER_ISSUE.map(({ calls, windowMs }) => bucketOf(perIssue, `${issue} ${windowMs}`, () => slidingWindow(calls, windowMs))),
            nowMs,
          );
    const refused = !verdict.allowed
      ? { verdict, reason: 'jira-burst-based' }
      : onIssue?.allowed === false
        ? { verdict: onIssue, reason: 'jira-per-issue-on-write' }
        : null;
    if (refused !== null && context.rateLimits() === 'documented') {
      const seconds = Math.max(1, Math.ceil(refused.verdict.waitMs / 1_000));
      c.header('Retry-After', String(seconds));
      c.header('RateLimit-Reason', refused.reason);
      headers(c, limit, 0, nowMs + seconds * 1_000);
      return c.json({ errorMessages: ['Rate limit exceeded.'], errors: {} }, 429);
    }
    await next();
    headers(c, limit, verdict.remaining, nowMs + 1_000);
    return undefined;
  };
}

/** A path with `{}` for its ids and keys: the limits are per endpoint, not per issue. */
function endpointOf(path: string): string {
  return path.replaceAll(/(?<!\/api)\/(\d+|[A-Z]+-\d+)(?=\/|$)/g, '/{}').replace(/\/properties\/[^/]+$/, '/properties/{}');
}

/** Counts a call against every limit, or against none where one refuses; then the verdict is of the one that makes the caller wait longest. */
function takeAll(limits: readonly RateLimit[], nowMs: number): Verdict | null {
  const verdicts = limits.map((limit) => limit.peek(nowMs)).sort((a, b) => b.waitMs - a.waitMs);
  if (verdicts.every(({ allowed }) => allowed)) for (const limit of limits) limit.take(nowMs);
  return verdicts[0] ?? null;
}

function headers(c: Context<VendorEnv>, limit: number, remaining: number, resetMs: number): void {
  c.header('X-RateLimit-Limit', String(limit));
  c.header('X-RateLimit-Remaining', String(remaining));
  c.header('X-RateLimit-Reset', new Date(resetMs).toISOString());
  if (remaining < limit / 5) c.header('X-RateLimit-NearLimit', 'true');
}

function bucketOf(buckets: Map<string, RateLimit>, key: string, make: () => RateLimit): RateLimit {
  const known = buckets.get(key);
  if (known !== undefined) return known;
  const made = make();
  buckets.set(key, made);
  return made;
}
