/**
 * Webhooks: signals without content, signed over the raw body with the subscription's verification token.
 * Source: SDK `verifyWebhookSignature` and `*WebhookPayload`; developers.notion.com/reference/webhooks. Delivery is at most once and unordered.
 */
import type { Delivery, Hint, Verification, Watches } from '@lockstep/domain/sync/connector.port.ts';
import { isSigned } from '../http/signature.ts';
import { eventSchema, handshakeSchema } from './wire.ts';

const REFUSED: Verification = { ok: false, reason: 'bad-signature' };
const MALFORMED: Verification = { ok: false, reason: 'malformed' };

export interface NotionWatch extends Watches {
  /** The verification token that Notion has sent while no secret was configured; null where none came. For the operator's eyes only. */
  offeredToken(): string | null;
}

/**
 * Without a secret every event is refused. The one thing that is taken then is Notion's first call, which carries the token to configure: `doctor` shows
 * it. Whoever else sends one gains nothing, since Notion's own page refuses a token that it has not sent.
 */
export function createWatch(secret: string | null, dataSourceId: string | null): NotionWatch {
  let offered: string | null = null;
  const handshake = (token: string): Verification => {
    if (secret !== null) return token === secret ? { ok: true, handshake: '' } : REFUSED;
    offered = token;
    return { ok: true, handshake: '' };
  };
  return {
    offeredToken: () => offered,
    verify(delivery) {
      const signature = delivery.headers['x-notion-signature'];
      const body = jsonOf(delivery);
      if (signature === undefined) {
        const first = handshakeSchema.strict().safeParse(body);
        return first.success ? handshake(first.data.verification_token) : REFUSED;
      }
      const digest = /^sha256=([0-9a-f]{64})$/i.exec(signature)?.[1];
      if (secret === null || digest === undefined || !isSigned(secret, delivery.body, digest, 'hex')) return REFUSED;
      const event = eventSchema.safeParse(body);
      if (!event.success) return MALFORMED;
      const hints = hintsOf(event.data, dataSourceId);
      return { ok: true, deliveryId: event.data.id, hints, ignored: hints.length === 0 ? 1 : 0 };
    },
  };
}

function jsonOf(delivery: Delivery): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(delivery.body));
  } catch {
    return null;
  }
}

type WebhookEvent = (typeof eventSchema)['_output'];

/** Every event of a page is a reason to look; pages that are said to lie elsewhere are not. A page that is moved away was ours before. */
function hintsOf(event: WebhookEvent, dataSourceId: string | null): readonly Hint[] {
  const page = event.type.startsWith('comment.') ? (event.data?.page_id ?? null) : null;
  if (page !== null) return [{ remoteId: page, deleted: false, discussed: true }];
  if (!event.type.startsWith('page.') || event.entity.type !== 'page') return [];
  const where = event.data?.parent?.data_source_id ?? null;
  const isElsewhere = dataSourceId !== null && where !== null && bare(where) !== bare(dataSourceId) && event.type !== 'page.moved';
  return isElsewhere ? [] : [{ remoteId: event.entity.id, deleted: event.type === 'page.deleted' }];
}

/** Ids are the same with and without dashes. */
function bare(id: string): string {
  return id.replaceAll('-', '').toLowerCase();
}
