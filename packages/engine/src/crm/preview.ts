/** What people see of a set before they say yes, and after. */
import type { Approval, ChangeSet, KeptField, Step, StepState } from '@lockstep/domain/crm/change-set.ts';
import { diffOf } from '@lockstep/domain/crm/diff.ts';
import type { DiffRow } from '@lockstep/domain/crm/diff.ts';
import type { Verdict } from '@lockstep/domain/crm/approval.ts';
import { allSteps, setOf } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { verdictOn } from './judging.ts';

export interface Preview {
  readonly set: ChangeSet;
  /** A page of the steps, and their lines of the diff. */
  readonly steps: readonly Step[];
  readonly rows: readonly DiffRow[];
  /** Ordinal to go on from; null at the end. */
  readonly next: number | null;
  readonly counts: Readonly<Partial<Record<StepState, number>>>;
  /** By the policy of now. */
  readonly verdict: Verdict;
  readonly approvals: readonly Approval[];
  /** What was left as it is, or gone over unseen; of a rollback also what it skips and what it cannot take back. */
  readonly kept: readonly KeptField[];
}

const MOST_KEPT = 10_000;

/** A page of the diff with everything that is on record of the set. Reads the store alone. */
export async function previewSet(
  engine: CrmEngine,
  changeSetId: string,
  { from, limit }: { readonly from: number; readonly limit: number },
  now: string,
): Promise<Preview> {
  return engine.store.snapshot(async (reader) => {
    const set = await setOf(reader, changeSetId);
    const steps = await reader.steps(changeSetId, { from, limit });
    const last = steps.at(-1)?.ordinal ?? set.steps;
    return {
      set,
      steps,
      rows: diffOf(steps),
      next: last + 1 < set.steps ? last + 1 : null,
      counts: await reader.stepCounts(changeSetId),
      verdict: await verdictOn(engine, reader, set, await allSteps(reader, changeSetId), now),
      approvals: await reader.approvals(changeSetId),
      kept: await reader.kept(changeSetId, MOST_KEPT),
    };
  });
}
