/**
 * A rollback is a change set: planned by the three-way comparison, previewed, approved, applied, in the ledger, and can itself be rolled back (C9). It takes
 * steps back in the reverse of the order in which they were committed (C10).
 */
import type { ChangeSet, Image, KeptField, Operation, Step } from '@lockstep/domain/crm/change-set.ts';
import type { StepSelection } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import { createSet } from './create.ts';
import type { CrmEngine } from './environment.ts';
import { Foreseen } from './foreseen.ts';
import { locate } from './targets.ts';
import { effectOf, planFor, show } from './undo-planning.ts';
import type { Effected, PlannedUndo } from './undo-planning.ts';

/** Most steps of one rollback. */
export const MOST_ROLLED_BACK = 10_000;

export interface RollbackRequest {
  /** From business identity: asked for twice, it is one set. */
  readonly changeSetId: string;
  readonly selection: StepSelection;
  readonly requestedBy: string;
  readonly actorKind: ChangeSet['actorKind'];
  readonly reason: string;
}

/** The selection holds more than one rollback takes. */
export class RollbackTooLarge extends Error {
  override readonly name = 'RollbackTooLarge';
}

/**
 * Plans the rollback of done steps of ended sets, and writes nothing to a CRM; `previewSet` shows what it restores, what it skips as somebody has changed it
 * since (with the three values, who and when), and what is impossible and why. Reads in batches: records once, and their histories.
 * @throws RollbackTooLarge; ConnectorError where a CRM cannot be read.
 */
export async function planRollback(engine: CrmEngine, request: RollbackRequest, now: string): Promise<void> {
  const effects = await selected(engine, request.selection);
  const planned = await plansFor(engine, effects, now);
  const { changeSetId, requestedBy, actorKind, reason } = request;
  const due = planned.flatMap(({ plan, image }) => (plan.inverse === null ? [] : [{ ...plan, image, inverse: plan.inverse }]));
  await createSet(
    engine,
    {
      ...{ changeSetId, kind: 'rollback', requestedBy, actorKind, reason, confidence: null },
      operations: due.map(({ inverse }): Operation => inverse),
      undoes: due.map(({ step, image }) => ({ step: { changeSetId: step.changeSetId, ordinal: step.ordinal }, image })),
      kept: planned.flatMap(({ plan }) => leftOut(changeSetId, plan, now)),
      rollsBack: [...new Set(effects.map(({ step }) => step.changeSetId))],
    },
    now,
  );
}

/** The steps and their records, latest first. */
async function selected(engine: CrmEngine, selection: StepSelection): Promise<readonly Effected[]> {
  const { located, newest } = await engine.store.snapshot(async (reader) => {
    const steps = await reader.doneSteps(selection, MOST_ROLLED_BACK + 1);
    if (steps.length > MOST_ROLLED_BACK)
      throw new RollbackTooLarge(`rollback: expected at most ${MOST_ROLLED_BACK} steps, got more; narrow it by time, record or set`);
    const found = await locate(reader, steps);
    const made = found.flatMap((one) => effectOf(one, new Map())?.record ?? []);
    return { located: found, newest: await reader.currentIds(made) };
  });
  return located.flatMap((one) => effectOf(one, newest) ?? []);
}

interface Planned {
  readonly plan: PlannedUndo;
  /** What the record shows once the undos before this one have run. */
  readonly image: Image;
}

/** Each undo is planned on what those before it leave, so that steps on one record are taken back one after the other. */
async function plansFor(engine: CrmEngine, effects: readonly Effected[], now: string): Promise<readonly Planned[]> {
  if (effects.length === 0) return [];
  const shown = await show(engine, effects, now);
  const foreseen = new Foreseen();
  return effects.flatMap((effected, index): Planned[] => {
    const reading = shown.readings[index];
    if (reading === undefined) return [];
    const image = foreseen.image(on(effected), reading.image);
    const plan = planFor(effected, { ...reading, image }, shown);
    if (plan.inverse === null) return [{ plan, image }];
    foreseen.pass(plan.inverse);
    return [{ plan, image: ofWrite(plan.inverse, image) }];
  });
}

/** The operation as one on the record that the step has had its effect on. */
function on({ operation, record }: Effected): ResolvedOperation {
  return 'association' in operation ? operation : { kind: 'set-fields', target: record, fields: {} };
}

/** The image of what the inverse writes: it is what the rollback compares with. */
function ofWrite(inverse: ResolvedOperation, image: Image): Image {
  const names = 'fields' in inverse ? Object.keys(inverse.fields) : [];
  return { ...image, fields: Object.fromEntries(names.map((name) => [name, image.fields[name] ?? null])) };
}

function leftOut(changeSetId: string, { step, plan }: PlannedUndo, now: string): readonly KeptField[] {
  const shared = { changeSetId, step: refOf(step), message: plan.finding?.message ?? 'left as it is', notedAt: now };
  if (plan.skipped.length > 0) return plan.skipped.map((skipped) => ({ ...shared, ...skipped }));
  if (plan.finding === null) return [];
  return [{ ...shared, field: null, code: plan.finding.code, before: null, ours: null, now: null, by: null, at: null }];
}

const refOf = ({ changeSetId, ordinal }: Step) => ({ changeSetId, ordinal });
