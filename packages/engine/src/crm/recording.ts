/** Putting on record what became of steps that were sent, and who was written over unseen (C1, C4). */
import type { AuditOutcome } from '@lockstep/domain/audit/entry.ts';
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSet, KeptField, Step, StepFinding } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetTransaction } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { SkippedField } from '@lockstep/domain/crm/field-undo.ts';
import { endsWith } from '@lockstep/domain/crm/field-history.ts';
import { editsBetween } from '@lockstep/domain/crm/overlooked.ts';
import { audit, entryOfStep } from './audit-entries.ts';
import type { Ready } from './batch.ts';
import type { CrmEngine } from './environment.ts';
import { historyOf, wantedFor } from './images.ts';
import { later, writtenFields } from './outcomes.ts';
import type { Sent } from './outcomes.ts';
import { objectOf, recordOf } from './targets.ts';

/** A step that was sent, and what became of it. */
export interface Result extends Ready {
  readonly sent: Sent;
}

/** The CRM's clock and ours need not agree: a history is asked for from so long before the reading on. */
const CLOCK_MARGIN_MS = 5 * 60_000;

export function since(instants: readonly string[]): string {
  const first = Math.min(...instants.map((instant) => Date.parse(instant)));
  return new Date(first - CLOCK_MARGIN_MS).toISOString();
}

/** What the histories that are read after a write tell. */
export interface LookBack {
  /** Edits that landed between our compare and our write (C4): our write has gone over them unseen. */
  readonly kept: readonly KeptField[];
  /** Those whose records were seen to show what was written, as the newest version of each field: they need no other read. */
  readonly verified: ReadonlySet<Step>;
}

/** Nothing where the CRM keeps no history: there it has a precondition, or an edit in between is the stated residue. */
export async function lookBack(engine: CrmEngine, set: ChangeSet, results: readonly Result[], now: string): Promise<LookBack> {
  const written = results.filter(({ sent, operation }) => sent.kind === 'done' && 'fields' in operation && 'target' in operation);
  if (written.length === 0) return { kept: [], verified: new Set() };
  const wanted = written.flatMap(({ operation }) => wantedFor(operation) ?? []);
  const histories = await historyOf(engine, wanted, since(written.map(({ step }) => step.before?.readAt ?? now)));
  const verified = new Set<Step>();
  const kept = written.flatMap(({ step, operation, sent }) => {
    const record = recordOf(operation);
    if (record === null || step.before === null || sent.kind !== 'done' || !('fields' in operation)) return [];
    const history = histories.get(recordKey(record)) ?? null;
    const ours = writtenFields(operation.fields, sent.after).fields;
    if (endsWith(ours, history)) verified.add(step);
    const instants = { sentAt: step.sentAt ?? now, doneAt: later(now, sent.after.readAt) };
    const message = 'set by somebody else between our comparison and our write, which has gone over it; an undo restores it';
    return editsBetween({ before: step.before, ours, history, ...instants }).map((field) => keptField(set, step, field, message, now));
  });
  return { kept, verified };
}

/** For the report: a field that is left as it is, or was gone over. */
export function keptField(set: ChangeSet, step: Step, skipped: SkippedField, message: string, now: string): KeptField {
  const about = step.undoes ?? { changeSetId: step.changeSetId, ordinal: step.ordinal };
  return { changeSetId: set.changeSetId, step: about, ...skipped, message, notedAt: now };
}

const UNCLEAR: StepFinding = {
  code: 'RESIDUE',
  message: 'its answer was lost, and what the record shows fits neither that it took effect nor that it did not: look at the record',
  fields: [],
};

/** The step as it stands after its write. What is not known stays `sending`. */
export function stepAfter({ step, operation, sent }: Result, now: string): Step {
  switch (sent.kind) {
    case 'done': {
      const isNew = !('target' in operation) || (operation.kind === 'restore' && sent.recordId !== operation.target.recordId);
      return {
        ...step,
        state: 'done',
        after: 'fields' in operation ? writtenFields(operation.fields, sent.after) : sent.after,
        createdId: isNew ? sent.recordId : null,
        doneAt: later(now, sent.after.readAt),
        finding: null,
      };
    }
    case 'refused':
      return { ...step, state: 'refused', finding: sent.finding };
    case 'nothing-happened':
    case 'had-no-effect':
      return { ...step, state: 'planned', sentAt: null };
    case 'unclear':
      return { ...step, state: 'stuck', finding: UNCLEAR };
    case 'unknown':
      return step;
  }
}

/**
 * In one transaction: the steps, the fields that were gone over, leases of what was created, ids that are new (case 48), what a rollback has taken back, and
 * the audit entries.
 */
export async function recordResults(
  engine: CrmEngine,
  tx: ChangeSetTransaction,
  set: ChangeSet,
  results: readonly Result[],
  { kept, verified }: LookBack,
  now: string,
): Promise<void> {
  const after = results.map((result) => {
    const seen = verified.has(result.step) ? { verifiedAt: now } : {};
    return { ...result, step: { ...stepAfter(result, now), ...seen } };
  });
  await tx.saveSteps(after.map(({ step }) => step));
  await tx.saveKept(kept);
  const done = after.filter(({ step }) => step.state === 'done');
  const created = done.flatMap(({ step, operation }) =>
    step.createdId === null ? [] : [{ ...objectOf(operation), recordId: step.createdId }],
  );
  await tx.acquireLeases(set.changeSetId, created, now);
  for (const { step, operation } of done) {
    const old = recordOf(operation);
    if (old !== null && step.createdId !== null) await tx.saveNewId(old, step.createdId, now);
  }
  await markUndone(
    tx,
    done.map(({ step }) => step),
    now,
  );
  const approvals = await tx.approvals(set.changeSetId);
  await audit(
    tx,
    after.map(({ step, operation, sent }) => entryOfStep(engine, set, { step, operation }, { at: now, ...told(sent), approvals })),
  );
}

/** The end of a write in the words of the audit log. */
export function told(sent: Sent): { readonly outcome: AuditOutcome; readonly reasons: readonly string[] } {
  switch (sent.kind) {
    case 'done':
      return { outcome: 'done', reasons: [] };
    case 'refused':
      return { outcome: 'refused', reasons: [sent.finding.code] };
    case 'nothing-happened':
      return { outcome: 'failed', reasons: [sent.error.code] };
    case 'unknown':
      return { outcome: 'unknown', reasons: [sent.error.code] };
    case 'had-no-effect':
      return { outcome: 'failed', reasons: ['PROBED'] };
    case 'unclear':
      return { outcome: 'escalated', reasons: ['PROBED'] };
  }
}

/** What steps of a rollback have taken back is not there to be taken back again. */
async function markUndone(tx: ChangeSetTransaction, steps: readonly Step[], now: string): Promise<void> {
  const refs = steps.flatMap(({ undoes }) => undoes ?? []);
  if (refs.length === 0) return;
  const sources = await tx.stepsByRef(refs);
  await tx.saveSteps(sources.filter(({ state }) => state === 'done').map((step) => ({ ...step, state: 'undone', undoneAt: now })));
}

/** And once such a step is itself taken back, it is there again. */
export async function markDoneAgain(tx: ChangeSetTransaction, steps: readonly Step[]): Promise<void> {
  const refs = steps.flatMap(({ undoes }) => undoes ?? []);
  if (refs.length === 0) return;
  const sources = await tx.stepsByRef(refs);
  await tx.saveSteps(sources.filter(({ state }) => state === 'undone').map((step) => ({ ...step, state: 'done', undoneAt: null })));
}
