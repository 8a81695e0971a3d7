/**
 * One app with OAuth, which acts as Lockstep: access tokens live 30 minutes by the simulator's clock, and a refresh token is worth nothing once it has
 * been used. Source: POST /oauth/v1/token of the contract.
 */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import type { Documents } from '../kernel/database.ts';
import type { VendorEnv } from '../kernel/vendor.ts';
import { onlyParameters } from './body.ts';
import { HubSpotError } from './errors.ts';
import type { Account } from './model.ts';
import { ACCOUNTS, PORTAL_ID } from './scenario.ts';

const APP = { clientId: 'lockstep-app', clientSecret: 'lockstep-app-secret', firstRefreshToken: 'refresh-lockstep-0' } as const;
const LIFE_MS = 1_800_000;

interface Grant {
  readonly number: number;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresMs: number;
}

const requestSchema = z.object({
  grant_type: z.literal('refresh_token'),
  client_id: z.string(),
  client_secret: z.string(),
  refresh_token: z.string(),
});

export class Grants {
  private readonly documents: Documents;
  private readonly clock: Clock;
  private grant: Grant = { number: 0, accessToken: '', refreshToken: APP.firstRefreshToken, expiresMs: 0 };

  constructor(documents: Documents, clock: Clock) {
    this.documents = documents;
    this.clock = clock;
    const [grant] = documents.load('grant') as Iterable<Grant>;
    if (grant !== undefined) this.grant = grant;
  }

  /** The account of an access token; undefined for one that is none of ours. Throws HubSpot's 401 for an old one. */
  accountOf(token: string): Account | undefined {
    if (!token.startsWith('oauth-lockstep-')) return undefined;
    if (token !== this.grant.accessToken || this.grant.expiresMs <= this.clock.nowMs())
      throw new HubSpotError(401, 'EXPIRED_AUTHENTICATION', 'The OAuth token used to make this call expired.');
    return ACCOUNTS.find(({ account }) => account === 'lockstep');
  }

  secondsLeft(): number {
    return Math.max(0, Math.floor((this.grant.expiresMs - this.clock.nowMs()) / 1_000));
  }

  refresh(refreshToken: string): Grant | null {
    if (refreshToken !== this.grant.refreshToken) return null;
    const number = this.grant.number + 1;
    this.grant = {
      number,
      accessToken: `oauth-lockstep-${number}`,
      refreshToken: `refresh-lockstep-${number}`,
      expiresMs: this.clock.nowMs() + LIFE_MS,
    };
    this.documents.put('grant', 'grant', this.grant);
    return this.grant;
  }
}

export function oauthRoutes(app: Hono<VendorEnv>, grants: Grants): void {
  app.post('/oauth/v1/token', async (c: Context<VendorEnv>) => {
    const form = requestSchema.safeParse(Object.fromEntries(new URLSearchParams(await c.req.text())));
    const isApp = form.data?.client_id === APP.clientId && form.data.client_secret === APP.clientSecret;
    const grant = form.success && isApp ? grants.refresh(form.data.refresh_token) : null;
    if (grant === null) return c.json({ status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' }, 400);
    Object.assign(c.env.trace, { operation: 'refresh token', account: 'lockstep', effect: 'read', records: 1 });
    return c.json({
      access_token: grant.accessToken,
      refresh_token: grant.refreshToken,
      expires_in: LIFE_MS / 1_000,
      token_type: 'bearer',
    });
  });
  app.get('/oauth/v1/access-tokens/:token', (c) => {
    onlyParameters(c);
    const account = grants.accountOf(c.req.param('token'));
    if (account === undefined) throw new HubSpotError(404, 'OBJECT_NOT_FOUND', 'The access token was not found.');
    Object.assign(c.env.trace, { operation: 'get token information', account: account.account, effect: 'read', records: 1 });
    return c.json({
      token: c.req.param('token'),
      hub_id: PORTAL_ID,
      app_id: account.appId,
      user_id: account.userId,
      scopes: account.scopes,
      token_type: 'access',
      expires_in: grants.secondsLeft(),
    });
  });
}
