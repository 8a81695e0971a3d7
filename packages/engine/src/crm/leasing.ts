/** One set at a time writes to a record (C10); and the sets that nobody carries on (C11, case 43). */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { RecordRef, SetState } from '@lockstep/domain/crm/change-set.ts';
import { SetElsewhere, setOf } from './environment.ts';
import type { CrmEngine } from './environment.ts';

export interface Acquired {
  /** Empty where all records are the set's now; else none is. */
  readonly heldBy: readonly { readonly record: RecordRef; readonly changeSetId: string }[];
}

/** Takes the leases of all records of a set, in key order, all or none. Idempotent. */
export async function acquire(engine: CrmEngine, changeSetId: string, now: string): Promise<Acquired> {
  return engine.store.transaction(async (tx) => {
    const set = (await tx.lockChangeSet(changeSetId)) ?? (await setOf(tx, changeSetId));
    if (set.state !== 'waiting-for-records' && set.state !== 'applying')
      throw new SetElsewhere(
        `change set ${changeSetId}: expected one that waits for its records, got one that is ${set.state}; judge it first`,
      );
    const records = await tx.recordsOf(changeSetId);
    const newest = await tx.currentIds(records);
    const known = records.map((record) => ({ ...record, recordId: newest.get(recordKey(record)) ?? record.recordId }));
    const held = await tx.acquireLeases(changeSetId, known, now);
    return { heldBy: held.map(({ record, heldBy }) => ({ record, changeSetId: heldBy })) };
  });
}

/** Sets that have begun and not ended. */
const UNDER_WAY: readonly SetState[] = ['awaiting-approval', 'waiting-for-records', 'applying', 'verifying', 'compensating'];
const MOST_SETS = 1_000;

export interface Swept {
  /** Under way with no workflow: start one for each, which goes on from the store or cleans up. */
  readonly orphans: readonly string[];
  /** Ended, and their leases were still held: they are free now. */
  readonly released: readonly string[];
}

/**
 * Finds sets whose workflow is gone (terminated: no code of theirs ran). Called every minute or so, it finds them within 5. `isRunning` tells whether a
 * workflow of the set runs now. A set that needs an operator keeps its leases (C7).
 */
export async function sweep(engine: CrmEngine, isRunning: (changeSetId: string) => Promise<boolean>): Promise<Swept> {
  const { holders, underWay } = await engine.store.snapshot(async (reader) => {
    const found = await reader.leaseHolders();
    const sets: string[] = [];
    for (const state of UNDER_WAY) for (const set of await reader.changeSets({ state, limit: MOST_SETS })) sets.push(set.changeSetId);
    return { holders: found.map((holder) => holder.changeSetId), underWay: sets };
  });
  const orphans: string[] = [];
  const released: string[] = [];
  for (const changeSetId of new Set([...holders, ...underWay])) {
    if (await isRunning(changeSetId)) continue;
    const state = await releaseIfEnded(engine, changeSetId);
    if (state === 'under-way') orphans.push(changeSetId);
    if (state === 'released') released.push(changeSetId);
  }
  return { orphans, released };
}

async function releaseIfEnded(engine: CrmEngine, changeSetId: string): Promise<'under-way' | 'released' | 'held'> {
  return engine.store.transaction(async (tx) => {
    const set = await tx.lockChangeSet(changeSetId);
    if (set !== null && set.state !== 'ended') return 'under-way';
    if (set?.end === 'needs-operator') return 'held';
    await tx.releaseLeases(changeSetId);
    return 'released';
  });
}
