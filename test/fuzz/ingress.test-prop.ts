/** The doors that need no token of the API, called with what nobody would send: signed as the vendors sign or not at all, with bodies that are theirs, spoilt or none. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { SLACK_PATH } from '@lockstep/worker/http/slack.ts';
import { eventOf, signed } from '../ingress/signed.ts';
import type { HookedTool } from '../ingress/signed.ts';
import { brokenWith, contentType, hostileText, rawBody, spoilt } from './hostile.ts';
import { openWholeApi, SECRETS } from './whole-api.ts';
import type { WholeApi } from './whole-api.ts';

const isLong = process.env['LOCKSTEP_LONG'] !== undefined;
const RUNS = isLong ? 5_000 : 150;
const PATIENCE_MS = 10_000;
const LONGEST_MS = isLong ? 600_000 : 60_000;

const database = useTestStore();
let api: WholeApi;
beforeAll(async () => {
  api = await openWholeApi(database);
});
afterAll(() => api.close());

type Headers = Readonly<Record<string, string>>;

/** Fails where the worker has logged an error over it, or the answer shows a secret. */
async function statusOf(path: string, init: RequestInit): Promise<number> {
  const response = await fetch(api.url + path, { ...init, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await response.text();
  const shown = Object.values(SECRETS).filter((secret) => text.includes(secret));
  expect({ errors: api.errors.splice(0), shown }).toEqual({ errors: [], shown: [] });
  return response.status;
}

const post = (path: string, body: Uint8Array, headers: Headers): Promise<number> =>
  statusOf(path, { method: 'POST', headers, body: Buffer.from(body) });

/** The vendor's own event, one that is spoilt or broken in a place, or no event at all. */
const bodiesOf = (genuine: unknown): fc.Arbitrary<Uint8Array> => {
  const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value) ?? '');
  return fc.oneof(fc.constant(genuine).map(json), spoilt(genuine).map(json), brokenWith(genuine).map(json), rawBody);
};

const more: fc.Arbitrary<Headers> = fc.tuple(contentType, fc.constantFrom('', 'gzip', 'identity', 'x')).map(([type, encoding]) => ({
  ...(type === null ? {} : { 'content-type': type }),
  ...(encoding === '' ? {} : { 'content-encoding': encoding }),
}));

const HOOKED: readonly HookedTool[] = ['jira', 'notion', 'hubspot'];

test.for(HOOKED)('C05 the webhooks of %s answer anything with a status of theirs', { timeout: LONGEST_MS }, async (tool) => {
  const genuine: unknown = JSON.parse(Buffer.from(eventOf(tool, '10001', 'fuzz')).toString());
  const path = `/webhooks/${tool}`;
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(bodiesOf(genuine), more, fc.boolean(), hostileText, async (body, extra, isSigned, text) => {
      const given = signed(tool, { url: api.url + path, body });
      const forged = Object.fromEntries(Object.keys(given).map((name) => [name, headerText(text)]));
      seen.add(await post(path, body, { ...extra, ...(isSigned ? given : forged) }));
    }),
    { numRuns: RUNS },
  );
  expect([...seen].toSorted((one, other) => one - other)).toEqual([200, 202, 400, 401, 415]);
});

/** What a header can hold. */
const headerText = (text: string): string => text.replaceAll(/[^\u0021-\u007e]/g, '').slice(0, 2_000);

test('the door of Slack’s buttons answers anything with a status of its own', { timeout: LONGEST_MS }, async () => {
  const genuine = {
    ...{ type: 'block_actions', team: { id: 'T0', domain: 'x' }, user: { id: 'U0OMAR001' }, trigger_id: 't' },
    container: { type: 'message', message_ts: '1700000000.000100', channel_id: 'D1' },
    actions: [{ type: 'button', action_id: 'accept', block_id: 'b', value: api.known['offerId']?.[0], action_ts: '1.1' }],
  };
  const forms = fc.oneof(
    {
      weight: 4,
      arbitrary: bodiesOf(genuine).map((body) => Buffer.from(new URLSearchParams({ payload: Buffer.from(body).toString() }).toString())),
    },
    rawBody,
  );
  await fc.assert(
    fc.asyncProperty(forms, more, fc.boolean(), async (body, extra, isSigned) => {
      const timestamp = String(Math.floor(Date.parse(api.now()) / 1_000));
      const mac = createHmac('sha256', isSigned ? SECRETS.slackSigning : 'another')
        .update(`v0:${timestamp}:`)
        .update(body)
        .digest('hex');
      const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${mac}`, ...extra };
      expect(isSigned ? [200, 400, 415] : [401, 415]).toContain(await post(SLACK_PATH, body, headers));
    }),
    { numRuns: RUNS },
  );
});

test(
  'paths that are none, and methods that a path does not have, are refused without a word of the inside',
  { timeout: LONGEST_MS },
  async () => {
    const paths = fc.oneof(
      fc.constantFrom(
        '/',
        '/metrics',
        '/v1',
        '/v1/',
        '/v1/health',
        '/v1/openapi.json',
        '/webhooks',
        '/webhooks/',
        '/webhooks/%',
        SLACK_PATH,
        '/v1/%ff',
      ),
      hostileText.map((text) => `/v1/${encodeURIComponent(text.toWellFormed().slice(0, 4_000))}`),
      hostileText.map((text) => `/webhooks/${encodeURIComponent(text.toWellFormed().slice(0, 4_000))}`),
      hostileText.map(
        (text) => `/${encodeURIComponent(text.toWellFormed().slice(0, 4_000))}?${encodeURIComponent(text.toWellFormed().slice(0, 100))}`,
      ),
    );
    const methods = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD');
    const tokens = fc.constantFrom(null, SECRETS.viewer, SECRETS.all, 'another');
    await fc.assert(
      fc.asyncProperty(paths, methods, tokens, async (path, method, token) => {
        const headers: Headers = token === null ? {} : { authorization: `Bearer ${token}` };
        expect([200, 400, 401, 403, 404]).toContain(await statusOf(path, { method, headers }));
      }),
      { numRuns: RUNS },
    );
  },
);
