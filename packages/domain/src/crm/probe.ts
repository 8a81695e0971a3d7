import type { CrmValue, Step } from './change-set.ts';
import type { FieldVersion, Reading } from './crm.port.ts';
import { isSince, versionsOf } from './field-history.ts';
import { sameValue } from './value.ts';

export interface ProbeRequest {
  /** Its outcome is unknown: time-out, reset, 5xx, or a process that died. */
  readonly step: Step;
  /**
   * Of the record that the step is about; for a create, and a restore that makes a new record, of what was found by its key. Null where nothing was found.
   * Read after the request can no longer take effect.
   */
  readonly reading: Reading | null;
  /** Of the fields that the step writes, newest first, from before it was sent; null where the CRM keeps none. */
  readonly history: readonly FieldVersion[] | null;
}

/** `unclear`: what is there fits neither, and a person has to look. */
export type Effect = 'yes' | 'no' | 'unclear';

/**
 * Whether a write whose outcome is unknown took effect (C5). Nothing is sent again on anything but `no`; and then the record is compared anew, as what it
 * shows may have become somebody else's. After a `yes`, what the step set is its after-image, not what the record shows by now.
 */
export function tookEffect({ step, reading, history }: ProbeRequest): Effect {
  const { operation, before } = step;
  if (operation.kind === 'create' || operation.kind === 'create-task') return isThere(reading) ? 'yes' : 'no';
  if (before === null) return 'no';
  if (reading === null) return operation.kind === 'restore' ? 'no' : 'unclear';
  const { presence } = reading.image;
  switch (operation.kind) {
    case 'archive':
      if (presence === 'merged') return 'unclear';
      return presence === 'present' ? 'no' : 'yes';
    case 'restore':
      if (presence === 'present') return 'yes';
      return presence === 'archived' ? 'no' : 'unclear';
    case 'associate':
    case 'dissociate': {
      const stands = reading.image.isAssociated;
      if (presence !== 'present' || stands === undefined) return 'unclear';
      return stands === (operation.kind === 'associate') ? 'yes' : 'no';
    }
    case 'set-fields':
    case 'assign-owner':
      return ofFields(step, operation.fields, reading, history);
  }
}

function ofFields(
  step: Step,
  wanted: Readonly<Record<string, CrmValue>>,
  reading: Reading,
  history: readonly FieldVersion[] | null,
): Effect {
  const before = step.before?.fields ?? {};
  // By the CRM's clock where it tells it; the step's own instants are by ours.
  const comparedAt = step.before?.readAt ?? '';
  const effects = Object.entries(wanted)
    .filter(([field, value]) => !sameValue(before[field], value))
    .map(([field, value]) =>
      ofField({ before: before[field], value, now: reading.image.fields[field] }, versionsOf(field, history), comparedAt),
    );
  // Nothing to change: sent or not, it is done.
  if (effects.length === 0) return 'yes';
  // A record is written whole: one field that shows a version of ours tells for all, also where another one held our value already.
  if (effects.includes('proven')) return 'yes';
  if (reading.image.presence !== 'present') return 'unclear';
  if (effects.includes('yes')) return effects.includes('no') ? 'unclear' : 'yes';
  return effects.includes('no') ? 'no' : 'unclear';
}

/**
 * History decides where it accounts for what the field shows: as its newest version, or as one since the comparison, as it is read after the field and somebody
 * may have been faster. Else the value does.
 */
function ofField(
  field: { readonly before: CrmValue | undefined; readonly value: CrmValue; readonly now: CrmValue | undefined },
  versions: readonly FieldVersion[],
  comparedAt: string,
): Effect | 'proven' {
  const compared = versions.findIndex((version) => sameValue(version.value, field.before));
  const since = versions.filter((version, place) => place < compared || compared === -1 || isSince(version, comparedAt));
  const accounting = [...versions.slice(0, 1), ...since];
  if (accounting.some((version) => sameValue(version.value, field.now))) {
    return since.some((version) => version.isOurs && sameValue(version.value, field.value)) ? 'proven' : 'no';
  }
  if (sameValue(field.now, field.value)) return 'yes';
  return sameValue(field.now, field.before) ? 'no' : 'unclear';
}

function isThere(reading: Reading | null): boolean {
  return reading !== null && reading.image.presence !== 'absent';
}
