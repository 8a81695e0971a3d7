/**
 * Between the plan of a rollback and its writes somebody may set a field to the very value that we wrote: the value does not tell, the history does, and
 * decides (C4). A history is asked for where the CRM keeps one, for the steps of rollbacks alone.
 */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSet } from '@lockstep/domain/crm/change-set.ts';
import type { Compared } from './compare.ts';
import type { CrmEngine } from './environment.ts';
import { historyOf, wantedFor } from './images.ts';
import { since } from './recording.ts';
import { recordOf } from './targets.ts';

/** The comparison, where fields whose newest version is somebody else's have moved. */
export async function withRewritten(engine: CrmEngine, set: ChangeSet, compared: readonly Compared[]): Promise<readonly Compared[]> {
  const asked = compared.flatMap((one) => (isDoubtful(one) ? (wantedFor(one.ready.operation) ?? []) : []));
  if (asked.length === 0) return compared;
  const histories = await historyOf(engine, asked, since([set.requestedAt]));
  return compared.map((one): Compared => {
    const record = recordOf(one.ready.operation);
    const { before } = one.ready.step;
    if (!isDoubtful(one) || record === null || before === null) return one;
    const versions = histories.get(recordKey(record)) ?? [];
    const fields = Object.keys(before.fields).filter((name) => versions.find(({ field }) => field === name)?.isOurs === false);
    return fields.length === 0 ? one : { kind: 'moved', ready: one.ready, fields, image: before };
  });
}

function isDoubtful({ kind, ready }: Compared): boolean {
  return kind === 'same' && ready.step.undoes !== undefined && 'fields' in ready.operation && 'target' in ready.operation;
}
