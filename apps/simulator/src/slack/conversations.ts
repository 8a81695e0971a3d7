/** Which conversations an app can see, and how an argument names one. */
import { SlackError } from './errors.ts';
import type { AppRecord, ConversationRecord } from './model.ts';
import type { Workspace } from './workspace.ts';

/** Public channels are seen by all, the others by their members. */
export const canSee = (app: AppRecord, { kind, members }: ConversationRecord): boolean =>
  kind === 'public_channel' || members.includes(app.userId);

/** The conversation with this id; where it is not there, or not to be seen, `channel_not_found`. */
export function seenConversation(workspace: Workspace, app: AppRecord, id: string): ConversationRecord {
  const found = workspace.conversations.get(id);
  if (found === undefined || !canSee(app, found)) throw new SlackError('channel_not_found');
  return found;
}

/**
 * Where a message goes: an id, a channel's name, or a person's id, for whom the conversation is made where there is none. Refuses where the app is not a
 * member, where nobody can write any more, and where the app's home takes no messages.
 */
export function writableConversation(workspace: Workspace, app: AppRecord, target: string): ConversationRecord {
  const user = workspace.users.get(target);
  if (user !== undefined && (user.isDeleted || user.isBot)) throw new SlackError('channel_not_found');
  const name = target.replace(/^#/, '');
  const named = [...workspace.conversations.values()].find((conversation) => conversation.name === name);
  const found = user === undefined ? seenConversation(workspace, app, named?.id ?? target) : workspace.openDirect(app.userId, user.id);
  if (!found.members.includes(app.userId)) throw new SlackError('not_in_channel');
  if (found.isArchived) throw new SlackError('is_archived');
  if (found.kind === 'im') refuseUnreachable(workspace, app, found);
  return found;
}

function refuseUnreachable(workspace: Workspace, app: AppRecord, { members }: ConversationRecord): void {
  if (!app.hasMessagesTab) throw new SlackError('messages_tab_disabled');
  const others = members.filter((member) => member !== app.userId);
  // What Slack says here is not documented: conversations.open refuses somebody who has left with user_disabled.
  if (others.some((id) => workspace.users.get(id)?.isDeleted !== false)) throw new SlackError('channel_not_found');
}

/** The scopes of a conversation's kind: `channels:history`, `im:read`, … */
export const scopeOf = ({ kind }: ConversationRecord, right: 'history' | 'read'): string =>
  `${{ public_channel: 'channels', private_channel: 'groups', im: 'im' }[kind]}:${right}`;
