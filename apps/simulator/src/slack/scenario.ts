/** The growth scenario of Slack: one workspace, an app of ours, one that may do little, six people, three channels. It holds no messages. */
import type { AppRecord, ConversationRecord, UserRecord } from './model.ts';
import type { Workspace } from './workspace.ts';

export const TEAM = { id: 'T0GROWTH1', name: 'Growth', domain: 'growth-example' } as const;
/** The secret with which presses are signed; a real one stands in the app's Basic Information. */
export const SIGNING_SECRET = 'slack-signing-secret';

const ALL_SCOPES = [
  'chat:write',
  'channels:history',
  'channels:read',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'users:read',
  'users:read.email',
];

const person = (
  id: string,
  name: string,
  realName: string,
  tz: string,
  locale: string,
  isDeleted = false,
): Omit<UserRecord, 'updatedMs'> => ({
  ...{ id, name, realName, tz, locale, isDeleted },
  email: `${name}@growth.example`,
  isBot: false,
});
const bot = (id: string, name: string, realName: string): Omit<UserRecord, 'updatedMs'> => ({
  ...{ id, name, realName, email: null, tz: 'UTC', locale: 'en-US', isBot: true, isDeleted: false },
});

const USERS = [
  bot('U0LOCKSTEP', 'lockstep', 'Lockstep'),
  bot('U0GUESTAPP', 'guestapp', 'Guest app'),
  person('U0MARIA01', 'maria', 'Maria Sommer', 'Europe/Berlin', 'de-DE'),
  person('U0OMAR001', 'omar', 'Omar Haddad', 'Asia/Dubai', 'en-GB'),
  person('U0LENA001', 'lena', 'Lena Vogt', 'Europe/Berlin', 'de-DE'),
  person('U0TOM0001', 'tom', 'Tom Reyes', 'America/New_York', 'en-US'),
  person('U0PRIYA01', 'priya', 'Priya Nair', 'Asia/Kolkata', 'en-IN'),
  /** Has left: no lookup finds him, nothing reaches him. */
  person('U0JONAS01', 'jonas', 'Jonas Weber', 'Europe/Berlin', 'de-DE', true),
] as const;
const PEOPLE = USERS.filter(({ isBot, isDeleted }) => !isBot && !isDeleted).map(({ id }) => id);

const app = (account: string, number: number, userId: string, scopes: readonly string[]): AppRecord => ({
  ...{ id: `A0GROWTH0${number}`, account, token: `xoxb-${account}`, userId, botId: `B0GROWTH0${number}`, scopes },
  signingSecret: number === 1 ? SIGNING_SECRET : `${SIGNING_SECRET}-${number}`,
  ...{ interactivityUrl: null, isRevoked: false, hasMessagesTab: true },
});
const APPS = [
  app('lockstep', 1, 'U0LOCKSTEP', ALL_SCOPES),
  /** May write and nothing else. */
  app('guest', 2, 'U0GUESTAPP', ['chat:write']),
];

type ChannelSeed = Omit<ConversationRecord, 'createdMs'>;
const channel = (id: string, name: string, more: Partial<ChannelSeed> = {}): ChannelSeed => ({
  ...{ id, name, kind: 'public_channel', creator: 'U0MARIA01', isArchived: false, members: ['U0LOCKSTEP', ...PEOPLE] },
  ...more,
});
const CHANNELS = [
  channel('C0GROWTH01', 'growth'),
  channel('C0ESCALATE', 'pql-escalations', { kind: 'private_channel', members: ['U0LOCKSTEP', 'U0MARIA01', 'U0OMAR001'] }),
  channel('C0RANDOM01', 'random', { members: PEOPLE }),
  channel('C0OLDPLAN1', 'old-plan', { isArchived: true }),
];

/** Fills an empty workspace; one that has users is left as it is. */
export function seed(workspace: Workspace): void {
  if (workspace.users.size > 0) return;
  const nowMs = workspace.nowMs();
  workspace.transaction(() => {
    for (const user of USERS) workspace.put('user', { ...user, updatedMs: nowMs });
    for (const installed of APPS) workspace.put('app', installed);
    for (const made of CHANNELS) workspace.put('conversation', { ...made, createdMs: nowMs });
  });
}
