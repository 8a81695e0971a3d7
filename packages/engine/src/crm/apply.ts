/**
 * Applying a set, a batch at a time. A batch is compared, put on record as `sending` together with its audit entries, and only then sent; what a crash or a
 * time-out left `sending` is probed before anything else is sent (C1, C5). No transaction is open while the CRM is called.
 */
import { InvalidEntry } from '@lockstep/domain/audit/entry.schema.ts';
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSet, KeptField, SetCause, Step } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSetTransaction } from '@lockstep/domain/crm/change-set-store.port.ts';
import type { Reading } from '@lockstep/domain/crm/crm.port.ts';
import { audit, AuditUnavailable, entryOfStep } from './audit-entries.ts';
import { nextBatch } from './batch.ts';
import type { Ready } from './batch.ts';
import { compare, keptOf, leavingsOf, leftAlone, withoutMoved } from './compare.ts';
import type { Compared } from './compare.ts';
import { allSteps, crmOf, PAGE, SetElsewhere, setOf, writeKey } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { readAll, wantedFor } from './images.ts';
import { moved } from './moving.ts';
import { firstFailure, send } from './outcomes.ts';
import { probeSending } from './probing.ts';
import { lookBack, recordResults } from './recording.ts';
import type { Result } from './recording.ts';
import { withRewritten } from './rewritten.ts';
import { locate, objectOf, recordOf } from './targets.ts';

/** `more`: call again. `refused`: nothing more is sent, what is done has to be taken back because of `cause`. */
export interface Applied {
  readonly outcome: 'more' | 'applied' | 'refused';
  readonly cause: SetCause | null;
}

/**
 * Sends the next batch of a set whose diff is admitted (`refreshSet`). Idempotent.
 * @throws ConnectorError for technical failures: nothing is decided, call again (C8). AuditUnavailable: nothing was sent (case 75).
 */
export async function applyBatch(engine: CrmEngine, changeSetId: string, now: string): Promise<Applied> {
  const set = await engine.store.transaction(async (tx) => {
    const found = await tx.lockChangeSet(changeSetId);
    await tx.touchLeases(changeSetId, now);
    return found ?? setOf(tx, changeSetId);
  });
  if (set.state === 'verifying') return { outcome: 'applied', cause: null };
  if (set.state === 'compensating' || set.state === 'ended') return { outcome: 'refused', cause: set.cause };
  if (set.state !== 'applying')
    throw new SetElsewhere(
      `change set ${changeSetId}: expected one whose diff is admitted, got one that is ${set.state}; refresh it first`,
    );
  if (set.actorKind === 'agent' && engine.policies.isStopped?.() === true) return { outcome: 'refused', cause: 'policy' };
  try {
    return await applyNext(engine, set, now);
  } catch (error) {
    if (error instanceof InvalidEntry) return { outcome: 'refused', cause: 'audit' };
    if (error instanceof AuditUnavailable) await note(engine, set, 'audit', now);
    throw error;
  }
}

async function applyNext(engine: CrmEngine, set: ChangeSet, now: string): Promise<Applied> {
  const { changeSetId } = set;
  if (await probeSending(engine, set, now)) return { outcome: 'more', cause: null };
  const { open, refused } = await engine.store.snapshot(async (reader) => ({
    open: await locate(reader, await reader.stepsIn(changeSetId, { states: ['planned'], limit: PAGE, order: 'first' })),
    refused: await reader.stepsIn(changeSetId, { states: ['refused', 'stuck'], limit: 1, order: 'first' }),
  }));
  const [against] = refused;
  if (against !== undefined) return { outcome: 'refused', cause: against.state === 'stuck' ? 'stuck' : 'refused' };
  if (open.length === 0) return finish(engine, changeSetId, now);
  const batch = nextBatch(open, (connectionId) => crmOf(engine, connectionId).limits.write);
  if (batch.length === 0) throw new SetElsewhere(`change set ${changeSetId}: expected a step whose records are there, got none`);
  const compared = await withRewritten(engine, set, await compareBatch(engine, batch, now));
  const { ready, kept, cause } = await settle(engine, set, compared, now);
  if (cause !== null) return { outcome: 'refused', cause };
  if (ready.length === 0) return { outcome: 'more', cause: null };
  await markSending(engine, set, ready, kept, now);
  return sendAll(engine, set, ready, now);
}

async function finish(engine: CrmEngine, changeSetId: string, now: string): Promise<Applied> {
  await engine.store.transaction(async (tx) => {
    const set = await tx.lockChangeSet(changeSetId);
    if (set?.state === 'applying') await tx.saveChangeSet(moved(set, 'applied', now));
  });
  return { outcome: 'applied', cause: null };
}

async function compareBatch(engine: CrmEngine, batch: readonly Ready[], now: string): Promise<readonly Compared[]> {
  const wanted = batch.flatMap(({ operation }) => wantedFor(operation) ?? []);
  const readings = wanted.length === 0 ? [] : await readAll(engine, wanted);
  const reading = (index: number): Reading | null => (wanted.length === 0 ? null : (readings[index] ?? null));
  const first = batch.map((ready, index) => compare(ready, reading(index), {}, now));
  if (first.every(({ kind }) => kind !== 'moved')) return first;
  // Seldom: only now it is asked what earlier steps of the same set have left.
  const [{ step }] = batch as readonly [Ready, ...Ready[]];
  const located = await engine.store.snapshot(async (reader) => locate(reader, await allSteps(reader, step.changeSetId)));
  const keys = new Map(located.map((one) => [one.step.ordinal, one.operation === null ? null : recordOf(one.operation)]));
  const steps = located.map((one) => one.step);
  return batch.map((ready, index) => {
    const target = recordOf(ready.operation);
    const isSameRecord = (other: Step): boolean => {
      const record = keys.get(other.ordinal) ?? null;
      return record !== null && target !== null && recordKey(record) === recordKey(target);
    };
    return compare(ready, reading(index), leavingsOf(steps, isSameRecord, ready.step.ordinal), now);
  });
}

interface Settled {
  readonly ready: readonly Ready[];
  readonly kept: readonly KeptField[];
  readonly cause: SetCause | null;
}

/** What of the batch is sent. A record that is gone refuses the set; one that has moved voids what was approved (C6), in a rollback it is left alone (C4). */
async function settle(engine: CrmEngine, set: ChangeSet, compared: readonly Compared[], now: string): Promise<Settled> {
  const isRollback = (one: Compared): boolean => one.ready.step.undoes !== undefined;
  const edited = compared.filter((one) => one.kind === 'moved');
  const kept = edited.flatMap((one) => keptOf(set, one, now));
  const drifted = edited.filter((one) => !isRollback(one));
  const impossible = compared.filter((one) => one.kind === 'impossible');
  const refused = impossible.filter((one) => !isRollback(one));
  if (refused.length === 0 && drifted.length === 0) {
    const shrunk = edited.map((one) => ({ one, rest: withoutMoved(one) }));
    const left: readonly Step[] = [
      ...shrunk.filter(({ rest }) => rest === null).map(({ one }) => leftAlone(one.ready.step, one.fields)),
      ...impossible.map(({ ready, finding }) => ({ ...ready.step, state: 'kept' as const, finding })),
    ];
    if (left.length > 0)
      await engine.store.transaction(async (tx) => {
        await tx.saveSteps(left);
        await tx.saveKept(kept);
      });
    const ready = [...compared.flatMap((one) => (one.kind === 'same' ? [one.ready] : [])), ...shrunk.flatMap(({ rest }) => rest ?? [])];
    return { ready, kept, cause: null };
  }
  await engine.store.transaction(async (tx) => {
    await tx.saveKept(kept);
    const steps = refused.map(({ ready, finding }) => ({ ...ready, step: { ...ready.step, state: 'refused' as const, finding } }));
    await tx.saveSteps(steps.map(({ step }) => step));
    const approvals = await tx.approvals(set.changeSetId);
    const told = { at: now, outcome: 'refused' as const, approvals };
    await audit(tx, [
      ...steps.map((one) => entryOfStep(engine, set, one, { ...told, reasons: [one.step.finding.code] })),
      ...drifted.map(({ ready }) => entryOfStep(engine, set, ready, { ...told, reasons: ['drift'] })),
    ]);
  });
  return { ready: [], kept, cause: refused.length > 0 ? 'refused' : 'drift' };
}

/** The before-images and the entries are on record, in one transaction, before anything leaves (C1; no entry, no write). */
async function markSending(
  engine: CrmEngine,
  set: ChangeSet,
  ready: readonly Ready[],
  kept: readonly KeptField[],
  now: string,
): Promise<void> {
  await engine.store.transaction(async (tx) => {
    const current = await tx.lockChangeSet(set.changeSetId);
    if (current?.state !== 'applying')
      throw new SetElsewhere(`change set ${set.changeSetId}: expected one that is applying, got one that is ${current?.state ?? 'gone'}`);
    if (current.cause === 'audit') await tx.saveChangeSet({ ...current, cause: null, updatedAt: now });
    await tx.saveSteps(ready.map(({ step }) => ({ ...step, state: 'sending', sentAt: now })));
    await tx.saveKept(kept);
    await intend(engine, tx, set, ready, now);
  });
}

async function intend(engine: CrmEngine, tx: ChangeSetTransaction, set: ChangeSet, ready: readonly Ready[], now: string): Promise<void> {
  const approvals = await tx.approvals(set.changeSetId);
  await audit(
    tx,
    ready.map((one) => entryOfStep(engine, set, one, { at: now, outcome: 'intended', approvals })),
  );
}

async function sendAll(engine: CrmEngine, set: ChangeSet, ready: readonly Ready[], now: string): Promise<Applied> {
  const [first] = ready as readonly [Ready, ...Ready[]];
  const crm = crmOf(engine, objectOf(first.operation).connectionId);
  const sent = await send(
    crm,
    ready.map(({ step, operation }) => ({ key: writeKey(step), operation, before: 'target' in operation ? step.before : null })),
  );
  const results = ready.map(({ step, operation }, index): Result => {
    const one = sent[index];
    if (one === undefined) throw new Error(`write: expected ${ready.length} answers, got ${sent.length}`);
    return { step: { ...step, state: 'sending', sentAt: now }, operation, sent: one };
  });
  const seen = await lookBack(engine, set, results, now);
  await engine.store.transaction((tx) => recordResults(engine, tx, set, results, seen, now));
  const failure = firstFailure(sent);
  if (failure !== null) throw failure;
  return sent.some(({ kind }) => kind === 'refused') ? { outcome: 'refused', cause: 'refused' } : { outcome: 'more', cause: null };
}

/** Why it does not go on now, for whoever looks. */
async function note(engine: CrmEngine, { changeSetId }: ChangeSet, cause: SetCause, now: string): Promise<void> {
  await engine.store.transaction(async (tx) => {
    const set = await tx.lockChangeSet(changeSetId);
    if (set !== null && set.state !== 'ended') await tx.saveChangeSet({ ...set, cause, updatedAt: now });
  });
}
