/** From targets as a set names them to records as the CRM has them: what earlier steps created, and what came back under another id (case 48). */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { Association, Operation, RecordRef, Step, StepRef, Target } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetReader } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { ReadAssociation, ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import type { ObjectRef } from './environment.ts';

/** A step, and its operation on records that exist; null while an earlier step has not created them. */
export interface Located {
  readonly step: Step;
  readonly operation: ResolvedOperation | null;
}

type Lookup = Pick<ChangeSetReader, 'stepsByRef' | 'currentIds'>;

/** Where steps of any sets stand now. Two reads for any number of steps. */
export async function locate(reader: Lookup, steps: readonly Step[]): Promise<readonly Located[]> {
  const targets = steps.flatMap(({ operation, changeSetId }) => targetsOf(operation).map((target) => ({ target, changeSetId })));
  const creators = targets.flatMap(({ target, changeSetId }) =>
    'createdBy' in target ? [{ changeSetId, ordinal: target.createdBy }] : [],
  );
  const made = creators.length === 0 ? [] : await reader.stepsByRef([...new Map(creators.map((ref) => [refKey(ref), ref])).values()]);
  const createdIds = new Map(made.map((step) => [refKey(step), step.createdId]));
  const known = (target: Target, changeSetId: string): RecordRef | null => {
    if ('recordId' in target) return target;
    const recordId = createdIds.get(refKey({ changeSetId, ordinal: target.createdBy })) ?? null;
    return recordId === null ? null : { connectionId: target.connectionId, object: target.object, recordId };
  };
  const newest = await reader.currentIds(targets.flatMap(({ target, changeSetId }) => known(target, changeSetId) ?? []));
  return steps.map((step) => {
    const where = (target: Target): RecordRef | null => {
      const record = known(target, step.changeSetId);
      return record === null ? null : { ...record, recordId: newest.get(recordKey(record)) ?? record.recordId };
    };
    return { step, operation: resolved(step.operation, where) };
  });
}

const refKey = ({ changeSetId, ordinal }: StepRef): string => JSON.stringify([changeSetId, ordinal]);

type Where = (target: Target) => RecordRef | null;

function resolved(operation: Operation, where: Where): ResolvedOperation | null {
  if (!('target' in operation)) {
    const associations = operation.associations.map((association) => end(association, where));
    const known = associations.filter((association) => association !== null);
    return known.length < associations.length ? null : { ...operation, associations: known };
  }
  const target = where(operation.target);
  if (target === null) return null;
  if (!('association' in operation)) return { ...operation, target };
  const association = end(operation.association, where);
  return association === null ? null : { ...operation, target, association };
}

function end({ to, label }: Association, where: Where): ReadAssociation | null {
  const record = where(to);
  return record === null ? null : { to: record, label };
}

/** Everything that an operation is about: its target, and what it ties it to. */
export function targetsOf(operation: Operation): readonly Target[] {
  if (!('target' in operation)) return operation.associations.map(({ to }) => to);
  return 'association' in operation ? [operation.target, operation.association.to] : [operation.target];
}

/** The connection and object that an operation writes to. */
export function objectOf(operation: Operation | ResolvedOperation): ObjectRef {
  const { connectionId, object } = 'target' in operation ? operation.target : operation;
  return { connectionId, object };
}

/** The record that an operation writes to; null for creates. */
export function recordOf(operation: ResolvedOperation): RecordRef | null {
  return 'target' in operation ? operation.target : null;
}

/** Fields that an operation touches on its target. */
export function fieldsOf(operation: Operation | ResolvedOperation): readonly string[] {
  return 'fields' in operation ? Object.keys(operation.fields) : [];
}
