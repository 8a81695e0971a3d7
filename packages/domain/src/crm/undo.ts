/** The undo planner: compares before, what we wrote, and now, and takes back what is still ours (C4). */
import type { Association, FindingCode, Operation, RecordRef, Step, StepFinding } from './change-set.ts';
import type { CrmObject, FieldVersion, Reading } from './crm.port.ts';
import { editOf, undoField } from './field-undo.ts';
import type { SkippedField } from './field-undo.ts';
import { sameValue } from './value.ts';

export interface UndoRequest {
  readonly step: Step;
  /**
   * Of the record that the step is about, under its newest id (case 48): the target's, or the one that a create or a restore has made. With the fields that
   * the step wrote; for an association whether it stands; for a create, and a restore under a new id, whether people's content hangs on it.
   */
  readonly now: Reading;
  /** Of the fields that the step wrote, newest first, from before it was sent; null where the CRM keeps none. */
  readonly history: readonly FieldVersion[] | null;
  /** The object's schema of today, by which fields and options that are gone are told (case 50); left out, nothing is known to be gone. */
  readonly object?: CrmObject;
  /** Records that other steps of the step's set have created, by ordinal: the ends of associations. */
  readonly created?: ReadonlyMap<number, string>;
}

export interface UndoPlan {
  /** Null where there is nothing to write. Its target is the record of `now`. */
  readonly operation: Operation | null;
  readonly restored: readonly string[];
  readonly skipped: readonly SkippedField[];
  /** Why something is left as it is; null where all that was ours goes back, or nothing had to. */
  readonly finding: StepFinding | null;
}

const NOTHING: UndoPlan = { operation: null, restored: [], skipped: [], finding: null };

/** Whether a step of this state may have had an effect that still stands. */
const MAY_STAND: Readonly<Record<Step['state'], boolean>> = {
  planned: false,
  sending: true,
  done: true,
  refused: false,
  undoing: true,
  undone: false,
  kept: true,
  stuck: true,
};

/**
 * Plans the undo of one step. Never plans to overwrite what somebody else has set since. A step that had no effect, or whose effect is gone already,
 * leaves nothing to do; so a plan that is made twice writes once. Undoing an undo is the same (case 52).
 */
export function planUndo(request: UndoRequest): UndoPlan {
  const { step, now } = request;
  if (!MAY_STAND[step.state] || (step.before === null && !isCreate(step.operation))) return NOTHING;
  if (now.mergedInto !== null || now.image.presence === 'merged') return merged(request);
  if (step.reversibility === 'D') return irreversible(request);
  const { operation } = step;
  switch (operation.kind) {
    case 'set-fields':
    case 'assign-owner':
      return isPresent(now) ? undoFields(request, operation) : gone(request);
    case 'create':
    case 'create-task':
      return isPresent(now) ? undoCreate(request) : NOTHING;
    case 'associate':
    case 'dissociate':
      return isPresent(now) ? undoAssociation(request, operation) : gone(request);
    case 'archive':
      return undoArchive(request);
    case 'restore':
      return isPresent(now) && step.before?.presence === 'archived' ? undoRestore(request) : NOTHING;
  }
}

function undoFields(request: UndoRequest, operation: Extract<Operation, { readonly kind: 'set-fields' | 'assign-owner' }>): UndoPlan {
  const { step, now, history, object = null } = request;
  const undone = Object.entries(operation.fields).map(
    ([field, wanted]) => [field, undoField({ step, field, wanted, now, history, object })] as const,
  );
  const fields = undone.flatMap(([field, undo]) => (undo.kind === 'restore' ? [[field, undo.value] as const] : []));
  const skipped = undone.flatMap(([, undo]) => (undo.kind === 'skip' ? [undo.skipped] : []));
  return {
    operation: fields.length === 0 ? null : { kind: operation.kind, target: recordOf(request), fields: Object.fromEntries(fields) },
    restored: fields.map(([field]) => field),
    skipped,
    finding: findingOf(request, skipped),
  };
}

/** One finding for what was skipped: people's edits first. */
function findingOf(request: UndoRequest, skipped: readonly SkippedField[]): StepFinding | null {
  const conflicts = skipped.filter(({ code }) => code === 'CONFLICT_HUMAN').map(({ field }) => field);
  if (conflicts.length > 0) return finding(request, 'CONFLICT_HUMAN', 'changed by somebody else since our write, left as it is', conflicts);
  const missing = skipped.map(({ field }) => field);
  return missing.length === 0
    ? null
    : finding(request, 'FIELD_GONE', 'the field or the option is no longer there or cannot be written, left as it is', missing);
}

/** A record that we made is archived unless it has become somebody else's, too: notes, calls and tasks on it, or an edit of what we wrote (case 47). */
function undoCreate(request: UndoRequest): UndoPlan {
  const { step, now, history } = request;
  const wanted = 'fields' in step.operation ? step.operation.fields : {};
  const edited = Object.entries(wanted)
    .filter(([field]) => now.image.fields[field] !== undefined)
    .map(([field, value]) => editOf({ step, field, wanted: value, now, history, object: null }))
    .flatMap((edit) => (edit === null ? [] : [{ ...edit, code: 'HAS_HUMAN_CONTENT' as const }]));
  if (now.hasHumanContent === false && edited.length === 0) return archive(request);
  const message = 'people have worked on the record that we made: archive it by hand if it may go';
  return {
    ...NOTHING,
    skipped: edited,
    finding: finding(
      request,
      'HAS_HUMAN_CONTENT',
      message,
      edited.map(({ field }) => field),
    ),
  };
}

function undoAssociation(request: UndoRequest, operation: Extract<Operation, { readonly kind: 'associate' | 'dissociate' }>): UndoPlan {
  const { step, now } = request;
  const stood = step.before?.isAssociated;
  const stands = now.image.isAssociated;
  if (stood === undefined || stands === undefined) {
    const message = 'expected to be told whether the association stood and stands, got no answer: look at the record';
    return { ...NOTHING, finding: finding(request, 'INVALID', message, []) };
  }
  const ours = operation.kind === 'associate';
  if (stood === ours || stands !== ours) return NOTHING;
  const association = resolved(operation.association, request.created);
  return { ...NOTHING, operation: { kind: ours ? 'dissociate' : 'associate', target: recordOf(request), association } };
}

function undoArchive(request: UndoRequest): UndoPlan {
  const { step, now } = request;
  if (step.before?.presence !== 'present' || now.image.presence === 'present') return NOTHING;
  return now.image.presence === 'archived' ? { ...NOTHING, operation: { kind: 'restore', target: recordOf(request) } } : gone(request);
}

/** A record that came back is archived again, unless somebody has changed it since; under a new id, unless anything of theirs hangs on it. */
function undoRestore(request: UndoRequest): UndoPlan {
  const { step, now, history } = request;
  const { doneAt } = step;
  const later = (history ?? []).filter((version) => !version.isOurs && doneAt !== null && Date.parse(version.at) > Date.parse(doneAt));
  const isNew = step.createdId !== null;
  if (later.length === 0 && (!isNew || now.hasHumanContent === false)) return archive(request);
  const message = 'people have worked on the record since it came back: archive it by hand if it may go';
  return { ...NOTHING, finding: finding(request, 'HAS_HUMAN_CONTENT', message, [...new Set(later.map(({ field }) => field))]) };
}

function archive(request: UndoRequest): UndoPlan {
  return { ...NOTHING, operation: { kind: 'archive', target: recordOf(request) } };
}

/** Two records have become one (case 46): which values are whose cannot be told by a machine. The finding is the plan for a person. */
function merged(request: UndoRequest): UndoPlan {
  const { now } = request;
  const skipped = untouched(request, 'MERGED');
  const into = now.mergedInto === null ? 'another record' : `record ${now.mergedInto}`;
  const message = `merged into ${into} after our write: look there at each field listed, and where it shows what we wrote and not what the other record had, set it to its value before by hand`;
  return {
    ...NOTHING,
    skipped,
    finding: finding(
      request,
      'MERGED',
      message,
      skipped.map(({ field }) => field),
    ),
  };
}

function irreversible(request: UndoRequest): UndoPlan {
  if (hasNoEffect(request)) return NOTHING;
  const skipped = untouched(request, 'IRREVERSIBLE');
  const message = 'class D: what it has set off cannot be taken back; set the record right by hand';
  return {
    ...NOTHING,
    skipped,
    finding: finding(
      request,
      'IRREVERSIBLE',
      message,
      skipped.map(({ field }) => field),
    ),
  };
}

/** Whether the record shows nothing of the step. */
function hasNoEffect({ step: { operation, before }, now }: UndoRequest): boolean {
  if (operation.kind === 'archive' || isCreate(operation)) return isPresent(now) === (operation.kind === 'archive');
  if (!('fields' in operation) || !isPresent(now)) return false;
  return Object.keys(operation.fields).every((field) => sameValue(now.image.fields[field], before?.fields[field]));
}

function gone(request: UndoRequest): UndoPlan {
  const skipped = untouched(request, 'GONE');
  const message =
    request.now.image.presence === 'archived'
      ? 'somebody has archived the record since: restore it first if it is to be set right'
      : 'the record is no longer there: nothing can be put back';
  return {
    ...NOTHING,
    skipped,
    finding: finding(
      request,
      'GONE',
      message,
      skipped.map(({ field }) => field),
    ),
  };
}

/** The fields of the step, none of which is touched, each with its three values. */
function untouched({ step, now }: UndoRequest, code: FindingCode): readonly SkippedField[] {
  const fields = 'fields' in step.operation ? step.operation.fields : {};
  return Object.entries(fields).map(([field, wanted]) => ({
    field,
    before: step.before?.fields[field] ?? null,
    ours: step.after?.fields[field] ?? wanted,
    now: now.image.fields[field] ?? null,
    by: null,
    at: null,
    code,
  }));
}

function finding(request: UndoRequest, code: FindingCode, message: string, fields: readonly string[]): StepFinding {
  const { object, recordId } = recordOf(request);
  return { code, message: `${object} ${recordId}: ${message}`, fields };
}

/** The record of the reading: also what a create made, and under its newest id. */
function recordOf({ step, now }: UndoRequest): RecordRef {
  const { connectionId, object } = 'target' in step.operation ? step.operation.target : step.operation;
  return { connectionId, object, recordId: now.recordId };
}

function resolved(association: Association, created: UndoRequest['created']): Association {
  const { to } = association;
  if (!('createdBy' in to)) return association;
  const recordId = created?.get(to.createdBy);
  return recordId === undefined ? association : { ...association, to: { connectionId: to.connectionId, object: to.object, recordId } };
}

function isPresent(now: Reading): boolean {
  return now.image.presence === 'present';
}

function isCreate({ kind }: Operation): boolean {
  return kind === 'create' || kind === 'create-task';
}
