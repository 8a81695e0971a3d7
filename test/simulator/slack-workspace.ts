/** A simulated Slack on a port of its own, and calls of its methods as any client makes them. */
import { serveVendor } from '@lockstep/simulator/kernel/testing.ts';
import type { ServedVendor } from '@lockstep/simulator/kernel/testing.ts';
import { createSlack } from '@lockstep/simulator/slack/server.ts';
import { onTestFinished } from 'vitest';

/** What tests read of answers; an answer has some of it. */
export interface SlackAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly ok: boolean;
    readonly error?: string;
    readonly ts?: string;
    readonly channel?: unknown;
    readonly message?: Readonly<Record<string, unknown>>;
    readonly messages?: readonly Readonly<Record<string, unknown>>[];
    readonly user?: Readonly<Record<string, unknown>>;
    readonly response_metadata?: { readonly next_cursor?: string; readonly messages?: readonly string[] };
    readonly [other: string]: unknown;
  };
}

export interface SlackStage {
  readonly served: ServedVendor;
  /** A call as a form, as the SDK makes it; objects go as JSON texts. */
  readonly call: (method: string, args?: Readonly<Record<string, unknown>>, token?: string) => Promise<SlackAnswer>;
  /** Any request. */
  readonly ask: (method: string, path: string, body?: string, headers?: Readonly<Record<string, string>>) => Promise<SlackAnswer>;
  /** What people and administrators do, as JSON. Rejects where it is refused. */
  readonly person: (path: string, body: object) => Promise<SlackAnswer['body']>;
  /** The conversation of our app with somebody. */
  readonly direct: (user?: string) => Promise<string>;
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
export const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export async function stageSlack(options: Parameters<typeof serveVendor>[2] = {}): Promise<SlackStage> {
  const served = await serveVendor('slack', createSlack, options);
  onTestFinished(() => served.close());
  return slackStageOf(served);
}

export function slackStageOf(served: ServedVendor): SlackStage {
  const ask: SlackStage['ask'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(served.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: JSON.parse(text) as SlackAnswer['body'] };
  };
  const call: SlackStage['call'] = (method, args = {}, token = 'xoxb-lockstep') => {
    const texts = Object.entries(args).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    return ask('POST', `/api/${method}`, new URLSearchParams(texts).toString(), { ...FORM, authorization: `Bearer ${token}` });
  };
  return {
    served,
    ask,
    call,
    person: async (path, body) => {
      const answer = await ask('POST', `/ui${path}`, JSON.stringify(body), JSON_TYPE);
      if (answer.status >= 400) throw new Error(`POST /ui${path}: expected a success, got ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    direct: async (user = 'U0LENA001') => {
      const { channel } = (await call('conversations.open', { users: user })).body;
      return (channel as { readonly id: string }).id;
    },
  };
}

export const BUTTONS = [
  { type: 'section', text: { type: 'mrkdwn', text: 'A lead' } },
  {
    type: 'actions',
    block_id: 'answers',
    elements: [
      { type: 'button', text: { type: 'plain_text', text: 'Accept' }, action_id: 'accept', value: 'lead 1', style: 'primary' },
      { type: 'button', text: { type: 'plain_text', text: 'Decline' }, action_id: 'decline', value: 'lead 1' },
    ],
  },
];
