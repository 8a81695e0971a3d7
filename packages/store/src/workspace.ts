import type { Pool } from 'pg';
import { assertStorable } from './storable.ts';

/** Puts the workspace on record; does nothing where it is already. `saveConnection` does the same, so that a store works without it. */
export async function ensureWorkspace(pool: Pool, workspaceId: string): Promise<void> {
  assertStorable('workspaceId', workspaceId);
  await pool.query('insert into lockstep.workspaces (workspace_id) values ($1) on conflict do nothing', [workspaceId]);
}
