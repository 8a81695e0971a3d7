/**
 * Writing records. A create is an upsert by our external id, two hundred a call: sent twice, it makes one record (law S4). An update is guarded by
 * If-Unmodified-Since, which collections do not have: so each is a request of its own inside a composite one, twenty-three a call. Around them the same call
 * reads the records before, which shows an edit of the same second that the guard does not see, and after. See docs/decisions/0014-salesforce.md.
 */
import type { RemoteChange, RemoteDraft, RemoteRemoval, WriteOutcome } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Fields } from './catalogue.ts';
import { queryPath } from './client.ts';
import type { SubRequest } from './client.ts';
import { encodeRow } from './encoding.ts';
import { recordFailure, salesforceFailure } from './errors.ts';
import { rowOf } from './mapping.ts';
import { READ_BATCH, selectIn } from './pull.ts';
import type { Reading } from './pull.ts';
import { UNANSWERED, writeInRounds } from './rounds.ts';
import type { Attempt, Encode, RoundResult } from './rounds.ts';
import { isRecordId } from './soql.ts';
import { querySchema, savesSchema } from './wire.ts';
import type { Row, SubAnswer } from './wire.ts';
import { writtenOutcome } from './written.ts';

/** Records of a collection. */
export const COLLECTION = READ_BATCH;
/** A composite request holds 25; two of them read. */
export const GUARDED = 23;
/** Makes records, at most `COLLECTION`. */
export async function createRecords(writing: Reading, drafts: readonly RemoteDraft[]): Promise<readonly WriteOutcome[]> {
  const { layout } = writing;
  const encode: Encode<RemoteDraft> = (fields, draft) =>
    encodeRow({ layout, fields, kind: draft.kind, marker: draft.marker, values: draft.fields, before: null });
  return writeInRounds(writing, drafts, encode, (fields, attempts) => upsert(writing, fields, attempts));
}

/** Changes records, at most `GUARDED`. */
export async function updateRecords(writing: Reading, changes: readonly RemoteChange[]): Promise<readonly WriteOutcome[]> {
  const { layout } = writing;
  const encode: Encode<RemoteChange> = (fields, change) =>
    encodeRow({ layout, fields, kind: change.kind, marker: change.marker, values: change.fields, before: rowOf(change.before) });
  return writeInRounds(writing, changes, encode, (fields, attempts) => guarded(writing, fields, attempts));
}

async function upsert(writing: Reading, fields: Fields, attempts: readonly Attempt<RemoteDraft>[]): Promise<readonly RoundResult[]> {
  const { client, layout } = writing;
  const records = attempts.map(({ write: draft, values }) => ({
    attributes: { type: layout.object },
    [fields.marker.name]: draft.marker,
    ...values,
  }));
  const markers = attempts.map(({ write: draft }) => draft.marker);
  const answers = await client.composite(
    [
      {
        method: 'PATCH',
        path: `/composite/sobjects/${layout.object}/${fields.marker.name}`,
        referenceId: 'write',
        body: { allOrNone: false, records },
      },
      reads('after', selectIn(layout, fields, fields.marker.name, markers), false),
    ],
    false,
  );
  const place = 'PATCH composite/sobjects/{object}/{external id}';
  const saves = savesSchema.safeParse(bodyOf(answers.get('write'), place)).data ?? [];
  const session = await client.session();
  const after = rowsOf(answers.get('after'));
  return attempts.map(({ write: draft }, index): RoundResult => {
    const save = saves[index];
    if (save === undefined) return UNANSWERED;
    if (!save.success || typeof save.id !== 'string') return { error: recordFailure(save.errors, place) };
    const id = save.id;
    return {
      outcome: ({ values }) =>
        writtenOutcome({
          ...{
            layout,
            fields,
            session,
            kind: draft.kind,
            values,
            compared: null,
            before: null,
            after: after.get(id.slice(0, ID_LENGTH)) ?? null,
          },
          id,
          own: { [fields.marker.name]: draft.marker },
        }),
    };
  });
}

async function guarded(writing: Reading, fields: Fields, attempts: readonly Attempt<RemoteChange>[]): Promise<readonly RoundResult[]> {
  const { client, layout } = writing;
  const select = selectIn(
    layout,
    fields,
    'Id',
    attempts.map(({ write: change }) => change.remoteId),
  );
  const answers = await client.composite(
    [
      reads('before', select, true),
      ...attempts.map(({ write: change, values }, index): SubRequest => {
        const stamp = rowOf(change.before)?.['SystemModstamp'];
        return {
          method: 'PATCH',
          path: `/sobjects/${layout.object}/${change.remoteId}`,
          referenceId: `write${index}`,
          ...(typeof stamp === 'string' ? { httpHeaders: { 'If-Unmodified-Since': new Date(stamp).toUTCString() } } : {}),
          body: values,
        };
      }),
      reads('after', select, true),
    ],
    false,
  );
  const session = await client.session();
  const [before, after] = [rowsOf(answers.get('before')), rowsOf(answers.get('after'))];
  return attempts.map(({ write: change }, index): RoundResult => {
    const answer = answers.get(`write${index}`);
    if (answer === undefined) return UNANSWERED;
    if (answer.httpStatusCode >= 300) return { error: failureOf(answer, 'PATCH sobjects/{object}/{id}') };
    const key = change.remoteId.slice(0, ID_LENGTH);
    return {
      outcome: ({ values }) =>
        writtenOutcome({
          ...{ layout, fields, session, kind: change.kind, values, id: change.remoteId, own: {} },
          ...{ compared: rowOf(change.before), before: before.get(key) ?? null, after: after.get(key) ?? null },
        }),
    };
  });
}

/** Of the 18 characters of an id the last three are a checksum. */
const ID_LENGTH = 15;

const reads = (referenceId: string, soql: string, deleted: boolean): SubRequest => ({
  method: 'GET',
  path: queryPath(soql, deleted),
  referenceId,
});

/** Rows by id; none where the reading failed: what was written stays written. */
function rowsOf(answer: SubAnswer | undefined): ReadonlyMap<string, Row> {
  const rows = answer !== undefined && answer.httpStatusCode < 300 ? (querySchema.safeParse(answer.body).data?.records ?? []) : [];
  return new Map(rows.map((row) => [row.Id.slice(0, ID_LENGTH), row]));
}

function failureOf({ httpStatusCode: status, body }: SubAnswer, place: string): ConnectorError {
  return salesforceFailure({ status, body, place, isReading: false, waitMs: null });
}

function bodyOf(answer: SubAnswer | undefined, place: string): unknown {
  if (answer === undefined) throw UNANSWERED.error;
  if (answer.httpStatusCode >= 300) throw failureOf(answer, place);
  return answer.body;
}

/** Codes of a record that is not there: as it should be, after a removal. */
const GONE = new Set(['ENTITY_IS_DELETED', 'INVALID_CROSS_REFERENCE_KEY', 'NOT_FOUND']);

/** Puts records into the recycle bin, at most `COLLECTION`. One that is gone already is as it should be. */
export async function removeRecords({ client }: Reading, removals: readonly RemoteRemoval[]): Promise<readonly WriteOutcome[]> {
  const gone: WriteOutcome = { ok: true, record: null, overwritten: [], refused: [] };
  const ids = [...new Set(removals.map(({ remoteId }) => remoteId).filter(isRecordId))];
  if (ids.length === 0) return removals.map(() => gone);
  try {
    const saves = await client.remove(ids);
    const outcomes = new Map(
      ids.map((id, index): [string, WriteOutcome] => {
        const save = saves[index];
        if (save === undefined) return [id, { ok: false, error: UNANSWERED.error }];
        const isGone = save.success || save.errors.some(({ code }) => GONE.has(code));
        return [id, isGone ? gone : { ok: false, error: recordFailure(save.errors, 'DELETE composite/sobjects') }];
      }),
    );
    return removals.map(({ remoteId }) => outcomes.get(remoteId) ?? gone);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    return removals.map(() => ({ ok: false, error }));
  }
}
