import type { Store } from '@lockstep/domain/sync/store.port.ts';
import pg from 'pg';
import type { Pool } from 'pg';

/**
 * One at a time under a name: an advisory lock of a session of its own. PostgreSQL gives it up when the session ends, so that a process that was killed
 * holds nothing, and one that is only slow holds it for as long as it works; no lease can tell these two apart. Not a session of the pool: as many works
 * as the pool is large would leave no connection for their transactions.
 */
export function exclusive({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): Store['exclusively'] {
  return async (name, work) => {
    const session = new pg.Client(pool.options);
    // A session that breaks takes the lock with it; the transactions of the work break then too.
    session.on('error', () => undefined);
    await session.connect();
    try {
      const lock = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as held';
      const { rows } = await session.query<{ held: boolean }>(lock, [`lockstep ${workspaceId} ${name}`]);
      return rows[0]?.held === true ? await work() : null;
    } finally {
      await session.end();
    }
  };
}
