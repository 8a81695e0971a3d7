/** Our messenger on a simulated Slack, and what was said there. */
import { createSlackClient } from '@lockstep/connectors/slack/client.ts';
import { createSlackMessenger } from '@lockstep/connectors/slack/messenger.ts';
import { NOTICE, READER } from '@lockstep/connectors/slack/notice.fixture.ts';
import type { Messenger, OutgoingNotice } from '@lockstep/domain/routing/messenger.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Fault } from '@lockstep/simulator/kernel/faults.ts';
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createSlack } from '@lockstep/simulator/slack/server.ts';
import { onTestFinished } from 'vitest';

export const NOW = Date.parse('2026-10-26T11:00:00Z');

export interface SlackAccount {
  readonly served: ServedVendor;
  readonly messenger: Messenger;
  /** Another process with the same account: it remembers nothing. */
  readonly another: (options?: { readonly timeoutMs?: number; readonly token?: string; readonly baseUrl?: string }) => Messenger;
  readonly client: ReturnType<typeof createSlackClient>;
  readonly fault: (match: Fault['match'], action: Fault['action'], more?: Partial<Fault>) => void;
  /** What Lena has from us: keys of the messages, oldest first. */
  readonly keys: () => Promise<readonly string[]>;
  /** Calls of a method so far. */
  readonly calls: (method: string) => number;
  readonly person: (path: string, body: object) => Promise<void>;
}

export async function slackAccount(options: { readonly rateLimits?: 'documented' | 'off' } = {}): Promise<SlackAccount> {
  const served = await serveVendor('slack', createSlack, options);
  onTestFinished(() => served.close());
  served.clock.freeze(NOW);
  const optionsOf = ({ timeoutMs = 5_000, token = 'xoxb-lockstep', baseUrl = served.url } = {}) => ({
    credentials: { baseUrl, botToken: token },
    requestTimeoutMs: timeoutMs,
    clock: () => new Date(served.clock.nowMs()),
  });
  const another: SlackAccount['another'] = (more) => createSlackMessenger(optionsOf(more));
  return {
    served,
    another,
    messenger: another(),
    client: createSlackClient(optionsOf()),
    fault: (match, action, more = {}) => served.faults.add({ tool: 'slack', match, action, skip: 0, times: 1, ...more }),
    keys: async () => {
      const headers = { authorization: 'Bearer xoxb-lockstep', 'content-type': 'application/json' };
      const ask = async (method: string, body: object): Promise<Record<string, unknown>> => {
        const answer = await fetch(`${served.url}/api/${method}`, { method: 'POST', headers, body: JSON.stringify(body) });
        return (await answer.json()) as Record<string, unknown>;
      };
      const { id } = (await ask('conversations.open', { users: 'U0LENA001' }))['channel'] as { id: string };
      const { messages } = await ask('conversations.history', { channel: id, include_all_metadata: true, limit: 999 });
      const found = messages as readonly { metadata?: { event_payload: { key: string } } }[];
      return found.map(({ metadata }) => metadata?.event_payload.key ?? '').toReversed();
    },
    calls: (method) => served.log.list({}, 100_000).filter(({ path }) => path.startsWith(`/api/${method}`)).length,
    person: async (path, body) => {
      const answer = await fetch(`${served.url}/ui${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (!answer.ok) throw new Error(`/ui${path}: expected a success, got ${await answer.text()}`);
    },
  };
}

export const outgoing = (key: string, more: Partial<OutgoingNotice> = {}): OutgoingNotice => ({
  key,
  reader: READER,
  notice: NOTICE,
  triedSinceIso: null,
  ...more,
});

/** The code of the error that a call ends with; `delivered` where it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'delivered';
  } catch (error) {
    if (error instanceof ConnectorError) return error.code;
    throw error;
  }
}
