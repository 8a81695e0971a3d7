/** The simulated Slack's Web API: bodies, credentials, scopes, messages, metadata, people, conversations. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createSlack } from '@lockstep/simulator/slack/server.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BUTTONS, FORM, JSON_TYPE, slackStageOf, stageSlack } from './slack-workspace.ts';

const TOKEN = { authorization: 'Bearer xoxb-lockstep' };

describe('how a method is called', () => {
  test('arguments come by form, by JSON or in the query; a token in the header, or in a form', async () => {
    const { ask } = await stageSlack();
    const email = 'lena@growth.example';
    const id = async (...request: Parameters<typeof ask>) => (await ask(...request)).body.user?.['id'];
    const path = '/api/users.lookupByEmail';
    expect(await id('POST', path, new URLSearchParams({ email }).toString(), { ...FORM, ...TOKEN })).toBe('U0LENA001');
    expect(await id('POST', path, JSON.stringify({ email }), { ...JSON_TYPE, ...TOKEN })).toBe('U0LENA001');
    expect(await id('GET', `${path}?email=${email}`, undefined, TOKEN)).toBe('U0LENA001');
    expect(await id('POST', path, new URLSearchParams({ email, token: 'xoxb-lockstep' }).toString(), FORM)).toBe('U0LENA001');
    expect(await id('GET', `${path}?email=${email}&token=xoxb-lockstep`)).toBe('U0LENA001');
  });

  test('what is not written as it says is refused by name, with HTTP 200', async () => {
    const { ask } = await stageSlack();
    const error = async (body: string, headers: Readonly<Record<string, string>>): Promise<unknown> => {
      const answer = await ask('POST', '/api/auth.test', body, { ...TOKEN, ...headers });
      expect(answer.status).toBe(200);
      return answer.body.error;
    };
    expect(await error('{', JSON_TYPE)).toBe('invalid_json');
    expect(await error('[1]', JSON_TYPE)).toBe('json_not_object');
    expect(await error('x', { 'content-type': 'text/plain' })).toBe('invalid_post_type');
    expect(await error('a=b', FORM)).toBeUndefined();
    // In a JSON body a token does not count.
    const answer = await ask('POST', '/api/auth.test', JSON.stringify({ token: 'xoxb-lockstep' }), JSON_TYPE);
    expect(answer.body.error).toBe('not_authed');
  });

  test('credentials: none, unknown, revoked, of somebody who has left; scopes that are missing are named', async () => {
    const { call, ask, person } = await stageSlack();
    expect((await ask('POST', '/api/auth.test')).body.error).toBe('not_authed');
    expect((await call('auth.test', {}, 'xoxb-nobody')).body.error).toBe('invalid_auth');
    expect((await call('auth.test')).body).toMatchObject({ ok: true, team_id: 'T0GROWTH1', user_id: 'U0LOCKSTEP', bot_id: 'B0GROWTH01' });
    expect((await call('auth.test')).headers.get('x-oauth-scopes')).toContain('im:write');
    expect((await call('users.info', { user: 'U0MARIA01' }, 'xoxb-guest')).body).toMatchObject({
      ...{ ok: false, error: 'missing_scope', needed: 'users:read', provided: 'chat:write' },
    });
    await person('/users/U0GUESTAPP', { isDeleted: true });
    expect((await call('auth.test', {}, 'xoxb-guest')).body.error).toBe('account_inactive');
    await person('/apps/lockstep', { isRevoked: true });
    expect((await call('auth.test')).body.error).toBe('token_revoked');
    expect((await call('no.such.method')).body).toMatchObject({ ok: false, error: 'unknown_method' });
  });
});

describe('messages', () => {
  test('a message is posted to a channel, to a name, to a person, with blocks and metadata; history shows metadata where it is asked for', async () => {
    const { call, direct } = await stageSlack();
    const metadata = { event_type: 'lead', event_payload: { key: 'k1', deep: { of: ['x'] } } };
    const posted = await call('chat.postMessage', { channel: 'U0LENA001', text: 'Hi', blocks: BUTTONS, metadata });
    const channel = await direct();
    expect(posted.body).toMatchObject({ ok: true, channel, message: { text: 'Hi', user: 'U0LOCKSTEP', bot_id: 'B0GROWTH01', metadata } });
    expect(posted.body.ts).toMatch(/^\d{10}\.\d{6}$/);
    expect((await call('chat.postMessage', { channel: '#growth', text: 'x' })).body.channel).toBe('C0GROWTH01');
    const plain = await call('conversations.history', { channel });
    expect(plain.body.messages).toEqual([expect.not.objectContaining({ metadata: expect.anything() as unknown })]);
    const whole = await call('conversations.history', { channel, include_all_metadata: true });
    expect(whole.body.messages).toEqual([expect.objectContaining({ ts: posted.body.ts, metadata })]);
  });

  test.each([
    [{ channel: 'C0NOTTHERE', text: 'x' }, 'channel_not_found'],
    [{ channel: 'C0RANDOM01', text: 'x' }, 'not_in_channel'],
    [{ channel: 'C0OLDPLAN1', text: 'x' }, 'is_archived'],
    [{ channel: 'U0JONAS01', text: 'x' }, 'channel_not_found'],
    [{ text: 'x' }, 'invalid_arguments'],
    [{ channel: 'C0GROWTH01' }, 'no_text'],
    [{ channel: 'C0GROWTH01', text: '' }, 'no_text'],
    [{ channel: 'C0GROWTH01', text: 'x'.repeat(40_001) }, 'msg_too_long'],
    [{ channel: 'C0GROWTH01', text: 'x', blocks: '{' }, 'invalid_blocks_format'],
    [{ channel: 'C0GROWTH01', text: 'x', blocks: {} }, 'invalid_blocks_format'],
    [{ channel: 'C0GROWTH01', text: 'x', metadata: 'x' }, 'invalid_metadata_format'],
    [{ channel: 'C0GROWTH01', text: 'x', metadata: { event_type: 'a' } }, 'invalid_metadata_format'],
    [{ channel: 'C0GROWTH01', text: 'x', metadata: { event_type: 'a', event_payload: { a: 'x'.repeat(20_000) } } }, 'metadata_too_large'],
    [{ channel: 'C0GROWTH01', text: 'x', attachments: Array.from({ length: 101 }, () => ({})) }, 'too_many_attachments'],
    [{ channel: 'C0GROWTH01', text: 'x', thread_ts: '1700000000.000000' }, 'thread_not_found'],
  ])('a message %j is refused: %s, and nothing is there', async (args, error) => {
    const { call, served } = await stageSlack();
    const answer = await call('chat.postMessage', args);
    expect([answer.status, answer.body.error]).toEqual([200, error]);
    expect((await call('conversations.history', { channel: 'C0GROWTH01' })).body.messages).toEqual([]);
    expect(served.log.counts({ account: 'lockstep' }).creates).toBe(0);
  });

  test('an own message is changed: what is not given stays; somebody else’s, an unknown one and one that is too old are refused', async () => {
    const { call, person, direct, served } = await stageSlack();
    const channel = await direct();
    const metadata = { event_type: 'lead', event_payload: { key: 'k1' } };
    const { ts = '' } = (await call('chat.postMessage', { channel, text: 'One', blocks: BUTTONS, metadata })).body;
    expect((await call('chat.update', { channel, ts, text: 'Two' })).body).toMatchObject({
      ok: true,
      text: 'Two',
      ts,
      message: { metadata },
    });
    await call('chat.update', { channel, ts, blocks: [], metadata: {} });
    const [message] = (await call('conversations.history', { channel, include_all_metadata: true })).body.messages ?? [];
    expect(message).toMatchObject({ text: 'Two', edited: { user: 'U0LOCKSTEP' } });
    expect(message).not.toHaveProperty('blocks');
    expect(message).not.toHaveProperty('metadata');
    const { ts: theirs } = await person('/messages', { user: 'U0LENA001', channel, text: 'Thanks' });
    const error = async (args: Readonly<Record<string, unknown>>) =>
      (await call('chat.update', { channel, text: 'x', ...args })).body.error;
    expect(await error({ ts: theirs })).toBe('cant_update_message');
    expect(await error({ ts: '1700000000.000000' })).toBe('message_not_found');
    await person('/settings', { editWindowMinutes: 5 });
    served.clock.advance(5 * 60_000 + 1_000);
    expect(await error({ ts })).toBe('edit_window_closed');
    expect((await call('chat.delete', { channel, ts })).body.ok).toBe(true);
    expect((await call('chat.delete', { channel, ts })).body.error).toBe('message_not_found');
  });

  test('ephemeral messages are in no history; answers in a thread neither', async () => {
    const { call } = await stageSlack();
    const channel = 'C0GROWTH01';
    const ephemeral = await call('chat.postEphemeral', { channel, user: 'U0LENA001', text: 'psst' });
    expect(ephemeral.body).toMatchObject({ ok: true, message_ts: expect.stringMatching(/\./) as string });
    expect((await call('chat.postEphemeral', { channel, user: 'U0GUESTAPP', text: 'x' })).body.error).toBe('user_not_in_channel');
    const { ts } = (await call('chat.postMessage', { channel, text: 'root' })).body;
    await call('chat.postMessage', { channel, text: 'answer', thread_ts: ts });
    expect((await call('conversations.history', { channel })).body.messages?.map(({ text }) => text)).toEqual(['root']);
  });

  test('history is read newest first, page by page, between two instants; every ts is its own, whatever the clock does', async () => {
    const { call, served } = await stageSlack();
    served.clock.freeze(Date.parse('2026-10-26T11:00:00Z'));
    const channel = 'C0GROWTH01';
    const sent: string[] = [];
    for (let index = 0; index < 5; index += 1) sent.push((await call('chat.postMessage', { channel, text: `m${index}` })).body.ts ?? '');
    expect(new Set(sent).size).toBe(5);
    const read: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await call('conversations.history', { channel, limit: 2, ...(cursor === '' ? {} : { cursor }) });
      read.push(...(body.messages ?? []).map(({ ts }) => ts));
      cursor = body.response_metadata?.next_cursor ?? '';
    } while (cursor !== '');
    expect(read).toEqual(sent.toReversed());
    const texts = async (args: Readonly<Record<string, unknown>>) =>
      (await call('conversations.history', { channel, ...args })).body.messages?.map(({ text }) => text);
    expect(await texts({ oldest: sent[1], latest: sent[3] })).toEqual(['m2']);
    expect(await texts({ oldest: sent[1], latest: sent[3], inclusive: true })).toEqual(['m3', 'm2', 'm1']);
    expect((await call('conversations.history', { channel, oldest: 'x' })).body.error).toBe('invalid_ts_oldest');
    expect((await call('conversations.history', { channel, cursor: 'x' })).body.error).toBe('invalid_cursor');
    expect((await call('conversations.history', { channel, limit: 1_000 })).body.error).toBe('invalid_limit');
  });
});

describe('people and conversations', () => {
  test('people are found by address, by id and in a list; addresses are for those who may see them; who has left is not found', async () => {
    const { call } = await stageSlack();
    expect((await call('users.lookupByEmail', { email: 'LENA@growth.example' })).body.user).toMatchObject({ id: 'U0LENA001' });
    expect((await call('users.lookupByEmail', { email: 'jonas@growth.example' })).body.error).toBe('users_not_found');
    const { user } = (await call('users.info', { user: 'U0LENA001', include_locale: true })).body;
    expect(user).toMatchObject({ tz: 'Europe/Berlin', locale: 'de-DE', profile: { email: 'lena@growth.example' }, deleted: false });
    expect((await call('users.info', { user: 'U0JONAS01' })).body.user).toMatchObject({ deleted: true });
    expect((await call('users.info', { user: 'U0NOBODY1' })).body.error).toBe('user_not_found');
    const first = (await call('users.list', { limit: 5 })).body;
    const second = (await call('users.list', { limit: 5, cursor: first.response_metadata?.next_cursor ?? '' })).body;
    const ids = [first, second].flatMap(({ members }) => (members as readonly { id: string }[]).map(({ id }) => id));
    expect(new Set(ids).size).toBe(8);
    expect(second.response_metadata?.next_cursor).toBe('');
  });

  test('a conversation with a person is opened once; with nobody, somebody who has left or several it is refused', async () => {
    const { call } = await stageSlack();
    const first = await call('conversations.open', { users: 'U0LENA001' });
    const again = await call('conversations.open', { users: 'U0LENA001', return_im: true });
    expect(again.body).toMatchObject({
      already_open: true,
      channel: { ...(first.body.channel as object), is_im: true, user: 'U0LENA001' },
    });
    const error = async (users: string) => (await call('conversations.open', { users })).body.error;
    expect(await error('U0JONAS01')).toBe('user_disabled');
    expect(await error('U0NOBODY1')).toBe('user_not_found');
    expect(await error('')).toBe('users_list_not_supplied');
    expect(await error('U0LENA001,U0TOM0001')).toBe('too_many_users');
  });

  test('lists, facts and members of conversations; private ones are for their members', async () => {
    const { call, direct } = await stageSlack();
    await direct();
    const names = async (args: Readonly<Record<string, unknown>>, token?: string) =>
      ((await call('conversations.list', args, token)).body['channels'] as readonly { name?: string }[]).map(({ name }) => name ?? 'im');
    expect(await names({})).toEqual(['growth', 'random', 'old-plan']);
    expect(await names({ types: 'private_channel,im', exclude_archived: true })).toEqual(['pql-escalations', 'im']);
    expect((await call('conversations.list', { types: 'nonsense' })).body.error).toBe('invalid_types');
    expect((await call('conversations.list', {}, 'xoxb-guest')).body.error).toBe('missing_scope');
    expect((await call('conversations.info', { channel: 'C0ESCALATE' })).body.channel).toMatchObject({ is_private: true, is_member: true });
    expect((await call('conversations.members', { channel: 'C0ESCALATE' })).body['members']).toEqual([
      'U0LOCKSTEP',
      'U0MARIA01',
      'U0OMAR001',
    ]);
  });
});

test('what was written is there after a restart', async () => {
  const databaseFile = join(mkdtempSync(join(tmpdir(), 'lockstep-slack-')), 'simulator.sqlite');
  const first = await serveVendor('slack', createSlack, { databaseFile });
  const { ts } = (await slackStageOf(first).call('chat.postMessage', { channel: 'U0LENA001', text: 'kept' })).body;
  await first.close();
  const second = await serveVendor('slack', createSlack, { databaseFile });
  onTestFinished(() => second.close());
  const { call, direct } = slackStageOf(second);
  expect((await call('conversations.history', { channel: await direct() })).body.messages).toMatchObject([{ ts, text: 'kept' }]);
});
