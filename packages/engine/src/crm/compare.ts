/** Our comparison, a moment before our write: does every record still show what people have approved (C4, C6)? Pure. */
import type { ChangeSet, CrmFields, CrmValue, Image, KeptField, Step, StepFinding } from '@lockstep/domain/crm/change-set.ts';
import type { Reading } from '@lockstep/domain/crm/crm.port.ts';
import { sameValue } from '@lockstep/domain/crm/value.ts';
import type { Ready } from './batch.ts';
import { findingOf } from './create.ts';
import { nothingThere } from './images.ts';

/** `moved`: somebody has changed what the step was planned on. `impossible`: the record is not where the operation needs it. */
export type Compared =
  | { readonly kind: 'same'; readonly ready: Ready }
  | { readonly kind: 'moved'; readonly ready: Ready; readonly fields: readonly string[]; readonly image: Image }
  | { readonly kind: 'impossible'; readonly ready: Ready; readonly finding: StepFinding };

/** `leavings` are values that earlier steps of the set have left in the record, by field: as the CRM stored them, they are no edit of somebody else's. */
export function compare(ready: Ready, reading: Reading | null, leavings: CrmFields, now: string): Compared {
  const { step, operation } = ready;
  if (reading === null) return { kind: 'same', ready: withBefore(ready, nothingThere('fields' in operation ? operation.fields : {}, now)) };
  const finding = findingOf(step.operation, reading);
  if (finding !== null) return { kind: 'impossible', ready, finding };
  const { image } = reading;
  const fields = movedFields(step, image, leavings);
  return fields === null ? { kind: 'same', ready: withBefore(ready, image) } : { kind: 'moved', ready, fields, image };
}

/** The fields that show something else than a step was planned on; none where it is its association that has moved; null where nothing has. */
export function movedFields({ operation, before }: Step, image: Image, leavings: CrmFields): readonly string[] | null {
  // What is of a record that an earlier step has made was not there to be compared with.
  if ('target' in operation && 'createdBy' in operation.target) return null;
  const planned = before?.fields ?? {};
  const fields = Object.keys(image.fields).filter((name) => {
    const value = image.fields[name];
    return !sameValue(value, planned[name] ?? null) && !(name in leavings && sameValue(value, leavings[name]));
  });
  const hasAssociationMoved = image.isAssociated !== undefined && image.isAssociated !== before?.isAssociated;
  return fields.length > 0 || hasAssociationMoved ? fields : null;
}

/** A step of a rollback that has nothing left to restore. */
export function leftAlone(step: Step, fields: readonly string[]): Step {
  const message = 'changed by somebody else since it was planned, left as it is';
  return { ...step, state: 'kept', finding: { code: 'CONFLICT_HUMAN', message, fields } };
}

function withBefore({ step, operation }: Ready, before: Image): Ready {
  return { step: { ...step, before }, operation };
}

/** What of a rollback's step is still ours to restore: the moved fields are left as they are (C4). Null where nothing is. */
export function withoutMoved({ ready, fields, image }: Extract<Compared, { kind: 'moved' }>): Ready | null {
  const { step, operation } = ready;
  if (!('target' in operation) || !('fields' in operation) || !('fields' in step.operation)) return null;
  const stays = (all: CrmFields): Record<string, CrmValue> =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !fields.includes(name)));
  const left = stays(operation.fields);
  if (Object.keys(left).length === 0) return null;
  const before = { ...image, fields: stays(image.fields) };
  return { step: { ...step, before, operation: { ...step.operation, fields: left } }, operation: { ...operation, fields: left } };
}

/** The moved fields with their three values. */
export function keptOf(set: ChangeSet, { ready, fields, image }: Extract<Compared, { kind: 'moved' }>, now: string): readonly KeptField[] {
  const { step, operation } = ready;
  const about = step.undoes ?? { changeSetId: step.changeSetId, ordinal: step.ordinal };
  const wanted: CrmFields = 'fields' in operation ? operation.fields : {};
  const shared = { changeSetId: set.changeSetId, step: about, code: 'CONFLICT_HUMAN' as const, by: null, at: null, notedAt: now };
  const message = 'changed by somebody else since it was planned, left as it is';
  if (fields.length === 0) return [{ ...shared, message, field: null, before: null, ours: null, now: null }];
  return fields.map((field) => ({
    ...shared,
    message,
    field,
    before: step.before?.fields[field] ?? null,
    ours: wanted[field] ?? null,
    now: image.fields[field] ?? null,
  }));
}

/** What earlier, done steps of the set have left in each field of a record, latest last. */
export function leavingsOf(steps: readonly Step[], isSameRecord: (step: Step) => boolean, ordinal: number): CrmFields {
  const left: Record<string, CrmValue> = {};
  for (const step of steps)
    if (step.ordinal < ordinal && step.state === 'done' && isSameRecord(step)) Object.assign(left, step.after?.fields ?? {});
  return left;
}
