/** The end of a set that did not commit (C3), and what a person does with one that needs an operator. */
import type { SetCause, SetEnd } from '@lockstep/domain/crm/change-set.ts';
import { compensationOutcome } from '@lockstep/domain/crm/set-machine.ts';
import { audit, entryOfSet } from './audit-entries.ts';
import { allSteps, SetElsewhere, setOf } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { moved } from './moving.ts';

/**
 * Puts the end of a compensated set on record and frees its records, but for those of a set that needs an operator (C7). Idempotent.
 * @throws SetElsewhere while steps are left whose effect stands or is not known.
 */
export async function endSet(engine: CrmEngine, changeSetId: string, cause: SetCause, now: string): Promise<SetEnd> {
  return engine.store.transaction(async (tx) => {
    const set = (await tx.lockChangeSet(changeSetId)) ?? (await setOf(tx, changeSetId));
    if (set.end !== null) return set.end;
    const counts = await tx.stepCounts(changeSetId);
    const hasResidue = (await allSteps(tx, changeSetId)).some(({ state, finding }) => state === 'undone' && finding !== null);
    const outcome = compensationOutcome(counts, hasResidue);
    if (outcome === null)
      throw new SetElsewhere(
        `change set ${changeSetId}: expected no step whose effect stands or is not known, got ${JSON.stringify(counts)}; compensate it first`,
      );
    const stopped = moved(set, 'stopped', now, set.cause ?? cause);
    const ended = moved(stopped, outcome, now);
    if (ended.end === null) throw new SetElsewhere(`change set ${changeSetId}: expected one that may end, got one that is ${set.state}`);
    await tx.saveChangeSet(ended);
    if (ended.end !== 'needs-operator') await tx.releaseLeases(changeSetId);
    const approvals = await tx.approvals(changeSetId);
    const told = ended.end === 'needs-operator' ? ('escalated' as const) : ('done' as const);
    await audit(tx, [entryOfSet(ended, { at: now, action: 'end', outcome: told, reasons: [ended.end, ended.cause ?? cause], approvals })]);
    return ended.end;
  });
}

/** A person has set the records right: they are free again. The end stays on record. Idempotent. */
export async function takeOver(engine: CrmEngine, changeSetId: string, operator: string, now: string): Promise<void> {
  await engine.store.transaction(async (tx) => {
    const set = (await tx.lockChangeSet(changeSetId)) ?? (await setOf(tx, changeSetId));
    if (set.end !== 'needs-operator')
      throw new SetElsewhere(`change set ${changeSetId}: expected one that needs an operator, got one that is ${set.end ?? set.state}`);
    await tx.releaseLeases(changeSetId);
    const approvals = await tx.approvals(changeSetId);
    const entry = entryOfSet(set, { at: now, action: 'take-over', outcome: 'done', approvals });
    await audit(tx, [{ ...entry, actor: operator, actorKind: 'human' }]);
  });
}
