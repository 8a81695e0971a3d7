/** The simulated Slack: buttons pressed by people, deliveries as they should be and as they should not, answers by response_url, the page. */
import { createHmac } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { startListener } from './listener.ts';
import type { Listener } from './listener.ts';
import { BUTTONS, JSON_TYPE, stageSlack } from './slack-workspace.ts';
import type { SlackStage } from './slack-workspace.ts';

const SECRET = 'slack-signing-secret';

interface Stage extends SlackStage {
  readonly listener: Listener;
  readonly channel: string;
  readonly ts: string;
  readonly press: (more?: object) => Promise<string>;
}

async function stage(): Promise<Stage> {
  const slack = await stageSlack();
  const listener = await startListener();
  onTestFinished(() => listener.close());
  await slack.person('/apps/lockstep', { interactivityUrl: listener.url });
  const channel = await slack.direct();
  const { ts = '' } = (await slack.call('chat.postMessage', { channel, text: 'A lead', blocks: BUTTONS })).body;
  const press = async (more: object = {}): Promise<string> => {
    const made = await slack.person('/press', { user: 'lena', channel, ts, actionId: 'accept', ...more });
    await slack.served.webhooks.settled();
    return String(made['press']);
  };
  return { ...slack, listener, channel, ts, press };
}

const isSigned = ({ headers, body }: Listener['received'][number]): boolean =>
  headers['x-slack-signature'] ===
  `v0=${createHmac('sha256', SECRET)
    .update(`v0:${String(headers['x-slack-request-timestamp'])}:${body}`)
    .digest('hex')}`;

const payloadOf = ({ body }: Listener['received'][number]) =>
  JSON.parse(new URLSearchParams(body).get('payload') ?? '') as { readonly response_url: string; readonly [other: string]: unknown };

test('a press is a signed form with who, what and where', async () => {
  const { listener, channel, ts, press, served } = await stage();
  served.clock.freeze(Date.parse('2026-10-26T11:00:00Z'));
  await press();
  const [delivery] = listener.received;
  if (delivery === undefined) throw new Error('expected a delivery');
  expect(delivery.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(delivery.headers['x-slack-request-timestamp']).toBe(String(Date.parse('2026-10-26T11:00:00Z') / 1_000));
  expect(delivery.headers).not.toHaveProperty('x-slack-retry-num');
  expect(isSigned(delivery)).toBe(true);
  expect(payloadOf(delivery)).toMatchObject({
    type: 'block_actions',
    team: { id: 'T0GROWTH1' },
    user: { id: 'U0LENA001', username: 'lena' },
    container: { type: 'message', message_ts: ts, channel_id: channel },
    actions: [{ action_id: 'accept', block_id: 'answers', value: 'lead 1', type: 'button' }],
  });
});

test('64 forged, stale and replayed deliveries can be asked for', async () => {
  const { listener, press, person, served } = await stage();
  await press({ forged: 'signature' });
  await press({ forged: 'body' });
  await press({ forged: 'unsigned' });
  expect(listener.received.map(isSigned)).toEqual([false, false, false]);
  expect(listener.received[2]?.headers).not.toHaveProperty('x-slack-signature');
  await press({ ageSeconds: 301 });
  const stale = listener.received[3];
  if (stale === undefined) throw new Error('expected a delivery');
  expect(isSigned(stale)).toBe(true);
  expect(Number(stale.headers['x-slack-request-timestamp'])).toBeLessThanOrEqual(served.clock.nowMs() / 1_000 - 301);
  const id = await press();
  await person(`/presses/${id}/send`, {});
  await person(`/presses/${id}/send`, { fresh: true, retry: 2 });
  await served.webhooks.settled();
  const [first, replayed, repeated] = listener.received.slice(4);
  expect(replayed).toEqual(first);
  expect(repeated?.body).toBe(first?.body);
  expect(repeated?.headers).toMatchObject({ 'x-slack-retry-num': '2', 'x-slack-retry-reason': 'http_timeout' });
});

test('25 twice is two presses with their own instants; copies are one press delivered twice', async () => {
  const { listener, press } = await stage();
  await press({ copies: 2 });
  await press();
  const instants = listener.received.map((delivery) => (payloadOf(delivery)['actions'] as readonly { action_ts: string }[])[0]?.action_ts);
  expect(instants[0]).toBe(instants[1]);
  expect(instants[2]).not.toBe(instants[0]);
});

test('what cannot be pressed is refused: no such button, person, message; an app without an address', async () => {
  const { ask, channel, ts, person } = await stage();
  const error = async (more: object): Promise<unknown> => {
    const body = JSON.stringify({ user: 'lena', channel, ts, actionId: 'accept', ...more });
    return (await ask('POST', '/ui/press', body, JSON_TYPE)).body.error;
  };
  expect(await error({ actionId: 'other' })).toBe('action_not_found');
  expect(await error({ user: 'nobody' })).toBe('user_not_found');
  // Tom is not in this conversation.
  expect(await error({ user: 'tom' })).toBe('channel_not_found');
  expect(await error({ ts: '1700000000.000000' })).toBe('message_not_found');
  expect(await error({ more: 1 })).toBe('invalid_arguments');
  await person('/apps/lockstep', { interactivityUrl: null });
  expect(await error({})).toBe('no_interactivity_url');
});

test('a response_url replaces the message, five times and for thirty minutes', async () => {
  const { listener, press, call, channel, ts, served, ask } = await stage();
  await press();
  const [delivery] = listener.received;
  if (delivery === undefined) throw new Error('expected a delivery');
  const path = new URL(payloadOf(delivery).response_url).pathname;
  const answer = (body: object) => ask('POST', path, JSON.stringify(body), JSON_TYPE);
  expect((await answer({ replace_original: true, text: 'Accepted', blocks: [] })).body.ok).toBe(true);
  expect((await call('conversations.history', { channel })).body.messages).toMatchObject([{ text: 'Accepted' }]);
  expect((await answer({})).body.error).toBe('no_text');
  for (let index = 0; index < 3; index += 1) expect((await answer({ text: 'psst' })).body.ok).toBe(true);
  expect(await answer({ text: 'x' })).toMatchObject({ status: 404, body: { error: 'used_url' } });
  expect((await call('conversations.history', { channel })).body.messages).toHaveLength(1);
  await call('chat.update', { channel, ts, blocks: BUTTONS });
  await press();
  const late = new URL(payloadOf(listener.received[1] ?? delivery).response_url).pathname;
  served.clock.advance(30 * 60_000 + 1);
  expect((await ask('POST', late, '{"text":"x"}', JSON_TYPE)).body.error).toBe('expired_url');
  expect((await ask('POST', '/actions/T0GROWTH1/1/wrong', '{"text":"x"}', JSON_TYPE)).body.error).toBe('invalid_url');
});

test('the page shows conversations and messages as text, and its buttons press', async () => {
  const { served, channel, ts, call, listener } = await stage();
  await call('chat.postMessage', { channel, text: '<script>alert(1)</script> & more' });
  const page = async (path: string): Promise<string> => (await fetch(`${served.url}${path}`)).text();
  expect(await page('/ui')).toContain('Lockstep and Lena Vogt');
  const shown = await page(`/ui/${channel}`);
  expect(shown).toContain('A lead');
  expect(shown).toContain('&lt;script&gt;');
  expect(shown).not.toContain('<script>');
  const form = new URLSearchParams({ user: 'U0LENA001', channel, ts, actionId: 'accept' });
  const pressed = await fetch(`${served.url}/ui/press`, { method: 'POST', body: form, redirect: 'manual' });
  expect([pressed.status, pressed.headers.get('location')]).toEqual([302, `/ui/${channel}`]);
  await served.webhooks.settled();
  expect(listener.received).toHaveLength(1);
  expect((await fetch(`${served.url}/ui/C0NOTTHERE`)).status).toBe(400);
});
