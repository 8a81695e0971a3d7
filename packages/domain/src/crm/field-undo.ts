/** The three-way comparison of one field: before, what we wrote, and now (C4). */
import type { CrmValue, FindingCode, Step } from './change-set.ts';
import type { CrmObject, FieldVersion, Reading } from './crm.port.ts';
import { isSince, laterEdit, overlookedEdit, versionsOf } from './field-history.ts';
import type { OurWrite } from './field-history.ts';
import { sameValue } from './value.ts';

/** A field that an undo leaves alone. */
export interface SkippedField {
  readonly field: string;
  /** The three values; null also where one was not read. */
  readonly before: CrmValue;
  readonly ours: CrmValue;
  readonly now: CrmValue;
  /** The CRM's id of who has changed it since, and when, where its history tells. */
  readonly by: string | null;
  readonly at: string | null;
  readonly code: FindingCode;
}

/** What an undo does to one field. */
export type FieldUndo =
  | { readonly kind: 'restore'; readonly value: CrmValue }
  | { readonly kind: 'skip'; readonly skipped: SkippedField }
  | { readonly kind: 'nothing' };

export interface FieldUndoRequest {
  readonly step: Step;
  readonly field: string;
  /** What the operation set it to. */
  readonly wanted: CrmValue;
  readonly now: Reading;
  readonly history: readonly FieldVersion[] | null;
  readonly object: CrmObject | null;
}

/**
 * Restores a field that is still ours, to what our write replaced. Anything else is skipped with the three values: it differs from what we wrote, somebody
 * has set it since (the same value included, where the CRM has history), or the field or its option is gone (case 50).
 */
export function undoField(request: FieldUndoRequest): FieldUndo {
  const { step, field, history } = request;
  const ours = ourWrite(step, field, request.wanted);
  const { before } = ours;
  const now = request.now.image.fields[field];
  if (before === undefined || now === undefined) return { kind: 'skip', skipped: skipped(request, 'FIELD_GONE', null) };
  const versions = versionsOf(field, history);
  const replaced = overlookedEdit(versions, ours);
  // Put back already, or never anything else.
  const isBack = sameValue(now, before) || sameValue(before, ours.value);
  if (isBack && (replaced === null || !sameValue(now, ours.value))) return { kind: 'nothing' };
  const theirs = editOf(request);
  if (theirs !== null) return { kind: 'skip', skipped: theirs };
  // Without us the field would show the edit that our write replaced, if one had landed after our comparison.
  const value = replaced?.value ?? before;
  if (sameValue(now, value)) return { kind: 'nothing' };
  return accepts(request.object, field, value)
    ? { kind: 'restore', value }
    : { kind: 'skip', skipped: skipped(request, 'FIELD_GONE', null) };
}

/** Why the field is somebody else's by now, with the three values; null where it is still as our write has left it. */
export function editOf(request: FieldUndoRequest): SkippedField | null {
  const { step, field, history, now } = request;
  const ours = ourWrite(step, field, request.wanted);
  const versions = versionsOf(field, history);
  const later = laterEdit(versions, ours);
  const isOurs = later === null && isStored(now.image.fields[field], ours, step, versions);
  return isOurs ? null : skipped(request, 'CONFLICT_HUMAN', later);
}

function ourWrite({ before, after, sentAt }: Step, field: string, wanted: CrmValue): OurWrite {
  return {
    before: before?.fields[field],
    value: after?.fields[field] ?? wanted,
    comparedAt: before?.readAt ?? sentAt ?? '',
    storedAt: after?.readAt ?? null,
  };
}

/** Whether the field shows our write as the CRM stored it. Where we never saw how, the only version since we compared is it, if it is ours. */
function isStored(now: CrmValue | undefined, ours: OurWrite, step: Step, versions: readonly FieldVersion[]): boolean {
  if (sameValue(now, ours.value)) return true;
  const [newest, ...older] = versions;
  if (step.after !== null || newest === undefined || !newest.isOurs || !isSince(newest, ours.comparedAt)) return false;
  return sameValue(newest.value, now) && !older.some((version) => isSince(version, ours.comparedAt));
}

/** Whether the CRM would take the value; true where its schema is not at hand. */
function accepts(object: CrmObject | null, name: string, value: CrmValue): boolean {
  if (object === null) return true;
  const field = object.fields.get(name);
  if (field === undefined || !field.isWritable) return false;
  if (field.options === null || value === null || value === '') return true;
  const chosen = field.type === 'choices' ? String(value).split(';') : [String(value)];
  return chosen.every((option) => field.options?.includes(option));
}

function skipped(request: FieldUndoRequest, code: FindingCode, by: FieldVersion | null): SkippedField {
  const { step, field, wanted, now } = request;
  const ours = ourWrite(step, field, wanted);
  return {
    field,
    before: ours.before ?? null,
    ours: ours.value,
    now: now.image.fields[field] ?? null,
    by: by?.by ?? null,
    at: by?.at ?? null,
    code,
  };
}
