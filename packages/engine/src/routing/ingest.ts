/** Product events on their way in: what is new is evidence of an account, what was there is a record of its delivery (R7, case 12). */
import type { EventReading, ProductEvent } from '@lockstep/domain/routing/event.ts';
import type { RoutedAccount } from '@lockstep/domain/routing/lead.ts';
import type { RoutingEngine } from './environment.ts';

export interface Ingested {
  readonly fresh: number;
  readonly duplicates: number;
  /** Ids of accounts with new evidence: their workflows are to be woken. */
  readonly accounts: readonly string[];
}

/** Stores the events of one delivery, in one transaction. Idempotent by message id; what is refused loses nothing of the others. */
export async function ingest(engine: RoutingEngine, readings: readonly EventReading[]): Promise<Ingested> {
  const events = readings.flatMap((reading) => (reading.kind === 'event' ? [reading.event] : []));
  if (events.length === 0) return { fresh: 0, duplicates: 0, accounts: [] };
  const { fresh, duplicates, accounts } = await engine.store.transaction((tx) =>
    tx.acceptEvents(events.map((event) => ({ account: accountOf(engine, event), event }))),
  );
  return { fresh, duplicates, accounts: accounts.map(({ accountId }) => accountId) };
}

function accountOf(engine: RoutingEngine, { accountKey }: ProductEvent): RoutedAccount {
  return { accountId: engine.accountIdOf(accountKey), accountKey, record: null, match: null, evidenceVersion: 0 };
}
