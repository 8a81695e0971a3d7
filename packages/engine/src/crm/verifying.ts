/** The verifying reads after the last batch, of what the look after its batch has not verified, and the commit. */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSet, KeptField, SetCause, Step } from '@lockstep/domain/crm/change-set.ts';
import type { FieldVersion, Reading } from '@lockstep/domain/crm/crm.port.ts';
import { laterEdit, versionsOf } from '@lockstep/domain/crm/field-history.ts';
import { sameValue } from '@lockstep/domain/crm/value.ts';
import { audit, entryOfSet } from './audit-entries.ts';
import type { Ready } from './batch.ts';
import { PAGE, SetElsewhere, setOf } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { historyOf, readAll, wantedFor } from './images.ts';
import { moved } from './moving.ts';
import { keptField, since } from './recording.ts';
import { locate, recordOf } from './targets.ts';

export interface Verified {
  /** `refused`: a CRM has said yes and stored nothing; what is done has to be taken back because of `cause`. */
  readonly outcome: 'verified' | 'refused';
  readonly cause: SetCause | null;
}

/**
 * Reads every record that was written once more, one read a batch, but for those that were seen to show our write after their batch. An edit that somebody has made
 * since is a note on record, not a failure. Idempotent.
 * Throws `ConnectorError` where a CRM cannot be read.
 */
export async function verifySet(engine: CrmEngine, changeSetId: string, now: string): Promise<Verified> {
  const set = await engine.store.snapshot((reader) => setOf(reader, changeSetId));
  if (set.end === 'committed') return { outcome: 'verified', cause: null };
  if (set.state !== 'verifying')
    throw new SetElsewhere(`change set ${changeSetId}: expected one that is applied, got one that is ${set.state}; apply it first`);
  for (let from = 0; ; from += PAGE) {
    const page = await engine.store.snapshot(async (reader) => locate(reader, await reader.steps(changeSetId, { from, limit: PAGE })));
    const updates = page.flatMap(({ step, operation }): Ready[] =>
      operation !== null && 'target' in operation && 'fields' in operation && step.state === 'done' ? [{ step, operation }] : [],
    );
    const lost = await verifyPage(engine, set, updates, now);
    if (lost) return { outcome: 'refused', cause: 'refused' };
    if (page.length < PAGE) return { outcome: 'verified', cause: null };
  }
}

interface Different extends Ready {
  readonly reading: Reading;
  readonly fields: readonly string[];
}

/** True where a write was lost. */
async function verifyPage(engine: CrmEngine, set: ChangeSet, updates: readonly Ready[], now: string): Promise<boolean> {
  const open = updates.filter(({ step }) => step.verifiedAt === undefined);
  const wanted = open.flatMap(({ operation }) => wantedFor(operation) ?? []);
  const readings = await readAll(engine, wanted);
  const last = lastWrites(updates);
  const different = open.flatMap((ready, index): Different[] => {
    const reading = readings[index];
    if (reading === undefined) return [];
    const fields = Object.entries(ready.step.after?.fields ?? {})
      .filter(([name, value]) => last.get(fieldKey(ready, name)) === ready.step.ordinal && !sameValue(reading.image.fields[name], value))
      .map(([name]) => name);
    return fields.length === 0 ? [] : [{ ...ready, reading, fields }];
  });
  if (different.length === 0) return false;
  const histories = await historyOf(
    engine,
    different.flatMap(({ operation }) => wantedFor(operation) ?? []),
    since(different.map(({ step }) => step.before?.readAt ?? now)),
  );
  const notes: KeptField[] = [];
  const lost: Step[] = [];
  for (const one of different) {
    const record = recordOf(one.operation);
    const history = record === null ? null : (histories.get(recordKey(record)) ?? null);
    const { isLost, kept } = judged(set, one, history, now);
    notes.push(...kept);
    if (isLost) lost.push(one.step);
  }
  const message = 'the CRM has said yes and shows what it showed before: a rule of its own has put it back';
  await engine.store.transaction(async (tx) => {
    await tx.saveKept(notes);
    await tx.saveSteps(
      lost.map((step) => ({ ...step, finding: { code: 'INVALID', message, fields: Object.keys(step.after?.fields ?? {}) } })),
    );
  });
  return lost.length > 0;
}

function judged(set: ChangeSet, { step, reading, fields }: Different, history: readonly FieldVersion[] | null, now: string) {
  const kept = fields.flatMap((field): KeptField[] => {
    const [before, ours] = [step.before?.fields[field], step.after?.fields[field] ?? null];
    const write = { before, value: ours, comparedAt: step.before?.readAt ?? now, storedAt: step.after?.readAt ?? null };
    const edit = laterEdit(versionsOf(field, history), write);
    const shown = reading.image.fields[field] ?? null;
    if (edit === null && sameValue(shown, before)) return [];
    const skipped = {
      field,
      before: before ?? null,
      ours,
      now: shown,
      by: edit?.by ?? null,
      at: edit?.at ?? null,
      code: 'CONFLICT_HUMAN' as const,
    };
    return [keptField(set, step, skipped, 'edited by somebody else since our write: it stands', now)];
  });
  return { kept, isLost: reading.image.presence === 'present' && kept.length < fields.length };
}

/** Which step has written each field last: what it shows is that step's. */
function lastWrites(updates: readonly Ready[]): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const ready of updates)
    for (const name of Object.keys(ready.step.after?.fields ?? {})) last.set(fieldKey(ready, name), ready.step.ordinal);
  return last;
}

function fieldKey({ operation }: Ready, name: string): string {
  const record = recordOf(operation);
  return JSON.stringify([record === null ? null : recordKey(record), name]);
}

/** The set has its end, and its records are free. Idempotent. */
export async function commitSet(engine: CrmEngine, changeSetId: string, now: string): Promise<void> {
  await engine.store.transaction(async (tx) => {
    const set = (await tx.lockChangeSet(changeSetId)) ?? (await setOf(tx, changeSetId));
    if (set.end === 'committed') return;
    if (set.state !== 'verifying')
      throw new SetElsewhere(`change set ${changeSetId}: expected one that is verified, got one that is ${set.state}; verify it first`);
    await tx.saveChangeSet(moved(set, 'verified', now, null));
    await tx.releaseLeases(changeSetId);
    const approvals = await tx.approvals(changeSetId);
    await audit(tx, [entryOfSet(set, { at: now, action: 'commit', outcome: 'done', approvals })]);
  });
}
