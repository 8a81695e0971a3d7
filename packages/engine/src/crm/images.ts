/** What records show now, in batches at the CRM's limit (C1). */
import type { CrmFields, CrmValue, Image } from '@lockstep/domain/crm/change-set.ts';
import { recordKey } from '@lockstep/domain/crm/change-set.ts';
import type { FieldVersion, ReadAssociation, Reading, ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import { chunks, crmOf } from './environment.ts';
import type { CrmEngine, ObjectRef } from './environment.ts';
import { fieldsOf, recordOf } from './targets.ts';

/** What to read of one record. */
export interface Wanted extends ObjectRef {
  readonly recordId: string;
  readonly fields: readonly string[];
  readonly association: ReadAssociation | null;
  readonly humanContent: boolean;
}

/** What to read to know whether an operation's before-image stands; null for creates, which have none. */
export function wantedFor(operation: ResolvedOperation, humanContent = false): Wanted | null {
  const record = recordOf(operation);
  if (record === null) return null;
  const association = 'association' in operation ? operation.association : null;
  return { ...record, fields: fieldsOf(operation), association, humanContent };
}

/** One answer each, in order. A record is read once for all who want it. */
export async function readAll(engine: CrmEngine, wanted: readonly Wanted[]): Promise<readonly Reading[]> {
  const answers: (Reading | undefined)[] = [];
  for (const group of groupedBy(wanted, keyOfRead)) {
    const [{ item }] = group as [Placed<Wanted>, ...Placed<Wanted>[]];
    const crm = crmOf(engine, item.connectionId);
    for (const round of rounds(group))
      for (const batch of chunks(round, crm.limits.read)) {
        const readings = await crm.read({
          object: item.object,
          recordIds: batch.map(([one]) => one.item.recordId),
          fields: [...new Set(batch.flatMap((same) => same.flatMap((one) => one.item.fields)))],
          ...(batch.some(([one]) => one.item.association !== null) ? { associations: batch.map(([one]) => one.item.association) } : {}),
          ...(item.humanContent ? { humanContent: true } : {}),
        });
        for (const [index, same] of batch.entries()) {
          const reading = readings[index];
          if (reading === undefined) throw new Error(`${item.object}: expected ${batch.length} readings, got ${readings.length}`);
          for (const { place, item: one } of same) answers[place] = { ...reading, image: ofFields(reading.image, one.fields) };
        }
      }
  }
  return wanted.map((_, place) => answers[place] as Reading);
}

/** The image of these fields alone; those that the CRM does not show are left out. */
export function ofFields(image: Image, names: readonly string[]): Image {
  const fields: Record<string, CrmValue> = {};
  for (const name of names) if (name in image.fields) fields[name] = image.fields[name] ?? null;
  return { ...image, fields };
}

/** What a record that is to be created shows before. */
export function nothingThere(fields: CrmFields, now: string): Image {
  return { presence: 'absent', fields: Object.fromEntries(Object.keys(fields).map((name) => [name, null])), revision: null, readAt: now };
}

/** Versions of fields since an instant, by `recordKey`; a record of an object without history has null. */
export async function historyOf(
  engine: CrmEngine,
  wanted: readonly Wanted[],
  sinceIso: string,
): Promise<ReadonlyMap<string, readonly FieldVersion[] | null>> {
  const found = new Map<string, readonly FieldVersion[] | null>();
  for (const group of groupedBy(
    wanted.filter(({ fields }) => fields.length > 0),
    keyOfObject,
  )) {
    const [{ item }] = group as [Placed<Wanted>, ...Placed<Wanted>[]];
    const crm = crmOf(engine, item.connectionId);
    const { object, connectionId } = item;
    const fields = [...new Set(group.flatMap((one) => one.item.fields))];
    for (const recordIds of chunks([...new Set(group.map((one) => one.item.recordId))], crm.limits.read)) {
      const versions = await crm.history({ object, recordIds, fields, sinceIso });
      for (const recordId of recordIds)
        found.set(recordKey({ connectionId, object, recordId }), versions === null ? null : (versions.get(recordId) ?? []));
    }
  }
  return found;
}

interface Placed<T> {
  readonly place: number;
  readonly item: T;
}

/** Groups in order of their first member, each member with its place. */
function groupedBy<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly Placed<T>[])[] {
  const groups = new Map<string, Placed<T>[]>();
  for (const [place, item] of all.entries()) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ place, item }]);
    else group.push({ place, item });
  }
  return [...groups.values()];
}

/** Those who want the same reading together; a record that is wanted with different associations has a round for each. */
function rounds(group: readonly Placed<Wanted>[]): readonly (readonly (readonly [Placed<Wanted>, ...Placed<Wanted>[]])[])[] {
  const found: (readonly [Placed<Wanted>, ...Placed<Wanted>[]])[][] = [];
  const times = new Map<string, number>();
  for (const same of groupedBy(group, ({ item }) => JSON.stringify([item.recordId, item.association]))) {
    const [first, ...more] = same.map(({ item }) => item) as [Placed<Wanted>, ...Placed<Wanted>[]];
    const round = times.get(first.item.recordId) ?? 0;
    times.set(first.item.recordId, round + 1);
    (found[round] ??= []).push([first, ...more]);
  }
  return found;
}

const keyOfObject = ({ connectionId, object }: Wanted): string => JSON.stringify([connectionId, object]);
const keyOfRead = ({ connectionId, object, humanContent }: Wanted): string => JSON.stringify([connectionId, object, humanContent]);
