/** Messages: posted, changed, taken back. Source: https://docs.slack.dev/reference/methods (chat.*). */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import { argumentsOf, booleanAt, requiredAt, textAt } from './arguments.ts';
import type { Access, Method } from './access.ts';
import type { Arguments } from './arguments.ts';
import { seenConversation, writableConversation } from './conversations.ts';
import { SlackError } from './errors.ts';
import type { AppRecord, MessageRecord } from './model.ts';
import { messageShown } from './rendering.ts';
import { contentAt, refuseEmpty } from './writing.ts';
import type { Workspace } from './workspace.ts';

const method = (name: string, tier: Method['tier']): Method => ({ name, tier, scopes: ['chat:write'] });
const POST_MESSAGE = method('chat.postMessage', 'special');
const POST_EPHEMERAL = method('chat.postEphemeral', 4);
const UPDATE = method('chat.update', 3);
const DELETE = method('chat.delete', 3);

/** Options that are checked and have no effect on what is kept. */
const OPTIONS = ['mrkdwn', 'unfurl_links', 'unfurl_media', 'link_names', 'reply_broadcast'];

export function chatRoutes(app: Hono<VendorEnv>, workspace: Workspace, { enter, spendMessage }: Access): void {
  app.post('/api/chat.postMessage', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, POST_MESSAGE);
    for (const option of OPTIONS) booleanAt(args, option);
    const target = requiredAt(args, 'channel');
    const content = contentAt(args);
    refuseEmpty(content);
    const conversation = writableConversation(workspace, by, target);
    const threadTs = threadAt(workspace, conversation.id, args);
    spendMessage(conversation.id);
    const message = posted(workspace, by, { ...content, conversation: conversation.id, threadTs, onlyFor: null });
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return c.json({ ok: true, channel: conversation.id, ts: message.ts, message: messageShown(message, by, true) });
  });

  app.post('/api/chat.postEphemeral', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, POST_EPHEMERAL);
    const [target, user] = [requiredAt(args, 'channel'), requiredAt(args, 'user')];
    const content = contentAt(args);
    refuseEmpty(content);
    const conversation = writableConversation(workspace, by, target);
    if (!conversation.members.includes(user)) throw new SlackError('user_not_in_channel');
    spendMessage(conversation.id);
    const message = posted(workspace, by, { ...content, conversation: conversation.id, threadTs: null, onlyFor: user });
    Object.assign(c.env.trace, { effect: 'create', records: 1 });
    return c.json({ ok: true, message_ts: message.ts });
  });

  app.post('/api/chat.update', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, UPDATE);
    const known = ownMessage(workspace, by, args, 'cant_update_message');
    const content = contentAt(args);
    const { editWindowMinutes } = workspace.settings;
    const ageMs = workspace.nowMs() - Number(known.ts) * 1_000;
    if (editWindowMinutes !== null && ageMs > editWindowMinutes * 60_000) throw new SlackError('edit_window_closed');
    const changed = edited(workspace, by, known, content);
    refuseEmpty({ text: changed.text, blocks: changed.blocks ?? [], attachments: changed.attachments ?? [] });
    workspace.keepMessage(changed);
    Object.assign(c.env.trace, { effect: 'update', records: 1 });
    return c.json({
      ok: true,
      channel: changed.conversation,
      ts: changed.ts,
      text: changed.text,
      message: messageShown(changed, by, true),
    });
  });

  app.post('/api/chat.delete', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, DELETE);
    const known = ownMessage(workspace, by, args, 'cant_delete_message');
    workspace.removeMessage(known);
    Object.assign(c.env.trace, { effect: 'delete', records: 1 });
    return c.json({ ok: true, channel: known.conversation, ts: known.ts });
  });
}

type Posted = ReturnType<typeof contentAt> & Pick<MessageRecord, 'conversation' | 'threadTs' | 'onlyFor'>;

function posted(workspace: Workspace, by: AppRecord, { text, blocks, attachments, metadata, ...place }: Posted): MessageRecord {
  const message: MessageRecord = {
    ...place,
    ts: workspace.nextTs(),
    user: by.userId,
    botId: by.botId,
    text: text ?? '',
    blocks: listed(blocks, null),
    attachments: listed(attachments, null),
    metadata: metadata ?? null,
    edited: null,
  };
  workspace.keepMessage(message);
  return message;
}

/** What is not given stays; an empty list takes blocks or attachments away, an empty object the metadata. */
export function edited(workspace: Workspace, by: AppRecord, known: MessageRecord, content: ReturnType<typeof contentAt>): MessageRecord {
  return {
    ...known,
    text: content.text ?? known.text,
    blocks: listed(content.blocks, known.blocks),
    attachments: listed(content.attachments, known.attachments),
    metadata: content.metadata === undefined ? known.metadata : content.metadata,
    edited: { user: by.userId, ts: workspace.nextTs() },
  };
}

/** A list that is given, none where it is empty; what there was where it is not given. */
function listed<T>(given: readonly T[] | undefined, kept: readonly T[] | null): readonly T[] | null {
  if (given === undefined) return kept;
  return given.length === 0 ? null : given;
}

function threadAt(workspace: Workspace, conversation: string, args: Arguments): string | null {
  const ts = textAt(args, 'thread_ts') ?? '';
  if (ts === '') return null;
  const parent = workspace.message(conversation, ts);
  if (parent === undefined || parent.onlyFor !== null) throw new SlackError('thread_not_found');
  return parent.threadTs ?? parent.ts;
}

function ownMessage(workspace: Workspace, by: AppRecord, args: Arguments, refusal: string): MessageRecord {
  const [target, ts] = [requiredAt(args, 'channel'), requiredAt(args, 'ts')];
  const conversation = seenConversation(workspace, by, target);
  const message = workspace.message(conversation.id, ts);
  if (message === undefined || message.onlyFor !== null) throw new SlackError('message_not_found');
  if (message.user !== by.userId) throw new SlackError(refusal);
  return message;
}
