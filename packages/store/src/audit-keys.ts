/** The workspace's key of pseudonyms: made once, sealed before it comes here. */
import type { Pool } from 'pg';
import type { Sealing } from './tokens.ts';

export interface AuditKeyParts {
  readonly pool: Pool;
  readonly workspaceId: string;
  readonly sealing: Sealing;
  /** 32 random bytes; they become the key where there is none yet. */
  readonly fresh: Uint8Array;
}

/** The key, the same for every process of the workspace. Lost with the store: pseudonyms of an earlier store do not meet those of a new one. */
export async function pseudonymKey({ pool, workspaceId, sealing, fresh }: AuditKeyParts): Promise<Uint8Array> {
  const sealed = Buffer.from(sealing.seal(Buffer.from(fresh).toString('base64')));
  await pool.query('insert into lockstep.audit_keys (workspace_id, sealed) values ($1, $2) on conflict do nothing', [workspaceId, sealed]);
  const { rows } = await pool.query<{ sealed: Buffer }>('select sealed from lockstep.audit_keys where workspace_id = $1', [workspaceId]);
  const [row] = rows;
  if (row === undefined) throw new Error(`workspace ${workspaceId}: expected its key of pseudonyms, found none`);
  return Buffer.from(sealing.open(row.sealed), 'base64');
}
