import type { CrmFields, CrmValue, Image } from './change-set.ts';
import type { FieldVersion } from './crm.port.ts';
import { overlookedEdit, placeOfOurs, versionsOf } from './field-history.ts';
import type { SkippedField } from './field-undo.ts';
import { sameValue } from './value.ts';

export interface OverlookedRequest {
  /** What we had compared with. */
  readonly before: Image;
  /** What we wrote, as the CRM stored it. */
  readonly ours: CrmFields;
  /** Read after the write, newest first, from before the comparison on; null where the CRM keeps none: then nothing can be found. */
  readonly history: readonly FieldVersion[] | null;
  /** Instants between which the CRM took the write, ISO. */
  readonly sentAt: string;
  readonly doneAt: string;
}

/**
 * Edits of others that landed between our comparison and our write, which therefore went over them: one entry a field, with their value as `now` (C4). An
 * edit that came after ours is none of them: it stands, and an undo leaves it alone.
 */
export function editsBetween({ before, ours, history, sentAt }: OverlookedRequest): readonly SkippedField[] {
  return Object.entries(ours).flatMap(([field, value]) => {
    const compared = before.fields[field];
    // The write is our newest: whatever the clocks say, the first of ours since the comparison is it.
    const write = { before: compared, value, comparedAt: before.readAt, storedAt: null };
    const versions = versionsOf(field, history);
    const found = placeOfOurs(versions, write) === -1 ? unplaced(versions, write, sentAt) : overlookedEdit(versions, write);
    if (found === null) return [];
    return [
      { field, before: compared ?? null, ours: value, now: found.value, by: found.by, at: found.at, code: 'CONFLICT_HUMAN' as const },
    ];
  });
}

/** Our version does not show yet: an edit is known to have come before it only by its instant. The same value as ours is lost to nobody. */
function unplaced(
  versions: readonly FieldVersion[],
  write: { readonly before: CrmValue | undefined; readonly value: CrmValue },
  sentAt: string,
): FieldVersion | null {
  const newest = versions.find((version) => Date.parse(version.at) <= Date.parse(sentAt));
  if (newest === undefined || newest.isOurs) return null;
  return sameValue(newest.value, write.before) || sameValue(newest.value, write.value) ? null : newest;
}
