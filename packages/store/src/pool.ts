/**
 * The connection pool. All of the store's queries go through a pool made here, because the row types rely on its parsers:
 * `timestamptz` is read as an ISO instant in milliseconds (the port speaks ISO strings), `int8` as a number (counts, versions and tokens stay far below
 * 2^53; a value above it is an error, never a rounded number).
 */
import pg from 'pg';
import type { CustomTypesConfig, Pool } from 'pg';
import { prepareStatements } from './prepared.ts';

export interface PoolOptions {
  /** Most connections at one time. Default 10. */
  readonly max?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /**
   * Told when an idle connection breaks (a restarted server). The pool has dropped the connection already and opens another on demand, so there is
   * nothing to do but to say so. The error holds no credentials.
   */
  readonly onIdleError?: (error: Error) => void;
}

/** How long to wait for a free or new connection before the query fails. */
const CONNECTION_TIMEOUT_MS = 15_000;
/** A statement that takes longer is stuck behind a lock that its holder will not give up. */
const STATEMENT_TIMEOUT_MS = 60_000;
/** A worker that hangs within a transaction must not hold its row locks for ever. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 120_000;

const { INT8, TIMESTAMPTZ } = pg.types.builtins;
/** The driver's name for the type of a column. */
type TypeId = Parameters<typeof pg.types.getTypeParser>[0];

/** A pool for `createStore`, `createLeases` and `migrate`. The caller ends it. */
export function createPool(url: string, options: PoolOptions = {}): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'lockstep',
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    types: PARSERS,
  });
  // Without a listener Node would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  pool.on('connect', (client) => {
    // Nor would one that breaks between two statements of a transaction: the next statement says so to whoever runs it.
    client.on('error', () => undefined);
    prepareStatements(client);
  });
  return pool;
}

const PARSERS: CustomTypesConfig = {
  getTypeParser: ((oid: TypeId, format?: 'text' | 'binary') => {
    if (oid === INT8) return parseInt8;
    if (oid === TIMESTAMPTZ) return parseInstant;
    return pg.types.getTypeParser(oid, format);
  }) as CustomTypesConfig['getTypeParser'],
};

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8: expected a whole number below 2^53, got ${text}`);
  return value;
}

const parseDate = pg.types.getTypeParser(TIMESTAMPTZ, 'text') as (text: string) => unknown;

function parseInstant(text: string): string {
  const instant = parseDate(text);
  if (!(instant instanceof Date)) throw new RangeError(`timestamptz: expected an instant in DateStyle ISO, got ${text}`);
  return instant.toISOString();
}
