/** The last look before the first write, under the leases: is the diff still the one that was judged, and do its approvals hold (C6)? */
import type { ChangeSet, KeptField, Step } from '@lockstep/domain/crm/change-set.ts';
import { diffHash as hashOf } from '@lockstep/domain/crm/diff.ts';
import { audit, entryOfSet } from './audit-entries.ts';
import { keptOf, leftAlone, movedFields, withoutMoved } from './compare.ts';
import { NO_POLICY, withClasses, withImages } from './create.ts';
import { allSteps, chunks, PAGE, SetElsewhere, setOf } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { standingOf } from './judging.ts';
import { moved } from './moving.ts';
import { locate } from './targets.ts';

export interface Refreshed {
  /**
   * `same`: the set is admitted, batches may go. `drifted`: the diff is another one. `void`: an approval does not hold any more (case 62), or has run out.
   * Either is judged, and asked for, again.
   */
  readonly outcome: 'same' | 'drifted' | 'void';
}

/** Reads every before-image again. Idempotent; a set that is admitted already stays so. */
export async function refreshSet(engine: CrmEngine, changeSetId: string, now: string): Promise<Refreshed> {
  const { set, steps } = await engine.store.snapshot(async (reader) => ({
    set: await setOf(reader, changeSetId),
    steps: await allSteps(reader, changeSetId),
  }));
  if (set.state === 'applying' || set.state === 'verifying') return { outcome: 'same' };
  if (set.state !== 'waiting-for-records')
    throw new SetElsewhere(
      `change set ${changeSetId}: expected one that waits for its records, got one that is ${set.state}; judge it first`,
    );
  const policy = engine.policies.current() ?? NO_POLICY;
  const due = steps.filter(({ state }) => state === 'planned');
  const classed = set.policyVersion === policy.version ? due : await withClasses(engine, due, policy);
  const fresh = await withImages(engine, classed, now);
  const { steps: shown, kept } = await withoutEdited(engine, set, classed, fresh, now);
  const whole = [...steps.filter(({ state }) => state !== 'planned'), ...shown].toSorted((a, b) => a.ordinal - b.ordinal);
  const diffHash = hashOf(whole, policy.version);
  return engine.store.transaction(async (tx) => {
    const current = (await tx.lockChangeSet(changeSetId)) ?? set;
    if (current.state !== 'waiting-for-records') return { outcome: current.state === 'applying' ? 'same' : 'void' };
    for (const page of chunks(shown, PAGE)) await tx.saveSteps(page);
    await tx.saveKept(kept);
    const isSame = diffHash === current.diffHash && policy.version === current.policyVersion;
    const stands = isSame ? await standingOf(engine, tx, current, { steps: whole, now, diffHash }) : 'void';
    if (stands === 'approved') {
      await tx.saveChangeSet(moved(current, 'begun', now, null));
      return { outcome: 'same' };
    }
    const approvals = await tx.approvals(changeSetId);
    if (!isSame) await tx.voidApprovals(changeSetId, now);
    const asked = isSame ? current : { ...current, diffHash, policyVersion: policy.version, approvalExpiresAt: null, deadlineAt: null };
    await tx.saveChangeSet(moved(asked, 'drifted', now));
    const reason = isSame ? `APPROVAL_${stands.toUpperCase()}` : 'DRIFTED';
    await audit(tx, [entryOfSet(current, { at: now, action: 'refresh', outcome: 'skipped', reasons: [reason], approvals })]);
    return { outcome: isSame ? 'void' : 'drifted' };
  });
}

/** Steps of a rollback do not go over what has been edited since they were planned (C4): those fields are left out, for the new diff. */
async function withoutEdited(
  engine: CrmEngine,
  set: ChangeSet,
  planned: readonly Step[],
  fresh: readonly Step[],
  now: string,
): Promise<{ readonly steps: readonly Step[]; readonly kept: readonly KeptField[] }> {
  if (set.kind !== 'rollback') return { steps: fresh, kept: [] };
  const located = await engine.store.snapshot((reader) => locate(reader, planned));
  const kept: KeptField[] = [];
  const steps = fresh.map((step, index): Step => {
    const { step: before, operation } = located[index] ?? { step, operation: null };
    if (step.undoes === undefined || operation === null || step.before === null) return step;
    if (step.finding !== null) return { ...step, state: 'kept' };
    const fields = movedFields(before, step.before, {});
    if (fields === null) return step;
    const change = { kind: 'moved' as const, ready: { step: before, operation }, fields, image: step.before };
    kept.push(...keptOf(set, change, now));
    return withoutMoved(change)?.step ?? { ...leftAlone(before, fields), before: step.before };
  });
  return { steps, kept };
}
