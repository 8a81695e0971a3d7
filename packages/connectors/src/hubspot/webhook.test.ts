import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '@lockstep/domain/sync/connector.port.ts';
import { hubspotWatches } from './webhook.ts';

const SECRET = 'client-secret';
const URL_OF_OURS = 'https://lockstep.example/webhooks/hubspot';
const AT = '2026-11-24T10:00:00.000Z';

function delivery(
  events: unknown,
  changes: { at?: number; secret?: string; url?: string; signedUrl?: string; method?: string } = {},
): Delivery {
  const { at = Date.parse(AT), secret = SECRET, url = URL_OF_OURS, method = 'POST' } = changes;
  const body = typeof events === 'string' ? events : JSON.stringify(events);
  const signature = createHmac('sha256', secret)
    .update(`${method}${changes.signedUrl ?? url}${body}${at}`)
    .digest('base64');
  return {
    method,
    url,
    headers: { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': String(at) },
    body: Buffer.from(body),
    receivedAt: AT,
  };
}

const event = (subscriptionType: string, objectId: number, more: object = {}): object => ({
  eventId: objectId * 10,
  subscriptionId: 7,
  portalId: 1,
  occurredAt: Date.parse(AT),
  subscriptionType,
  attemptNumber: 0,
  objectId,
  ...more,
});

const watches = hubspotWatches(SECRET);

describe('deliveries of HubSpot', () => {
  it('gives a hint for each task, says what was deleted, and counts what is none of ours', () => {
    const verdict = watches.verify(
      delivery([
        event('task.creation', 11),
        event('task.propertyChange', 11, { propertyName: 'hs_task_subject', propertyValue: 'x' }),
        event('object.deletion', 12, { objectTypeId: '0-27' }),
        event('object.propertyChange', 13, { objectTypeId: '0-1' }),
        event('contact.creation', 14),
        event('task.somethingNew', 15),
      ]),
    );
    expect(verdict).toMatchObject({
      ok: true,
      hints: [
        { remoteId: '11', deleted: false },
        { remoteId: '12', deleted: true },
      ],
      ignored: 3,
    });
  });

  it('C05 a forged, an unsigned and a changed delivery are refused, and so is every one without a secret', () => {
    const genuine = delivery([event('task.creation', 11)]);
    const refusal = { ok: false, reason: 'bad-signature' };
    expect(watches.verify(delivery([event('task.creation', 11)], { secret: 'another' }))).toEqual(refusal);
    expect(watches.verify({ ...genuine, headers: {} })).toEqual(refusal);
    expect(watches.verify({ ...genuine, body: Buffer.from(JSON.stringify([event('task.creation', 12)])) })).toEqual(refusal);
    expect(watches.verify({ ...genuine, url: `${URL_OF_OURS}-2` })).toEqual(refusal);
    expect(watches.verify({ ...genuine, method: 'PUT' })).toEqual(refusal);
    expect(watches.verify({ ...genuine, headers: { ...genuine.headers, 'x-hubspot-request-timestamp': `${Date.parse(AT)}0` } })).toEqual(
      refusal,
    );
    expect(watches.verify({ ...genuine, headers: { ...genuine.headers, 'x-hubspot-signature-v3': '' } })).toEqual(refusal);
    expect(hubspotWatches(null).verify(genuine)).toEqual(refusal);
    expect(watches.verify(genuine)).toMatchObject({ ok: true });
  });

  it('C05 a replayed delivery is stale after five minutes, and one from the future is too', () => {
    const at = (ms: number) => watches.verify(delivery([event('task.creation', 11)], { at: Date.parse(AT) + ms }));
    expect(at(-5 * 60_000)).toMatchObject({ ok: true });
    expect(at(-5 * 60_000 - 1)).toEqual({ ok: false, reason: 'stale' });
    expect(at(5 * 60_000)).toEqual({ ok: false, reason: 'stale' });
  });

  it('C01 each attempt at a delivery has the same id, whatever its order and attempt number; another delivery has another', () => {
    const idOf = (...events: object[]): string => {
      const verdict = watches.verify(delivery(events));
      return verdict.ok && 'deliveryId' in verdict ? verdict.deliveryId : '';
    };
    const [one, two] = [event('task.creation', 11), event('task.creation', 12)];
    expect(idOf(one, two)).toBe(idOf(two, { ...one, attemptNumber: 3 }));
    expect(idOf(one)).not.toBe(idOf(two));
    // An event's id alone is not unique.
    expect(idOf(one)).not.toBe(idOf({ ...one, occurredAt: 1 }));
  });

  it('C06 unknown events are accepted and ignored; a body that is no list of events is malformed', () => {
    expect(watches.verify(delivery([event('company.merge', 1)]))).toMatchObject({ ok: true, hints: [], ignored: 1 });
    expect(watches.verify(delivery([]))).toMatchObject({ ok: true, hints: [], ignored: 0 });
    expect(watches.verify(delivery('{"not":"events"}'))).toEqual({ ok: false, reason: 'malformed' });
    expect(watches.verify(delivery('not JSON'))).toEqual({ ok: false, reason: 'malformed' });
  });

  it('the address is signed with its reserved characters as themselves', () => {
    const url = `${URL_OF_OURS}?from=a%2Fb%40c`;
    expect(watches.verify(delivery([], { url, signedUrl: `${URL_OF_OURS}?from=a/b@c` }))).toMatchObject({ ok: true });
  });
});
