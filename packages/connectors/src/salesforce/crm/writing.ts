/** Writes of one kind on one object, in calls of two hundred. */
import type { CrmOutcome, CrmWrite, ResolvedOperation } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { isRecordId } from '../soql.ts';
import type { Parts } from './connector.ts';
import { createRecords } from './creating.ts';
import { writeLinks } from './linking.ts';
import { failed, refusedRecord, unanswered } from './outcomes.ts';
import { BATCH } from './reading.ts';
import { updateRecords } from './updating.ts';

/** The operations of some kinds. */
type Operation<K extends ResolvedOperation['kind'], O extends ResolvedOperation = ResolvedOperation> = O extends unknown
  ? K extends O['kind']
    ? O
    : never
  : never;
export type WriteOf<K extends ResolvedOperation['kind']> = CrmWrite & { readonly operation: Operation<K> };

/** One outcome a write, in order. Rejects only with what is no `ConnectorError`. */
export async function writeRecords(parts: Parts, writes: readonly CrmWrite[]): Promise<readonly CrmOutcome[]> {
  const outcomes = new Map<CrmWrite, CrmOutcome>();
  const written = new Set<string>();
  const apply = async <K extends ResolvedOperation['kind']>(
    kinds: readonly K[],
    work: (object: string, some: readonly WriteOf<K>[]) => Promise<readonly CrmOutcome[]>,
  ): Promise<void> => {
    const some = writes.filter((write): write is WriteOf<K> => kinds.includes(write.operation.kind as K));
    for (const { object, batch } of batches(some)) {
      const results = await unlessUnsent(batch, work(object, batch));
      for (const [index, write] of batch.entries()) outcomes.set(write, results[index] ?? unanswered());
    }
  };
  await apply<'set-fields' | 'assign-owner'>(['set-fields', 'assign-owner'], (object, some) => {
    const updates = some.map(({ operation: { target, fields }, before }) => {
      // What we have written ourselves in this batch has moved the record since it was compared.
      const revision = written.has(target.recordId) ? null : (before?.revision ?? null);
      return { recordId: target.recordId, fields, revision };
    });
    for (const { recordId } of updates) written.add(recordId);
    return updateRecords(parts, object, updates);
  });
  await apply<'create' | 'create-task'>(['create', 'create-task'], (object, some) => createRecords(parts, object, some));
  await apply<'associate' | 'dissociate'>(['associate', 'dissociate'], (object, some) => writeLinks(parts, object, some));
  await apply(['archive'], (_, some) => archiveRecords(parts, some));
  await apply(['restore'], (_, some) => restoreRecords(parts, some));
  return writes.map((write) => outcomes.get(write) ?? unanswered());
}

interface Batch<K extends ResolvedOperation['kind']> {
  readonly object: string;
  readonly names: Set<string>;
  readonly batch: WriteOf<K>[];
}

/** At most two hundred of one object, and no record twice, in order: what writes the same record comes later than what was before it. */
function batches<K extends ResolvedOperation['kind']>(writes: readonly WriteOf<K>[]): readonly Batch<K>[] {
  const open: Batch<K>[] = [];
  for (const write of writes) {
    const operation: ResolvedOperation = write.operation;
    const [object, name] = 'target' in operation ? [operation.target.object, operation.target.recordId] : [operation.object, write.key];
    const last = open.findLastIndex((one) => one.object === object && one.names.has(name));
    const room = open.find((one, index) => index > last && one.object === object && one.batch.length < BATCH);
    const place = room ?? { object, names: new Set(), batch: [] };
    if (room === undefined) open.push(place);
    place.names.add(name);
    place.batch.push(write);
  }
  return open;
}

/** What fails outside the sending itself fails before it: nothing has happened to any of them. */
async function unlessUnsent(batch: readonly CrmWrite[], work: Promise<readonly CrmOutcome[]>): Promise<readonly CrmOutcome[]> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConnectorError) return batch.map(() => failed(error));
    throw error;
  }
}

const PLACE = 'DELETE composite/sobjects';
const GONE = new Set(['ENTITY_IS_DELETED', 'INVALID_CROSS_REFERENCE_KEY', 'NOT_FOUND']);

/** Into the recycle bin. A record that is there already, or nowhere, is as it should be. */
async function archiveRecords({ client }: Parts, writes: readonly WriteOf<'archive'>[]): Promise<readonly CrmOutcome[]> {
  const sendable = writes.filter(({ operation }) => isRecordId(operation.target.recordId));
  const { answer, at } =
    sendable.length === 0 ? { answer: [], at: null } : await client.remove(sendable.map(({ operation }) => operation.target.recordId));
  return writes.map((write): CrmOutcome => {
    const { recordId } = write.operation.target;
    const save = answer[sendable.indexOf(write)];
    if (!isRecordId(recordId)) return failed(new ConnectorError('NotFound', 'Salesforce: expected the id of a record, got another text'));
    if (save === undefined || at === null) return unanswered();
    if (!save.success && !save.errors.some(({ code }) => GONE.has(code))) return refusedRecord(save.errors, PLACE);
    const presence = save.success || save.errors.some(({ code }) => code === 'ENTITY_IS_DELETED') ? 'archived' : 'absent';
    return { ok: true, recordId, after: { presence, fields: {}, revision: null, readAt: at } };
  });
}

/** Out of the recycle bin, under the same id. */
async function restoreRecords({ client }: Parts, writes: readonly WriteOf<'restore'>[]): Promise<readonly CrmOutcome[]> {
  const ids = writes.map(({ operation }) => operation.target.recordId);
  const results = await client.undelete(ids);
  return ids.map((recordId, index): CrmOutcome => {
    const error = results[index];
    if (error === undefined) return unanswered();
    if (error !== null) return failed(error);
    return { ok: true, recordId, after: { presence: 'present', fields: {}, revision: null, readAt: client.now() } };
  });
}
