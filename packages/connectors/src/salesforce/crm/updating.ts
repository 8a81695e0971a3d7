/**
 * Setting fields. What was compared is the precondition: each record is a PATCH of its own with `If-Unmodified-Since`, 24 in one composite call with the
 * reading after them (decision 0014). Without a compared image they go as a collection, two hundred a call. The guard compares whole seconds: an edit in the
 * very second of the one that was compared passes it, and shows in the field history alone.
 */
import type { CrmFields } from '@lockstep/domain/crm/change-set.ts';
import type { CrmOutcome } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { queryPath } from '../client.ts';
import type { SubRequest } from '../client.ts';
import { isRecordId, listed } from '../soql.ts';
import { querySchema, savesSchema } from '../wire.ts';
import type { Row, SubAnswer } from '../wire.ts';
import { keyOf, pieces } from './client.ts';
import type { Parts } from './connector.ts';
import { failed, landed, refusedAnswer, refusedRecord, unanswered } from './outcomes.ts';
import { BATCH, selected } from './reading.ts';
import type { Schema } from './schema.ts';

/** A composite request holds 25; the last one reads. */
const GUARDED = 24;

export interface Update {
  readonly recordId: string;
  readonly fields: CrmFields;
  /** The `SystemModstamp` that was compared; null where none was. */
  readonly revision: string | null;
}

/** One outcome an update, in order; no record twice. */
export async function updateRecords(parts: Parts, object: string, updates: readonly Update[]): Promise<readonly CrmOutcome[]> {
  const schema = await parts.schemas.known(object);
  const outcomes = new Map<Update, CrmOutcome>();
  const note = (some: readonly Update[], results: readonly CrmOutcome[]): void => {
    for (const [index, update] of some.entries()) outcomes.set(update, results[index] ?? unanswered());
  };
  const sendable = updates.filter(({ recordId }) => isRecordId(recordId));
  const guarded = sendable.filter(({ revision }) => revision !== null);
  for (const some of pieces(guarded, GUARDED)) note(some, await patchEach(parts, schema, some));
  for (const some of pieces(
    sendable.filter((update) => !guarded.includes(update)),
    BATCH,
  ))
    note(some, await patchAll(parts, schema, some));
  const noId = failed(new ConnectorError('NotFound', `Salesforce ${schema.name}: expected the id of a record, got another text`));
  return updates.map((update) => outcomes.get(update) ?? noId);
}

function patchEach(parts: Parts, schema: Schema, updates: readonly Update[]): Promise<readonly CrmOutcome[]> {
  const writes = updates.map(({ recordId, fields, revision }, index): SubRequest => ({
    method: 'PATCH',
    path: `/sobjects/${schema.name}/${recordId}`,
    referenceId: `write${index}`,
    ...(revision === null ? {} : { httpHeaders: { 'If-Unmodified-Since': new Date(revision).toUTCString() } }),
    body: fields,
  }));
  return sent(parts, schema, updates, writes, (answers, isThere) =>
    updates.map(({ recordId }, index) => {
      const answer = answers.get(`write${index}`);
      if (answer === undefined) return unanswered();
      return answer.httpStatusCode < 300 ? null : refusedAnswer(answer, 'PATCH sobjects/{object}/{id}', isThere(recordId));
    }),
  );
}

function patchAll(parts: Parts, schema: Schema, updates: readonly Update[]): Promise<readonly CrmOutcome[]> {
  const records = updates.map(({ recordId, fields }): Json => ({ attributes: { type: schema.name }, Id: recordId, ...fields }));
  const body = { allOrNone: false, records };
  const place = 'PATCH composite/sobjects';
  return sent(
    parts,
    schema,
    updates,
    [{ method: 'PATCH', path: '/composite/sobjects', referenceId: 'write', body }],
    (answers, isThere) => {
      const answer = answers.get('write');
      const saves = answer !== undefined && answer.httpStatusCode < 300 ? savesSchema.safeParse(answer.body).data : undefined;
      return updates.map(({ recordId }, index) => {
        if (answer !== undefined && answer.httpStatusCode >= 300) return refusedAnswer(answer, place);
        const save = saves?.[index];
        if (save === undefined) return unanswered();
        return save.success ? null : refusedRecord(save.errors, place, isThere(recordId));
      });
    },
  );
}

/** Sends the writes with a reading after them; `problems` are null for those that took effect. */
async function sent(
  { client }: Parts,
  schema: Schema,
  updates: readonly Update[],
  writes: readonly SubRequest[],
  problemsOf: (answers: ReadonlyMap<string, SubAnswer>, isThere: (recordId: string) => boolean) => readonly (CrmOutcome | null)[],
): Promise<readonly CrmOutcome[]> {
  const names = [...new Set(updates.flatMap(({ fields }) => Object.keys(fields)))];
  const soql = `SELECT ${selected(schema, names)} FROM ${schema.name} WHERE Id IN ${listed(updates.map(({ recordId }) => recordId))}`;
  try {
    const userId = await client.userId().catch(() => null);
    const { answers, at } = await client.composite([...writes, { method: 'GET', path: queryPath(soql, true), referenceId: 'after' }]);
    const after = answers.get('after');
    const rows = rowsOf(after);
    const wasRead = after !== undefined && after.httpStatusCode < 300;
    const problems = problemsOf(answers, (recordId) => !wasRead || rows.get(keyOf(recordId))?.['IsDeleted'] === false);
    return updates.map(({ recordId, fields }, index): CrmOutcome => {
      const problem = problems[index];
      if (problem !== null) return problem ?? unanswered();
      return landed({ schema, id: recordId, sent: fields, row: rows.get(keyOf(recordId)), at, userId });
    });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return updates.map(() => failed(error));
  }
}

/** Rows by id; none where the reading failed: what was written stays written. */
export function rowsOf(answer: SubAnswer | undefined): ReadonlyMap<string, Row> {
  const rows = answer !== undefined && answer.httpStatusCode < 300 ? (querySchema.safeParse(answer.body).data?.records ?? []) : [];
  return new Map(rows.map((row) => [keyOf(row.Id), row]));
}
