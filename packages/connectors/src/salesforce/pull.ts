/**
 * Reading records. Changes come from the replication calls (getUpdated, getDeleted), which say up to when they are complete: a transaction that is still open
 * makes records appear late with an older stamp, and a cursor that trusts the stamps alone would pass them by. A window that holds more than a page is read in
 * the order (SystemModstamp, Id), so that any number of records of one second is paged through without a gap.
 */
import type { FetchOutcome, PullPage, PullRequest, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { z } from 'zod';
import type { Catalogue, Fields, Layout } from './catalogue.ts';
import { windowQuery } from './client.ts';
import type { SalesforceClient, Window } from './client.ts';
import { salesforceFailure } from './errors.ts';
import { decodeRow } from './mapping.ts';
import { instant, isRecordId, listed, quoted } from './soql.ts';
import { deletedSchema, updatedSchema } from './wire.ts';
import type { Row, SubAnswer } from './wire.ts';

const PAGE = 500;
/** Ids or markers of one query: its address stays below 16,384 characters. */
export const READ_BATCH = 200;
/** Windows begin this much before the last one ended, for servers of Salesforce that do not agree about the time; and they end on whole minutes. */
const OVERLAP_MS = 60_000;
const MINUTE_MS = 60_000;

export interface Reading {
  readonly client: SalesforceClient;
  readonly catalogue: Catalogue;
  readonly layout: Layout;
}

/**
 * `since`: every change before this instant has been shown. `sweep`: a window of more than a page, being read: from where, up to when it is complete (null:
 * that was everything there is), and the last record shown.
 */
const changesSchema = z.strictObject({
  version: z.literal(1),
  since: z.string().nullable(),
  sweep: z.strictObject({ until: z.string(), at: z.string().nullable(), id: z.string() }).nullable(),
});
type ChangesCursor = z.infer<typeof changesSchema>;

const fullSchema = z.strictObject({ version: z.literal(1), deleted: z.boolean(), id: z.string() });

export async function pullRecords(reading: Reading, request: PullRequest): Promise<PullPage> {
  if (request.mode === 'full') return pullFull(reading, request);
  const cursor = request.cursor === null ? ({ version: 1, since: null, sweep: null } as const) : cursorOf(changesSchema, request.cursor);
  if (cursor.sweep !== null) return sweepPage(reading, cursor, cursor.sweep, []);
  return cursor.since === null ? beginning(reading) : changesSince(reading, cursor.since);
}

function cursorOf<S extends z.ZodType>(schema: S, cursor: unknown): z.infer<S> {
  const result = schema.safeParse(cursor);
  if (result.success) return result.data;
  throw new ConnectorError('CursorInvalid', 'Salesforce cursor: expected one of version 1, got another');
}

/** Everything there is; the next window begins where the log of changes was complete before the first row was read. */
async function beginning(reading: Reading): Promise<PullPage> {
  const { client, layout, catalogue } = reading;
  await catalogue.fields();
  const nowMs = client.serverTimeMs();
  const { latestDateCovered } = await client.updated(layout.object, windowOf(nowMs - MINUTE_MS, nowMs));
  const until = earliest(latestDateCovered, present(client));
  return sweepPage(reading, { version: 1, since: null, sweep: null }, { until, at: null, id: '' }, []);
}

/** Whole minutes, as Salesforce reads them, up to and with the present. */
function windowOf(sinceMs: number, nowMs: number): Window {
  return {
    sinceMs: Math.floor((sinceMs - OVERLAP_MS) / MINUTE_MS) * MINUTE_MS,
    untilMs: (Math.floor(nowMs / MINUTE_MS) + 2) * MINUTE_MS,
  };
}

async function changesSince(reading: Reading, since: string): Promise<PullPage> {
  const { updated, deleted } = await replicated(reading, since);
  const until = earliest(updated.latestDateCovered, deleted.latestDateCovered, present(reading.client));
  const goneIds = deleted.deletedRecords.map(({ id }) => id);
  const ids = [...new Set([...updated.ids, ...goneIds])];
  const isPage = ids.length <= PAGE;
  const rows = await readByIds(reading, isPage ? ids : goneIds);
  const shown = new Set(rows.rows.map(({ Id }) => Id.slice(0, ID_LENGTH)));
  const deletedIds = goneIds.filter((id) => !shown.has(id.slice(0, ID_LENGTH)));
  if (isPage) return pageOf(await decoded(reading, rows), { version: 1, since: until, sweep: null }, false, deletedIds);
  const from = instant(new Date(windowOf(Date.parse(since), 0).sinceMs).toISOString());
  const page = await sweepPage(reading, { version: 1, since, sweep: null }, { until, at: from, id: '' }, deletedIds);
  return { ...page, records: [...(await decoded(reading, rows)), ...page.records] };
}

/** Of the 18 characters of an id the last three are a checksum: answers may leave them out. */
const ID_LENGTH = 15;

/** By Salesforce's clock: a log is never complete beyond the answer that shows it, whatever it says of the window's end. */
const present = (client: SalesforceClient): string => new Date(client.serverTimeMs()).toISOString();

function earliest(...instants: readonly string[]): string {
  return new Date(Math.min(...instants.map((at) => Date.parse(at)))).toISOString();
}

/** Both logs in one call. Rejects with `CursorInvalid` where the log of deletes does not reach back to the cursor. */
async function replicated({ client, layout, catalogue }: Reading, since: string) {
  await catalogue.fields();
  const window = windowOf(Date.parse(since), client.serverTimeMs());
  const answers = await client.composite(
    (['updated', 'deleted'] as const).map((log) => ({
      method: 'GET',
      path: `/sobjects/${layout.object}/${log}/?${windowQuery(window)}`,
      referenceId: log,
    })),
    true,
  );
  const updated = updatedSchema.parse(bodyOf(answers, 'updated', 'sobjects/{object}/updated'));
  const deleted = deletedSchema.parse(bodyOf(answers, 'deleted', 'sobjects/{object}/deleted'));
  if (Date.parse(deleted.earliestDateAvailable) > Date.parse(since)) {
    const message = `Salesforce GET sobjects/{object}/deleted: expected deletes since ${since}, the log begins at ${deleted.earliestDateAvailable}`;
    throw new ConnectorError('CursorInvalid', message);
  }
  return { updated, deleted };
}

/** The body of one answer of a composite that only reads. Rejects with its failure. */
function bodyOf(answers: ReadonlyMap<string, SubAnswer>, referenceId: string, place: string): unknown {
  const answer = answers.get(referenceId);
  if (answer === undefined) throw new ConnectorError('Transient', `Salesforce GET ${place}: expected an answer, got none`);
  if (answer.httpStatusCode < 300) return answer.body;
  throw salesforceFailure({ status: answer.httpStatusCode, body: answer.body, place: `GET ${place}`, isReading: true, waitMs: null });
}

/** A page in the order (SystemModstamp, Id), after the record that was shown last. */
async function sweepPage(
  reading: Reading,
  { since }: ChangesCursor,
  sweep: NonNullable<ChangesCursor['sweep']>,
  deletedIds: readonly string[],
): Promise<PullPage> {
  const { client, layout, catalogue } = reading;
  const found = await catalogue.reading(async (fields) => {
    const soql = `SELECT ${fields.selected.join(',')} FROM ${layout.object}${afterKey(sweep)} ORDER BY SystemModstamp, Id LIMIT ${PAGE}`;
    return { fields, ...(await client.query(soql, { deleted: sweep.at !== null })) };
  });
  const last = found.rows.at(-1);
  const more = last !== undefined && (found.rows.length === PAGE || !found.done);
  const next: ChangesCursor = more
    ? { version: 1, since, sweep: { until: sweep.until, at: stampOf(last), id: last.Id } }
    : { version: 1, since: instant(sweep.until), sweep: null };
  return pageOf(await decoded(reading, found), next, more, deletedIds);
}

function afterKey({ at, id }: { readonly at: string | null; readonly id: string }): string {
  if (at === null) return '';
  if (id === '') return ` WHERE SystemModstamp >= ${at}`;
  return ` WHERE (SystemModstamp > ${at} OR (SystemModstamp = ${at} AND Id > ${quoted(id)}))`;
}

function stampOf(row: Row): string {
  const stamp = row['SystemModstamp'];
  if (typeof stamp !== 'string') throw new ConnectorError('Invalid', 'Salesforce query: expected SystemModstamp of each record, got none');
  return instant(stamp);
}

/** Every record by id, live and archived ones first, then those in the recycle bin, which say so. */
async function pullFull(reading: Reading, request: PullRequest): Promise<PullPage> {
  const { client, layout, catalogue } = reading;
  const cursor = request.cursor === null ? { version: 1 as const, deleted: false, id: '' } : cursorOf(fullSchema, request.cursor);
  if (request.cursor === null) await catalogue.fields(0);
  const found = await catalogue.reading(async (fields) => {
    const after = cursor.id === '' ? '' : ` AND Id > ${quoted(cursor.id)}`;
    const where = `IsDeleted = ${cursor.deleted}${after}`;
    const soql = `SELECT ${fields.selected.join(',')} FROM ${layout.object} WHERE ${where} ORDER BY Id LIMIT ${PAGE}`;
    return { fields, ...(await client.query(soql, { deleted: true })) };
  });
  const last = found.rows.at(-1);
  const goesOn = last !== undefined && (found.rows.length === PAGE || !found.done);
  const next = goesOn ? { ...cursor, id: last.Id } : { version: 1, deleted: true, id: '' };
  return pageOf(await decoded(reading, found), next, goesOn || !cursor.deleted, []);
}

function pageOf(
  records: readonly RemoteRecord[],
  nextCursor: PullPage['nextCursor'],
  more: boolean,
  deletedIds: readonly string[],
): PullPage {
  return { records, nextCursor, more, deletedIds, notices: [] };
}

interface Found {
  readonly fields: Fields;
  readonly rows: readonly Row[];
}

async function decoded({ client, layout }: Reading, { fields, rows }: Found): Promise<readonly RemoteRecord[]> {
  const { instanceUrl } = await client.session();
  return rows.map((row) => decodeRow({ layout, fields, instanceUrl }, row));
}

/** Rows of these ids, deleted ones too while they are in the recycle bin. */
const readByIds = (reading: Reading, ids: readonly string[]): Promise<Found> =>
  readWhere(reading, ids.filter(isRecordId), { by: () => 'Id', deleted: true });

async function readWhere(
  { client, layout, catalogue }: Reading,
  values: readonly string[],
  where: { readonly by: (fields: Fields) => string; readonly deleted: boolean },
): Promise<Found> {
  const read = async (fields: Fields, chunk: readonly string[]): Promise<readonly Row[]> => {
    const { rows, done } = await client.query(selectIn(layout, fields, where.by(fields), chunk), { deleted: where.deleted });
    // Fewer than asked for come where rows are large.
    if (done || chunk.length === 1) return rows;
    const middle = Math.ceil(chunk.length / 2);
    return [...(await read(fields, chunk.slice(0, middle))), ...(await read(fields, chunk.slice(middle)))];
  };
  return catalogue.reading(async (fields) => {
    const rows: Row[] = [];
    const wanted = [...new Set(values)];
    for (let start = 0; start < wanted.length; start += READ_BATCH)
      rows.push(...(await read(fields, wanted.slice(start, start + READ_BATCH))));
    return { fields, rows };
  });
}

/** Reads by id. A record in the recycle bin is found and says so; one that was purged, or never was, is absent. */
export async function fetchRecords(reading: Reading, ids: readonly string[]): Promise<readonly FetchOutcome[]> {
  const records = await decoded(reading, await readByIds(reading, ids));
  const found = new Map(records.map((record) => [record.remoteId.slice(0, ID_LENGTH), record]));
  return ids.map((remoteId) => {
    const record = found.get(remoteId.slice(0, ID_LENGTH));
    return record === undefined ? { found: false, remoteId, reason: 'absent' } : { found: true, record };
  });
}

/** Finds live records by our external id, from the primary store: SOQL has no lag. */
export async function findRecords(reading: Reading, markers: readonly string[]): Promise<readonly RemoteRecord[]> {
  return decoded(reading, await readWhere(reading, markers, { by: ({ marker }) => marker.name, deleted: false }));
}

/** A query for the rows whose field has one of these values; at most `READ_BATCH`, and never none. */
export function selectIn(layout: Layout, fields: Fields, by: string, values: readonly string[]): string {
  return `SELECT ${fields.selected.join(',')} FROM ${layout.object} WHERE ${by} IN ${listed(values)}`;
}
