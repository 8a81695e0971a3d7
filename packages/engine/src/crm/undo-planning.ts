/** What the undo of steps would do now: batch reads, and the three-way comparison for each (C4). For compensations and for rollbacks. */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { RecordRef, Step } from '@lockstep/domain/crm/change-set.ts';
import type { CrmObject, FieldVersion, Reading, ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import { planUndo } from '@lockstep/domain/crm/undo.ts';
import type { UndoPlan } from '@lockstep/domain/crm/undo.ts';
import { crmOf } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { historyOf, readAll } from './images.ts';
import type { Wanted } from './images.ts';
import { since } from './recording.ts';
import { fieldsOf, objectOf, recordOf } from './targets.ts';
import type { Located } from './targets.ts';

/** A step that has had an effect, with the record that it has had it on. */
export interface Effected {
  readonly step: Step;
  readonly operation: ResolvedOperation;
  /** The target; or what the step has made. */
  readonly record: RecordRef;
}

/** Null for a create that made nothing. `newest` are ids under which records are known by now (case 48). */
export function effectOf({ step, operation }: Located, newest: ReadonlyMap<string, string>): Effected | null {
  if (operation === null) return null;
  const made = step.createdId === null ? null : { ...objectOf(operation), recordId: step.createdId };
  const record = made === null ? recordOf(operation) : { ...made, recordId: newest.get(recordKey(made)) ?? made.recordId };
  return record === null ? null : { step, operation, record };
}

export interface PlannedUndo extends Effected {
  readonly plan: UndoPlan;
  readonly reading: Reading;
  /** The write; null where there is nothing to write. */
  readonly inverse: ResolvedOperation | null;
}

export interface Shown {
  readonly readings: readonly Reading[];
  /** By `recordKey`; null where the CRM keeps none. */
  readonly histories: ReadonlyMap<string, readonly FieldVersion[] | null>;
  readonly objects: ReadonlyMap<string, CrmObject>;
}

/** What the records of the steps show now, their histories since before the steps, and the schemas of today: all in batches. */
export async function show(engine: CrmEngine, effects: readonly Effected[], now: string): Promise<Shown> {
  const wanted = effects.map(wantedOf);
  const readings = await readAll(engine, wanted);
  const histories = await historyOf(engine, wanted, since(effects.map(({ step }) => step.before?.readAt ?? now)));
  const objects = new Map<string, CrmObject>();
  for (const { record } of effects)
    if (!objects.has(objectKey(record))) objects.set(objectKey(record), await crmOf(engine, record.connectionId).describe(record.object));
  return { readings, histories, objects };
}

function wantedOf({ step, operation, record }: Effected): Wanted {
  const association = 'association' in operation ? operation.association : null;
  // People's content is dear to ask for, and only what we have made would go.
  return { ...record, fields: fieldsOf(operation), association, humanContent: step.createdId !== null };
}

/** The plan for one step, by what its record shows. */
export function planFor(effected: Effected, reading: Reading, shown: Shown): PlannedUndo {
  const { step, record, operation } = effected;
  const object = shown.objects.get(objectKey(record));
  const plan = planUndo({
    step,
    now: reading,
    history: shown.histories.get(recordKey(record)) ?? null,
    ...(object === undefined ? {} : { object }),
  });
  return { ...effected, plan, reading, inverse: inverseWrite(plan, record, operation) };
}

function inverseWrite({ operation: inverse }: UndoPlan, target: RecordRef, operation: ResolvedOperation): ResolvedOperation | null {
  if (inverse === null || !('target' in inverse)) return null;
  if ('fields' in inverse) return { kind: inverse.kind, target, fields: inverse.fields };
  if (!('association' in inverse)) return { kind: inverse.kind, target };
  return 'association' in operation ? { kind: inverse.kind, target, association: operation.association } : null;
}

const objectKey = ({ connectionId, object }: RecordRef): string => JSON.stringify([connectionId, object]);
