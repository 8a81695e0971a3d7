/** What a crash or a time-out left without an outcome is looked up before anything is sent again (C5, case 41). */
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { ChangeSet, CrmFields, Step } from '@lockstep/domain/crm/change-set.ts';
import type { FieldVersion, Reading } from '@lockstep/domain/crm/crm.port.ts';
import { tookEffect } from '@lockstep/domain/crm/probe.ts';
import { sameValue } from '@lockstep/domain/crm/value.ts';
import type { Ready } from './batch.ts';
import { crmOf, PAGE, writeKey } from './environment.ts';
import type { CrmEngine } from './environment.ts';
import { historyOf, readAll, wantedFor } from './images.ts';
import type { Wanted } from './images.ts';
import type { Sent } from './outcomes.ts';
import { lookBack, recordResults, since } from './recording.ts';
import type { Result } from './recording.ts';
import { fieldsOf, locate, objectOf } from './targets.ts';
import type { Located } from './targets.ts';

/** Probes every step that is `sending` and puts on record what became of it. False where there was none. */
export async function probeSending(engine: CrmEngine, set: ChangeSet, now: string): Promise<boolean> {
  const located = await engine.store.snapshot(async (reader) =>
    locate(reader, await reader.stepsIn(set.changeSetId, { states: ['sending'], limit: PAGE, order: 'first' })),
  );
  if (located.length === 0) return false;
  const doubtful = located.flatMap(({ step, operation }) => (operation === null ? [] : [{ step, operation }]));
  if (doubtful.length === 0) {
    await unsend(engine, located);
    return true;
  }
  const effects = await probe(engine, doubtful, now);
  const results = doubtful.map((ready, index): Result => ({ ...ready, sent: effects[index] ?? { kind: 'unclear' } }));
  const seen = await lookBack(engine, set, results, now);
  await engine.store.transaction((tx) => recordResults(engine, tx, set, results, seen, now));
  return true;
}

/** Steps on a record that no step has made: nothing can have been sent to it. Only a restore leaves such, as it takes every step for sent. */
async function unsend(engine: CrmEngine, unlocated: readonly Located[]): Promise<void> {
  const steps = unlocated.map(({ step }): Step => ({ ...step, state: 'planned', sentAt: null }));
  await engine.store.transaction((tx) => tx.saveSteps(steps));
}

/** One answer each: `done`, `had-no-effect` or `unclear`. */
async function probe(engine: CrmEngine, doubtful: readonly Ready[], now: string): Promise<readonly Sent[]> {
  const found = await foundByKey(engine, doubtful);
  const wanted = doubtful.map((ready): Wanted | null => {
    const made = found.get(writeKey(ready.step));
    if (made !== undefined)
      return { ...objectOf(ready.operation), recordId: made, fields: fieldsOf(ready.operation), association: null, humanContent: false };
    return wantedFor(ready.operation);
  });
  const asked = wanted.filter((one) => one !== null);
  const answers = await readAll(engine, asked);
  const readings = new Map(asked.map((one, index) => [one, answers[index]]));
  const histories = await historyOf(engine, asked, since(doubtful.map(({ step }) => step.before?.readAt ?? now)));
  return doubtful.map((ready, index) => {
    const one = wanted[index] ?? null;
    return one === null ? effectOf(ready, null, null) : effectOf(ready, readings.get(one) ?? null, histories.get(recordKey(one)) ?? null);
  });
}

function effectOf({ step, operation }: Ready, reading: Reading | null, history: readonly FieldVersion[] | null): Sent {
  const effect = tookEffect({ step, reading, history });
  if (effect === 'no') return { kind: 'had-no-effect' };
  if (effect === 'unclear' || reading === null) return { kind: 'unclear' };
  const image = 'fields' in operation ? asWritten(reading.image, operation.fields, history) : reading.image;
  return { kind: 'done', recordId: reading.recordId, after: image };
}

/**
 * What somebody else has set since is not what we wrote: the fields as our write left them, by our newest version in the history. Without a history, what is
 * shown counts only where it is what was sent; else an undo would take a person's value for ours (C4).
 */
function asWritten(image: Reading['image'], fields: CrmFields, history: readonly FieldVersion[] | null): Reading['image'] {
  const shown = Object.entries(fields).map(([name, sent]) => {
    const now = image.fields[name] ?? null;
    if (history === null) return [name, sameValue(now, sent) ? now : sent] as const;
    const ours = history.find((version) => version.field === name && version.isOurs);
    return [name, ours === undefined ? now : ours.value] as const;
  });
  return { ...image, fields: Object.fromEntries(shown) };
}

/** Ids of what creates have made, by their keys: one call an object. A restore may have made a record, too (case 48). */
async function foundByKey(engine: CrmEngine, doubtful: readonly Ready[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const makers = doubtful.filter(({ operation }) => !('target' in operation) || operation.kind === 'restore');
  for (const place of new Set(makers.map(({ operation }) => JSON.stringify(objectOf(operation))))) {
    const some = makers.filter(({ operation }) => JSON.stringify(objectOf(operation)) === place);
    const [first] = some as [Ready, ...Ready[]];
    const { connectionId, object } = objectOf(first.operation);
    const keys = some.map(({ step }) => writeKey(step));
    for (const [key, recordId] of await crmOf(engine, connectionId).findCreated(object, keys)) found.set(key, recordId);
  }
  return found;
}
