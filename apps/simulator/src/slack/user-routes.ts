/** Who we are and who is there: auth.test, users.*. Source: https://docs.slack.dev/reference/methods. */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import type { Access, Method } from './access.ts';
import { argumentsOf, booleanAt, limitAt, requiredAt, textAt } from './arguments.ts';
import { SlackError } from './errors.ts';
import { cursorOf, placeOf } from './paging.ts';
import type { AppRecord, Json, UserRecord } from './model.ts';
import { userShown } from './rendering.ts';
import { TEAM } from './scenario.ts';
import type { Workspace } from './workspace.ts';

const method = (name: string, tier: Method['tier'], ...scopes: readonly string[]): Method => ({ name, tier, scopes });
const AUTH_TEST = method('auth.test', 'special');
const BY_EMAIL = method('users.lookupByEmail', 3, 'users:read.email');
const INFO = method('users.info', 4, 'users:read');
const LIST = method('users.list', 2, 'users:read');
/** Slack recommends 200; it takes fewer than 1,000. */
const MOST_USERS = 1_000;

export function userRoutes(app: Hono<VendorEnv>, workspace: Workspace, { enter }: Access, baseUrl: () => string): void {
  const both = ['GET', 'POST'];
  const shown = (user: UserRecord, by: AppRecord, showsLocale: boolean): Json => {
    const ofApp = [...workspace.apps.values()].find(({ userId }) => userId === user.id);
    return userShown(user, ofApp, by.scopes.includes('users:read.email'), showsLocale);
  };

  app.on(both, '/api/auth.test', async (c) => {
    const by = enter(c, await argumentsOf(c), AUTH_TEST);
    const user = workspace.users.get(by.userId)?.name ?? '';
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return c.json({
      ...{ ok: true, url: `${baseUrl()}/`, team: TEAM.name, user, team_id: TEAM.id, user_id: by.userId, bot_id: by.botId },
      is_enterprise_install: false,
    });
  });

  app.on(both, '/api/users.lookupByEmail', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, BY_EMAIL);
    const email = requiredAt(args, 'email').toLowerCase();
    const user = [...workspace.users.values()].find((known) => !known.isDeleted && known.email?.toLowerCase() === email);
    if (user === undefined) throw new SlackError('users_not_found');
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return c.json({ ok: true, user: shown(user, by, false) });
  });

  app.on(both, '/api/users.info', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, INFO);
    const showsLocale = booleanAt(args, 'include_locale') ?? false;
    const user = workspace.users.get(requiredAt(args, 'user'));
    if (user === undefined) throw new SlackError('user_not_found');
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return c.json({ ok: true, user: shown(user, by, showsLocale) });
  });

  app.on(both, '/api/users.list', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, LIST);
    const showsLocale = booleanAt(args, 'include_locale') ?? false;
    const limit = limitAt(args, MOST_USERS) ?? MOST_USERS;
    const start = placeOf(textAt(args, 'cursor'), 'users');
    const all = [...workspace.users.values()];
    const members = all.slice(start, start + limit).map((user) => shown(user, by, showsLocale));
    if (members.length === 0) throw new SlackError('invalid_cursor');
    Object.assign(c.env.trace, { effect: 'read', records: members.length });
    return c.json({
      ...{ ok: true, members, cache_ts: Math.floor(workspace.nowMs() / 1_000) },
      response_metadata: { next_cursor: cursorOf('users', start + limit, all.length) },
    });
  });
}
