import { signWebhookPayload } from '@notionhq/client';
import type { Delivery } from '@lockstep/domain/sync/connector.port.ts';
import { describe, expect, test } from 'vitest';
import { createWatch } from './webhook.ts';

const SECRET = 'secret_of_this_subscription';
const SOURCE = 'bb67ae85-84ca-4a73-9b2b-3c6ef372fe94';

function delivery(body: string, signature?: string): Delivery {
  return {
    method: 'POST',
    url: 'https://lockstep.test/webhooks/notion',
    headers: signature === undefined ? {} : { 'x-notion-signature': signature },
    body: new TextEncoder().encode(body),
    receivedAt: '2026-11-24T10:00:00.000Z',
  };
}

/** Signed by the vendor's own code. */
async function signed(event: unknown, verificationToken: string = SECRET): Promise<Delivery> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  return delivery(body, await signWebhookPayload({ body, verificationToken }));
}

const event = (type: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: `event of ${type}`,
  timestamp: '2026-11-24T10:00:00.000Z',
  workspace_id: 'w',
  workspace_name: 'Growth',
  subscription_id: 's',
  integration_id: 'i',
  attempt_number: 1,
  api_version: '2026-03-11',
  authors: [],
  type,
  entity: { id: 'page-1', type: 'page' },
  data: { parent: { id: 'd', type: 'database', data_source_id: SOURCE } },
  ...more,
});

describe('Notion, webhooks', () => {
  test.each([
    ['page.created', false],
    ['page.properties_updated', false],
    ['page.undeleted', false],
    ['page.deleted', true],
  ])('C02: %s says where to look, under the id of its event', async (type, deleted) => {
    const watch = createWatch(SECRET, SOURCE);
    expect(watch.verify(await signed(event(type)))).toEqual({
      ok: true,
      deliveryId: `event of ${type}`,
      hints: [{ remoteId: 'page-1', deleted }],
      ignored: 0,
    });
  });

  test('C05: a forged, altered or missing signature is refused, and so is everything while no secret is configured', async () => {
    const good = await signed(event('page.created'));
    const altered = { ...good, body: new TextEncoder().encode(JSON.stringify(event('page.deleted'))) };
    const watch = createWatch(SECRET, null);
    for (const bad of [await signed(event('page.created'), 'another secret'), altered, { ...good, headers: {} }])
      expect(watch.verify(bad)).toEqual({ ok: false, reason: 'bad-signature' });
    expect(watch.verify(delivery('{}', 'sha256=00'))).toEqual({ ok: false, reason: 'bad-signature' });
    expect(createWatch(null, null).verify(good)).toEqual({ ok: false, reason: 'bad-signature' });
  });

  test('C06: events of other things and unknown types are ignored, not refused', async () => {
    const watch = createWatch(SECRET, SOURCE);
    for (const other of [
      event('comment.created', { entity: { id: 'c', type: 'comment' } }),
      event('view.painted', { entity: { id: 'v', type: 'view' } }),
    ])
      expect(watch.verify(await signed(other))).toMatchObject({ ok: true, hints: [], ignored: 1 });
    expect(watch.verify(await signed('[]'))).toEqual({ ok: false, reason: 'malformed' });
  });

  test('C06: a page of another database is ignored; one that was moved there was ours before', async () => {
    const watch = createWatch(SECRET, SOURCE.replaceAll('-', ''));
    const elsewhere = { data: { parent: { id: 'd', type: 'database', data_source_id: '00000000-84ca-4a73-9b2b-3c6ef372fe94' } } };
    expect(watch.verify(await signed(event('page.created', elsewhere)))).toMatchObject({ hints: [] });
    expect(watch.verify(await signed(event('page.moved', elsewhere)))).toMatchObject({ hints: [{ remoteId: 'page-1' }] });
    expect(watch.verify(await signed(event('page.created')))).toMatchObject({ hints: [{ remoteId: 'page-1' }] });
  });

  test('C05: the first call is taken only while no secret is configured, and its token is shown to the operator', () => {
    const first = delivery(JSON.stringify({ verification_token: 'secret_new' }));
    const open = createWatch(null, null);
    expect(open.verify(first)).toEqual({ ok: true, handshake: '' });
    expect(open.offeredToken()).toBe('secret_new');
    const configured = createWatch(SECRET, null);
    expect(configured.verify(first)).toEqual({ ok: false, reason: 'bad-signature' });
    expect(configured.verify(delivery(JSON.stringify({ verification_token: SECRET })))).toEqual({ ok: true, handshake: '' });
    expect(configured.offeredToken()).toBeNull();
  });
});
