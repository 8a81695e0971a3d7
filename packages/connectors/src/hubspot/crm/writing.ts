/**
 * Writes of one kind on one object, in calls of a hundred. A create carries its key in a unique property: sent twice, the second is refused and the record
 * of the first is found by the key, so that nothing doubles and nothing that people have written since is written over (C5).
 */
import type { CrmFields, CrmValue, Image } from '@lockstep/domain/crm/change-set.ts';
import type { CrmOutcome, CrmWrite, ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { specOf } from './associations.ts';
import type { Answered } from './client.ts';
import type { Parts } from './connector.ts';
import { writeLinks } from './linking.ts';
import { refused } from './outcomes.ts';
import { BATCH, imageFields } from './reading.ts';
import { settleRows } from './rows.ts';
import type { Row, RowAnswer, RowOutcome } from './rows.ts';
import { KEY_PROPERTY } from './schema.ts';
import type { WireRecord, WireRecords } from './wire.ts';

/** The operations of some kinds. */
type Operation<K extends ResolvedOperation['kind'], O extends ResolvedOperation = ResolvedOperation> = O extends unknown
  ? K extends O['kind']
    ? O
    : never
  : never;
export type WriteOf<K extends ResolvedOperation['kind']> = CrmWrite & { readonly operation: Operation<K> };
type Fields = 'set-fields' | 'assign-owner';
type Create = 'create' | 'create-task';

/** One outcome a write, in order. Rejects only with what is no `ConnectorError`. */
export async function writeRecords(parts: Parts, writes: readonly CrmWrite[]): Promise<readonly CrmOutcome[]> {
  const outcomes = new Map<CrmWrite, CrmOutcome>();
  const apply = async <K extends ResolvedOperation['kind']>(
    kinds: readonly K[],
    work: (some: readonly WriteOf<K>[]) => Promise<readonly CrmOutcome[]>,
  ): Promise<void> => {
    const some = writes.filter((write): write is WriteOf<K> => kinds.includes(write.operation.kind as K));
    for (const batch of batches(some)) {
      const results = await unlessUnsent(batch, work(batch));
      for (const [index, outcome] of results.entries()) if (batch[index] !== undefined) outcomes.set(batch[index], outcome);
    }
  };
  await apply<Fields>(['set-fields', 'assign-owner'], (some) => updateRecords(parts, some));
  await apply<Create>(['create', 'create-task'], (some) => createRecords(parts, some));
  await apply(['associate', 'dissociate'], (some) => writeLinks(parts, some));
  await apply(['archive'], (some) => archiveRecords(parts, some));
  await apply(['restore'], async (some) => some.map(() => refused(new ConnectorError('Invalid', NO_RESTORE))));
  return writes.map(
    (write) => outcomes.get(write) ?? refused(new ConnectorError('OutcomeUnknown', 'HubSpot: expected an outcome, got none')),
  );
}

/** What fails outside the sending itself fails before it: nothing has happened to any of them. */
async function unlessUnsent(batch: readonly CrmWrite[], work: Promise<readonly CrmOutcome[]>): Promise<readonly CrmOutcome[]> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConnectorError) return batch.map(() => refused(error));
    throw error;
  }
}

const NO_RESTORE =
  'HubSpot: expected a call that restores records, its API has none; a person can restore the record in HubSpot for 90 days after it was deleted';

/** At most a hundred of one object, and no record twice: HubSpot refuses a batch that names one twice. */
function batches<K extends ResolvedOperation['kind']>(writes: readonly WriteOf<K>[]): readonly (readonly WriteOf<K>[])[] {
  const open: { object: string; names: Set<string>; writes: WriteOf<K>[] }[] = [];
  for (const write of writes) {
    const operation: ResolvedOperation = write.operation;
    const object = 'target' in operation ? operation.target.object : operation.object;
    const isLink = operation.kind === 'associate' || operation.kind === 'dissociate';
    const name = 'target' in operation && !isLink ? operation.target.recordId : write.key;
    // In order: what writes the same record comes later than what was before it.
    const last = open.findLastIndex((batch) => batch.object === object && batch.names.has(name));
    let place = open.findIndex((batch, index) => index > last && batch.object === object && batch.writes.length < BATCH);
    if (place === -1) place = open.push({ object, names: new Set(), writes: [] }) - 1;
    open[place]?.names.add(name);
    open[place]?.writes.push(write);
  }
  return open.map((batch) => batch.writes);
}

const objectOf = (writes: readonly WriteOf<Fields | 'archive'>[]): string => writes[0]?.operation.target.object ?? '';

async function updateRecords(parts: Parts, writes: readonly WriteOf<Fields>[]): Promise<readonly CrmOutcome[]> {
  const object = objectOf(writes);
  const outcomes = await settleRows<WriteOf<Fields>, Written>({
    rows: writes.map((write) => ({ value: write, names: [write.key, write.operation.target.recordId] })),
    place: `${object}/batch/update`,
    send: async (rows) => {
      const inputs = rows.map(({ value: { key, operation } }) => ({
        id: operation.target.recordId,
        properties: encoded(operation.fields),
        objectWriteTraceId: key,
      }));
      return writtenOf(rows, await parts.client.write(object, 'update', inputs), (record) => record.id);
    },
  });
  const whole = await completed(parts, object, writes, outcomes);
  return writes.map((write) => outcomeOf(outcomes.get(write.key), write.operation.fields, whole));
}

async function createRecords(parts: Parts, writes: readonly WriteOf<Create>[]): Promise<readonly CrmOutcome[]> {
  const object = writes[0]?.operation.object ?? '';
  const { keyField } = await parts.schemas.known(object);
  if (keyField === null) {
    const message = `HubSpot: expected ${object} to have the property ${KEY_PROPERTY} with unique values, it has not; without it a create could double: make it, see docs/runbooks/connect-hubspot.md`;
    return writes.map(() => refused(new ConnectorError('Invalid', message)));
  }
  const prepared = new Map<string, Json>();
  const problems = new Map<string, ConnectorError>();
  for (const { key, operation } of writes) {
    try {
      const associations = await Promise.all(operation.associations.map((association) => linkOf(parts, object, association)));
      const properties = { ...encoded(operation.fields), [keyField]: key };
      prepared.set(key, { properties, objectWriteTraceId: key, ...(associations.length === 0 ? {} : { associations }) });
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      problems.set(key, error);
    }
  }
  const ready = writes.filter(({ key }) => prepared.has(key));
  const outcomes = await settleRows<WriteOf<Create>, Written>({
    rows: ready.map((write) => ({ value: write, names: [write.key] })),
    place: `${object}/batch/create`,
    send: async (rows) => {
      const inputs = rows.map(({ value: { key } }) => prepared.get(key) ?? null);
      return writtenOf(rows, await parts.client.write(object, 'create', inputs), (record) => record.properties[keyField] ?? null);
    },
  });
  const settled = new Map([...outcomes, ...(await madeBefore(parts, object, ready, outcomes))]);
  const whole = await completed(parts, object, ready, settled);
  return writes.map((write) => {
    const problem = problems.get(write.key);
    return problem === undefined ? outcomeOf(settled.get(write.key), write.operation.fields, whole) : refused(problem);
  });
}

type Outcomes = ReadonlyMap<string, RowOutcome<Written>>;

/** Refused creates whose key is there already: an earlier sending of the same step took effect. */
async function madeBefore(parts: Parts, object: string, writes: readonly WriteOf<Create>[], outcomes: Outcomes): Promise<Outcomes> {
  const contested = writes.flatMap(({ key }) => {
    const outcome = outcomes.get(key);
    return outcome?.ok === false && (outcome.error.code === 'Conflict' || outcome.error.code === 'Invalid') ? [key] : [];
  });
  if (contested.length === 0) return new Map();
  const properties = [...new Set([KEY_PROPERTY, ...writes.flatMap(({ operation }) => Object.keys(operation.fields))])];
  try {
    const { answer, at } = await parts.client.read({ object, ids: contested, properties, idProperty: KEY_PROPERTY, isAfterWrite: true });
    return new Map(
      answer.results.flatMap((record) => {
        const key = record.properties[KEY_PROPERTY];
        return key != null && contested.includes(key) ? [[key, { ok: true, result: { record, at } }] as const] : [];
      }),
    );
  } catch (cause) {
    if (!(cause instanceof ConnectorError)) throw cause;
    const error = new ConnectorError('OutcomeUnknown', `HubSpot ${object}: refused, and whether it was made before could not be read`, {
      cause,
    });
    return new Map(contested.map((key) => [key, { ok: false, error }]));
  }
}

async function linkOf(parts: Parts, from: string, { to, label }: Operation<Create>['associations'][number]): Promise<Json> {
  return { to: { id: to.recordId }, types: [specOf(await parts.types.typeOf(from, to.object, label))] };
}

/** A record that is in the bin already, or nowhere, is as it should be. */
async function archiveRecords(parts: Parts, writes: readonly WriteOf<'archive'>[]): Promise<readonly CrmOutcome[]> {
  const object = objectOf(writes);
  const outcomes = await settleRows<WriteOf<'archive'>, string>({
    rows: writes.map((write) => ({ value: write, names: [write.key, write.operation.target.recordId] })),
    place: `${object}/batch/archive`,
    send: async (rows) => {
      const { answer, at } = await parts.client.write(
        object,
        'archive',
        rows.map(({ value }) => ({ id: value.operation.target.recordId })),
      );
      return { results: new Map(rows.map(({ names: [name] }) => [name, at])), errors: answer.errors ?? [] };
    },
  });
  return writes.map(({ key, operation: { target } }) => {
    const outcome = outcomes.get(key);
    if (outcome === undefined) return refused(unknown());
    if (!outcome.ok && outcome.error.code !== 'NotFound') return refused(outcome.error);
    const [presence, readAt] = outcome.ok ? (['archived', outcome.result] as const) : (['absent', parts.now()] as const);
    return { ok: true, recordId: target.recordId, after: { presence, fields: {}, revision: null, readAt } };
  });
}

interface Written {
  readonly record: WireRecord;
  readonly at: string;
}

function writtenOf<T extends CrmWrite>(
  rows: readonly Row<T>[],
  { answer, at }: Answered<WireRecords>,
  nameOf: (record: WireRecord) => string | null,
): RowAnswer<Written> {
  const results = answer.results.flatMap((record) => {
    const name = nameOf(record);
    const row = rows.find(({ names }) => names[0] === record.objectWriteTraceId || (name !== null && names.includes(name)));
    return row === undefined ? [] : [[row.names[0], { record, at }] as const];
  });
  return { results: new Map(results), errors: answer.errors ?? [] };
}

/** Records whose answer lacks a written value, read once more; where that fails the answers stand alone: they are written. */
async function completed(
  { client }: Parts,
  object: string,
  writes: readonly WriteOf<Fields | Create>[],
  outcomes: Outcomes,
): Promise<ReadonlyMap<string, WireRecord>> {
  const lacking = writes.flatMap(({ key, operation }) => {
    const outcome = outcomes.get(key);
    const isShort =
      outcome?.ok === true && Object.keys(operation.fields).some((name) => outcome.result.record.properties[name] === undefined);
    return isShort ? [outcome.result.record.id] : [];
  });
  if (lacking.length === 0) return new Map();
  const properties = [...new Set(writes.flatMap(({ operation }) => Object.keys(operation.fields)))];
  try {
    const { answer } = await client.read({ object, ids: lacking, properties, isAfterWrite: true });
    return new Map(answer.results.map((record) => [record.id, record]));
  } catch (error) {
    if (error instanceof ConnectorError) return new Map();
    throw error;
  }
}

/** What the answer says stands, since an edit may have come between it and the reading. */
function outcomeOf(outcome: RowOutcome<Written> | undefined, sent: CrmFields, whole: ReadonlyMap<string, WireRecord>): CrmOutcome {
  if (outcome === undefined) return refused(unknown());
  if (!outcome.ok) return refused(outcome.error);
  const { record, at } = outcome.result;
  const properties = { ...Object.fromEntries(Object.entries(encoded(sent))), ...whole.get(record.id)?.properties, ...record.properties };
  const after: Image = {
    presence: 'present',
    fields: imageFields({ ...record, properties }, Object.keys(sent)),
    revision: record.updatedAt ?? null,
    readAt: at,
  };
  return { ok: true, recordId: record.id, after };
}

const unknown = (): ConnectorError => new ConnectorError('OutcomeUnknown', 'HubSpot: expected an outcome for each row, got none');

/** Values as HubSpot takes them: all are texts, an empty one clears. */
function encoded(fields: CrmFields): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]: [string, CrmValue]) => [name, value === null ? '' : String(value)]));
}
