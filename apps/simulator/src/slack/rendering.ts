/** Records as Slack shows them. Source: the contract's objects (slack_web_openapi_v2.json) and https://docs.slack.dev/reference/objects. */
import type { AppRecord, ConversationRecord, Json, MessageRecord, UserRecord } from './model.ts';
import { TEAM } from './scenario.ts';

const seconds = (ms: number): number => Math.floor(ms / 1_000);

/** `showsEmail`: for an app that may see addresses; `showsLocale`: where it was asked for. */
export function userShown(user: UserRecord, app: AppRecord | undefined, showsEmail: boolean, showsLocale: boolean): Json {
  return {
    id: user.id,
    team_id: TEAM.id,
    name: user.name,
    deleted: user.isDeleted,
    color: '9f69e7',
    real_name: user.realName,
    tz: user.tz,
    tz_label: user.tz,
    profile: {
      avatar_hash: 'g0000000000',
      title: '',
      phone: '',
      skype: '',
      real_name: user.realName,
      real_name_normalized: user.realName,
      display_name: user.name,
      display_name_normalized: user.name,
      fields: {},
      status_text: '',
      status_emoji: '',
      team: TEAM.id,
      ...(showsEmail && user.email !== null ? { email: user.email } : {}),
      ...(app === undefined ? {} : { api_app_id: app.id, bot_id: app.botId }),
    },
    is_admin: false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: false,
    is_ultra_restricted: false,
    is_bot: user.isBot,
    is_app_user: false,
    updated: seconds(user.updatedMs),
    ...(showsLocale ? { locale: user.locale } : {}),
  };
}

export function conversationShown(conversation: ConversationRecord, self: string): Json {
  const { id, name, kind, members } = conversation;
  const shared = { id, created: seconds(conversation.createdMs), is_archived: conversation.isArchived, is_org_shared: false };
  if (kind === 'im') {
    const user = members.find((member) => member !== self) ?? self;
    return { ...shared, is_im: true, user, is_open: true, is_user_deleted: false, priority: 0 };
  }
  return {
    ...shared,
    name,
    name_normalized: name,
    is_channel: kind === 'public_channel',
    is_group: kind === 'private_channel',
    is_im: false,
    is_mpim: false,
    is_private: kind === 'private_channel',
    is_general: false,
    is_member: members.includes(self),
    is_shared: false,
    is_ext_shared: false,
    creator: conversation.creator,
    num_members: members.length,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

/** `withMetadata`: only where it was asked for, and only of messages that have some. */
export function messageShown(message: MessageRecord, app: AppRecord | undefined, withMetadata: boolean): Json {
  const { ts, user, text, blocks, attachments, metadata, threadTs, edited } = message;
  return {
    type: 'message',
    user,
    text,
    ts,
    team: TEAM.id,
    ...(app === undefined ? {} : { bot_id: app.botId, app_id: app.id, bot_profile: botShown(app) }),
    ...(blocks === null ? {} : { blocks }),
    ...(attachments === null ? {} : { attachments }),
    ...(threadTs === null ? {} : { thread_ts: threadTs }),
    ...(edited === null ? {} : { edited }),
    ...(withMetadata && metadata !== null ? { metadata } : {}),
  };
}

function botShown({ botId, account, id }: AppRecord): Json {
  const image = 'https://a.slack-edge.com/80588/img/plugins/app/bot.png';
  return {
    id: botId,
    deleted: false,
    name: account,
    updated: 0,
    app_id: id,
    icons: { image_36: image, image_48: image, image_72: image },
    team_id: TEAM.id,
  };
}
