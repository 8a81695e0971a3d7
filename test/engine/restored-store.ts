/** A backup, restored into a database of its own. */
import { createTestDatabase } from '@lockstep/local-services/testing.ts';
import { createPool } from '@lockstep/store/pool.ts';
import { restoreBackup } from '@lockstep/store/restore.ts';
import type { Pool } from 'pg';
import { onTestFinished } from 'vitest';

/** Ended and dropped with the test that asks. */
export async function restoredStore(folder: string): Promise<Pool> {
  const place = await createTestDatabase();
  const pool = createPool(place.url, { max: 4 });
  onTestFinished(async () => {
    await pool.end();
    await place.drop();
  });
  await restoreBackup(place.url, folder);
  return pool;
}
