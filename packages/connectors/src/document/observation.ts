/**
 * What the file shows, held against the cursor: which text it is an edit of, which rows are new, gone, changed or in doubt.
 */
import type { Plan } from '@lockstep/domain/plan/plan.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { DocumentCursor } from './cursor.ts';
import { namedPlan, recognise, withIds, newId } from './identity.ts';
import type { NamedPlan, PlanReader, Recognition, Waiting } from './identity.ts';
import { recordOf } from './records.ts';

/** A text with ids: one that both sides agreed on, or one that we were about to write. */
export interface Baseline {
  readonly named: NamedPlan;
  readonly waiting: readonly Waiting[];
  readonly nextId: number;
  /** Remote id → our item id, of rows that we have made and that no pull has shown yet. */
  readonly created: Readonly<Record<string, string>>;
  /** Ids of rows that our own write has taken out, as long as no pull has said so: after a crash nobody else knows. */
  readonly takenOut: readonly string[];
}

export interface Observation extends Recognition {
  readonly created: Readonly<Record<string, string>>;
  /** Ids that show something else than the baseline does. */
  readonly changed: readonly string[];
}

/** Reads the file's text against the cursor. Throws `Invalid` for a text that is not a whole plan, or one that has lost all items at once. */
export function observe(reader: PlanReader, cursor: DocumentCursor | null, text: string): Observation {
  const plan = reader.read(text);
  if (cursor === null) return seen(reader, plan, firstObservation(plan));
  const baseline = baselineOf(reader, cursor, plan);
  if (baseline.named.plan.text === text) {
    return seen(reader, plan, { ...baseline, added: [], removed: baseline.takenOut, ambiguousLines: [], changed: [] });
  }
  if (plan.items.length === 0 && baseline.named.idOf.size > 0)
    throw new ConnectorError(
      'Invalid',
      `${reader.file}:1: expected a plan with items, got none: half-saved, or emptied; nothing is deleted for it`,
    );
  const recognition = recognise(baseline.named, baseline.waiting, plan, baseline.nextId);
  return seen(reader, plan, {
    ...recognition,
    removed: [...baseline.takenOut, ...recognition.removed],
    created: baseline.created,
    changed: changedIds(baseline.named, recognition),
  });
}

/** Only a plan that is taken says which places there are. */
function seen(reader: PlanReader, plan: Plan, observation: Observation): Observation {
  reader.latest = plan;
  return observation;
}

function firstObservation(plan: Plan): Observation {
  let nextId = 1;
  const ids: [number, string][] = plan.items.map((item) => {
    const id = newId(item, nextId);
    if (item.explicitId === null) nextId += 1;
    return [item.index, id];
  });
  const named = withIds(plan, ids);
  return { named, waiting: [], added: ids.map(([, id]) => id), removed: [], ambiguousLines: [], nextId, created: {}, changed: [] };
}

/** The text that the file is, or is an edit of: the pending one where our write took place. */
function baselineOf(reader: PlanReader, cursor: DocumentCursor, plan: Plan): Baseline {
  const agreed = agreedBaseline(reader, cursor);
  const pending = pendingBaseline(reader, cursor);
  if (pending === null || plan.text === cursor.text) return agreed;
  if (plan.text === pending.named.plan.text) return pending;
  const [fromAgreed, fromPending] = [distanceTo(agreed, plan), distanceTo(pending, plan)];
  if (fromAgreed.rows !== fromPending.rows) return fromAgreed.rows < fromPending.rows ? agreed : pending;
  return fromAgreed.fields < fromPending.fields ? agreed : pending;
}

/** The last agreed text. Ids of a write that did not take place are not given again. */
export function agreedBaseline(reader: PlanReader, cursor: DocumentCursor): Baseline {
  const named = namedPlan(reader.read(cursor.text), cursor.ids);
  return { named, waiting: cursor.waiting, nextId: cursor.nextId, created: cursor.created, takenOut: [] };
}

/** The text that was about to be written, or null. */
export function pendingBaseline(reader: PlanReader, cursor: DocumentCursor): Baseline | null {
  if (cursor.pending === null) return null;
  const named = namedPlan(reader.read(cursor.pending.text), cursor.pending.ids);
  const left = new Set(cursor.pending.ids.map(([id]) => id));
  return {
    named,
    waiting: cursor.waiting,
    nextId: cursor.nextId,
    created: { ...cursor.created, ...cursor.pending.created },
    takenOut: cursor.ids.flatMap(([id]) => (left.has(id) ? [] : [id])),
  };
}

/**
 * How much an edit of the baseline would have had to do: rows that came or went, which weigh most (a row of ours that someone has since rewritten is still
 * that row), and fields that differ.
 */
function distanceTo(baseline: Baseline, plan: Plan): { readonly rows: number; readonly fields: number } {
  const recognition = recognise(baseline.named, baseline.waiting, plan, baseline.nextId);
  const differing = recognition.named.plan.items.flatMap((item) => {
    const id = recognition.named.idOf.get(item.index);
    const before = id === undefined ? undefined : baseline.named.indexOf.get(id);
    const earlier = before === undefined ? undefined : baseline.named.plan.items[before];
    if (earlier === undefined) return [];
    return Object.entries(item.fields).filter(([field, value]) => earlier.fields[field as keyof typeof earlier.fields] !== value);
  });
  return { rows: recognition.added.length + recognition.removed.length, fields: differing.length };
}

function changedIds(before: NamedPlan, now: Recognition): readonly string[] {
  const added = new Set(now.added);
  return [...now.named.idOf].flatMap(([index, id]) => {
    if (added.has(id)) return [];
    const earlier = before.indexOf.get(id);
    const was = earlier === undefined ? null : recordOf(before, earlier);
    return was !== null && was.revision === recordOf(now.named, index)?.revision ? [] : [id];
  });
}
