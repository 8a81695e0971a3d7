/**
 * Taking a set back: the inverses of what it has done, latest first, a batch at a time. An inverse that fails for good does not hide the others (C7); what
 * somebody else has changed since is left as it is and on record (C4).
 */
import type { ChangeSet, KeptField, SetCause, Step, StepFinding } from '@lockstep/domain/crm/change-set.ts';
import type { ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import { audit, entryOfSet, entryOfStep } from './audit-entries.ts';
import { nextBatch } from './batch.ts';
import { crmOf, PAGE, setOf, writeKey } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { moved } from './moving.ts';
import { firstFailure, send } from './outcomes.ts';
import type { Sent } from './outcomes.ts';
import { probeSending } from './probing.ts';
import { keptField, lookBack, markDoneAgain, told } from './recording.ts';
import { locate } from './targets.ts';
import { effectOf, planFor, show } from './undo-planning.ts';
import type { Effected, PlannedUndo } from './undo-planning.ts';

export interface Compensated {
  readonly outcome: 'more' | 'compensated';
}

/**
 * Runs the next batch of inverses. Idempotent: each compares before it writes, and one that has taken effect has nothing left to do. The first call puts the
 * cause on record. Throws `ConnectorError` for technical failures: call again (C8).
 */
export async function compensateBatch(engine: CrmEngine, changeSetId: string, cause: SetCause, now: string): Promise<Compensated> {
  const set = await stop(engine, changeSetId, cause, now);
  if (set.state === 'ended') return { outcome: 'compensated' };
  if (await probeSending(engine, set, now)) return { outcome: 'more' };
  const batch = await nextEffects(engine, changeSetId);
  if (batch.length === 0) return { outcome: 'compensated' };
  const shown = await show(engine, batch, now);
  const planned = batch.flatMap((effected, index) => {
    const reading = shown.readings[index];
    return reading === undefined ? [] : [planFor(effected, reading, shown)];
  });
  await settle(
    engine,
    set,
    planned.filter(({ inverse }) => inverse === null),
    now,
  );
  const due = planned.flatMap((one) => (one.inverse === null ? [] : [{ ...one, inverse: one.inverse }]));
  if (due.length > 0) await undo(engine, set, due, now);
  return { outcome: 'more' };
}

async function stop(engine: CrmEngine, changeSetId: string, cause: SetCause, now: string): Promise<ChangeSet> {
  return engine.store.transaction(async (tx) => {
    const set = (await tx.lockChangeSet(changeSetId)) ?? (await setOf(tx, changeSetId));
    await tx.touchLeases(changeSetId, now);
    if (set.state === 'compensating' || set.state === 'ended') return set;
    const stopped = moved(set, 'stopped', now, cause);
    await tx.saveChangeSet(stopped);
    const approvals = await tx.approvals(changeSetId);
    await audit(tx, [entryOfSet(set, { at: now, action: 'compensate', outcome: 'intended', reasons: [cause], approvals })]);
    return stopped;
  });
}

/** Steps whose effect stands, latest first, as many as go in one call. */
async function nextEffects(engine: CrmEngine, changeSetId: string): Promise<readonly Effected[]> {
  const { located, newest } = await engine.store.snapshot(async (reader) => {
    const steps = await reader.stepsIn(changeSetId, { states: ['done', 'undoing'], limit: PAGE, order: 'last' });
    const found = await locate(reader, steps);
    const made = found.flatMap(({ step, operation }) => effectOf({ step, operation }, new Map())?.record ?? []);
    return { located: found, newest: await reader.currentIds(made) };
  });
  const effects = located.flatMap((one) => effectOf(one, newest) ?? []);
  const byOrdinal = new Map(effects.map((one) => [one.step.ordinal, one]));
  // What a step has made counts as its record: it goes only after what was done to it since.
  const open = effects.map(({ step, operation, record }) => ({
    step,
    operation: step.createdId === null ? operation : { kind: 'archive' as const, target: record },
  }));
  return nextBatch(open, (connectionId) => crmOf(engine, connectionId).limits.write).flatMap(
    ({ step }) => byOrdinal.get(step.ordinal) ?? [],
  );
}

/** Steps with nothing to write: gone already, or somebody else's by now. */
async function settle(engine: CrmEngine, set: ChangeSet, planned: readonly PlannedUndo[], now: string): Promise<void> {
  if (planned.length === 0) return;
  await engine.store.transaction(async (tx) => {
    const steps = planned.map(({ step, plan }): Step =>
      plan.finding === null ? undone(step, now) : { ...step, state: 'kept', finding: plan.finding },
    );
    await tx.saveSteps(steps);
    await tx.saveKept(planned.flatMap((one) => keptBy(set, one, now)));
    await markDoneAgain(
      tx,
      steps.filter(({ state }) => state === 'undone'),
    );
    const approvals = await tx.approvals(set.changeSetId);
    await audit(
      tx,
      planned.map(({ step, operation, plan }) =>
        entryOfStep(
          engine,
          set,
          { step, operation },
          {
            at: now,
            action: 'undo',
            // An undo whose answer was lost, and which shows: it was ours.
            outcome: step.state === 'undoing' && plan.finding === null ? 'done' : 'skipped',
            reasons: plan.finding === null ? [] : [plan.finding.code],
            approvals,
          },
        ),
      ),
    );
  });
}

interface Due extends PlannedUndo {
  readonly inverse: ResolvedOperation;
}

interface Undone extends Due {
  readonly sent: Sent;
  /** Fields that the CRM would not take back (case 50). */
  readonly refusedFields: readonly string[];
}

async function undo(engine: CrmEngine, set: ChangeSet, due: readonly Due[], now: string): Promise<void> {
  await engine.store.transaction(async (tx) => {
    const approvals = await tx.approvals(set.changeSetId);
    await tx.saveSteps(due.map(({ step }) => ({ ...step, state: 'undoing' })));
    await audit(
      tx,
      due.map(({ step, inverse }) =>
        entryOfStep(engine, set, { step, operation: inverse }, { at: now, action: 'undo', outcome: 'intended', approvals }),
      ),
    );
  });
  const results = await sendUndo(engine, due);
  const kept = [
    ...results.filter(({ sent }) => sent.kind !== 'unknown' && sent.kind !== 'nothing-happened').flatMap((one) => keptBy(set, one, now)),
    ...results.flatMap((one) => refusedBy(set, one, now)),
    ...(await lookBack(engine, set, results.map(asWrite), now)).kept,
  ];
  await recordUndone(engine, set, results, kept, now);
  const failure = firstFailure(results.map(({ sent }) => sent));
  if (failure !== null) throw failure;
}

/** The inverse as a write of its own: what it compared with is what the record showed a moment ago. */
function asWrite({ step, reading, inverse, sent }: Undone) {
  return { step: { ...step, before: reading.image }, operation: inverse, sent };
}

/** Sends the inverses; those of which the CRM refuses single fields once more without them (case 50). */
async function sendUndo(engine: CrmEngine, due: readonly Due[]): Promise<readonly Undone[]> {
  const first = await sendInverses(engine, due);
  const again = due.flatMap((one, index) => {
    const rest = withoutRefused(one.inverse, first[index]);
    return rest === null ? [] : [{ index, one: { ...one, inverse: rest.inverse }, refusedFields: rest.fields }];
  });
  const second =
    again.length === 0
      ? []
      : await sendInverses(
          engine,
          again.map(({ one }) => one),
        );
  return due.map((one, index): Undone => {
    const place = again.findIndex((other) => other.index === index);
    const [retried, sent] = place === -1 ? [undefined, first[index]] : [again[place], second[place]];
    return { ...(retried?.one ?? one), sent: sent ?? { kind: 'unclear' }, refusedFields: retried?.refusedFields ?? [] };
  });
}

async function sendInverses(engine: CrmEngine, due: readonly Due[]): Promise<readonly Sent[]> {
  const [first] = due as readonly [Due, ...Due[]];
  return send(
    crmOf(engine, first.record.connectionId),
    due.map(({ step, inverse, reading }) => ({ key: `${writeKey(step)}/undo`, operation: inverse, before: reading.image })),
  );
}

function withoutRefused(inverse: ResolvedOperation, sent: Sent | undefined) {
  if (sent?.kind !== 'refused' || sent.isPrecondition || sent.finding.fields.length === 0) return null;
  if (!('fields' in inverse) || !('target' in inverse)) return null;
  const { fields } = sent.finding;
  const left = Object.fromEntries(Object.entries(inverse.fields).filter(([name]) => !fields.includes(name)));
  const count = Object.keys(left).length;
  return count === 0 || count === Object.keys(inverse.fields).length ? null : { fields, inverse: { ...inverse, fields: left } };
}

async function recordUndone(
  engine: CrmEngine,
  set: ChangeSet,
  results: readonly Undone[],
  kept: readonly KeptField[],
  now: string,
): Promise<void> {
  await engine.store.transaction(async (tx) => {
    const after = results.map((one) => stepAfterUndo(one, now));
    await tx.saveSteps(after);
    await tx.saveKept(kept);
    await markDoneAgain(
      tx,
      after.filter(({ state }) => state === 'undone'),
    );
    for (const { sent, record } of results)
      if (sent.kind === 'done' && sent.recordId !== record.recordId) {
        await tx.saveNewId(record, sent.recordId, now);
        await tx.acquireLeases(set.changeSetId, [{ ...record, recordId: sent.recordId }], now);
      }
    const approvals = await tx.approvals(set.changeSetId);
    await audit(
      tx,
      results.map(({ step, inverse, sent }) =>
        entryOfStep(engine, set, { step, operation: inverse }, { at: now, action: 'undo', ...told(sent), approvals }),
      ),
    );
  });
}

function stepAfterUndo({ step, plan, sent, refusedFields }: Undone, now: string): Step {
  switch (sent.kind) {
    case 'done':
      return {
        ...undone(step, now),
        finding: refusedFields.length > 0 ? fieldGone(refusedFields) : (plan.finding ?? undone(step, now).finding),
      };
    case 'refused':
      // Somebody has written between our reading and our write: it is compared anew.
      if (sent.isPrecondition) return { ...step, state: 'done' };
      return { ...step, state: sent.finding.code === 'GONE' ? 'kept' : 'stuck', finding: sent.finding };
    case 'unclear':
      return { ...step, state: 'stuck' };
    default:
      return { ...step, state: 'undoing' };
  }
}

function fieldGone(fields: readonly string[]): StepFinding {
  return { code: 'FIELD_GONE', message: 'the CRM does not take the value of before any more: the field is left as it is', fields };
}

/** What an undo cannot take away is named: who was told (B), what stands in the bin (C). */
function undone(step: Step, now: string): Step {
  const residue = step.sentAt === null ? undefined : RESIDUES[step.reversibility];
  return {
    ...step,
    state: 'undone',
    undoneAt: now,
    finding: residue === undefined ? null : { code: 'RESIDUE', message: residue, fields: [] },
  };
}

const RESIDUES: Readonly<Partial<Record<Step['reversibility'], string>>> = {
  B: 'taken back; what the CRM has told people, or set off, meanwhile cannot be',
  C: 'taken back as far as it goes: what was created stands in the bin, what was deleted has come back under a new id',
};

function keptBy(set: ChangeSet, { step, plan }: PlannedUndo, now: string): readonly KeptField[] {
  const message = plan.finding?.message ?? 'left as it is';
  if (plan.skipped.length > 0) return plan.skipped.map((skipped) => keptField(set, step, skipped, message, now));
  if (plan.finding === null) return [];
  const whole = { field: null, before: null, ours: null, now: null, by: null, at: null, code: plan.finding.code };
  return [{ ...keptField(set, step, { ...whole, field: '' }, message, now), field: null }];
}

function refusedBy(set: ChangeSet, { step, reading, refusedFields }: Undone, now: string): readonly KeptField[] {
  const { message } = fieldGone(refusedFields);
  return refusedFields.map((field) => {
    const values = {
      before: step.before?.fields[field] ?? null,
      ours: step.after?.fields[field] ?? null,
      now: reading.image.fields[field] ?? null,
    };
    return keptField(set, step, { field, ...values, by: null, at: null, code: 'FIELD_GONE' }, message, now);
  });
}
