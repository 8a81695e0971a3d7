/** Refreshing the access tokens of an app with OAuth. Source: https://developers.hubspot.com/docs/api-reference/auth-oauth-v1; tokens live 30 minutes. */
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { TokenGrant } from '@lockstep/domain/sync/tokens.port.ts';
import { z } from 'zod';
import { createBudget } from '../http/budget.ts';
import { createTransport, serverFailure } from '../http/transport.ts';

export interface HubSpotApp {
  /** `https://api.hubapi.com` */
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface HubSpotOAuthOptions {
  readonly app: HubSpotApp;
  readonly requestTimeoutMs: number;
  readonly clock: () => Date;
}

const PATH = '/oauth/v1/token';
const PLACE = `HubSpot POST ${PATH}`;
const grantSchema = z.object({ access_token: z.string().min(1), refresh_token: z.string().min(1), expires_in: z.number().positive() });

/** Asks for a new access token. A refresh token that is not taken is `AuthRevoked`; an unknown outcome may have used it up. */
export function hubspotRefresh(options: HubSpotOAuthOptions): (refreshToken: string) => Promise<TokenGrant> {
  const { app, clock } = options;
  const budget = createBudget(() => clock().getTime());
  // To be tried again with the same token is all that can be done, so it counts as a read.
  const transport = createTransport({ vendor: 'HubSpot', budget, timeoutMs: options.requestTimeoutMs }, () => true);
  return async (refreshToken) => {
    const form = { grant_type: 'refresh_token', client_id: app.clientId, client_secret: app.clientSecret, refresh_token: refreshToken };
    const response = await transport(`${app.baseUrl.replace(/\/+$/, '')}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    if (response.status === 429)
      throw new ConnectorError('Throttled', `${PLACE}: HTTP 429`, { status: 429, retryAfterMs: budget.refused(null) });
    if (response.status >= 500) throw serverFailure('HubSpot', `POST ${PATH}`, response.status, true);
    if (!response.ok)
      throw new ConnectorError('AuthRevoked', `${PLACE}: HTTP ${response.status}; consent for the app is gone or its secret is another`, {
        status: response.status,
      });
    const parsed = grantSchema.safeParse(await response.json().catch(() => null));
    if (!parsed.success) throw new ConnectorError('Transient', `${PLACE}: expected a token, got an answer of another shape`);
    const { access_token: accessToken, refresh_token: next, expires_in: seconds } = parsed.data;
    return { accessToken, refreshToken: next, expiresAt: new Date(clock().getTime() + seconds * 1_000).toISOString() };
  };
}
