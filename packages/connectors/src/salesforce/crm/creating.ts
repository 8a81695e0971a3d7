/**
 * Creating records, two hundred a call, each with its key in an external id with unique values. Sent twice, the second is refused and the record of the first
 * stands in the reading of the same call: nothing doubles, and nothing that people have written since is written over, as an upsert would (C5).
 */
import type { CrmFields } from '@lockstep/domain/crm/change-set.ts';
import type { CrmOutcome, CrmWrite } from '@lockstep/domain/crm/crm.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { queryPath } from '../client.ts';
import { listed } from '../soql.ts';
import { savesSchema } from '../wire.ts';
import type { Row } from '../wire.ts';
import type { Parts } from './connector.ts';
import { lookupFor } from './lookups.ts';
import { failed, landed, refusedAnswer, refusedRecord, unanswered } from './outcomes.ts';
import { selected } from './reading.ts';
import { KEY_FIELD } from './schema.ts';
import type { Schema } from './schema.ts';
import { rowsOf } from './updating.ts';
import type { WriteOf } from './writing.ts';
import { textOf } from './wire.ts';

type Create = WriteOf<'create' | 'create-task'>;

/** One outcome a write, in order; at most 200 of one object. */
export async function createRecords(parts: Parts, object: string, writes: readonly Create[]): Promise<readonly CrmOutcome[]> {
  const schema = await parts.schemas.known(object);
  const { keyField } = schema.described;
  if (keyField === null) {
    const message = `Salesforce: expected ${schema.name} to have the external id ${KEY_FIELD} with unique values, it has not; without it a create could double: make it, see docs/runbooks/connect-salesforce.md`;
    return writes.map(() => failed(new ConnectorError('Invalid', message)));
  }
  const outcomes = new Map<CrmWrite, CrmOutcome>();
  const ready: { readonly write: Create; readonly record: CrmFields }[] = [];
  for (const write of writes) {
    const record = recordOf(schema, write);
    if (record instanceof ConnectorError) outcomes.set(write, failed(record));
    else ready.push({ write, record: { ...record, [keyField]: write.key } });
  }
  const results = ready.length === 0 ? [] : await insert(parts, schema, keyField, ready);
  for (const [index, { write }] of ready.entries()) outcomes.set(write, results[index] ?? unanswered());
  return writes.map((write) => outcomes.get(write) ?? unanswered());
}

/** The fields, with the lookups that the associations are. */
function recordOf(schema: Schema, { operation: { fields, associations } }: Create): CrmFields | ConnectorError {
  try {
    return { ...fields, ...Object.fromEntries(associations.map((one) => [lookupFor(schema, one).name, one.to.recordId])) };
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
}

const PLACE = 'POST composite/sobjects';

async function insert(
  { client }: Parts,
  schema: Schema,
  keyField: string,
  ready: readonly { readonly write: Create; readonly record: CrmFields }[],
): Promise<readonly CrmOutcome[]> {
  const records = ready.map(({ record }): Json => ({ attributes: { type: schema.name }, ...record }));
  const names = [keyField, ...new Set(ready.flatMap(({ write }) => Object.keys(write.operation.fields)))];
  const keys = listed(ready.map(({ write }) => write.key));
  const soql = `SELECT ${selected(schema, names)} FROM ${schema.name} WHERE ${keyField} IN ${keys}`;
  try {
    const userId = await client.userId().catch(() => null);
    const { answers, at } = await client.composite([
      { method: 'POST', path: '/composite/sobjects', referenceId: 'write', body: { allOrNone: false, records } },
      { method: 'GET', path: queryPath(soql, false), referenceId: 'after' },
    ]);
    const answer = answers.get('write');
    if (answer !== undefined && answer.httpStatusCode >= 300) return ready.map(() => refusedAnswer(answer, PLACE));
    const saves = savesSchema.safeParse(answer?.body).data ?? [];
    const byKey = new Map([...rowsOf(answers.get('after')).values()].map((row): [string | null, Row] => [textOf(row[keyField]), row]));
    return ready.map(({ write }, index): CrmOutcome => {
      const save = saves[index];
      const row = byKey.get(write.key);
      const id = save?.success === true ? save.id : row?.Id;
      if (typeof id === 'string') return landed({ schema, id, sent: write.operation.fields, row, at, userId });
      return save === undefined ? unanswered() : refusedRecord(save.errors, PLACE);
    });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return ready.map(() => failed(error));
  }
}
