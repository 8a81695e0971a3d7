/** OAuth tokens of one connection. They are sealed before they come here; whoever refreshes them holds a lease. */
import { createHash } from 'node:crypto';
import type { Leases } from '@lockstep/domain/sync/leases.port.ts';
import type { KeptGrant, TokenGrant, TokenVault } from '@lockstep/domain/sync/tokens.port.ts';
import type { Pool } from 'pg';

/** Encrypts at rest; what was sealed with an older key still opens. */
export interface Sealing {
  seal(plain: string): Uint8Array;
  open(sealed: Uint8Array): string;
}

export interface TokenVaultParts {
  readonly pool: Pool;
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly leases: Leases;
  /** This process among those that work for the connection. */
  readonly holder: string;
  readonly now: () => string;
  readonly sealing: Sealing;
  /** The configured secret from which the first grant comes; another one makes what is kept worthless. */
  readonly configured: string;
}

/** Longer than a refresh may take: its request times out before. */
const LEASE_MS = 60_000;

/** The vault of one connection. `pool` is the caller's to end. */
export function createTokenVault(parts: TokenVaultParts): TokenVault {
  const { pool, workspaceId, connectionId, leases, holder, sealing } = parts;
  const grantHash = createHash('sha256').update(parts.configured).digest('hex');
  const lease = `tokens/${connectionId}`;
  return {
    async read() {
      const { rows } = await pool.query<{ sealed: Buffer; version: number }>(
        'select sealed, version from lockstep.tokens where workspace_id = $1 and connection_id = $2 and grant_hash = $3',
        [workspaceId, connectionId, grantHash],
      );
      const [row] = rows;
      return row === undefined
        ? null
        : ({ ...(JSON.parse(sealing.open(row.sealed)) as TokenGrant), version: row.version } satisfies KeptGrant);
    },
    async replace(grant, expectedVersion) {
      const { accessToken, refreshToken, expiresAt } = grant;
      const sealed = Buffer.from(sealing.seal(JSON.stringify({ accessToken, refreshToken, expiresAt } satisfies TokenGrant)));
      const replaced = await pool.query(
        `insert into lockstep.tokens as t (workspace_id, connection_id, grant_hash, sealed, version) values ($1, $2, $3, $4, $5::bigint + 1)
         on conflict (workspace_id, connection_id) do update
           set grant_hash = excluded.grant_hash, sealed = excluded.sealed, version = t.version + 1
           where t.version = $5 or t.grant_hash <> excluded.grant_hash`,
        [workspaceId, connectionId, grantHash, sealed, expectedVersion],
      );
      return replaced.rowCount === 1;
    },
    async exclusively(work) {
      const token = await leases.acquire(lease, holder, LEASE_MS, parts.now());
      if (token === null) return null;
      try {
        return await work();
      } finally {
        await leases.release(lease, holder, token);
      }
    },
  };
}
