/**
 * The next steps that can go to a CRM in one call: pure. They are of one kind on one object. A step may overtake others only where it has no record in
 * common with them, so that whatever order the batches make, each record sees its steps in the order of the set.
 */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { Operation } from '@lockstep/domain/crm/change-set.ts';
import type { ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import type { Located } from './targets.ts';
import { objectOf, targetsOf } from './targets.ts';

/** A step whose records are all there. */
export interface Ready extends Located {
  readonly operation: ResolvedOperation;
}

/** `open` in the order in which the steps are due (for an undo: the latest first). Empty only where none is ready. */
export function nextBatch(open: readonly Located[], limitOf: (connectionId: string) => number): readonly Ready[] {
  const overtaken = new Set<string>();
  const taken = new Set<string>();
  const batch: Ready[] = [];
  for (const { step, operation } of open) {
    const records = keysOf(operation ?? step.operation);
    const own = operation === null ? null : ownKey(operation);
    const fits = batch[0] === undefined || operation === null || sortOf(batch[0].operation) === sortOf(operation);
    if (operation !== null && fits && records.every((key) => !overtaken.has(key)) && (own === null || !taken.has(own))) {
      batch.push({ step, operation });
      if (own !== null) taken.add(own);
      if (batch.length === limitOf(objectOf(operation).connectionId)) return batch;
    } else for (const key of records) overtaken.add(key);
  }
  return batch;
}

/** Steps of one sort go in one call. */
function sortOf(operation: ResolvedOperation): string {
  const { connectionId, object } = objectOf(operation);
  const to = 'association' in operation ? operation.association.to.object : null;
  return JSON.stringify([operation.kind, connectionId, object, to]);
}

function keysOf(operation: Operation): readonly string[] {
  return targetsOf(operation).flatMap((target) => ('recordId' in target ? [recordKey(target)] : []));
}

/** What a call must not hold twice; null for creates, which have no record yet. */
function ownKey(operation: ResolvedOperation): string | null {
  if (!('target' in operation)) return null;
  return 'association' in operation ? JSON.stringify([operation.target, operation.association]) : recordKey(operation.target);
}
