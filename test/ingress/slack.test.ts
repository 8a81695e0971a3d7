/** Buttons of Slack, pressed by people and by forgers, on a real socket. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useTestStore } from '@lockstep/store/testing.ts';
import { refusalText } from '@lockstep/domain/routing/answer-buttons.ts';
import { SLACK_PATH } from '@lockstep/worker/http/slack.ts';
import type { SlackParts } from '@lockstep/worker/http/slack.ts';
import { paperLead } from '../worker/paper-routing.ts';
import { NOW, openRoutingDesk, SIGNING_SECRET } from '../worker/routing-desk.ts';
import type { RoutingDesk } from '../worker/routing-desk.ts';

const database = useTestStore();
const MINUTE_MS = 60_000;

interface Pressing {
  readonly action?: string;
  readonly value?: string;
  readonly user?: string;
  readonly team?: string;
  /** Slack's time of the press: another press has another. */
  readonly pressedAt?: string;
  readonly responseUrl?: string | null;
}

/** The body of a pressed button, as Slack sends it. */
function pressed(pressing: Pressing = {}): string {
  const { action = 'accept', value = 'lead-1/1', user = 'U0INES', team = 'T0', pressedAt = '1.1', responseUrl = null } = pressing;
  const payload = {
    ...{ type: 'block_actions', team: { id: team, domain: 'x' }, user: { id: user }, trigger_id: 't' },
    container: { type: 'message', message_ts: '1700000000.000100', channel_id: 'D1' },
    ...(responseUrl === null ? {} : { response_url: responseUrl }),
    actions: [{ type: 'button', action_id: action, block_id: 'b', value, action_ts: pressedAt }],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

function signed(body: string, atMs = Date.parse(NOW), secret = SIGNING_SECRET): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`,
  };
}

describe('buttons in Slack', () => {
  let desk: RoutingDesk;
  beforeEach(async () => {
    desk = await openRoutingDesk(database, { slack: { patienceMs: 300 } });
    desk.paper.leads.set('lead-1', paperLead('lead-1'));
  });
  afterEach(() => desk.close());
  const press = async (pressing: Pressing = {}) => {
    const body = pressed(pressing);
    return desk.post(SLACK_PATH, body, signed(body));
  };

  it('25 a press is an answer of the member behind the user, and is answered with an empty 200', async () => {
    expect(await press()).toMatchObject({ status: 200, text: '' });
    expect(desk.paper.taken).toEqual([{ kind: 'accept', leadId: 'lead-1', offerId: 'lead-1/1', by: 'ines' }]);
  });

  it('25 pressed twice, or delivered again, it is one accept', async () => {
    for (const pressedAt of ['1.1', '1.1', '2.2', '1.1']) expect((await press({ pressedAt })).status).toBe(200);
    expect(desk.paper.taken).toHaveLength(1);
  });

  it('25 what is delivered again has the same key, another press has another', async () => {
    const keys: string[] = [];
    const other = await openRoutingDesk(database, {
      slack: {
        answer: async (_answer, key) => {
          keys.push(key);
          return { kind: 'answered', outcome: 'taken', code: null };
        },
      },
    });
    for (const body of [pressed(), pressed(), pressed({ pressedAt: '2.2' }), pressed({ user: 'U0INES', action: 'decline' })])
      await other.post(SLACK_PATH, body, signed(body));
    await other.close();
    expect(new Set(keys).size).toBe(3);
    expect(keys[0]).toBe(keys[1]);
  });

  it('a snooze says until when, by the server’s clock', async () => {
    await press({ action: 'snooze' });
    expect(desk.paper.taken).toMatchObject([{ kind: 'snooze', until: '2026-10-23T17:00:00.000Z' }]);
  });

  it('64 forged, changed, unsigned and stale deliveries are 401, with a line in the security log for each', async () => {
    const body = pressed();
    const at = Date.parse(NOW);
    const given: readonly (readonly [string, Record<string, string>])[] = [
      [body, signed(body, at, 'another secret')],
      [body.replace('accept', 'decline'), signed(body)],
      [body, { ...signed(body), 'x-slack-signature': '' }],
      [body, { ...signed(body), 'x-slack-request-timestamp': String(at / 1_000 + 1) }],
      [body, {}],
      [body, signed(body, at - 6 * MINUTE_MS)],
      [body, signed(body, at + 6 * MINUTE_MS)],
    ];
    for (const [sent, headers] of given) expect((await desk.post(SLACK_PATH, sent, headers)).status).toBe(401);
    expect([desk.paper.taken, desk.security]).toEqual([[], [...Array.from({ length: 5 }, () => 'bad-signature'), 'stale', 'stale']]);
  });

  it('64 without a signing secret, and from another workspace than the configured one, every press is refused', async () => {
    for (const slack of [{ signingSecret: null }, { signingSecret: '' }, { teamId: 'T9' }]) {
      const closed = await openRoutingDesk(database, { slack });
      closed.paper.leads.set('lead-1', paperLead('lead-1'));
      const body = pressed();
      const { status } = await closed.post(SLACK_PATH, body, signed(body, Date.parse(NOW), slack.signingSecret ?? SIGNING_SECRET));
      await closed.close();
      expect([status, closed.paper.taken, closed.security.length]).toEqual([401, [], 1]);
    }
  });

  it('64 a press of somebody who is not on the roster counts for nothing, and stands in the security log', async () => {
    expect((await press({ user: 'U0MALLORY' })).status).toBe(200);
    expect([desk.paper.taken, desk.security]).toEqual([[], ['not-on-the-roster']]);
  });

  it('buttons of other messages, and offers that are gone, change nothing', async () => {
    for (const pressing of [{ action: 'open.dashboard' }, { value: 'lead-1' }, { value: 'lead-1/7' }, { value: 'no-lead/1' }])
      expect((await press(pressing)).status).toBe(200);
    expect(desk.paper.taken).toEqual([]);
  });

  describe('25 a press that does not count', () => {
    const replying = async (reply: SlackParts['reply'], more: Partial<SlackParts> = {}) => {
      const open = await openRoutingDesk(database, { slack: { reply, patienceMs: 300, ...more } });
      open.paper.leads.set('lead-1', paperLead('lead-1'));
      const send = async (pressing: Pressing): Promise<number> => {
        const body = pressed({ responseUrl: 'https://hooks.slack.com/actions/T0/1/secret', ...pressing });
        return (await open.post(SLACK_PATH, body, signed(body))).status;
      };
      return { open, send };
    };

    it('25 is explained to who has pressed, once however often it is delivered; one that counts is not', async () => {
      const told: string[] = [];
      const { open, send } = await replying(async (url, text) => void told.push(`${url} ${text}`), {
        answer: async ({ offerId }) =>
          offerId === 'lead-1/1'
            ? { kind: 'answered', outcome: 'taken', code: null }
            : { kind: 'answered', outcome: 'refused', code: 'NOT_CURRENT' },
      });
      for (const pressing of [{ value: 'lead-1/7' }, { value: 'lead-1/7' }, {}, { value: 'lead-1/7', pressedAt: '2.2' }])
        expect(await send(pressing)).toBe(200);
      expect(await send({ user: 'U0MALLORY' })).toBe(200);
      await open.close();
      const said = (code: string): string => `https://hooks.slack.com/actions/T0/1/secret ${refusalText(code)}`;
      expect(told).toEqual([said('NOT_CURRENT'), said('NOT_CURRENT'), said('UNKNOWN_MEMBER')]);
    });

    it('25 is answered all the same where the person cannot be told, or Slack has given no address for it', async () => {
      const { open, send } = await replying(async () => {
        throw new Error('no way');
      });
      expect(await send({ value: 'lead-1/7' })).toBe(200);
      expect(await send({ value: 'lead-1/7', pressedAt: '2.2', responseUrl: null })).toBe(200);
      await open.close();
      expect(open.errors).toEqual([]);
    });
  });

  it('what is signed and no payload is 400, what is too large 413, what is compressed 415', async () => {
    for (const body of ['', 'payload=', 'payload=%7B', 'payload=7', '{"type":"block_actions"}'])
      expect((await desk.post(SLACK_PATH, body, signed(body))).status, body).toBe(400);
    const large = `payload=${'x'.repeat(600_000)}`;
    expect((await desk.post(SLACK_PATH, large, signed(large))).status).toBe(413);
    const body = pressed();
    expect((await desk.post(SLACK_PATH, body, { ...signed(body), 'content-encoding': 'gzip' })).status).toBe(415);
    expect(desk.paper.taken).toEqual([]);
  });

  it('a press that cannot be put on record is shown to who has pressed; pressed again, it counts', async () => {
    desk.paper.troubles.push(new Error('no connection'));
    expect((await press()).status).toBe(500);
    expect((await press({ pressedAt: '2.2' })).status).toBe(200);
    expect(desk.paper.taken).toHaveLength(1);
  });

  it('an answer that takes longer than Slack waits is not waited for, and is put on record all the same', async () => {
    const held = Promise.withResolvers<void>();
    const late: string[] = [];
    const slow = await openRoutingDesk(database, {
      slack: {
        patienceMs: 50,
        answer: async ({ leadId }) => {
          await held.promise;
          late.push(leadId);
          return { kind: 'answered', outcome: 'taken', code: null };
        },
      },
    });
    const body = pressed();
    expect(await slow.post(SLACK_PATH, body, signed(body))).toMatchObject({ status: 200, text: '' });
    expect(late).toEqual([]);
    held.resolve();
    await expect.poll(() => late).toEqual(['lead-1']);
    await slow.close();
  });
});
