/** What may be sent while an account's calls for the day are nearly spent: backfills yield, people's edits have the reserve (J09). */
import { LANES } from '@lockstep/domain/sync/store.port.ts';
import type { Lane } from '@lockstep/domain/sync/store.port.ts';
import type { Connection } from './workspace.ts';

const RESERVED_FOR: readonly Lane[] = ['person', 'live'];

/** The lanes whose writes may be sent now. What another lane is owed stays owed. */
export function lanesOf({ connector }: Connection): readonly Lane[] {
  return connector.quota?.() === 'reserved' ? RESERVED_FOR : LANES;
}

/** True where a full scan is to wait: its place is kept, and the next one goes on there. */
export function scansYield({ connector }: Connection): boolean {
  return connector.quota?.() === 'reserved';
}
