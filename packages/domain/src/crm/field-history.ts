/**
 * What a field's history tells of one write of ours. A history is newest first; its instants are by the CRM's clock, a step's may be by ours, so that
 * order counts before time wherever it can.
 */
import type { CrmFields, CrmValue } from './change-set.ts';
import type { FieldVersion } from './crm.port.ts';
import { sameValue } from './value.ts';

/** How long after the instant that we know of a CRM may say that it has taken a write: an answer's instant is when the CRM began. */
const CLOCK_MARGIN_MS = 5 * 60_000;

/** A write of ours to one field. Instants are ISO. */
export interface OurWrite {
  /** What the field showed before it; undefined where it was not read. */
  readonly before: CrmValue | undefined;
  /** As the CRM stored it. */
  readonly value: CrmValue;
  /** When `before` was read: by the CRM's clock where it tells it. */
  readonly comparedAt: string;
  /** When it was read back: by the same clock; null where it was not. */
  readonly storedAt: string | null;
}

/** The versions of one field, newest first; none where the CRM keeps no history. */
export function versionsOf(field: string, history: readonly FieldVersion[] | null): readonly FieldVersion[] {
  return (history ?? []).filter((version) => version.field === field);
}

/**
 * Place of the version that our write made: the first of ours since we compared, as the lease keeps our other writes away; where that is far too late to be
 * it, or has another value (the CRM's clock is behind ours), the newest with its value up to the instant at which it was read back. -1 where it has left none: the
 * CRM keeps no history of the field, or only a part, or is behind, or held the value already.
 */
export function placeOfOurs(versions: readonly FieldVersion[], ours: OurWrite): number {
  const isOurs = (version: FieldVersion): boolean => version.isOurs && sameValue(version.value, ours.value);
  const place = versions.findLastIndex((version) => version.isOurs && isSince(version, ours.comparedAt));
  const first = versions[place];
  if (first !== undefined && isOurs(first) && isBy(first, ours.storedAt, CLOCK_MARGIN_MS)) return place;
  return ours.storedAt === null ? -1 : versions.findIndex((version) => isOurs(version) && isBy(version, ours.storedAt));
}

/** Whether the newest version of every field is what we wrote, and the record was seen to show it: no other read has to verify the write. */
export function endsWith(ours: CrmFields, history: readonly FieldVersion[] | null): boolean {
  return Object.entries(ours).every(([field, value]) => {
    const [newest] = versionsOf(field, history);
    return newest?.isShown === true && newest.isOurs && sameValue(newest.value, value);
  });
}

/** The newest version that is somebody else's and came after our write, whatever its value: a person who set the same value has made it theirs. */
export function laterEdit(versions: readonly FieldVersion[], ours: OurWrite): FieldVersion | null {
  const place = placeOfOurs(versions, ours);
  if (place !== -1) return versions.slice(0, place).find((version) => !version.isOurs) ?? null;
  // Nothing of ours shows. What stood there when we compared may be all that a history tells which is behind; anything later, or else, is an edit.
  const later = versions.find((version) => !version.isOurs && !isBy(version, ours.comparedAt));
  if (later !== undefined) return later;
  const [newest] = versions;
  return newest === undefined || newest.isOurs || sameValue(newest.value, ours.before) ? null : newest;
}

/**
 * The version that our write replaced, where it is somebody else's and came after we had compared: it has another value, or a later instant (C4). The same
 * value set anew is an edit, too: somebody has made it theirs.
 */
export function overlookedEdit(versions: readonly FieldVersion[], ours: OurWrite): FieldVersion | null {
  const place = placeOfOurs(versions, ours);
  const replaced = place === -1 ? undefined : versions[place + 1];
  if (replaced === undefined || replaced.isOurs) return null;
  return sameValue(replaced.value, ours.before) && isBy(replaced, ours.comparedAt) ? null : replaced;
}

/** Whether a version came at an instant or later. One of whole seconds (Salesforce's history) may have come anywhere in its second. */
export function isSince(version: FieldVersion | undefined, instant: string): boolean {
  if (version === undefined) return false;
  const atMs = Date.parse(version.at);
  const instantMs = Date.parse(instant);
  return atMs >= (atMs % 1_000 === 0 ? instantMs - (instantMs % 1_000) : instantMs);
}

function isBy(version: FieldVersion | undefined, instant: string | null, marginMs = 0): boolean {
  return version !== undefined && (instant === null || Date.parse(version.at) <= Date.parse(instant) + marginMs);
}
