/** The channels to people and who they are there, from the configuration. */
import { checkSlack } from '@lockstep/connectors/slack/check.ts';
import { createSlackClient } from '@lockstep/connectors/slack/client.ts';
import type { SlackClient } from '@lockstep/connectors/slack/client.ts';
import { createSlackMessenger } from '@lockstep/connectors/slack/messenger.ts';
import { createMailMessenger } from '@lockstep/connectors/mail/messenger.ts';
import { createPressReply } from '@lockstep/connectors/slack/reply.ts';
import type { PressReply } from '@lockstep/connectors/slack/reply.ts';
import type { MailServer } from '@lockstep/connectors/mail/messenger.ts';
import type { Messenger } from '@lockstep/domain/routing/messenger.port.ts';
import type { Roster } from '@lockstep/domain/routing/roster.schema.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Finding } from '@lockstep/domain/sync/connector.port.ts';
import { ConfigError } from './config.ts';
import type { Config, RoutingConfig } from './config.schema.ts';

export interface RoutingChannels {
  readonly messengers: Readonly<Partial<Record<Messenger['channel'], Messenger>>>;
  /** Null where Slack is not configured: presses are refused. */
  readonly slack: { readonly signingSecret: string; readonly teamId: string | null; readonly reply: PressReply } | null;
  /** The member behind a user of Slack; null for somebody who is not on the roster. */
  readonly memberOf: (roster: Pick<Roster, 'people'>, slackUserId: string) => Promise<string | null>;
  /** For the doctor. */
  readonly check: () => Promise<readonly Finding[]>;
}

export interface ChannelParts {
  readonly config: Pick<RoutingConfig, 'slack' | 'mail'>;
  readonly secret: (reference: string) => string;
  readonly requestTimeoutMs: number;
}

/** An attempt ends before the workflow gives it up (15 s): what a channel says is worth more than that it was silent. */
const MOST_TIMEOUT_MS = 10_000;

/** Throws `ConfigError` for a secret or an address that cannot be used. */
export function configuredChannels({ config, secret, requestTimeoutMs }: ChannelParts): RoutingChannels {
  const { slack } = config;
  const { client, messengers } = configuredMessengers({ config, secret, requestTimeoutMs });
  const teamId = slack?.teamId ?? null;
  return {
    messengers,
    slack:
      slack === undefined
        ? null
        : {
            ...{ signingSecret: secret(slack.signingSecret), teamId },
            reply: createPressReply({ ...sharedOptions(requestTimeoutMs), baseUrl: slack.baseUrl }),
          },
    memberOf: createMembers(client),
    check: async () => (client === null ? [] : checkSlack({ client, teamId, hasSigningSecret: slack !== undefined })),
  };
}

function sharedOptions(requestTimeoutMs: number): { readonly requestTimeoutMs: number; readonly clock: () => Date } {
  return { requestTimeoutMs: Math.min(requestTimeoutMs, MOST_TIMEOUT_MS), clock: () => new Date() };
}

export interface MessengerParts extends Pick<ChannelParts, 'secret' | 'requestTimeoutMs'> {
  readonly config: Pick<Config['changeSets'], 'slack' | 'mail'>;
}

/** The channels as such, whoever writes to them. Throws `ConfigError`. */
export function configuredMessengers({ config, secret, requestTimeoutMs }: MessengerParts): {
  readonly client: SlackClient | null;
  readonly messengers: RoutingChannels['messengers'];
} {
  const shared = sharedOptions(requestTimeoutMs);
  const { slack, mail } = config;
  const options = slack === undefined ? null : { ...shared, credentials: { baseUrl: slack.baseUrl, botToken: secret(slack.botToken) } };
  const client = options === null ? null : createSlackClient(options);
  return {
    client,
    messengers: {
      ...(options === null || client === null ? {} : { slack: createSlackMessenger({ ...options, client }) }),
      ...(mail === undefined ? {} : { mail: mailMessenger(secret(mail.server), mail.from, shared) }),
    },
  };
}

function mailMessenger(
  server: string,
  from: { readonly name: string; readonly address: string },
  shared: { readonly requestTimeoutMs: number; readonly clock: () => Date },
): Messenger {
  try {
    return createMailMessenger({ ...shared, from, server: mailServerOf(server) });
  } catch (error) {
    throw new ConfigError(`mail: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `smtps` is TLS from the first byte; `smtp` asks for STARTTLS and never goes on without, but to this machine. Throws `ConfigError`, without the address: it may hold a password. */
export function mailServerOf(text: string): MailServer {
  const url = URL.parse(text);
  if (url === null || !['smtp:', 'smtps:'].includes(url.protocol) || url.hostname === '')
    throw new ConfigError('mail.server: expected smtps://user:password@host:465 or smtp://user:password@host:587, got something else');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isOwn = ['127.0.0.1', '::1', 'localhost'].includes(host);
  const tls = url.protocol === 'smtps:' ? 'implicit' : isOwn ? 'none' : 'starttls';
  const login = url.username === '' ? null : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return { host, port: url.port === '' ? (tls === 'implicit' ? 465 : 587) : Number(url.port), tls, login };
}

/** By the roster's own id of Slack, else by looking its people up there by e-mail, each once in a process. */
function createMembers(client: SlackClient | null): RoutingChannels['memberOf'] {
  const idsByEmail = new Map<string, string | null>();
  const lookUp = async (email: string): Promise<string | null> => {
    const known = idsByEmail.get(email);
    if (known !== undefined || client === null) return known ?? null;
    try {
      const found = await client.userByEmail(email);
      idsByEmail.set(email, found);
      return found;
    } catch (error) {
      // Not there, or not to be had now: the next press asks again.
      if (error instanceof ConnectorError) return null;
      throw error;
    }
  };
  return async ({ people }, slackUserId) => {
    const known = people.find((person) => person.slackUserId === slackUserId);
    if (known !== undefined) return known.id;
    for (const { id, email, slackUserId: own } of people) if (own === null && (await lookUp(email)) === slackUserId) return id;
    return null;
  };
}
