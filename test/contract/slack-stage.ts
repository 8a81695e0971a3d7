/** The simulated Slack behind a recorder: our messenger's program, a tour through every route, and any call at all. */
import { checkSlack } from '@lockstep/connectors/slack/check.ts';
import { createSlackClient } from '@lockstep/connectors/slack/client.ts';
import { createSlackMessenger } from '@lockstep/connectors/slack/messenger.ts';
import { NOTICE, READER } from '@lockstep/connectors/slack/notice.fixture.ts';
import { startSimulator } from '@lockstep/simulator/server.ts';
import { createChecker } from './contract.ts';
import type { Checker } from './contract.ts';
import { record, send } from './recorder.ts';
import type { Exchange, Recorder } from './recorder.ts';
import { slackContract } from './slack-contract.ts';
import type { Route } from './stage.ts';

export interface SlackStage {
  readonly checker: Checker;
  readonly recorder: Recorder;
  readonly routes: readonly Route[];
  readonly call: (method: string, args: Readonly<Record<string, unknown>>, how?: How) => Promise<Exchange>;
  /** What people do, past the recorder; without a body, what there is to see. */
  readonly person: (path: string, body?: object) => Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/** How arguments are written. */
export type How = 'form' | 'json' | 'query';

const TOKEN = { authorization: 'Bearer xoxb-lockstep' };
const NOW = '2026-11-24T09:30:20.500Z';
export const CHANNEL = 'C0GROWTH01';

export async function openSlackStage(): Promise<SlackStage> {
  const simulator = await startSimulator({ databaseFile: ':memory:', rateLimits: 'off' });
  const admin = async (path: string, body?: object): Promise<unknown> => {
    const url = `${simulator.urls.admin}/_simulator${path}`;
    return JSON.parse((await (body === undefined ? send(url, 'GET') : send(url, 'POST', {}, JSON.stringify(body)))).text) as unknown;
  };
  await admin('/clock', { freeze: NOW });
  const recorder = await record(simulator.urls.slack);
  const texts = (args: Readonly<Record<string, unknown>>): string =>
    new URLSearchParams(
      Object.entries(args).map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    ).toString();
  return {
    checker: createChecker(slackContract()),
    recorder,
    routes: ((await admin('/routes')) as { readonly slack: readonly Route[] }).slack,
    call: async (method, args, how = 'form') => {
      const url = `${recorder.url}/api/${method}`;
      if (how === 'query') await send(`${url}?${texts(args)}`, 'GET', TOKEN);
      else if (how === 'form') await send(url, 'POST', { ...TOKEN, 'content-type': 'application/x-www-form-urlencoded' }, texts(args));
      else await send(url, 'POST', { ...TOKEN, 'content-type': 'application/json; charset=utf-8' }, JSON.stringify(args));
      const exchange = recorder.exchanges.at(-1);
      if (exchange === undefined) throw new Error('expected an exchange, got none');
      return exchange;
    },
    person: async (path, body) => {
      const url = `${simulator.urls.slack}/ui${path}`;
      const json = { 'content-type': 'application/json' };
      const { text } = await (body === undefined ? send(url, 'GET') : send(url, 'POST', json, JSON.stringify(body)));
      return JSON.parse(text) as Readonly<Record<string, unknown>>;
    },
    close: async () => {
      await recorder.close();
      await simulator.close();
    },
  };
}

/** Everything that our messenger sends. Rejects where a step does not do what it should. */
export async function runSlackProgram({ recorder }: SlackStage): Promise<void> {
  const options = {
    credentials: { baseUrl: recorder.url, botToken: 'xoxb-lockstep' },
    requestTimeoutMs: 10_000,
    clock: () => new Date(NOW),
  };
  const messenger = createSlackMessenger(options);
  const findings = await checkSlack({ client: createSlackClient(options), teamId: null, hasSigningSecret: true });
  if (findings.some(({ level }) => level !== 'ok')) throw new Error(`check: expected no findings, got ${JSON.stringify(findings)}`);
  const keys = Array.from({ length: 201 }, (_, index) => `pql-${index}/assigned`);
  const reader = { ...READER, slackUserId: null };
  for (const key of keys) await messenger.post({ key, reader, notice: NOTICE, triedSinceIso: null });
  const found = await messenger.find?.(keys[0] ?? '', reader, NOW);
  if (found === null || found === undefined) throw new Error('find: expected the first message, got none');
  await messenger.update?.(found, keys[0] ?? '', reader, { ...NOTICE, why: [], score: null, deadlineIso: null, link: null, buttons: [] });
  await messenger.post({
    key: 'long/assigned',
    reader,
    notice: { ...NOTICE, title: 'x'.repeat(400), why: ['&'.repeat(4_000)] },
    triedSinceIso: NOW,
  });
}

/** Each route of the API once at least, with what the vendor would take. */
export async function tourSlack(stage: SlackStage): Promise<void> {
  const call = async (...request: Parameters<SlackStage['call']>): Promise<Readonly<Record<string, unknown>>> => {
    const { answerText } = await stage.call(...request);
    const body = JSON.parse(answerText) as Readonly<Record<string, unknown>>;
    if (body['ok'] !== true) throw new Error(`${request[0]}: expected a success, got ${answerText}`);
    return body;
  };
  for (const how of ['query', 'form', 'json'] as const) {
    await call('auth.test', {}, how);
    await call('users.lookupByEmail', { email: 'lena@growth.example' }, how);
    await call('users.info', { user: 'U0LENA001', include_locale: true }, how);
    await call('users.list', { limit: 3 }, how);
    await call('conversations.list', { types: 'public_channel,private_channel,im', exclude_archived: true, limit: 2 }, how);
    await call('conversations.info', { channel: CHANNEL }, how);
    await call('conversations.members', { channel: CHANNEL, limit: 2 }, how);
    await call(
      'conversations.history',
      { channel: CHANNEL, include_all_metadata: true, inclusive: true, oldest: '1700000000.000001' },
      how,
    );
  }
  await call('conversations.open', { users: 'U0TOM0001' });
  await call('conversations.open', { users: 'U0TOM0001', return_im: true }, 'json');
  await call('chat.postEphemeral', { channel: CHANNEL, user: 'U0LENA001', text: 'psst' });
  const metadata = { event_type: 'lead', event_payload: { key: 'k' } };
  const { ts } = await call('chat.postMessage', { channel: CHANNEL, text: 'One', blocks: buttons, metadata, unfurl_links: false }, 'json');
  await call('chat.postMessage', { channel: CHANNEL, text: 'Answer', thread_ts: ts });
  await call('chat.postMessage', { channel: CHANNEL, attachments: [{ fallback: 'x', text: 'An attachment' }] });
  await stage.person('/apps/lockstep', { interactivityUrl: 'http://127.0.0.1:9/hook' });
  await stage.person('/press', { user: 'lena', channel: CHANNEL, ts, actionId: 'go', copies: 0 });
  await answerPress(stage);
  await call('chat.update', { channel: CHANNEL, ts, text: 'Two' });
  await call('chat.delete', { channel: CHANNEL, ts });
}

const buttons = [
  { type: 'actions', elements: [{ type: 'button', action_id: 'go', value: '1', text: { type: 'plain_text', text: 'Go' } }] },
];

/** Through the recorder, at the response_url of the last press. */
async function answerPress({ recorder, person }: SlackStage): Promise<void> {
  const { presses } = (await person('/presses')) as { readonly presses?: readonly { readonly body: string }[] };
  const payload = JSON.parse(new URLSearchParams(presses?.at(-1)?.body).get('payload') ?? '') as { readonly response_url: string };
  const { status } = await send(
    recorder.url + new URL(payload.response_url).pathname,
    'POST',
    { 'content-type': 'application/json' },
    JSON.stringify({ text: 'Taken', response_type: 'ephemeral' }),
  );
  if (status !== 200) throw new Error(`response_url: expected a success, got ${status}`);
}
