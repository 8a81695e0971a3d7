/** The Slack messenger against the simulator: one message for a key whatever happens, refusals by consequence, limits obeyed, buttons verified. */
import { readInteractivity } from '@lockstep/connectors/slack/interactivity.ts';
import { NOTICE, READER } from '@lockstep/domain/routing/notice.fixture.ts';
import { deliveryStep } from '@lockstep/domain/routing/delivery.ts';
import type { Messenger } from '@lockstep/domain/routing/messenger.port.ts';
import type { ConnectorError, ConnectorErrorCode } from '@lockstep/domain/sync/errors.ts';
import type { Fault } from '@lockstep/simulator/kernel/faults.ts';
import { describe, expect, test } from 'vitest';
import { receiver } from './receiver.ts';
import { codeOf, NOW, outgoing, slackAccount } from './slack-account.ts';

const SECRET = 'slack-signing-secret';
const POST = { path: '^/api/chat.postMessage' };

describe('delivering', () => {
  test('a notice reaches a person by id or by address, is found by its key, and is changed in its place', async () => {
    const { messenger, another, keys, calls } = await slackAccount();
    const receipt = await messenger.post(outgoing('pql-1/assigned'));
    expect(receipt).toMatchObject({ channel: 'slack', conversation: expect.stringMatching(/^D/) as string, wasThere: false });
    await messenger.post(outgoing('pql-2/assigned', { reader: { ...READER, slackUserId: null, email: 'LENA@growth.example' } }));
    expect(await keys()).toEqual(['pql-1/assigned', 'pql-2/assigned']);
    const since = new Date(NOW).toISOString();
    expect(await another().find?.('pql-1/assigned', READER, since)).toEqual({ ...receipt, wasThere: true });
    expect(await another().find?.('pql-3/assigned', READER, since)).toBeNull();
    await messenger.update?.(receipt, 'pql-1/assigned', READER, { ...NOTICE, title: 'Accepted by Lena', buttons: [] });
    // The key stays with a message that was changed.
    expect(await keys()).toEqual(['pql-1/assigned', 'pql-2/assigned']);
    expect(calls('chat.update')).toBe(1);
    // Asked for by two processes and by this test; remembered within each.
    await messenger.post(outgoing('pql-4/assigned'));
    expect(calls('users.lookupByEmail')).toBe(1);
  });

  test('the key is looked for to the end of the conversation, among people’s messages and those of others', async () => {
    const { messenger, another, client, served } = await slackAccount();
    const first = await messenger.post(outgoing('pql-0/assigned'));
    for (let index = 1; index <= 450; index += 1)
      await client.post({ channel: first.conversation, text: 'x', blocks: [], key: `pql-${index}/assigned` });
    const { message } = (await another().find?.('pql-0/assigned', READER, new Date(NOW).toISOString())) ?? {};
    expect(message).toBe(first.message);
    const pages = served.log.list({}, 10_000).filter(({ path }) => path.startsWith('/api/conversations.history'));
    expect(pages).toHaveLength(3);
  });

  const UNKNOWN: readonly [string, Fault['action'], number][] = [
    ['the answer is lost', { kind: 'lose-answer' }, 1],
    ['the answer is cut', { kind: 'cut' }, 1],
    ['the answer comes too late', { kind: 'delay', ms: 400 }, 1],
    ['the request is lost', { kind: 'lose-request' }, 0],
    ['a server error before', { kind: 'answer', status: 503, headers: {} }, 0],
    ['fatal_error before', { kind: 'answer', status: 200, headers: {}, body: { ok: false, error: 'fatal_error' } }, 0],
    ['no JSON', { kind: 'answer', status: 200, headers: {}, body: 'Bad gateway' }, 0],
    ['another shape', { kind: 'answer', status: 200, headers: {}, body: { ok: true } }, 0],
  ];
  test.each(UNKNOWN)(
    'C5 %s: the outcome is unknown, is looked up before anything is sent again, and one message is there',
    async (_, action, there) => {
      const { another, fault, keys, calls } = await slackAccount();
      const impatient = another({ timeoutMs: 200 });
      await impatient.post(outgoing('pql-0/assigned'));
      fault(POST, action);
      expect(await codeOf(impatient.post(outgoing('pql-1/assigned')))).toBe('OutcomeUnknown');
      expect(await keys()).toHaveLength(1 + there);
      const again = outgoing('pql-1/assigned', { triedSinceIso: new Date(NOW).toISOString() });
      const probes = calls('conversations.history');
      const sent = calls('chat.postMessage');
      const receipt = await another().post(again);
      expect(receipt.wasThere).toBe(there === 1);
      expect(calls('conversations.history')).toBe(probes + 1);
      expect(calls('chat.postMessage')).toBe(sent + 1 - there);
      expect(await keys()).toEqual(['pql-0/assigned', 'pql-1/assigned']);
    },
  );

  test('C5 while it cannot be looked up, nothing is sent', async () => {
    const { another, fault, calls } = await slackAccount();
    fault({ path: '^/api/conversations.history' }, { kind: 'lose-request' }, { times: 3 });
    const again = outgoing('pql-1/assigned', { triedSinceIso: new Date(NOW).toISOString() });
    for (let attempt = 0; attempt < 3; attempt += 1) expect(await codeOf(another().post(again))).toBe('Transient');
    expect(calls('chat.postMessage')).toBe(0);
    expect(await codeOf(another().post(again))).toBe('delivered');
  });

  test('C5 a storm of faults over two hundred notices, tried until delivered by workers that die: one message for each', async () => {
    const { another, served, keys } = await slackAccount();
    const rates = { skip: 0, times: 'always', seed: 7 } as const;
    for (const [action, rate] of [
      [{ kind: 'lose-answer' }, 0.15],
      [{ kind: 'lose-request' }, 0.1],
      [{ kind: 'cut' }, 0.1],
      [{ kind: 'answer', status: 500, headers: {} }, 0.1],
    ] as const)
      served.faults.add({ tool: 'slack', match: { path: '^/api/' }, action, rate, ...rates });
    const wanted = Array.from({ length: 200 }, (_, index) => `pql-${index}/assigned`);
    let attempts = 0;
    for (const key of wanted) {
      for (let delivered = false, triedSinceIso: string | null = null; !delivered; triedSinceIso = new Date(NOW).toISOString()) {
        attempts += 1;
        delivered = (await codeOf(another().post(outgoing(key, { triedSinceIso })))) === 'delivered';
      }
    }
    served.faults.clear();
    expect(await keys()).toEqual(wanted);
    // The storm was one: a run without faults proves nothing.
    expect(attempts).toBeGreaterThan(300);
  });
});

describe('refusals', () => {
  const failing = async (prepare: (account: Awaited<ReturnType<typeof slackAccount>>) => Promise<Messenger | void>, more: object = {}) => {
    const account = await slackAccount();
    const messenger = (await prepare(account)) ?? account.messenger;
    return codeOf(messenger.post(outgoing('pql-1/assigned', more)));
  };

  test('R8 what cannot be delivered is named by consequence, and each sends the notice to the next channel', async () => {
    const reader = (more: object): object => ({ reader: { ...READER, ...more } });
    const codes: readonly [string, string][] = [
      [await failing(async ({ person }) => person('/apps/lockstep', { isRevoked: true })), 'AuthRevoked'],
      [await failing(async ({ another }) => another({ token: 'xoxb-nobody' })), 'AuthRevoked'],
      [await failing(async ({ person }) => person('/users/U0LOCKSTEP', { isDeleted: true })), 'AuthRevoked'],
      [await failing(async ({ another }) => another({ token: 'xoxb-guest' })), 'Forbidden'],
      [await failing(async ({ person }) => person('/apps/lockstep', { hasMessagesTab: false })), 'Forbidden'],
      [await failing(async ({ person }) => person('/users/U0LENA001', { isDeleted: true })), 'NotFound'],
      [await failing(async () => undefined, reader({ slackUserId: null, email: 'nobody@growth.example' })), 'NotFound'],
      [await failing(async () => undefined, reader({ slackUserId: null, email: null })), 'NotFound'],
      [await failing(async () => undefined, { notice: { ...NOTICE, link: { label: 'x', url: 'javascript:x' } } }), 'Invalid'],
    ];
    expect(codes.map(([got]) => got)).toEqual(codes.map(([, wanted]) => wanted));
    for (const [code] of codes) {
      const failed = { code: code as ConnectorErrorCode, retryAfterMs: null, attempts: 1, elapsedMs: 0, isUnsettled: false };
      expect(deliveryStep(failed)).toEqual({ kind: 'fall-back', mayBeThere: false });
    }
  });

  test('R8 somebody who leaves after the conversation was opened is not found either', async () => {
    const { messenger, person } = await slackAccount();
    await messenger.post(outgoing('pql-1/assigned'));
    await person('/users/U0LENA001', { isDeleted: true });
    expect(await codeOf(messenger.post(outgoing('pql-2/assigned')))).toBe('NotFound');
  });

  test('24 Slack is down: that is told at once, after one request, and nothing waits', async () => {
    const { another, served, fault } = await slackAccount();
    const down = another({ baseUrl: 'http://127.0.0.1:9' });
    expect(await codeOf(down.post(outgoing('pql-1/assigned')))).toBe('Transient');
    fault({}, { kind: 'answer', status: 503, headers: {} }, { times: 'always' });
    const before = served.log.lastSeq();
    expect(await codeOf(another().post(outgoing('pql-1/assigned')))).toBe('Transient');
    expect(served.log.lastSeq()).toBe(before + 1);
  });

  test('J01 429 with Retry-After holds the method to the second, and nothing is sent meanwhile', async () => {
    const { messenger, served, fault, calls } = await slackAccount();
    await messenger.post(outgoing('pql-0/assigned'));
    fault(POST, { kind: 'throttle', status: 429, retryAfterSeconds: 30 });
    const refused = await messenger.post(outgoing('pql-1/assigned')).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'Throttled', retryAfterMs: 30_000 });
    const sent = calls('chat.postMessage');
    served.clock.advance(29_999);
    expect(await codeOf(messenger.post(outgoing('pql-1/assigned')))).toBe('Throttled');
    expect(calls('chat.postMessage')).toBe(sent);
    // The other methods are not held.
    expect(await messenger.find?.('pql-0/assigned', READER, new Date(NOW).toISOString())).not.toBeNull();
    served.clock.advance(1);
    expect(await codeOf(messenger.post(outgoing('pql-1/assigned')))).toBe('delivered');
  });

  test('J01 J02 Slack’s own limit of a message a second is kept by waiting as long as it says; without a time the wait grows', async () => {
    const { messenger, served, fault, keys } = await slackAccount({ rateLimits: 'documented' });
    let waits = 0;
    for (let index = 0; index < 8; index += 1) {
      for (;;) {
        const error = await messenger.post(outgoing(`pql-${index}/assigned`)).then(
          () => null,
          (refused: unknown) => refused as ConnectorError,
        );
        if (error === null) break;
        expect(error.code).toBe('Throttled');
        waits += 1;
        served.clock.advance(error.retryAfterMs ?? 0);
      }
    }
    expect(await keys()).toHaveLength(8);
    expect(waits).toBe(5);
    const waitsAfter: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      served.clock.advance(120_000);
      fault(POST, { kind: 'answer', status: 200, headers: {}, body: { ok: false, error: 'ratelimited' } });
      const error = (await messenger.post(outgoing('pql-9/assigned')).catch((refused: unknown) => refused)) as ConnectorError;
      expect(error.code).toBe('Throttled');
      waitsAfter.push(error.retryAfterMs ?? 0);
    }
    expect(waitsAfter[0]).toBeLessThanOrEqual(1_000);
    expect(waitsAfter[2]).toBeGreaterThanOrEqual(2_000);
  });

  test('C12 no error holds the token, the text or an address', async () => {
    const { messenger, fault, person } = await slackAccount();
    const said: string[] = [];
    const failed = async (): Promise<void> => {
      const error = await messenger
        .post(outgoing('pql-1/assigned', { reader: { ...READER, slackUserId: null } }))
        .catch((refused: unknown) => refused);
      for (let at: unknown = error; at instanceof Error; at = at.cause) said.push(`${at.message} ${at.stack ?? ''}`);
    };
    for (const action of [
      { kind: 'lose-answer' },
      { kind: 'throttle', status: 429, retryAfterSeconds: 0 },
      { kind: 'answer', status: 500, headers: {} },
    ] as const) {
      fault({}, action);
      await failed();
    }
    await person('/apps/lockstep', { isRevoked: true });
    await failed();
    expect(said.length).toBeGreaterThanOrEqual(4);
    expect(said.join('\n')).not.toMatch(/xoxb|Northwind|lena@/i);
  });
});

describe('buttons', () => {
  test('64 case 25 presses as they come: genuine ones read, forged, stale and replayed ones refused, one press one id', async () => {
    const { messenger, served } = await slackAccount();
    const { url, deliveries } = await receiver(() => served.clock.nowMs());
    const person = async (path: string, body: object): Promise<{ readonly press: string }> => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${served.url}/ui${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return (await answer.json()) as { press: string };
    };
    await person('/apps/lockstep', { interactivityUrl: url });
    const { conversation, message } = await messenger.post(outgoing('pql-1/assigned'));
    const press = (more: object = {}) =>
      person('/press', { user: 'lena', channel: conversation, ts: message, actionId: 'pql_accept', ...more });
    const { press: id } = await press();
    for (const forged of ['signature', 'body', 'unsigned']) await press({ forged });
    await press({ ageSeconds: 301 });
    await press({ ageSeconds: -301 });
    await served.webhooks.settled();
    const verdicts = (): readonly unknown[] => deliveries.map((delivery) => readInteractivity(SECRET, delivery));
    expect(verdicts()).toEqual([
      {
        ok: true,
        presses: [
          expect.objectContaining({
            ...{ teamId: 'T0GROWTH1', userId: 'U0LENA001', actionId: 'pql_accept', value: 'pql-1' },
            ...{ messageTs: message, channelId: conversation, responseUrl: expect.stringContaining('/actions/T0GROWTH1/') as string },
          }) as unknown,
        ],
      },
      { ok: false, reason: 'bad-signature' },
      { ok: false, reason: 'bad-signature' },
      { ok: false, reason: 'bad-signature' },
      { ok: false, reason: 'stale' },
      { ok: false, reason: 'stale' },
    ]);
    // Delivered again at once, and by Slack with a new signature: the same press. Kept and sent six minutes later: stale.
    await person(`/presses/${id}/send`, {});
    await person(`/presses/${id}/send`, { fresh: true, retry: 1 });
    await served.webhooks.settled();
    const pressIds = [deliveries[0], deliveries[6], deliveries[7]].map((delivery) => {
      const verdict = delivery === undefined ? null : readInteractivity(SECRET, delivery);
      return verdict?.ok === true ? verdict.presses[0]?.pressId : null;
    });
    expect(new Set(pressIds).size).toBe(1);
    expect(pressIds[0]).toMatch(/^[0-9a-f]{64}$/);
    served.clock.advance(6 * 60_000);
    await person(`/presses/${id}/send`, {});
    await served.webhooks.settled();
    expect(verdicts().at(-1)).toEqual({ ok: false, reason: 'stale' });
  });

  test('a hostile title is shown as the text that it is', async () => {
    const { messenger, served } = await slackAccount();
    const hostile = '<!channel> <https://evil.example|Open> & *x*';
    const { conversation } = await messenger.post(outgoing('pql-1/assigned', { notice: { ...NOTICE, title: hostile } }));
    const page = await (await fetch(`${served.url}/ui/${conversation}`)).text();
    // Slack's entities, escaped once more by the page.
    expect(page).toContain('*&amp;lt;!channel&amp;gt; &amp;lt;https://evil.example|Open&amp;gt; &amp;amp; *x**');
  });
});
