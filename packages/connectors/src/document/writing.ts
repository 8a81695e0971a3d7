/**
 * Writing to the document: a batch is staged (worked out, and written down by the engine) and then replaces the file in one step.
 */
import { basename } from 'node:path';
import type { FieldMap, FieldName, FieldValue } from '@lockstep/domain/backlog/item.ts';
import { sameValue } from '@lockstep/domain/backlog/value.ts';
import { editPlan } from '@lockstep/domain/plan/edit.ts';
import type { EditOutcome, EditResult, PlanEdit } from '@lockstep/domain/plan/edit.ts';
import { labelOf } from '@lockstep/domain/plan/words.ts';
import type { FieldNotice, Pushes, WriteBatch, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { DocumentCursor } from './cursor.ts';
import { readDocument, replaceDocument } from './file.ts';
import { identitiesOf, newId, withIds } from './identity.ts';
import type { NamedPlan } from './identity.ts';
import { mappedFieldsOf } from './layout.ts';
import { agreedBaseline, pendingBaseline } from './observation.ts';
import type { Baseline } from './observation.ts';
import type { Source } from './reading.ts';
import { recordOf } from './records.ts';

/** A batch that is ready to be written. */
interface Staged {
  readonly before: string;
  readonly after: string;
  /** By marker (creates) and remote id (updates, removals). */
  readonly outcomes: ReadonlyMap<string, WriteOutcome>;
  /** The one replacement of the file, begun by the first of create, update and remove. */
  written: Promise<void> | null;
}

/** The document's `Pushes`. One batch at a time: the engine stages, then writes. */
export function documentPushes(source: Source): Pushes {
  let staged: Staged | null = null;
  const write = async (keys: readonly string[]): Promise<readonly WriteOutcome[]> => {
    const batch = staged;
    if (batch === null) throw new ConnectorError('Transient', `${source.reader.file}: expected a staged batch, got a write without one`);
    batch.written ??= batch.after === batch.before ? Promise.resolve() : replaceDocument(source.file, batch.before, batch.after);
    await batch.written;
    return keys.map(
      (key) => batch.outcomes.get(key) ?? failed('Invalid', `${source.reader.file}: expected a write that was staged, got another`),
    );
  };
  return {
    stage: async (batch, cursor) => {
      staged = null;
      const work = await prepare(source, batch, cursor);
      staged = work.staged;
      return { stagedCursor: writeCursor(work.stagedCursor), doneCursor: writeCursor(work.doneCursor) };
    },
    create: (drafts) => write(drafts.map(({ marker }) => marker)),
    update: (changes) => write(changes.map(({ remoteId }) => remoteId)),
    remove: (removals) => write(removals.map(({ remoteId }) => remoteId)),
  };
}

interface Work {
  readonly staged: Staged;
  readonly stagedCursor: DocumentCursor;
  readonly doneCursor: DocumentCursor;
}

async function prepare(source: Source, batch: WriteBatch, json: Json | null): Promise<Work> {
  if (json === null)
    throw new ConnectorError('Transient', `${basename(source.file)}: expected to have been read before it is written, got no cursor`);
  const cursor = readCursor(json);
  const before = await readDocument(source.file);
  const baseline = baselineFor(source, cursor, before);
  const { named } = baseline;
  const asked = [
    ...batch.creates.map((draft) => ({ key: draft.marker, marker: draft.marker, ...insertOf(named, draft.kind, draft.fields) })),
    ...batch.updates.map((change) => ({ key: change.remoteId, marker: null, ...setOf(named, change.remoteId, change.fields) })),
    ...batch.removals.map((removal) => ({ key: removal.remoteId, marker: null, ...removeOf(named, removal.remoteId) })),
  ];
  const edits = asked.flatMap(({ edit }) => (edit === null ? [] : [edit]));
  const result = editPlan(named.plan, edits);
  source.reader.keep(result.plan);
  source.reader.latest = result.plan;
  const ids = new Map(
    [...result.moved].flatMap(([earlier, now]) => (named.idOf.has(earlier) ? [[now, named.idOf.get(earlier) ?? ''] as const] : [])),
  );
  const created: Record<string, string> = {};
  let nextId = baseline.nextId;
  let position = 0;
  const done = asked.map((request) => {
    const outcome = request.edit === null ? null : (result.outcomes[position++] ?? null);
    if (request.marker !== null && outcome?.ok === true && outcome.item !== null) {
      const id = newId(result.plan.items[outcome.item], nextId);
      if (id === `d${nextId}`) nextId += 1;
      ids.set(outcome.item, id);
      created[id] = request.marker;
    }
    return { request, outcome };
  });
  const after = withIds(result.plan, ids);
  const outcomes = new Map(done.map(({ request, outcome }) => [request.key, outcomeOf(source, request, outcome, result, after)]));
  const unshown = [...new Set([...cursor.unshown, ...sideEffects(named, after, batch)])];
  return {
    staged: { before, after: result.plan.text, outcomes, written: null },
    ...cursorsOf({ ...cursor, unshown }, baseline, after, created, nextId),
  };
}

/** Rows that show something else after the batch than it asked for: one that depends on a row which the batch renames, adds or removes. */
function sideEffects(named: NamedPlan, after: NamedPlan, batch: WriteBatch): readonly string[] {
  const asked = new Map(batch.updates.map(({ remoteId, fields }) => [remoteId, fields]));
  return [...after.idOf].flatMap(([index, id]) => {
    const earlier = named.indexOf.get(id);
    const [was, is] = [earlier === undefined ? null : recordOf(named, earlier), recordOf(after, index)];
    if (was === null || is === null || was.revision === is.revision) return [];
    const meant = asked.get(id) ?? {};
    const differs = Object.entries(is.fields).some(
      ([field, value]) => !(field in meant) && !sameValue(value, was.fields[field as FieldName]),
    );
    return differs ? [id] : [];
  });
}

/** The file must be what was read last: otherwise someone's edit is to be read first. */
function baselineFor(source: Source, cursor: DocumentCursor, text: string): Baseline {
  const pending = pendingBaseline(source.reader, cursor);
  if (pending !== null && pending.named.plan.text === text) return pending;
  if (cursor.text === text) return agreedBaseline(source.reader, cursor);
  throw new ConnectorError(
    'Conflict',
    `${source.reader.file}: expected the text that was read last, got another: it is read again before it is written`,
  );
}

function cursorsOf(
  cursor: DocumentCursor,
  baseline: Baseline,
  after: NamedPlan,
  created: Readonly<Record<string, string>>,
  nextId: number,
): { readonly stagedCursor: DocumentCursor; readonly doneCursor: DocumentCursor } {
  const shared = { v: 1 as const, nextId, waiting: [...baseline.waiting], unshown: cursor.unshown };
  const text = after.plan.text;
  const ids = identitiesOf(after);
  return {
    stagedCursor: {
      ...shared,
      text: baseline.named.plan.text,
      ids: identitiesOf(baseline.named),
      created: { ...baseline.created },
      pending: text === baseline.named.plan.text ? null : { text, ids, created: { ...created } },
    },
    doneCursor: { ...shared, text, ids, created: { ...baseline.created, ...created }, pending: null },
  };
}

/** An edit, or why there is none. `unwritable`: fields that no text can hold. */
interface Asked {
  readonly edit: PlanEdit | null;
  readonly problem?: { readonly code: 'Invalid' | 'NotFound'; readonly expected: string; readonly got: string };
  readonly unwritable?: readonly FieldName[];
}

function insertOf(named: NamedPlan, kind: Extract<PlanEdit, { op: 'insert' }>['kind'], all: FieldMap): Asked {
  const { fields, unwritable } = writable(all);
  const parent = parentIndex(named, all.parent);
  if (parent === undefined && all.parent !== undefined)
    return {
      edit: null,
      problem: { code: 'Invalid', expected: `a phase of the plan for the ${kind}`, got: 'one that the plan does not have' },
    };
  return { edit: { op: 'insert', kind, fields, parent: parent ?? null }, unwritable };
}

function setOf(named: NamedPlan, remoteId: string, all: FieldMap): Asked {
  const item = named.indexOf.get(remoteId);
  if (item === undefined)
    return { edit: null, problem: { code: 'NotFound', expected: 'a row of the plan', got: 'none that is known under this id' } };
  const { fields, unwritable } = writable(all);
  const parent = parentIndex(named, all.parent);
  const lost = all.parent !== undefined && parent === undefined ? (['parent'] as const) : [];
  return { edit: { op: 'set', item, fields, ...(parent === undefined ? {} : { parent }) }, unwritable: [...unwritable, ...lost] };
}

function removeOf(named: NamedPlan, remoteId: string): Asked {
  const item = named.indexOf.get(remoteId);
  return { edit: item === undefined ? null : { op: 'remove', item } };
}

/** Own fields that text can hold: half a surrogate pair cannot be saved as UTF-8, a NUL cannot be kept by Markdown. */
function writable(all: FieldMap): { readonly fields: FieldMap; readonly unwritable: readonly FieldName[] } {
  const fields: Partial<Record<FieldName, FieldValue>> = {};
  const unwritable: FieldName[] = [];
  for (const [name, value] of Object.entries(all)) {
    const field = name as FieldName;
    if (field === 'parent' || field === 'dependsOn') continue;
    if (typeof value === 'string' && (!value.isWellFormed() || value.includes('\0'))) unwritable.push(field);
    else fields[field] = value;
  }
  return { fields, unwritable };
}

/** The index that a reference means; null for none; undefined where nothing is said or the plan has no such item. */
function parentIndex(named: NamedPlan, reference: FieldValue | undefined): number | null | undefined {
  if (reference === null) return null;
  if (typeof reference !== 'string') return undefined;
  if (reference.startsWith('id:')) return named.indexOf.get(reference.slice(3));
  const words = labelOf(reference.replace(/^text:/, '')).toLowerCase();
  const phases = named.plan.items.filter(({ kind, fields }) => kind === 'phase' && labelOf(String(fields.title)).toLowerCase() === words);
  return phases.length === 1 ? phases[0]?.index : undefined;
}

function outcomeOf(
  source: Source,
  request: Asked & { readonly marker: string | null },
  outcome: EditOutcome | null,
  result: EditResult,
  after: NamedPlan,
): WriteOutcome {
  const { file } = source.reader;
  if (request.problem !== undefined)
    return failed(request.problem.code, `${file}: expected ${request.problem.expected}, got ${request.problem.got}`);
  // A row that is to be removed and is not there any more.
  if (outcome === null) return { ok: true, record: null, overwritten: [], refused: [] };
  if (!outcome.ok) return failed('Invalid', `${file}: expected ${outcome.expected}, got ${outcome.got}`);
  const kind = outcome.item === null ? undefined : result.plan.items[outcome.item]?.kind;
  const partial = new Set(
    (kind === undefined ? [] : mappedFieldsOf(result.plan, kind)).flatMap((mapped) => (mapped.partial === true ? [mapped.field] : [])),
  );
  // What this row has no place for, though others of its kind do, is not the document's.
  const refused = [...outcome.refused.filter((field) => !partial.has(field)), ...(request.unwritable ?? [])];
  const record = outcome.item === null ? null : recordOf(after, outcome.item, request.marker);
  return { ok: true, record, overwritten: [], refused: refused.map((field) => unwritten(file, field, result, outcome.item)) };
}

function unwritten(file: string, field: FieldName, result: EditResult, index: number | null): FieldNotice {
  const line = index === null ? undefined : result.plan.items[index]?.line;
  return {
    field,
    cause: 'unwritable',
    message: `${file}${line === undefined ? '' : `:${line}`}: ${field}: expected a place that can hold the value, got none; the document keeps what it has`,
  };
}

function failed(code: 'Invalid' | 'NotFound', message: string): WriteOutcome {
  return { ok: false, error: new ConnectorError(code, message) };
}
