/** What a client can ask about its own token and about the portal. */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { VendorEnv } from '../kernel/vendor.ts';
import { authenticated } from './access.ts';
import { bodyOf, onlyParameters } from './body.ts';
import { badRequest } from './errors.ts';
import { ACCOUNTS, PORTAL_ID } from './scenario.ts';

const tokenSchema = z.strictObject({ tokenKey: z.string() });

export function accountRoutes(app: Hono<VendorEnv>): void {
  app.post('/oauth/v2/private-apps/get/access-token-info', async (c) => {
    const { tokenKey } = await bodyOf(c, tokenSchema);
    const account = ACCOUNTS.find(({ token }) => token === tokenKey);
    if (account === undefined) throw badRequest('The token is not one of a private app');
    Object.assign(c.env.trace, { account: account.account, operation: 'get token information', effect: 'read', records: 1 });
    return c.json({ userId: account.userId, hubId: PORTAL_ID, appId: account.appId, scopes: account.scopes });
  });
  for (const path of ['/account-info/v3/details', '/account-info/2026-03/details', '/account-info/2026-09/details'])
    app.get(path, (c) => {
      authenticated(c);
      onlyParameters(c);
      Object.assign(c.env.trace, { operation: 'get account details', effect: 'read', records: 1 });
      return c.json({
        portalId: PORTAL_ID,
        accountType: 'STANDARD',
        timeZone: 'UTC',
        companyCurrency: 'EUR',
        additionalCurrencies: [],
        utcOffset: '+00:00',
        utcOffsetMilliseconds: 0,
        uiDomain: 'app.hubspot.com',
        dataHostingLocation: 'na1',
      });
    });
}
