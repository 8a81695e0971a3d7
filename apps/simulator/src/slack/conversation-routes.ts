/** Conversations: opened, listed, read. Source: https://docs.slack.dev/reference/methods (conversations.*). */
import type { Hono } from 'hono';
import type { VendorEnv } from '../kernel/vendor.ts';
import { missingScope } from './access.ts';
import type { Access, Method } from './access.ts';
import { argumentsOf, booleanAt, limitAt, requiredAt, textAt } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { canSee, scopeOf, seenConversation } from './conversations.ts';
import { invalidArgument, SlackError } from './errors.ts';
import type { AppRecord, ConversationRecord, MessageRecord } from './model.ts';
import { cursorOf, placeOf } from './paging.ts';
import { conversationShown, messageShown } from './rendering.ts';
import type { Workspace } from './workspace.ts';

const ANY = (right: string): readonly string[] => ['channels', 'groups', 'im'].map((kind) => `${kind}:${right}`);
const method = (name: string, tier: Method['tier'], scopes: readonly string[]): Method => ({ name, tier, scopes });
const OPEN = method('conversations.open', 3, ['im:write']);
const LIST = method('conversations.list', 2, ANY('read'));
const INFO = method('conversations.info', 3, ANY('read'));
const HISTORY = method('conversations.history', 3, ANY('history'));
const MEMBERS = method('conversations.members', 4, ANY('read'));

const KINDS = ['public_channel', 'private_channel', 'im'] as const;
const MOST = { list: 1_000, history: 999, members: 1_000 } as const;
const DEFAULT = 100;

export function conversationRoutes(app: Hono<VendorEnv>, workspace: Workspace, { enter }: Access): void {
  const both = ['GET', 'POST'];

  app.post('/api/conversations.open', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, OPEN);
    const isWhole = booleanAt(args, 'return_im') ?? false;
    const { conversation, isNew } = opened(workspace, by, args);
    Object.assign(c.env.trace, isNew ? { effect: 'create', records: 1 } : { effect: 'read', records: 1 });
    return c.json({
      ok: true,
      ...(isNew ? {} : { no_op: true, already_open: true }),
      channel: isWhole ? conversationShown(conversation, by.userId) : { id: conversation.id },
    });
  });

  app.on(both, '/api/conversations.list', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, LIST);
    const kinds = kindsAt(args);
    for (const kind of kinds) requireScope(by, scopeOf({ kind } as ConversationRecord, 'read'));
    const hidesArchived = booleanAt(args, 'exclude_archived') ?? false;
    const limit = limitAt(args, MOST.list) ?? DEFAULT;
    const start = placeOf(textAt(args, 'cursor'), 'conversations');
    const all = [...workspace.conversations.values()].filter(
      (conversation) => kinds.includes(conversation.kind) && canSee(by, conversation) && !(hidesArchived && conversation.isArchived),
    );
    const channels = all.slice(start, start + limit).map((conversation) => conversationShown(conversation, by.userId));
    Object.assign(c.env.trace, { effect: 'read', records: channels.length });
    return c.json({ ok: true, channels, response_metadata: { next_cursor: cursorOf('conversations', start + limit, all.length) } });
  });

  app.on(both, '/api/conversations.info', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, INFO);
    // Checked, and without effect: what they ask for is always there, or never.
    for (const option of ['include_locale', 'include_num_members']) booleanAt(args, option);
    const conversation = seenConversation(workspace, by, requiredAt(args, 'channel'));
    requireScope(by, scopeOf(conversation, 'read'));
    Object.assign(c.env.trace, { effect: 'read', records: 1 });
    return c.json({ ok: true, channel: conversationShown(conversation, by.userId) });
  });

  app.on(both, '/api/conversations.members', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, MEMBERS);
    const conversation = seenConversation(workspace, by, requiredAt(args, 'channel'));
    requireScope(by, scopeOf(conversation, 'read'));
    const limit = limitAt(args, MOST.members) ?? DEFAULT;
    const start = placeOf(textAt(args, 'cursor'), conversation.id);
    const members = conversation.members.slice(start, start + limit);
    if (members.length === 0) throw new SlackError('invalid_cursor');
    Object.assign(c.env.trace, { effect: 'read', records: members.length });
    const next = cursorOf(conversation.id, start + limit, conversation.members.length);
    return c.json({ ok: true, members, response_metadata: { next_cursor: next } });
  });

  app.on(both, '/api/conversations.history', async (c) => {
    const args = await argumentsOf(c);
    const by = enter(c, args, HISTORY);
    const conversation = seenConversation(workspace, by, requiredAt(args, 'channel'));
    requireScope(by, scopeOf(conversation, 'history'));
    if (!conversation.members.includes(by.userId)) throw new SlackError('not_in_channel');
    const withMetadata = booleanAt(args, 'include_all_metadata') ?? false;
    const limit = limitAt(args, MOST.history) ?? DEFAULT;
    const start = placeOf(textAt(args, 'cursor'), conversation.id);
    const all = workspace.messagesOf(conversation.id).filter(within(args)).toReversed();
    const apps = new Map([...workspace.apps.values()].map((installed) => [installed.botId, installed]));
    const messages = all.slice(start, start + limit).map((message) => messageShown(message, apps.get(message.botId ?? ''), withMetadata));
    const next = cursorOf(conversation.id, start + limit, all.length);
    Object.assign(c.env.trace, { effect: 'read', records: messages.length });
    return c.json({
      ...{ ok: true, messages, has_more: next !== '', pin_count: 0, channel_actions_ts: null, channel_actions_count: 0 },
      ...(next === '' ? {} : { response_metadata: { next_cursor: next } }),
    });
  });
}

function requireScope(by: AppRecord, scope: string): void {
  if (!by.scopes.includes(scope)) throw missingScope(by, [scope]);
}

function opened(workspace: Workspace, by: AppRecord, args: Arguments): { conversation: ConversationRecord; isNew: boolean } {
  const id = textAt(args, 'channel') ?? '';
  if (id !== '') {
    const conversation = seenConversation(workspace, by, id);
    if (conversation.kind !== 'im') throw new SlackError('method_not_supported_for_channel_type');
    return { conversation, isNew: false };
  }
  const users = (textAt(args, 'users') ?? '').split(',').filter((user) => user !== '');
  const [only = '', ...others] = users;
  if (only === '') throw new SlackError('users_list_not_supplied');
  // Conversations of more than two are not there.
  if (others.length > 0) throw new SlackError('too_many_users');
  const user = workspace.users.get(only);
  if (user === undefined) throw new SlackError('user_not_found');
  if (user.isDeleted) throw new SlackError('user_disabled');
  const known = workspace.directBetween(by.userId, only);
  return { conversation: known ?? workspace.openDirect(by.userId, only), isNew: known === undefined };
}

function kindsAt(args: Arguments): readonly ConversationRecord['kind'][] {
  const given = (textAt(args, 'types') ?? '').split(',').flatMap((text) => (text.trim() === '' ? [] : [text.trim()]));
  if (given.length === 0) return ['public_channel'];
  if (given.some((kind) => kind !== 'mpim' && !(KINDS as readonly string[]).includes(kind))) throw new SlackError('invalid_types');
  return KINDS.filter((kind) => given.includes(kind));
}

/** Those between `oldest` and `latest`, which are out unless `inclusive`; answers in threads and what is for one pair of eyes are in no history. */
function within(args: Arguments): (message: MessageRecord) => boolean {
  const isInclusive = booleanAt(args, 'inclusive') ?? false;
  const [oldest, latest] = [timeAt(args, 'oldest') ?? 0, timeAt(args, 'latest') ?? Infinity];
  return ({ ts, threadTs, onlyFor }) => {
    const at = Number(ts);
    if (onlyFor !== null || threadTs !== null) return false;
    return isInclusive ? at >= oldest && at <= latest : at > oldest && at < latest;
  };
}

function timeAt(args: Arguments, name: 'oldest' | 'latest'): number | undefined {
  const value = args[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') throw invalidArgument(name, 'must be a string');
  const at = Number(value);
  if (!Number.isFinite(at) || at < 0) throw new SlackError(`invalid_ts_${name}`);
  return at;
}
