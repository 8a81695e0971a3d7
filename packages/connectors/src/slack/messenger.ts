/** Slack as a channel for notices: a message from the app to one person, found again by its key, changed in place. */
import type { Messenger, NoticeReader, NoticeReceipt } from '@lockstep/domain/routing/messenger.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { renderedNotice } from './blocks.ts';
import { createSlackClient } from './client.ts';
import type { SlackClient, SlackClientOptions } from './client.ts';

/** As far as our clock may be ahead of Slack's: an attempt's message is not older than this before it. */
const CLOCK_SKEW_MS = 10 * 60_000;
/** How many people's conversations are remembered; they never change. */
const MOST_REMEMBERED = 10_000;

export interface SlackMessengerOptions extends SlackClientOptions {
  /** For tests and the doctor, which share the budgets. */
  readonly client?: SlackClient;
}

/** One messenger for a workspace of Slack. Errors are told at once: nothing is retried here. */
export function createSlackMessenger(options: SlackMessengerOptions): Messenger {
  const client = options.client ?? createSlackClient(options);
  const conversationOf = createConversations(client);
  const find = async (key: string, reader: NoticeReader, sinceIso: string): Promise<NoticeReceipt | null> => {
    const conversation = await conversationOf(reader);
    const message = await client.findByKey(conversation, key, (Date.parse(sinceIso) - CLOCK_SKEW_MS) / 1_000);
    return message === null ? null : { channel: 'slack', conversation, message, wasThere: true };
  };
  return {
    channel: 'slack',
    find,
    post: async ({ key, reader, notice, triedSinceIso }) => {
      // Before anything is asked for: what Slack would refuse is refused here, with words of ours.
      const { text, blocks } = renderedNotice(notice, reader);
      const found = triedSinceIso === null ? null : await find(key, reader, triedSinceIso);
      if (found !== null) return found;
      const { channel, ts } = await client.post({ channel: await conversationOf(reader), text, blocks, key });
      return { channel: 'slack', conversation: channel, message: ts, wasThere: false };
    },
    update: async ({ conversation, message }, key, reader, notice) => {
      const { text, blocks } = renderedNotice(notice, reader);
      await client.update(message, { channel: conversation, text, blocks, key });
    },
  };
}

/** The conversation with a reader, who is looked up by e-mail where the id is not known. Asked for once in a process. */
function createConversations(client: SlackClient): (reader: NoticeReader) => Promise<string> {
  const users = createMemory(client.userByEmail);
  const conversations = createMemory(client.openConversation);
  return async ({ slackUserId, email }) => {
    if (slackUserId === null && email === null)
      throw new ConnectorError('NotFound', 'Slack: expected a user id or an e-mail address of the reader, got neither');
    return conversations(slackUserId ?? (await users((email ?? '').toLowerCase())));
  };
}

/** Remembers what was found, never a failure. */
function createMemory(look: (key: string) => Promise<string>): (key: string) => Promise<string> {
  const known = new Map<string, string>();
  return async (key) => {
    const remembered = known.get(key);
    if (remembered !== undefined) return remembered;
    const found = await look(key);
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.set(key, found);
    return found;
  };
}
