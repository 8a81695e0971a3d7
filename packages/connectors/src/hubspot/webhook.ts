/**
 * Deliveries of a HubSpot app, signed with its client secret (version 3 of the signature). Source:
 * https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
import { createHash } from 'node:crypto';
import type { Delivery, Hint, Verification, Watches } from '@lockstep/domain/sync/connector.port.ts';
import type { z } from 'zod';
import { isSigned } from '../http/signature.ts';
import { eventsSchema } from './wire.ts';
import { jsonOf } from '../http/json.ts';

/** HubSpot: older ones are to be refused. */
const OLDEST_MS = 5 * 60_000;
/** As far as our clock may be behind HubSpot's. */
const CLOCK_SKEW_MS = 60_000;
/** HubSpot's id of the object type, in the generic subscriptions (`object.creation` …). */
const TASK_TYPE = '0-27';

/** Without a secret nothing can be verified, and everything is refused: polling does the work. */
export function hubspotWatches(secret: string | null): Watches {
  return {
    verify(delivery) {
      if (secret === null || !isGenuine(secret, delivery)) return { ok: false, reason: 'bad-signature' };
      const ageMs = Date.parse(delivery.receivedAt) - Number(delivery.headers['x-hubspot-request-timestamp']);
      return ageMs <= OLDEST_MS && ageMs >= -CLOCK_SKEW_MS ? read(delivery) : { ok: false, reason: 'stale' };
    },
  };
}

function isGenuine(secret: string, { method, url, headers, body }: Delivery): boolean {
  const signature = headers['x-hubspot-signature-v3'];
  const timestamp = headers['x-hubspot-request-timestamp'];
  if (signature === undefined || timestamp === undefined || !/^\d{1,15}$/.test(timestamp)) return false;
  const signed = Buffer.concat([Buffer.from(method + decodedUrl(url)), body, Buffer.from(timestamp)]);
  return isSigned(secret, signed, signature, 'base64');
}

/** HubSpot signs the address with these characters as themselves. */
function decodedUrl(url: string): string {
  return url.replaceAll(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, (code) => decodeURIComponent(code));
}

type Events = z.infer<typeof eventsSchema>;

function read({ body }: Delivery): Verification {
  const events = eventsSchema.safeParse(jsonOf(Buffer.from(body).toString('utf8')));
  if (!events.success) return { ok: false, reason: 'malformed' };
  const hints = new Map<string, Hint>();
  let ignored = 0;
  for (const event of events.data) {
    const found = hintsOf(event);
    if (found.length === 0) ignored += 1;
    for (const hint of found) hints.set(hint.remoteId, { ...hint, deleted: hint.deleted || hints.get(hint.remoteId)?.deleted === true });
  }
  return { ok: true, deliveryId: deliveryIdOf(events.data), hints: [...hints.values()], ignored };
}

/** The same for each attempt at one delivery, whose `attemptNumber` differs. HubSpot does not promise that an event's id is unique by itself. */
function deliveryIdOf(events: Events): string {
  const names = events.map(({ eventId, subscriptionId, occurredAt }) => `${eventId}/${subscriptionId ?? ''}/${occurredAt ?? ''}`);
  return createHash('sha256').update(names.sort().join('\n')).digest('hex');
}

const DELETED: Readonly<Record<string, boolean>> = {
  creation: false,
  propertyChange: false,
  restore: false,
  /** The ids of those that were merged into the record are read as well: they answer with it. */
  merge: false,
  associationChange: false,
  deletion: true,
};

function hintsOf({ subscriptionType, objectTypeId, objectId, mergedObjectIds }: Events[number]): readonly Hint[] {
  const [subject, change = ''] = subscriptionType.split('.');
  const isTask = subject === 'task' || (subject === 'object' && objectTypeId === TASK_TYPE);
  const deleted = DELETED[change];
  if (!isTask || deleted === undefined || objectId === undefined || objectId === null) return [];
  return [objectId, ...(mergedObjectIds ?? [])].map((remoteId) => ({ remoteId, deleted }));
}
