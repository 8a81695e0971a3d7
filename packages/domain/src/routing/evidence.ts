/** Evidence is a set: what it says does not depend on the order, the time or the number of deliveries (R7). */
import canonicalize from 'canonicalize';
import type { Traits } from './condition.ts';
import type { ProductEvent } from './event.ts';

/**
 * One event per message id, in the order in which they happened. Commutative, associative and idempotent: deliveries may come in any order and number.
 * Of copies that differ (each delivery has a `sentAt` of its own, so that the corrected time moves by its latency) the live one stands before the imported
 * one, then the one that happened earliest, then the one received first.
 */
export function mergeEvidence(...sets: readonly (readonly ProductEvent[])[]): readonly ProductEvent[] {
  const best = new Map<string, ProductEvent>();
  for (const event of sets.flat()) {
    const known = best.get(event.messageId);
    if (known === undefined || standsBefore(event, known)) best.set(event.messageId, event);
  }
  return [...best.values()].sort(byTime);
}

/**
 * The account's traits at an instant: of all `identify` and `group` calls up to then the latest word on each trait. `group` speaks for the account and goes
 * over what `identify` says of its people, whatever came later.
 */
export function traitsOf(events: readonly ProductEvent[], at: string): Traits {
  const known = mergeEvidence(events).filter((event) => event.occurredAt <= new Date(at).toISOString());
  const of = (type: ProductEvent['type']): readonly [string, Traits[string]][] =>
    known.filter((event) => event.type === type).flatMap(({ values }) => Object.entries(values));
  return Object.fromEntries([...of('identify'), ...of('group')]);
}

function standsBefore(a: ProductEvent, b: ProductEvent): boolean {
  if (a.isBackfill !== b.isBackfill) return b.isBackfill;
  if (a.occurredAt !== b.occurredAt) return a.occurredAt < b.occurredAt;
  if (a.receivedAt !== b.receivedAt) return a.receivedAt < b.receivedAt;
  return (canonicalize(a) ?? '') < (canonicalize(b) ?? '');
}

/** ISO instants of one form are in the order of their letters. */
function byTime(a: ProductEvent, b: ProductEvent): number {
  const [x, y] = a.occurredAt === b.occurredAt ? [a.messageId, b.messageId] : [a.occurredAt, b.occurredAt];
  return x < y ? -1 : x > y ? 1 : 0;
}
