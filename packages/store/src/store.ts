/**
 * The store port on PostgreSQL. One file per subject holds the statements; this one puts them together and runs transactions.
 *
 * Every statement is confined to the workspace, set-based and one round trip. See docs/decisions/0003-postgresql-store.md.
 */
import type { Store, StoreReader, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Pool } from 'pg';
import { conflictReads, conflictWrites } from './conflicts.ts';
import { connectionReads, connectionWrites } from './connections.ts';
import { countReads } from './counts.ts';
import { inbox } from './inbox.ts';
import { itemReads, itemWrites } from './items.ts';
import { ledgerReads, ledgerWrites } from './ledger.ts';
import { linkReads, linkWrites } from './links.ts';
import { outboxReads, outboxWrites } from './outbox.ts';
import { parkedReads, parkedWrites } from './parked.ts';
import { scans } from './scans.ts';
import { closable } from './session.ts';
import type { Database, Scope } from './tables.ts';

/** How often a transaction is tried again before its deadlock or serialisation failure is thrown. */
const MOST_RETRIES = 5;
/** SQLSTATE of serialization_failure and deadlock_detected: nothing was committed, and the same work may well succeed now. */
const RETRIED = new Set(['40001', '40P01']);

/** A store of one workspace. `pool` must come from `createPool` (its parsers make the row types true), is migrated, and is the caller's to end. */
export function createStore({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): Store {
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    transaction: (work) =>
      retried(() =>
        db
          .transaction()
          .setIsolationLevel('read committed')
          .execute((session) => closable(transactionOf({ db: session, workspaceId }), work)),
      ),
    snapshot: (work) =>
      db
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((session) => closable(readerOf({ db: session, workspaceId }), work)),
  };
}

function readerOf(scope: Scope): StoreReader {
  return {
    ...connectionReads(scope),
    ...itemReads(scope),
    ...linkReads(scope),
    ...outboxReads(scope),
    ...conflictReads(scope),
    ...ledgerReads(scope),
    ...parkedReads(scope),
    ...countReads(scope),
  };
}

function transactionOf(scope: Scope): StoreTransaction {
  return {
    ...readerOf(scope),
    ...itemWrites(scope),
    ...linkWrites(scope),
    ...outboxWrites(scope),
    ...conflictWrites(scope),
    ...ledgerWrites(scope),
    ...connectionWrites(scope),
    ...inbox(scope),
    ...scans(scope),
    ...parkedWrites(scope),
  };
}

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await run();
    } catch (error) {
      if (retries === MOST_RETRIES || !(error instanceof pg.DatabaseError) || !RETRIED.has(error.code ?? '')) throw error;
    }
  }
}
