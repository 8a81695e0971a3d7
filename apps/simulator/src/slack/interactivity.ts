/**
 * Buttons: what Slack sends to an app when a person presses one, signed (v0), as a form with one field `payload`.
 * Sources: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload, https://docs.slack.dev/authentication/verifying-requests-from-slack.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { WebhookQueue } from '../kernel/webhooks.ts';
import { SlackError } from './errors.ts';
import type { AppRecord, ConversationRecord, Json, MessageRecord, PressRecord, UserRecord } from './model.ts';
import { messageShown } from './rendering.ts';
import { TEAM } from './scenario.ts';
import type { Workspace } from './workspace.ts';

/** Slack: five answers within thirty minutes. */
const MOST_ANSWERS = 5;
const ANSWERS_FOR_MS = 30 * 60_000;

export interface PressRequest {
  /** An id or a name. */
  readonly user: string;
  readonly channel: string;
  readonly ts: string;
  readonly actionId: string;
  /** Somebody else's doing: signed with another secret, changed after signing, or not signed at all. */
  readonly forged?: 'signature' | 'body' | 'unsigned' | undefined;
  /** How old the signature is: a delivery that was kept back. */
  readonly ageSeconds?: number | undefined;
}

/** A person presses a button: the delivery, kept and not sent yet. Refuses what cannot be pressed. */
export function pressed(workspace: Workspace, request: PressRequest, baseUrl: string): PressRecord {
  const user = [...workspace.users.values()].find(({ id, name }) => id === request.user || name === request.user);
  const conversation = workspace.conversations.get(request.channel);
  const message = workspace.message(request.channel, request.ts);
  if (user === undefined) throw new SlackError('user_not_found');
  if (conversation === undefined || !conversation.members.includes(user.id)) throw new SlackError('channel_not_found');
  if (message === undefined) throw new SlackError('message_not_found');
  const app = [...workspace.apps.values()].find(({ botId }) => botId === message.botId);
  const button = buttonOf(message, request.actionId);
  if (app === undefined || button === undefined) throw new SlackError('action_not_found');
  if (app.interactivityUrl === null) throw new SlackError('no_interactivity_url');
  const payload = payloadOf(workspace, { app, user, conversation, message, button }, baseUrl);
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = Math.floor(workspace.nowMs() / 1_000) - (request.ageSeconds ?? 0);
  const secret = request.forged === 'signature' ? 'another secret' : app.signingSecret;
  const press: PressRecord = {
    id: workspace.newId('P'),
    url: app.interactivityUrl,
    body: request.forged === 'body' ? body.replace(user.id, 'U0SOMEBODY') : body,
    timestamp,
    signature: request.forged === 'unsigned' ? '' : signatureOf(secret, timestamp, body),
  };
  workspace.put('press', press);
  return press;
}

/** Sends a delivery as it was signed; `retry`: says that it is the nth repetition, as Slack does. `fresh`: with a signature of now. */
export function send(queue: WebhookQueue, press: PressRecord, retry = 0): void {
  queue.send({
    url: press.url,
    body: press.body,
    headers: (attempt) => {
      const number = retry + attempt - 1;
      return {
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': String(press.timestamp),
        ...(press.signature === '' ? {} : { 'x-slack-signature': press.signature }),
        ...(number === 0 ? {} : { 'x-slack-retry-num': String(number), 'x-slack-retry-reason': 'http_timeout' }),
      };
    },
    // A refusal is shown to the person as a warning; only what was not answered comes again.
    isRetried: (status) => status >= 500,
  });
}

/** The same delivery, signed anew: as Slack repeats it. */
export function resigned(workspace: Workspace, press: PressRecord): PressRecord {
  const app = [...workspace.apps.values()].find(({ interactivityUrl }) => interactivityUrl === press.url);
  if (app === undefined) throw new SlackError('no_interactivity_url');
  const timestamp = Math.floor(workspace.nowMs() / 1_000);
  return { ...press, timestamp, signature: signatureOf(app.signingSecret, timestamp, press.body) };
}

function signatureOf(secret: string, timestamp: number, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

/** The button with this id; its block's id comes with it. */
export function buttonOf({ blocks }: MessageRecord, actionId: string): Json | undefined {
  return buttonsOf(blocks ?? []).find((button) => button['action_id'] === actionId);
}

/** Every button of a message, with `block_id` of the block that it stands in. */
export function buttonsOf(blocks: readonly Json[]): readonly Json[] {
  return blocks.flatMap(({ block_id, elements, accessory }) => {
    const inside = [...((elements ?? []) as readonly Json[]), ...(accessory === undefined ? [] : [accessory as Json])];
    return inside.filter(({ type }) => type === 'button').map((button) => ({ ...button, block_id }));
  });
}

interface Pressed {
  readonly app: AppRecord;
  readonly user: UserRecord;
  readonly conversation: ConversationRecord;
  readonly message: MessageRecord;
  readonly button: Json;
}

function payloadOf(workspace: Workspace, { app, user, conversation, message, button }: Pressed, baseUrl: string): Json {
  const secret = randomBytes(12).toString('hex');
  const response = {
    ...{ id: secret, app: app.id, user: user.id, conversation: conversation.id, ts: message.ts },
    ...{ untilMs: workspace.nowMs() + ANSWERS_FOR_MS, left: MOST_ANSWERS },
  };
  workspace.put('response', response);
  const { block_id: blockId, action_id: actionId, text, value, style } = button;
  return {
    type: 'block_actions',
    user: { id: user.id, username: user.name, name: user.name, team_id: TEAM.id },
    api_app_id: app.id,
    token: 'verification-token-deprecated',
    container: { type: 'message', message_ts: message.ts, channel_id: conversation.id, is_ephemeral: message.onlyFor !== null },
    trigger_id: `${workspace.nowMs()}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`,
    team: { id: TEAM.id, domain: TEAM.domain },
    enterprise: null,
    is_enterprise_install: false,
    channel: { id: conversation.id, name: conversation.kind === 'im' ? 'directmessage' : (conversation.name ?? '') },
    message: messageShown(message, app, true),
    state: { values: {} },
    response_url: `${baseUrl}/actions/${TEAM.id}/${workspace.nowMs()}/${secret}`,
    actions: [
      {
        ...{ type: 'button', action_id: actionId, block_id: blockId, text, action_ts: workspace.nextTs() },
        ...(value === undefined ? {} : { value }),
        ...(style === undefined ? {} : { style }),
      },
    ],
  };
}
