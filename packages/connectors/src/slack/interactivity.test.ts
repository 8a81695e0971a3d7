import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '@lockstep/domain/sync/connector.port.ts';
import { readInteractivity } from './interactivity.ts';

const SECRET = 'signing secret';
const AT = '2026-10-26T11:00:00.000Z';
const AT_SECONDS = Date.parse(AT) / 1_000;

const PAYLOAD = {
  type: 'block_actions',
  team: { id: 'T1', domain: 'growth' },
  user: { id: 'U1', username: 'lena' },
  container: { type: 'message', message_ts: '1761476400.000100', channel_id: 'D1', is_ephemeral: false },
  response_url: 'https://hooks.slack.com/actions/T1/1/secret',
  actions: [{ type: 'button', action_id: 'pql_accept', block_id: 'b', value: 'pql-1', action_ts: '1761476401.000000' }],
};

interface Changes {
  readonly secret?: string;
  readonly seconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signed?: string;
}

function delivery(payload: unknown = PAYLOAD, { secret = SECRET, seconds = AT_SECONDS, headers = {}, ...changes }: Changes = {}): Delivery {
  const body = changes.body ?? new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const signature = createHmac('sha256', secret)
    .update(`v0:${seconds}:${changes.signed ?? body}`)
    .digest('hex');
  return {
    method: 'POST',
    url: 'https://lockstep.example/webhooks/slack',
    headers: { 'x-slack-signature': `v0=${signature}`, 'x-slack-request-timestamp': String(seconds), ...headers },
    body: Buffer.from(body),
    receivedAt: AT,
  };
}

const read = (given: Delivery, secret: string | null = SECRET) => readInteractivity(secret, given);

describe('buttons pressed in Slack', () => {
  test('a press tells who pressed what, about what, where', () => {
    expect(read(delivery())).toEqual({
      ok: true,
      presses: [
        {
          pressId: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          ...{ teamId: 'T1', userId: 'U1', actionId: 'pql_accept', value: 'pql-1', messageTs: '1761476400.000100', channelId: 'D1' },
          responseUrl: 'https://hooks.slack.com/actions/T1/1/secret',
        },
      ],
    });
  });

  test('64 forged: another secret, a changed body, a changed time, no signature, another version of it, no secret of ours', () => {
    const refused = { ok: false, reason: 'bad-signature' };
    expect(read(delivery(PAYLOAD, { secret: 'another' }))).toEqual(refused);
    expect(read(delivery(PAYLOAD, { signed: 'payload=%7B%7D' }))).toEqual(refused);
    expect(read(delivery(PAYLOAD, { headers: { 'x-slack-request-timestamp': String(AT_SECONDS + 1) } }))).toEqual(refused);
    expect(read(delivery(PAYLOAD, { headers: { 'x-slack-signature': '' } }))).toEqual(refused);
    const genuine = delivery();
    const signature = genuine.headers['x-slack-signature'] ?? '';
    for (const wrong of [
      signature.slice(3),
      signature.replace('v0=', 'v1='),
      signature.slice(0, -2),
      `${signature}00`,
      signature.toUpperCase(),
    ])
      expect(read({ ...genuine, headers: { ...genuine.headers, 'x-slack-signature': wrong } })).toEqual(refused);
    for (const timestamp of ['', 'now', '-1', '1e9', `${AT_SECONDS}.0`, ` ${AT_SECONDS}`])
      expect(read({ ...genuine, headers: { ...genuine.headers, 'x-slack-request-timestamp': timestamp } })).toEqual(refused);
    expect(read({ ...genuine, headers: {} })).toEqual(refused);
    expect(read(genuine, null)).toEqual(refused);
    expect(read(genuine, '')).toEqual(refused);
    // An empty secret verifies nothing, though somebody could sign with it.
    expect(read(delivery(PAYLOAD, { secret: '' }), '')).toEqual(refused);
    expect(read(genuine)).toMatchObject({ ok: true });
  });

  test('64 case 28 stale: five minutes to the second, in both directions', () => {
    const at = (seconds: number) => read(delivery(PAYLOAD, { seconds: AT_SECONDS + seconds }));
    expect(at(-300)).toMatchObject({ ok: true });
    expect(at(300)).toMatchObject({ ok: true });
    expect(at(-301)).toEqual({ ok: false, reason: 'stale' });
    expect(at(301)).toEqual({ ok: false, reason: 'stale' });
    expect(read({ ...delivery(), receivedAt: 'never' })).toEqual({ ok: false, reason: 'stale' });
  });

  test('64 the signature is over the bytes as they came, not over what they stand for', () => {
    const body = `payload=${encodeURIComponent(JSON.stringify(PAYLOAD)).replaceAll('%22', '"')}`;
    expect(read(delivery(PAYLOAD, { body }))).toMatchObject({ ok: true });
    expect(read(delivery(PAYLOAD, { body, signed: new URLSearchParams(body).toString() }))).toMatchObject({ ok: false });
  });

  test('25 one press has one id however often it is delivered; another press of the same button has another', () => {
    const idOf = (given: Delivery): string => {
      const verdict = read(given);
      return verdict.ok ? (verdict.presses[0]?.pressId ?? '') : '';
    };
    const again = { ...PAYLOAD, trigger_id: 'another', response_url: 'https://hooks.slack.com/actions/T1/1/other' };
    expect(idOf(delivery(again, { seconds: AT_SECONDS + 60, headers: { 'x-slack-retry-num': '1' } }))).toBe(idOf(delivery()));
    const [action] = PAYLOAD.actions;
    const others = [
      { ...PAYLOAD, actions: [{ ...action, action_ts: '1761476402.000000' }] },
      { ...PAYLOAD, actions: [{ ...action, action_id: 'pql_decline' }] },
      { ...PAYLOAD, user: { id: 'U2' } },
      { ...PAYLOAD, container: { ...PAYLOAD.container, message_ts: '1761476400.000200' } },
    ];
    expect(new Set([PAYLOAD, ...others].map((payload) => idOf(delivery(payload)))).size).toBe(5);
  });

  test('payloads of other kinds are taken and hold no press; what is no payload is malformed', () => {
    for (const other of [{ type: 'view_submission' }, { type: 'shortcut' }, { ...PAYLOAD, container: { type: 'view', view_id: 'V1' } }])
      expect(read(delivery(other))).toEqual({ ok: true, presses: [] });
    const malformed = { ok: false, reason: 'malformed' };
    for (const broken of [{}, [], 'text', null, 7, { ...PAYLOAD, actions: [] }, { ...PAYLOAD, user: {} }, { ...PAYLOAD, container: null }])
      expect(read(delivery(broken)), JSON.stringify(broken)).toEqual(malformed);
    for (const body of ['', 'payload=', 'payload=%7B', '{"type":"block_actions"}', 'other=1', 'payload=%FF%FE'])
      expect(read(delivery(null, { body }))).toEqual(malformed);
  });
});
