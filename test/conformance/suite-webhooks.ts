/** Laws of webhooks, on what the vendor really sends. */
import { describe, expect, test } from 'vitest';
import type { Delivery, Verification, Watches } from '@lockstep/domain/sync/connector.port.ts';
import type { Account, Subject } from './subject.ts';
import { create } from './subject.ts';

export function webhookLaws(subject: Subject, webhook: NonNullable<Subject['webhook']>): void {
  const edited = async (): Promise<{ account: Account; watches: Watches; delivery: Delivery; remoteId: string }> => {
    const account = await subject.open();
    const { watches } = account.connect({ webhookSecret: webhook.secret });
    if (watches === undefined) throw new Error(`expected ${subject.name} to watch`);
    const { remoteId } = await create(account.connect(), { title: 'Pilot' });
    return { account, watches, delivery: await webhook.genuine(account, remoteId), remoteId };
  };
  const accepted = (verdict: Verification): Extract<Verification, { deliveryId: string }> => {
    if (!verdict.ok || !('deliveryId' in verdict)) throw new Error(`expected hints, got ${JSON.stringify(verdict)}`);
    return verdict;
  };
  describe('webhooks', () => {
    test('C01: a signed delivery gives hints and no content; the same one has the same id', async () => {
      const { watches, delivery, remoteId } = await edited();
      const verdict = accepted(watches.verify(delivery));
      expect(verdict.hints).toContainEqual({ remoteId, deleted: false });
      expect(verdict.deliveryId).not.toBe('');
      expect(accepted(watches.verify(delivery)).deliveryId).toBe(verdict.deliveryId);
    });

    test('C05: a delivery that is forged, changed, unsigned or not expected is refused', async () => {
      const { account, watches, delivery } = await edited();
      const changed = Uint8Array.from(delivery.body, (byte, index) => (index === delivery.body.length - 2 ? byte ^ 1 : byte));
      const unsigned = Object.fromEntries(Object.entries(delivery.headers).filter(([name]) => !name.includes('signature')));
      for (const bad of [webhook.forged(delivery), { ...delivery, body: changed }, { ...delivery, headers: unsigned }])
        expect(watches.verify(bad)).toEqual({ ok: false, reason: 'bad-signature' });
      expect(account.connect().watches?.verify(delivery)).toEqual({ ok: false, reason: 'bad-signature' });
    });

    test('C06: an event that we do not know is taken and ignored', async () => {
      const { account, watches, remoteId } = await edited();
      const verdict = accepted(watches.verify(await webhook.unknown(account, remoteId)));
      expect(verdict.hints).toEqual([]);
      expect(verdict.ignored).toBeGreaterThan(0);
    });
  });
}
