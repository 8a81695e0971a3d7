/**
 * Slack's Web API through @slack/web-api, over a transport of ours: requests are the SDK's; time-outs, budgets, errors and the check of answers are ours.
 * The SDK's retries (ten in thirty minutes), its queue's waiting for rate limits and its logging are off.
 */
import { LogLevel, WebAPIPlatformError, WebAPIRequestError, WebClient } from '@slack/web-api';
import type { Logger } from '@slack/web-api';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { z } from 'zod';
import { createBudget, retryAfterMs } from '../http/budget.ts';
import type { Budget } from '../http/budget.ts';
import { createTransport, serverFailure } from '../http/transport.ts';
import type { Block } from './blocks.ts';
import { isThrottled, slackFailure } from './errors.ts';
import * as wire from './wire.ts';

export interface SlackCredentials {
  /** `https://slack.com` */
  readonly baseUrl: string;
  /** Of the app's bot user: `xoxb-…`, without rotation. */
  readonly botToken: string;
}

export interface SlackClientOptions {
  readonly credentials: SlackCredentials;
  readonly requestTimeoutMs: number;
  readonly clock: () => Date;
}

export interface SlackMessage {
  readonly channel: string;
  /** Shown where blocks are not: in notifications, to screen readers. */
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Kept with the message, shown to nobody: by it a message is found whose posting was never answered. Slack has no idempotency key. */
  readonly key: string;
}

/** The calls that the messenger makes. All reject with `ConnectorError` only. */
export type SlackClient = ReturnType<typeof createSlackClient>;

/** Marks our messages among those of other apps. */
const EVENT_TYPE = 'lockstep_notice';
const PAGE_SIZE = 200;
/** Of one conversation, since a moment ago: more is not a conversation with a person. */
const MOST_PAGES = 25;

export function createSlackClient(options: SlackClientOptions) {
  const call = createCall(options);
  return {
    /** Who we are, and what the token may do. */
    authTest: async () => {
      const { team_id: teamId, user_id: userId, response_metadata: more } = await call(wire.authSchema, 'auth.test', {});
      return { teamId, userId, scopes: more?.scopes ?? [] };
    },
    /** `NotFound` for nobody, and for somebody who has left. */
    userByEmail: async (email: string): Promise<string> => {
      const { user } = await call(wire.userSchema, 'users.lookupByEmail', { email });
      if (user.deleted === true)
        throw new ConnectorError('NotFound', 'Slack users.lookupByEmail: expected somebody, got a deactivated user');
      return user.id;
    },
    /** The conversation with one person, which is made where there is none; the same id for good. */
    openConversation: async (userId: string): Promise<string> =>
      (await call(wire.openedSchema, 'conversations.open', { users: userId })).channel.id,
    post: async (message: SlackMessage): Promise<{ readonly channel: string; readonly ts: string }> =>
      call(wire.postedSchema, 'chat.postMessage', { ...QUIET, ...contentOf(message) }),
    update: async (ts: string, message: SlackMessage): Promise<void> =>
      void (await call(wire.postedSchema, 'chat.update', { ts, ...contentOf(message) })),
    /** The oldest message of ours with this key since an instant (epoch seconds); null where there is none. Reads to the end of the conversation. */
    findByKey: async (channel: string, key: string, sinceSeconds: number): Promise<string | null> => {
      let found: string | null = null;
      let cursor = '';
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const { messages, response_metadata: more } = await call(wire.historySchema, 'conversations.history', {
          channel,
          oldest: sinceSeconds.toFixed(6),
          inclusive: true,
          include_all_metadata: true,
          limit: PAGE_SIZE,
          ...(cursor === '' ? {} : { cursor }),
        });
        for (const { ts, metadata } of messages)
          if (metadata?.event_type === EVENT_TYPE && metadata.event_payload['key'] === key && (found === null || ts < found)) found = ts;
        cursor = more?.next_cursor ?? '';
        if (cursor === '') return found;
      }
      throw new ConnectorError('Transient', `Slack conversations.history: expected an end within ${MOST_PAGES} pages, got more`);
    },
  };
}

/** Links are shown as links: no previews, which would fetch them. */
const QUIET = { unfurl_links: false, unfurl_media: false };

function contentOf({ channel, text, blocks, key }: SlackMessage): Record<string, unknown> {
  return { channel, text, blocks, metadata: { event_type: EVENT_TYPE, event_payload: { key } } };
}

/** Methods that may be sent again without harm: reads, and what has the same end however often it is done. */
const HARMLESS = new Set(['auth.test', 'users.lookupByEmail', 'conversations.open', 'conversations.history', 'chat.update']);

type Call = <S extends z.ZodType>(schema: S, method: string, args: Readonly<Record<string, unknown>>) => Promise<z.infer<S>>;

function createCall(options: SlackClientOptions): Call {
  const budgets = createBudgets(() => options.clock().getTime());
  const client = new WebClient(options.credentials.botToken, {
    slackApiUrl: `${options.credentials.baseUrl.replace(/\/+$/, '')}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: SILENT,
    fetch: createFetch(options, budgets),
  });
  return async (schema, method, args) => {
    const isHarmless = HARMLESS.has(method);
    let answer: unknown;
    try {
      answer = await client.apiCall(method, { ...args });
    } catch (error) {
      throw failureOf(error, { method, isHarmless, budget: budgets(method) });
    }
    budgets(method).passed();
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    // A message that was posted and whose answer cannot be read is there, as far as anybody knows.
    throw new ConnectorError(
      isHarmless ? 'Invalid' : 'OutcomeUnknown',
      `Slack ${method}: expected the documented shape, got another at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  };
}

/** Slack limits each method of an app by itself, in each workspace. */
function createBudgets(now: () => number): (method: string) => Budget {
  const known = new Map<string, Budget>();
  return (method) => {
    const budget = known.get(method) ?? createBudget(now);
    known.set(method, budget);
    return budget;
  };
}

/** What the SDK sends by. 429 and server errors end here, so that the SDK has nothing to wait for. */
function createFetch(options: SlackClientOptions, budgets: (method: string) => Budget): typeof fetch {
  return async (input, init) => {
    const url = typeof input === 'string' ? input : input instanceof URL ? input.href : input.url;
    const method = new URL(url).pathname.split('/').at(-1) ?? '';
    const budget = budgets(method);
    const isHarmless = HARMLESS.has(method);
    const transport = createTransport({ vendor: 'Slack', budget, timeoutMs: options.requestTimeoutMs }, () => isHarmless);
    const response = await transport(input, init);
    if (response.status === 429) {
      const waitMs = budget.refused(retryAfterMs(response.headers.get('retry-after'), options.clock().getTime()));
      throw new ConnectorError('Throttled', `Slack ${method}: HTTP 429`, { status: 429, retryAfterMs: waitMs });
    }
    if (response.status >= 500) throw serverFailure('Slack', method, response.status, isHarmless);
    if (response.status !== 200)
      throw new ConnectorError('Invalid', `Slack ${method}: expected HTTP 200, got ${response.status}; check baseUrl`, {
        status: response.status,
      });
    return response;
  };
}

interface Failed {
  readonly method: string;
  readonly isHarmless: boolean;
  readonly budget: Budget;
}

function failureOf(error: unknown, { method, isHarmless, budget }: Failed): ConnectorError {
  if (error instanceof WebAPIRequestError && error.original instanceof ConnectorError) return error.original;
  if (error instanceof WebAPIPlatformError) {
    const answer = wire.refusalSchema.parse(error.data);
    return slackFailure({ method, answer, isHarmless, waitMs: isThrottled(answer) ? budget.refused(null) : 0 });
  }
  const message = `Slack ${method}: expected an answer, got ${error instanceof Error ? error.name : 'something else'}`;
  return new ConnectorError(isHarmless ? 'Transient' : 'OutcomeUnknown', message, { cause: error });
}

const nothing = (): void => undefined;
/** The SDK's own would write what was sent to stderr at some levels. */
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
