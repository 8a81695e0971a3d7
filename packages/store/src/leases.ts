/**
 * Leases with fencing tokens (K03). Times come from the caller. A row outlives its lease, so that a token is never given out twice.
 */
import type { LeaseHolder, Leases } from '@lockstep/domain/sync/leases.port.ts';
import type { Pool } from 'pg';
import { assertStorable } from './storable.ts';

/** Leases of one workspace. `pool` must come from `createPool`, and is the caller's to end. */
export function createLeases({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): Leases {
  return {
    /** The holder itself may acquire again (a restart under the same name) and gets a new token, which fences out its former self. */
    async acquire(name, holder, ttlMs, now) {
      assertStorable('lease', { name, holder });
      const { rows } = await pool.query<{ token: number }>(
        `insert into lockstep.leases as l (workspace_id, name, holder, token, held_since, expires_at)
         values ($1, $2, $3, 1, $5::timestamptz, $5::timestamptz + $4 * interval '1 millisecond')
         on conflict (workspace_id, name) do update set holder = excluded.holder, token = l.token + 1,
           held_since = excluded.held_since, expires_at = excluded.expires_at
         where l.holder is null or l.holder = excluded.holder or l.expires_at <= $5::timestamptz
         returning token`,
        [workspaceId, name, holder, ttlMs, now],
      );
      return rows[0]?.token ?? null;
    },
    /** False where the lease has run out, even if nobody has taken it since: what has expired is acquired anew. */
    async renew(name, holder, token, ttlMs, now) {
      const renewed = await pool.query(
        `update lockstep.leases set expires_at = $6::timestamptz + $5 * interval '1 millisecond'
         where workspace_id = $1 and name = $2 and holder = $3 and token = $4 and expires_at > $6::timestamptz`,
        [workspaceId, name, holder, token, ttlMs, now],
      );
      return renewed.rowCount === 1;
    },
    async release(name, holder, token) {
      await pool.query('update lockstep.leases set holder = null where workspace_id = $1 and name = $2 and holder = $3 and token = $4', [
        workspaceId,
        name,
        holder,
        token,
      ]);
    },
    async holder(name) {
      const { rows } = await pool.query<LeaseHolder>(
        `select holder, held_since as since, expires_at as "expiresAt" from lockstep.leases
         where workspace_id = $1 and name = $2 and holder is not null and held_since is not null`,
        [workspaceId, name],
      );
      return rows[0] ?? null;
    },
  };
}
