/** A change set as the API shows it. */
import type { ChangeSetDetail, DiffRow, SkippedField } from '@lockstep/api/change-set-schemas.ts';
import type { ChangeSet, KeptField, Step, Target } from '@lockstep/domain/crm/change-set.ts';
import { diffOf } from '@lockstep/domain/crm/diff.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { previewSet } from '@lockstep/engine/crm/preview.ts';
import type { Preview } from '@lockstep/engine/crm/preview.ts';

/** Fields that are left alone and shown at most; the set keeps all. */
const MOST_SKIPPED = 1_000;

/** The set with a page of its diff. Throws `SetNotOnRecord`. */
export async function detailOf(
  engine: CrmEngine,
  changeSetId: string,
  { now, ...page }: { readonly from: number; readonly limit: number; readonly now: string },
): Promise<ChangeSetDetail> {
  const { set, steps, rows, next, counts, verdict, approvals, kept } = await previewSet(engine, changeSetId, page, now);
  // What policy says can change while nothing is written; afterwards it is history.
  const isOpen = set.state === 'planned' || set.state === 'awaiting-approval';
  const { decision, approvers, reasons } = verdict;
  const shown = kept.slice(0, MOST_SKIPPED);
  const about = await engine.store.snapshot((reader) => stepsAbout(reader, shown));
  return {
    set: setRow(set),
    verdict: isOpen ? { decision, approvers, reasons: [...reasons] } : null,
    approvals: approvals.map(({ approver, decision: given, at, voidedAt }) => ({ approver, decision: given, at, voidedAt })),
    counts: { ...counts },
    skipped: shown.map((one) => skippedRow(one, about)),
    rows: rowsOf(steps, rows),
    next,
  };
}

/** A set without its steps. */
export function setRow(set: ChangeSet): ChangeSetDetail['set'] {
  const { changeSetId, kind, requestedBy, requestedAt, reason, steps, state, end, cause, diffHash, policyVersion, approvalExpiresAt } = set;
  return {
    ...{ changeSetId, kind, requestedBy, requestedAt, reason, steps, state, end, cause, diffHash, policyVersion, approvalExpiresAt },
    rollsBack: [...set.rollsBack],
  };
}

function rowsOf(steps: readonly Step[], rows: Preview['rows']): DiffRow[] {
  const lines = Map.groupBy(rows, ({ ordinal }) => ordinal);
  return steps.map((step) => {
    const { ordinal, operation, reversibility, state, finding } = step;
    const [first] = lines.get(ordinal) ?? [];
    return {
      ...{ ordinal, operation: operation.kind, reversibility, state },
      connectionId: first?.record.connectionId ?? '',
      object: first?.record.object ?? '',
      recordId: step.createdId ?? (first === undefined ? null : idOf(first.record)),
      changes: (lines.get(ordinal) ?? []).map(({ field, association, before, after }) => ({
        field: field ?? (association === null ? 'record' : `${association.to.object} ${idOf(association.to) ?? 'a new one'}`),
        before,
        after,
      })),
      finding: finding === null ? null : { ...finding, fields: [...finding.fields] },
    };
  });
}

const idOf = (target: Target): string | null => ('recordId' in target ? target.recordId : null);

async function stepsAbout(
  reader: { stepsByOrdinal(changeSetId: string, ordinals: readonly number[]): Promise<readonly Step[]> },
  kept: readonly KeptField[],
): Promise<ReadonlyMap<string, Step>> {
  const found = new Map<string, Step>();
  for (const [changeSetId, ones] of Map.groupBy(kept, ({ step }) => step.changeSetId))
    for (const step of await reader.stepsByOrdinal(changeSetId, [...new Set(ones.map(({ step: { ordinal } }) => ordinal))]))
      found.set(`${changeSetId}/${step.ordinal}`, step);
  return found;
}

function skippedRow({ step, field, code, message, before, ours, now, by, at }: KeptField, about: ReadonlyMap<string, Step>): SkippedField {
  const met = about.get(`${step.changeSetId}/${step.ordinal}`);
  const target = met === undefined ? null : (diffOf([met])[0]?.record ?? null);
  return {
    ...{ changeSetId: step.changeSetId, ordinal: step.ordinal, field, code, message, before, ours, now, by, at },
    object: target?.object ?? '',
    recordId: met?.createdId ?? (target === null ? null : idOf(target)),
  };
}
