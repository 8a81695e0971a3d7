/**
 * Who asks, what they may, and how often: tokens, scopes, tiers. Refusals come in the vendor's order: token, limit, scope.
 * Sources: https://docs.slack.dev/apis/web-api/rate-limits; the facts of each method, https://docs.slack.dev/reference/methods.
 */
import { slidingWindow, tokenBucket } from '../kernel/rate-limit.ts';
import type { RateLimit } from '../kernel/rate-limit.ts';
import type { VendorContext } from '../kernel/vendor.ts';
import type { Arguments, SlackContext } from './arguments.ts';
import { SlackError } from './errors.ts';
import type { AppRecord } from './model.ts';
import type { Workspace } from './workspace.ts';

/** Calls a minute of one method, at least. */
const TIERS = { 2: 20, 3: 50, 4: 100, special: 600 } as const;

export interface Method {
  readonly name: string;
  readonly tier: keyof typeof TIERS;
  /** Any of these will do; none is needed where there are none. */
  readonly scopes: readonly string[];
}

/** Too many calls: HTTP 429, with the seconds to wait. */
export class TooMany extends Error {
  override readonly name = 'TooMany';
  readonly waitSeconds: number;

  constructor(waitMs: number) {
    super('ratelimited');
    this.waitSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
  }
}

export interface Access {
  /** The app whose token it is. Throws the vendor's refusal. */
  readonly enter: (c: SlackContext, args: Arguments, method: Method) => AppRecord;
  /** Counts a message into a conversation: one a second, with a short burst. */
  readonly spendMessage: (conversation: string) => void;
}

/** Of a conversation: how many messages may come at once. Slack says "short bursts"; the figure is ours. */
const BURST = 3;

export function createAccess(context: VendorContext, workspace: Workspace): Access {
  const limits = new Map<string, RateLimit>();
  const spend = (key: string, make: () => RateLimit): void => {
    if (context.rateLimits() !== 'documented') return;
    const limit = limits.get(key) ?? make();
    limits.set(key, limit);
    const verdict = limit.take(context.clock.nowMs());
    if (!verdict.allowed) throw new TooMany(verdict.waitMs);
  };
  return {
    enter: (c, args, method) => {
      c.env.trace.operation = method.name;
      const app = authenticated(c, args, workspace);
      c.env.trace.account = app.account;
      spend(`${app.token} ${method.name}`, () => slidingWindow(TIERS[method.tier], 60_000));
      c.header('x-oauth-scopes', app.scopes.join(','));
      c.header('x-accepted-oauth-scopes', method.scopes.join(','));
      if (method.scopes.length > 0 && !method.scopes.some((scope) => app.scopes.includes(scope))) throw missingScope(app, method.scopes);
      return app;
    },
    spendMessage: (conversation) => spend(`message ${conversation}`, () => tokenBucket(BURST, 1)),
  };
}

export function missingScope(app: AppRecord, scopes: readonly string[]): SlackError {
  return new SlackError('missing_scope', { needed: scopes.join(','), provided: app.scopes.join(',') });
}

function authenticated(c: SlackContext, args: Arguments, workspace: Workspace): AppRecord {
  const header = c.req.header('authorization');
  // In a JSON body a token does not count.
  const isJson = (c.req.header('content-type') ?? '').includes('json');
  const token = header === undefined ? (isJson ? undefined : args['token']) : /^Bearer\s+(\S+)$/i.exec(header)?.[1];
  if (token === undefined || token === '') throw new SlackError(header === undefined ? 'not_authed' : 'invalid_auth');
  const app = [...workspace.apps.values()].find((known) => known.token === token);
  if (app === undefined) throw new SlackError('invalid_auth');
  if (app.isRevoked) throw new SlackError('token_revoked');
  if (workspace.users.get(app.userId)?.isDeleted === true) throw new SlackError('account_inactive');
  return app;
}
