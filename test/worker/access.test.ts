/** Who may call what: every route of the contract, by every role, without a token, and with one that has run out. Generated: a new route is in it. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { GUARDED_ROUTES, OPEN_PATHS } from '@lockstep/api/access.ts';
import type { Access, GuardedRoute, Role } from '@lockstep/api/access.ts';
import { problemSchema } from '@lockstep/api/schemas.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { logFields } from '@lockstep/worker/telemetry/log-fields.ts';
import { createApi } from '@lockstep/worker/http/api.ts';
import { knownTokens } from '@lockstep/worker/http/identity.ts';
import type { Account } from '@lockstep/worker/http/identity.ts';
import { benchOf } from '../engine/bench-of-remotes.ts';
import { NOW, openDesk as openReplayDesk } from '../engine/replay/desk.ts';
import { apiParts } from './api-desk.ts';
import { openRoutingDesk } from './routing-desk.ts';

const database = useTestStore();
const PAST = '2020-01-01T00:00:00.000Z';
const FUTURE = '2099-01-01T00:00:00.000Z';

const account = (id: string, roles: readonly Role[], rest: Partial<Account> = {}): Account => ({
  principal: { id, kind: 'human', person: id, members: [], roles: [...roles] },
  token: `token-of-${id}`,
  ...rest,
});
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const ACCOUNTS: readonly Account[] = [
  account('nobody-special', []),
  account('viv', ['viewer'], { expiresAt: FUTURE }),
  account('oz', ['operator'], { token: null, tokenSha256: sha256('token-of-oz') }),
  account('ada', ['approver']),
  account('gone', ['viewer', 'operator', 'approver'], { expiresAt: PAST }),
];

const headersOf = (token: string) => ({
  ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-request-id': 'ada-canary' },
});

/** What each may call: written out here, and not taken from the table. */
const MAY: Readonly<Record<string, readonly Access[]>> = {
  'token-of-nobody-special': ['account'],
  'token-of-viv': ['account', 'viewer'],
  'token-of-oz': ['account', 'viewer', 'operator'],
  'token-of-ada': ['account', 'viewer', 'approver'],
};
/** Whose token is none. */
const STRANGERS = ['', 'token-of-viv2', 'token-of-gone', sha256('token-of-oz'), 'undefined'];

const pathOf = ({ path }: GuardedRoute): string => path.replaceAll(/:\w+/g, 'nope');

/** The API with all that it can serve. */
async function wholeApi() {
  const { workspace } = await benchOf(database.store(), ['jira']);
  const { engine } = openReplayDesk(database, 0);
  const workflows = {
    start: async () => undefined,
    decide: async () => ({ kind: 'decided', outcome: 'refused', code: null }) as const,
    hold: async () => true,
  };
  const replays = { engine, workflows, now: () => NOW, newId: () => 'one' };
  return createApi({ ...apiParts(workspace), ...(await openRoutingParts()), replays });
}

async function openRoutingParts() {
  const desk = await openRoutingDesk(database, { accounts: ACCOUNTS });
  await desk.close();
  return desk.parts;
}

describe('every route by every role', () => {
  let app: Awaited<ReturnType<typeof wholeApi>>;
  beforeAll(async () => {
    app = await wholeApi();
  });
  const call = async (route: GuardedRoute, token: string) => {
    const answer = await app.request(pathOf(route), {
      method: route.method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(route.method === 'GET' ? {} : { body: '{}' }),
    });
    const body: unknown = await answer.json();
    return { status: answer.status, body };
  };

  test.for(GUARDED_ROUTES.filter(({ access }) => access !== 'sender'))('$method $path is for $access', async (route) => {
    for (const [token, may] of Object.entries(MAY)) {
      const { status, body } = await call(route, token);
      const verdict = [401, 403].includes(status) || status >= 500 ? [status, problemSchema.parse(body).code] : 'let through';
      const expected = may.includes(route.access) ? 'let through' : [403, 'forbidden'];
      expect([token, verdict]).toEqual([token, expected]);
    }
    for (const token of STRANGERS) {
      const { status, body } = await call(route, token);
      expect([status, problemSchema.parse(body).code], `${route.path} with "${token}"`).toEqual([401, 'unauthorized']);
    }
  });

  test.for(GUARDED_ROUTES.filter(({ access }) => access === 'sender'))(
    '$method $path takes events of operators and senders only',
    async (route) => {
      for (const token of ['token-of-viv', 'token-of-ada', 'token-of-nobody-special', 'token-of-gone', ''])
        expect((await call(route, token)).status, token).toBe(401);
      expect((await call(route, 'token-of-oz')).status).toBe(200);
    },
  );

  /** The rule of the table, without the table. */
  const ruleFor = (method: string, path: string): Access => {
    const asks = ['/v1/routing/check', '/v1/routing/context', '/v1/routing/decisions/replay', '/v1/routing/scores'];
    if (method === 'GET' || asks.includes(path)) return 'viewer';
    if (path === '/v1/events') return 'sender';
    if (path.startsWith('/v1/routing/leads/')) return 'account';
    return /\/(approve|reject)$/.test(path) ? 'approver' : 'operator';
  };

  test('what only reads is for viewers, a yes or no for approvers, a lead for whoever has it, all else for operators', () => {
    const table = GUARDED_ROUTES.map(({ method, path, access }) => [method, path, access]);
    expect(table).toEqual(GUARDED_ROUTES.map(({ method, path }) => [method, path, ruleFor(method, path)]));
  });
});

describe('the table and the server', () => {
  test('every route that is served is in the table, and every one of the table is served and described', async () => {
    const app = await wholeApi();
    const served = app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`);
    // Prometheus' page is no JSON, and in no OpenAPI document; it asks for a viewer by itself.
    const open = [...OPEN_PATHS, '/metrics'].map((path) => `GET ${path}`);
    const listed = [...GUARDED_ROUTES.map(({ method, path }) => `${method} ${path}`), ...open];
    expect([...new Set(served)].toSorted()).toEqual(listed.toSorted());
    const { paths } = (await (await app.request('/v1/openapi.json')).json()) as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(described.toSorted()).toEqual(GUARDED_ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
  });

  test('the page for Prometheus is for whoever may look', async () => {
    const app = await wholeApi();
    const statusOf = async (token: string) => (await app.request('/metrics', { headers: { authorization: `Bearer ${token}` } })).status;
    for (const token of ['token-of-viv', 'token-of-oz', 'token-of-ada']) expect(await statusOf(token), token).toBe(200);
    for (const token of ['token-of-nobody-special', 'token-of-gone', '']) expect(await statusOf(token), token).toBe(401);
  });

  test('a route that the table does not know is refused, whatever the role', async () => {
    const app = await wholeApi();
    app.get('/v1/forgotten', (c) => c.json({}));
    const answer = await app.request('/v1/forgotten', { headers: { authorization: 'Bearer token-of-oz' } });
    expect(answer.status).toBe(403);
  });
});

describe('what is on record of a call', () => {
  test('one that may change something leaves account, route and outcome; one that reads leaves nothing; no line has a token or an id of the path', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({ level: 'info' }, { write: (text: string) => void lines.push(JSON.parse(text) as Record<string, unknown>) });
    const { workspace } = await benchOf(database.store(), ['jira']);
    const app = createApi({ ...apiParts(workspace), token: 'the-token', log });
    const call = (method: string, path: string, token = 'the-token') =>
      app.request(path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: '{}' }),
      });
    await call('GET', '/v1/status');
    expect(lines).toEqual([]);
    await call('POST', '/v1/sync');
    await call('POST', '/v1/items/secret-item/resync');
    await call('POST', '/v1/sync', 'another');
    expect(lines).toMatchObject([
      { account: 'operator', route: 'POST /v1/sync', status: 200 },
      { account: 'operator', route: 'POST /v1/items/:itemId/resync', status: 404 },
      { security: true, account: null, route: 'POST /v1/sync', reason: 'unauthorized' },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/the-token|another|secret-item/);
  });

  test('every line bears the id of its request, which the answer shows, and never one that a caller has made up', async () => {
    const lines: Record<string, unknown>[] = [];
    const write = (text: string): void => void lines.push(JSON.parse(text) as Record<string, unknown>);
    const log = pino({ level: 'info', mixin: logFields }, { write });
    const { workspace } = await benchOf(database.store(), ['jira']);
    const app = createApi({ ...apiParts(workspace), token: 'the-token', log });
    const answers = [
      await app.request('/v1/sync', { method: 'POST', body: '{}', headers: headersOf('the-token') }),
      await app.request('/v1/sync', { method: 'POST', body: '{}', headers: headersOf('another') }),
    ];
    const shown = answers.map((answer) => answer.headers.get('x-request-id'));
    expect(lines.map(({ requestId }) => requestId)).toEqual(shown);
    expect(new Set(shown).size).toBe(2);
    expect(JSON.stringify([lines, shown])).not.toContain('ada-canary');
  });

  test('too many calls of one account are refused until its bucket has filled, with the time to wait; others go on', async () => {
    let clockMs = 0;
    const { workspace } = await benchOf(database.store(), ['jira']);
    const app = createApi({ ...apiParts(workspace), token: 'the-token', rateLimit: { perSecond: 0.5, burst: 2 }, clockMs: () => clockMs });
    const call = () => app.request('/v1/conflicts', { headers: { authorization: 'Bearer the-token' } });
    expect([(await call()).status, (await call()).status]).toEqual([200, 200]);
    const refused = await call();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    expect(problemSchema.parse(await refused.json())).toMatchObject({
      code: 'rate_limited',
      message: expect.stringContaining('2000 ms') as string,
    });
    // Without a token nobody's bucket is emptied.
    expect((await app.request('/v1/conflicts')).status).toBe(401);
    clockMs += 2_000;
    expect((await call()).status).toBe(200);
  });
});

test('two tokens of one account both count; a hash is no token, and an empty one is nobody’s', () => {
  const known = knownTokens('own', [account('oz', ['operator']), account('oz', ['operator'], { token: null, tokenSha256: sha256('') })]);
  expect(known).toHaveLength(3);
  expect(JSON.stringify(known)).not.toContain('token-of-oz');
});
