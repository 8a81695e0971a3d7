/**
 * The merge: one remote's observation of an item against the canonical item and the base that both sides last agreed on.
 *
 * Pure, with no clock: whether two edits were made at the same time is read off the base. If the canonical value is still what this remote agreed to,
 * the remote's author had seen it and the edit is taken. If it has moved on, the edit is concurrent and the field's rule settles it; the value that does
 * not stand is returned as a conflict with both values (law S2). Merging the same observation twice changes nothing (laws S3, S5).
 */
import type { MappedField } from '../sync/connector.port.ts';
import type { Base, Link } from '../sync/link.ts';
import { losesUnseenWords, unclipped } from './clip.ts';
import type { FieldMap, FieldName, FieldValue, Item, Stamp } from './item.ts';
import { FIELD_TYPES } from './item.ts';
import { beats } from './ownership.ts';
import type { MergePolicy } from './ownership.ts';
import { mergeSet } from './set-merge.ts';
import { mergeText } from './text-merge.ts';
import { emptyValue, isEmpty, isSetField, members, normalise, sameValue } from './value.ts';

/** How often a remote may put back what we wrote over before the field is held for a person (law S8). */
export const MOST_FLIPS = 2;

/** Two values for one field, only one of which stands. */
export interface FieldConflict {
  readonly kind: 'concurrent-edit' | 'manual' | 'put-back' | 'flapping';
  readonly field: FieldName;
  /** The connection whose value does not stand (or waits). */
  readonly connectionId: string;
  readonly canonicalValue: FieldValue;
  readonly remoteValue: FieldValue;
  readonly baseValue: FieldValue;
}

export interface MergeInput {
  readonly item: Item;
  readonly link: Link;
  /** What the remote shows; references in item ids. A missing key says nothing. */
  readonly observed: FieldMap;
  readonly mapped: readonly MappedField[];
  readonly policy: MergePolicy;
}

export interface MergeResult {
  readonly item: Item;
  readonly link: Link;
  /** Fields whose canonical value is another now. */
  readonly changed: readonly FieldName[];
  readonly conflicts: readonly FieldConflict[];
}

/** What the merge of one field decides. `value` is the canonical value from now on; `source` who set it, where it changed. */
interface Decision {
  readonly value: FieldValue;
  readonly source: string | null;
  readonly base: Base;
  readonly conflict: FieldConflict | null;
}

interface Edit {
  readonly field: FieldName;
  readonly connectionId: string;
  readonly canonical: FieldValue | undefined;
  readonly holder: string;
  readonly base: Base | undefined;
  readonly observed: FieldValue;
  readonly policy: MergePolicy;
}

/** Merges one observation. Never throws; total over all values. */
export function mergeObserved(input: MergeInput): MergeResult {
  const { item, link, policy } = input;
  const fields: Partial<Record<FieldName, FieldValue>> = { ...item.fields };
  const stamps: Partial<Record<FieldName, Stamp>> = { ...item.stamps };
  const bases: Partial<Record<FieldName, Base>> = { ...link.bases };
  const changed: FieldName[] = [];
  const conflicts: FieldConflict[] = [];
  for (const { field, direction } of input.mapped) {
    const raw = input.observed[field];
    if (raw === undefined) continue;
    const edit: Edit = {
      field,
      connectionId: link.connectionId,
      canonical: item.fields[field],
      holder: item.stamps[field]?.source ?? 'lockstep',
      base: link.bases[field],
      observed: normalise(raw),
      policy,
    };
    const decision = direction === 'out' ? decideOutward(edit) : decide(edit);
    bases[field] = decision.base;
    if (decision.conflict !== null) conflicts.push(decision.conflict);
    if (decision.source !== null && !sameValue(decision.value, item.fields[field])) {
      fields[field] = decision.value;
      stamps[field] = { version: (item.stamps[field]?.version ?? 0) + 1, source: decision.source };
      changed.push(field);
    }
  }
  return { item: { ...item, fields, stamps }, link: { ...link, bases }, changed, conflicts };
}

/** A field that only we write: an edit there is put back and stays on record. */
function decideOutward(edit: Edit): Decision {
  const { base, observed, canonical } = edit;
  const value = canonical ?? emptyValue(edit.field);
  if (base !== undefined && sameValue(observed, base.remote)) return { value, source: null, base, conflict: null };
  const next = agreedBase(observed);
  const lost = !isEmpty(observed) && !sameValue(observed, value) ? conflictOf(edit, 'put-back', edit.connectionId, value, observed) : null;
  return { value, source: null, base: next, conflict: lost };
}

function decide(edit: Edit): Decision {
  const { field, base, observed, canonical } = edit;
  if (base !== undefined && sameValue(observed, base.remote)) {
    // The remote is at the base: nobody's edit waits any more. That holds too where the item has no value: what a remote shows of itself in a
    // record that we made (a default status) is its form of nothing, not an edit.
    const { held: _, ...settled } = base;
    const next = sameValue(canonical, observed) ? { ...settled, agreed: observed } : settled;
    return { value: canonical ?? emptyValue(field), source: null, base: next, conflict: null };
  }
  if (canonical === undefined) return taken(edit, observed);
  if (base === undefined) return decideFirstMeeting(edit, canonical);
  if (sameValue(observed, canonical))
    return { value: canonical, source: null, base: carryFlips(agreedBase(observed), base), conflict: null };
  if (isSetField(field)) {
    return {
      value: mergeSet(members(canonical), members(base.remote), members(observed)),
      source: edit.connectionId,
      base: agreedBase(observed),
      conflict: null,
    };
  }
  if (isFlapping(base, observed)) return held(edit, canonical, base, 'flapping');
  // Its author saw exactly the canonical value.
  if (sameValue(canonical, base.remote)) return taken(edit, observed);
  return decideConcurrent(edit, canonical, base);
}

/** Both sides had the field before they were linked: there is no common past, so only emptiness gives way without a record. */
function decideFirstMeeting(edit: Edit, canonical: FieldValue): Decision {
  const { observed, field } = edit;
  if (sameValue(observed, canonical)) return { value: canonical, source: null, base: agreedBase(observed), conflict: null };
  if (isSetField(field))
    return {
      value: mergeSet(members(canonical), [], members(observed)),
      source: edit.connectionId,
      base: agreedBase(observed),
      conflict: null,
    };
  if (isEmpty(observed)) return { value: canonical, source: null, base: agreedBase(observed), conflict: null };
  if (isEmpty(canonical)) return taken(edit, observed);
  if (edit.policy.rules[field] === 'manual') return held(edit, canonical, agreedBase(emptyValue(field)), 'manual');
  return settleByOrder(edit, canonical, null);
}

function decideConcurrent(edit: Edit, canonical: FieldValue, base: Base): Decision {
  const { field, observed } = edit;
  const rule = edit.policy.rules[field] ?? 'order';
  if (rule === 'manual' && !sameValue(canonical, base.agreed)) return held(edit, canonical, base, 'manual');
  if (FIELD_TYPES[field] === 'text' || FIELD_TYPES[field] === 'line') {
    // A remote that clips or rewrites is merged against its own form of the base, so that what it cannot show is kept.
    const lossy = !sameValue(base.remote, base.agreed);
    if (rule === 'text' || lossy) {
      const whole = unclipped(base, observed);
      const merged =
        whole === null
          ? mergeText(textOf(canonical), textOf(base.remote), textOf(observed))
          : mergeText(textOf(canonical), textOf(base.agreed), whole);
      if (merged !== null) {
        // Everything was deleted: null or '', as the remote says it.
        return {
          value: merged === '' ? observed : merged,
          source: edit.connectionId,
          base: carryFlips(agreedBase(observed), base),
          conflict: null,
        };
      }
    }
    if (lossy && sameValue(canonical, base.agreed) && losesUnseenWords(base, observed))
      return { ...taken(edit, observed), conflict: conflictOf(edit, 'concurrent-edit', edit.holder, observed, canonical) };
  }
  if (sameValue(canonical, base.agreed)) return taken(edit, observed);
  return settleByOrder(edit, canonical, base);
}

function settleByOrder(edit: Edit, canonical: FieldValue, base: Base | null): Decision {
  const { observed, connectionId, holder } = edit;
  if (beats(edit.policy, edit.field, connectionId, holder)) {
    return { ...taken(edit, observed), conflict: conflictOf(edit, 'concurrent-edit', holder, observed, canonical) };
  }
  const next = base === null ? agreedBase(observed) : carryFlips(agreedBase(observed), base);
  return { value: canonical, source: null, base: next, conflict: conflictOf(edit, 'concurrent-edit', connectionId, canonical, observed) };
}

function taken(edit: Edit, observed: FieldValue): Decision {
  const base = edit.base === undefined ? agreedBase(observed) : carryFlips(agreedBase(observed), edit.base);
  return { value: observed, source: edit.connectionId, base, conflict: null };
}

function held(edit: Edit, canonical: FieldValue, base: Base, kind: 'manual' | 'flapping'): Decision {
  const conflict = sameValue(base.held, edit.observed) ? null : conflictOf(edit, kind, edit.connectionId, canonical, edit.observed);
  return { value: canonical, source: null, base: { ...base, held: edit.observed }, conflict };
}

function agreedBase(observed: FieldValue): Base {
  return { remote: observed, agreed: observed };
}

/** Keeps count of a remote that puts back what we wrote over. */
function carryFlips(next: Base, previous: Base): Base {
  const flips = previous.flips ?? 0;
  if (previous.overwrote !== undefined && sameValue(next.remote, previous.overwrote)) return { ...next, flips: flips + 1 };
  return flips > 0 ? { ...next, flips } : next;
}

function isFlapping(base: Base, observed: FieldValue): boolean {
  return (base.flips ?? 0) >= MOST_FLIPS && sameValue(observed, base.overwrote);
}

function conflictOf(edit: Edit, kind: FieldConflict['kind'], connectionId: string, stands: FieldValue, lost: FieldValue): FieldConflict {
  return { kind, field: edit.field, connectionId, canonicalValue: stands, remoteValue: lost, baseValue: edit.base?.agreed ?? null };
}

function textOf(value: FieldValue): string {
  return typeof value === 'string' ? value : '';
}
