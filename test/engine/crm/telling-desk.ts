/** Where people are told of change sets: our messengers on the simulator's Slack and mail server, and what has arrived there. */
import { createMailMessenger } from '@lockstep/connectors/mail/messenger.ts';
import { createSlackMessenger } from '@lockstep/connectors/slack/messenger.ts';
import type { NoticeReader } from '@lockstep/domain/routing/messenger.port.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import type { Telling } from '@lockstep/engine/crm/telling.ts';
import { startSimulator } from '@lockstep/simulator/server.ts';
import { onTestFinished } from 'vitest';

/** The people of the bench (bench.ts), with their accounts at the simulator's Slack and mail server. */
const ADDRESSES = {
  olga: { slackUserId: 'U0PRIYA01', email: 'priya@growth.example' },
  lena: { slackUserId: 'U0LENA001', email: 'lena@growth.example' },
  hugo: { slackUserId: 'U0TOM0001', email: 'tom@growth.example' },
} as const;

type Person = keyof typeof ADDRESSES;

export interface TellingDesk {
  /** Of another process: nothing is remembered. */
  telling(engine: Pick<CrmEngine, 'store' | 'policies'>): Telling;
  /** Changed by a test: addresses of people; one that is missing has none. */
  readonly readers: Map<string, NoticeReader>;
  /** What stands in somebody's conversation with the app, the oldest first: all its text. */
  slack(person: Person): Promise<readonly string[]>;
  mails(): Promise<
    readonly { readonly to: readonly string[]; readonly subject: string; readonly text: string; readonly isRepeat: boolean }[]
  >;
  fault(tool: 'slack' | 'mail', match: object, action: object, more?: object): Promise<void>;
  healed(): Promise<void>;
}

export async function openTellingDesk(): Promise<TellingDesk> {
  const simulator = await startSimulator({ databaseFile: ':memory:', rateLimits: 'off' });
  onTestFinished(() => simulator.close());
  const { urls } = simulator;
  const clock = () => new Date();
  const post = async (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${url}: expected a success, got ${answer.status}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const slackCall = (method: string, body: object) => post(`${urls.slack}/api/${method}`, body, { authorization: 'Bearer xoxb-lockstep' });
  const readers = new Map<string, NoticeReader>(
    Object.entries(ADDRESSES).map(([person, address]) => [person, { ...address, locale: 'en-GB', zone: 'Europe/Berlin' }]),
  );
  return {
    readers,
    telling: (engine) => ({
      engine,
      messengers: {
        slack: createSlackMessenger({ credentials: { baseUrl: urls.slack, botToken: 'xoxb-lockstep' }, requestTimeoutMs: 5_000, clock }),
        mail: createMailMessenger({
          server: {
            ...{ host: '127.0.0.1', port: Number(new URL(urls.smtp).port), tls: 'none' },
            login: { user: 'lockstep', password: 'mail-password-lockstep' },
          },
          from: { name: 'Lockstep', address: 'lockstep@growth.example' },
          requestTimeoutMs: 5_000,
          clock,
        }),
      },
      readerOf: (person) => readers.get(person) ?? null,
    }),
    async slack(person) {
      const { channel } = (await slackCall('conversations.open', { users: ADDRESSES[person].slackUserId })) as { channel: { id: string } };
      const { messages } = await slackCall('conversations.history', { channel: channel.id, limit: 999 });
      const shown = messages as readonly { readonly blocks: readonly { text?: { text: string }; elements?: { text: string }[] }[] }[];
      return shown
        .map(({ blocks }) => blocks.flatMap((block) => [block.text?.text, ...(block.elements ?? []).map(({ text }) => text)]).join('\n'))
        .toReversed();
    },
    mails: async () => ((await (await fetch(`${urls.mail}/mails`)).json()) as { mails: Awaited<ReturnType<TellingDesk['mails']>> }).mails,
    fault: async (tool, match, action, more = {}) => void (await post(`${urls.admin}/_simulator/faults`, { tool, match, action, ...more })),
    healed: async () => void (await fetch(`${urls.admin}/_simulator/faults`, { method: 'DELETE' })),
  };
}
