/** Transactions of one workspace, the same for every port to the store: what is tried again, how they are isolated, and what guards them. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Pool } from 'pg';
import { closable } from './session.ts';
import type { Database, Scope } from './tables.ts';

/** How often a transaction is tried again before its deadlock or serialisation failure is thrown. */
const MOST_RETRIES = 5;
/** SQLSTATE of serialization_failure and deadlock_detected: nothing was committed, and the same work may well succeed now. */
const RETRIED = new Set(['40001', '40P01']);

interface Place {
  /** From `createPool`, migrated, and the caller's to end. */
  readonly pool: Pool;
  readonly workspaceId: string;
}

interface Transactions<Reader, Transaction> {
  readonly transaction: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;
  readonly snapshot: <T>(work: (tx: Reader) => Promise<T>) => Promise<T>;
}

/** Read committed for writes, run again as a whole on a serialisation failure or deadlock; one read-only snapshot for reads. */
export function transactions<Reader extends object, Transaction extends object>(
  { pool, workspaceId }: Place,
  readerOf: (scope: Scope) => Reader,
  transactionOf: (scope: Scope) => Transaction,
): Transactions<Reader, Transaction> {
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

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await run();
    } catch (error) {
      if (retries === MOST_RETRIES || !isRetried(error)) throw error;
    }
  }
}

/** A caller may have given the failure another name, with the server's as its cause. */
function isRetried(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return RETRIED.has(error.code ?? '');
  return error instanceof Error && error.cause !== undefined && isRetried(error.cause);
}
