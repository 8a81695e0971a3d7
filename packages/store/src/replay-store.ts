/** The port to the store of replays on PostgreSQL, of one workspace. One file per subject holds the statements. */
import type { ReplayReader, ReplayStore, ReplayTransaction } from '@lockstep/domain/replay/replay-store.port.ts';
import type { Pool } from 'pg';
import { auditWrites } from './audit.ts';
import { effectReads } from './replay-effects.ts';
import { replayReads, replayWrites } from './replays.ts';
import type { Scope } from './tables.ts';
import { transactions } from './transactions.ts';

/** `pool` must come from `createPool`, is migrated, and is the caller's to end. */
export function createReplayStore({ pool, workspaceId }: { readonly pool: Pool; readonly workspaceId: string }): ReplayStore {
  return transactions({ pool, workspaceId }, readerOf, transactionOf);
}

function readerOf(scope: Scope): ReplayReader {
  return { ...replayReads(scope), ...effectReads(scope) };
}

function transactionOf(scope: Scope): ReplayTransaction {
  return { ...readerOf(scope), ...replayWrites(scope), ...auditWrites(scope) };
}
