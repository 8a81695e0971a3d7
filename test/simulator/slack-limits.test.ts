/** The simulated Slack: limits of blocks, of calls, and faults in its own words. */
import { expect, test } from 'vitest';
import { stageSlack } from './slack-workspace.ts';

const channel = 'C0GROWTH01';
const text = (words: string, type = 'mrkdwn'): object => ({ type, text: words });
const section = (words: string): object => ({ type: 'section', text: text(words) });
const button = (more: object = {}): object => ({ type: 'button', text: text('Go', 'plain_text'), action_id: 'go', ...more });
const actions = (...elements: object[]): object => ({ type: 'actions', elements });
const many = <T>(count: number, each: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => each(index));

test.each<[string, readonly object[], readonly object[], string]>([
  ['50 blocks', many(50, () => section('x')), many(51, () => section('x')), '/blocks'],
  ['3,000 characters of a section', [section('x'.repeat(3_000))], [section('x'.repeat(3_001))], '/blocks/0/text/text'],
  ['at least 1', [section('x')], [section('')], '/blocks/0/text/text'],
  [
    '10 fields',
    [{ type: 'section', fields: many(10, () => text('x')) }],
    [{ type: 'section', fields: many(11, () => text('x')) }],
    '/blocks/0/fields',
  ],
  [
    '2,000 characters of a field',
    [{ type: 'section', fields: [text('x'.repeat(2_000))] }],
    [{ type: 'section', fields: [text('x'.repeat(2_001))] }],
    '/blocks/0/fields/0/text',
  ],
  [
    '150 characters of a header',
    [{ type: 'header', text: text('x'.repeat(150), 'plain_text') }],
    [{ type: 'header', text: text('x'.repeat(151), 'plain_text') }],
    '/blocks/0/text/text',
  ],
  [
    'plain text in a header',
    [{ type: 'header', text: text('x', 'plain_text') }],
    [{ type: 'header', text: text('x') }],
    '/blocks/0/text/type',
  ],
  [
    '10 elements of a context',
    [{ type: 'context', elements: many(10, () => text('x')) }],
    [{ type: 'context', elements: many(11, () => text('x')) }],
    '/blocks/0/elements',
  ],
  [
    '25 elements of actions',
    [actions(...many(25, (index) => button({ action_id: `a${index}` })))],
    [actions(...many(26, (index) => button({ action_id: `a${index}` })))],
    '/blocks/0/elements',
  ],
  [
    '75 characters of a button',
    [actions(button({ text: text('x'.repeat(75), 'plain_text') }))],
    [actions(button({ text: text('x'.repeat(76), 'plain_text') }))],
    '/blocks/0/elements/0/text/text',
  ],
  [
    '2,000 characters of a value',
    [actions(button({ value: 'x'.repeat(2_000) }))],
    [actions(button({ value: 'x'.repeat(2_001) }))],
    '/blocks/0/elements/0/value',
  ],
  [
    '255 characters of an action_id',
    [actions(button({ action_id: 'x'.repeat(255) }))],
    [actions(button({ action_id: 'x'.repeat(256) }))],
    '/blocks/0/elements/0/action_id',
  ],
  [
    'one button of an action_id',
    [actions(button(), button({ action_id: 'b' }))],
    [actions(button(), button())],
    '/blocks/0/elements/1/action_id',
  ],
  [
    'one block of a block_id',
    [{ ...section('x'), block_id: 'a' }],
    many(2, () => ({ ...section('x'), block_id: 'a' })),
    '/blocks/1/block_id',
  ],
  ['a style that is known', [actions(button({ style: 'danger' }))], [actions(button({ style: 'green' }))], '/blocks/0/elements/0/style'],
  ['a type that is known', [{ type: 'divider' }], [{ type: 'dividers' }], '/blocks/0/type'],
  ['plain text on a button', [actions(button())], [actions(button({ text: text('Go') }))], '/blocks/0/elements/0/text/type'],
  [
    'verbatim for mrkdwn',
    [{ type: 'section', text: { ...text('x'), verbatim: true } }],
    [{ type: 'section', text: { ...text('x', 'plain_text'), verbatim: true } }],
    '/blocks/0/text/verbatim',
  ],
])('limit: %s; one beyond is invalid_blocks, and says where', async (_, within, beyond, place) => {
  const { call } = await stageSlack();
  expect((await call('chat.postMessage', { channel, blocks: within })).body).toMatchObject({ ok: true });
  const { body } = await call('chat.postMessage', { channel, blocks: beyond });
  expect(body.error).toBe('invalid_blocks');
  expect(body.response_metadata?.messages?.join()).toContain(`[json-pointer:${place}]`);
});

test('limit: one message a second into a conversation, with a short burst; 429 says how long to wait, and another conversation goes on', async () => {
  const { call, served } = await stageSlack({ rateLimits: 'documented' });
  served.clock.freeze(Date.parse('2026-10-26T11:00:00Z'));
  const post = (to: string) => call('chat.postMessage', { channel: to, text: 'x' });
  for (let index = 0; index < 3; index += 1) expect((await post(channel)).body.ok).toBe(true);
  const refused = await post(channel);
  expect([refused.status, refused.headers.get('retry-after'), refused.body]).toEqual([429, '1', { ok: false, error: 'ratelimited' }]);
  expect((await post('U0LENA001')).body.ok).toBe(true);
  served.clock.advance(1_000);
  expect((await post(channel)).body.ok).toBe(true);
});

test('limit: 20 calls a minute of a tier 2 method, by token and method', async () => {
  const { call, served } = await stageSlack({ rateLimits: 'documented' });
  served.clock.freeze(Date.parse('2026-10-26T11:00:00Z'));
  for (let index = 0; index < 20; index += 1) expect((await call('users.list')).status).toBe(200);
  const refused = await call('users.list');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
  expect((await call('users.info', { user: 'U0LENA001' })).status).toBe(200);
  served.clock.advance(60_000);
  expect((await call('users.list')).status).toBe(200);
});

test('faults speak as Slack does: credentials with a 200, too many calls with a 429, a lost answer whose message is there', async () => {
  const { call, served } = await stageSlack();
  const fault = (action: object): void =>
    served.faults.add({ tool: 'slack', match: {}, skip: 0, times: 1, action } as Parameters<typeof served.faults.add>[0]);
  fault({ kind: 'unauthorized', cause: 'revoked' });
  expect(await call('auth.test')).toMatchObject({ status: 200, body: { ok: false, error: 'token_revoked' } });
  fault({ kind: 'throttle', status: 429, retryAfterSeconds: 30 });
  const throttled = await call('auth.test');
  expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '30']);
  fault({ kind: 'lose-answer' });
  await expect(call('chat.postMessage', { channel, text: 'there' })).rejects.toThrow('fetch failed');
  fault({ kind: 'lose-request' });
  await expect(call('chat.postMessage', { channel, text: 'not there' })).rejects.toThrow('fetch failed');
  expect((await call('conversations.history', { channel })).body.messages?.map((message) => message['text'])).toEqual(['there']);
});
