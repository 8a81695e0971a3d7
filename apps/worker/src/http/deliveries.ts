/**
 * Deliveries on their way into the store. Those that come while others are being stored go together in the next transaction: one commit for a burst, not one
 * each. Nobody is answered before the commit.
 */
import type { Store, StoredDelivery } from '@lockstep/domain/sync/store.port.ts';

interface Waiting {
  readonly delivery: StoredDelivery;
  readonly resolve: (accepted: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** The most that one transaction takes: a burst must not wait for a long one. */
const MOST = 500;

/** Resolves with true for a delivery that is new, when it is stored; false for one that was stored before. */
export type AcceptDelivery = (delivery: StoredDelivery) => Promise<boolean>;

export function createDeliveries(store: Store): AcceptDelivery {
  const waiting: Waiting[] = [];
  let isStoring = false;
  const drain = async (): Promise<void> => {
    isStoring = true;
    while (waiting.length > 0) await storeTogether(store, waiting.splice(0, MOST));
    isStoring = false;
  };
  return (delivery) =>
    new Promise((resolve, reject) => {
      waiting.push({ delivery, resolve, reject });
      if (!isStoring) void drain();
    });
}

/** A transaction for all; where it fails, one for each, so that nobody answers for another's delivery. Never rejects. */
async function storeTogether(store: Store, batch: readonly Waiting[]): Promise<void> {
  try {
    const accepted = await store.transaction((tx) => tx.acceptDeliveries(batch.map(({ delivery }) => delivery)));
    for (const [index, { resolve }] of batch.entries()) resolve(accepted[index] === true);
  } catch (error) {
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) only.reject(error);
    else for (const one of batch) await storeTogether(store, [one]);
  }
}
