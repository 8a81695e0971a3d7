import type { Store } from '@lockstep/domain/sync/store.port.ts';
import pg from 'pg';
import type { Pool, PoolClient } from 'pg';

/** How long a session that holds nothing waits for the next work: to open one takes longer than many a work (docs/decisions/0024). */
const IDLE_SESSION_MS = 5_000;
/** As many works as a process may have under way; PostgreSQL's own limit of connections comes first. */
const MOST_SESSIONS = 1_000;

/**
 * One at a time under a name: an advisory lock of a session that nothing else uses meanwhile. PostgreSQL gives it up when the session ends, so that a
 * process that was killed holds nothing, and one that is only slow holds it for as long as it works; no lease can tell these two apart. Not a session of
 * the pool: as many works as the pool is large would leave no connection for their transactions.
 */
export function exclusive({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): Store['exclusively'] {
  const sessions = sessionsBeside(pool);
  return async (name, work) => {
    const session = await sessions.connect();
    const lock = `lockstep ${workspaceId} ${name}`;
    let isHeld = false;
    try {
      isHeld = await take(session, lock);
      return isHeld ? await work() : null;
    } finally {
      // Where giving it up fails, the session ends, and the lock with it.
      const isGivenBack = !isHeld || (await giveBack(session, lock).catch(() => false));
      session.release(!isGivenBack);
    }
  };
}

const known = new WeakMap<Pool, Pool>();

/** The same for all stores of a pool. */
function sessionsBeside(pool: Pool): Pool {
  const before = known.get(pool);
  if (before !== undefined) return before;
  const sessions = new pg.Pool({ ...pool.options, max: MOST_SESSIONS, idleTimeoutMillis: IDLE_SESSION_MS, allowExitOnIdle: true });
  // A session that breaks while it is idle holds nothing.
  sessions.on('error', () => undefined);
  // One that breaks at work takes the lock with it; the transactions of the work break then too.
  sessions.on('connect', (session) => session.on('error', () => undefined));
  known.set(pool, sessions);
  return sessions;
}

async function take(session: PoolClient, lock: string): Promise<boolean> {
  const { rows } = await session.query<{ held: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as held', [lock]);
  return rows[0]?.held === true;
}

async function giveBack(session: PoolClient, lock: string): Promise<boolean> {
  const { rows } = await session.query<{ given: boolean }>('select pg_advisory_unlock(hashtextextended($1, 0)) as given', [lock]);
  return rows[0]?.given === true;
}
