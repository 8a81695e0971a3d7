/**
 * Buttons pressed in Slack: signed with the app's signing secret (v0) over the bytes as they came. Source:
 * https://docs.slack.dev/authentication/verifying-requests-from-slack. A payload that is genuine and not about a button is passed over.
 */
import { createHash } from 'node:crypto';
import type { Delivery } from '@lockstep/domain/sync/connector.port.ts';
import { isSigned } from '../http/signature.ts';
import { payloadSchema, pressSchema } from './wire.ts';
import { jsonOf } from '../http/json.ts';

/** Slack's own advice, in both directions: a worker's clock may be behind (case 28). */
const OLDEST_MS = 5 * 60_000;

/** A button was pressed. */
export interface ButtonPress {
  /** The same for every delivery of one press; another press of the same button has another (case 25). */
  readonly pressId: string;
  readonly teamId: string;
  readonly userId: string;
  readonly actionId: string;
  readonly value: string;
  readonly messageTs: string;
  readonly channelId: string;
  /** Takes up to 5 answers within 30 minutes; null where Slack gave none. Holds a secret: never logged. */
  readonly responseUrl: string | null;
}

export type InteractivityVerdict =
  /** Answer 200 with an empty body, within 3 s. Most payloads hold one press; those of other kinds none. */
  | { readonly ok: true; readonly presses: readonly ButtonPress[] }
  | { readonly ok: false; readonly reason: 'bad-signature' | 'stale' | 'malformed' };

/** Verifies and reads a delivery. Without a secret everything is refused. */
export function readInteractivity(signingSecret: string | null, delivery: Delivery): InteractivityVerdict {
  const timestamp = delivery.headers['x-slack-request-timestamp'] ?? '';
  const signature = /^v0=([0-9a-f]{64})$/.exec(delivery.headers['x-slack-signature'] ?? '')?.[1];
  if (signingSecret === null || signingSecret === '' || signature === undefined || !/^\d{1,12}$/.test(timestamp))
    return { ok: false, reason: 'bad-signature' };
  const signed = Buffer.concat([Buffer.from(`v0:${timestamp}:`), delivery.body]);
  if (!isSigned(signingSecret, signed, signature, 'hex')) return { ok: false, reason: 'bad-signature' };
  const ageMs = Date.parse(delivery.receivedAt) - Number(timestamp) * 1_000;
  if (!(Math.abs(ageMs) <= OLDEST_MS)) return { ok: false, reason: 'stale' };
  return read(delivery.body);
}

function read(body: Uint8Array): InteractivityVerdict {
  const payload = jsonOf(new URLSearchParams(Buffer.from(body).toString('utf8')).get('payload') ?? '');
  const kind = payloadSchema.safeParse(payload);
  if (!kind.success) return { ok: false, reason: 'malformed' };
  if (kind.data.type !== 'block_actions') return { ok: true, presses: [] };
  const parsed = pressSchema.safeParse(payload);
  // Buttons on other surfaces (a home tab, a modal) have no message.
  if (!parsed.success) return isOfMessage(payload) ? { ok: false, reason: 'malformed' } : { ok: true, presses: [] };
  const { team, user, container, response_url: responseUrl = null, actions } = parsed.data;
  return {
    ok: true,
    presses: actions.map(({ action_id: actionId, action_ts: actionTs, value = '' }) => ({
      pressId: createHash('sha256')
        .update([team.id, user.id, container.channel_id, container.message_ts, actionId, actionTs].join('\n'))
        .digest('hex'),
      teamId: team.id,
      userId: user.id,
      actionId,
      value,
      messageTs: container.message_ts,
      channelId: container.channel_id,
      responseUrl,
    })),
  };
}

function isOfMessage(payload: unknown): boolean {
  const container = (payload as { readonly container?: { readonly type?: unknown } | null }).container;
  return container === undefined || container === null || container.type === 'message';
}
