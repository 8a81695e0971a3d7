/**
 * Reading the document: the feed of changes, full scans and single rows. All three read the file as it is now and name its rows by the cursor.
 */
import type { FetchOutcome, FieldNotice, Pulls, PullPage, PullRequest, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import { readCursor, writeCursor } from './cursor.ts';
import type { DocumentCursor } from './cursor.ts';
import { readDocument } from './file.ts';
import { identitiesOf } from './identity.ts';
import type { PlanReader } from './identity.ts';
import { observe } from './observation.ts';
import type { Observation } from './observation.ts';
import { inOrder, recordOf, recordsOf } from './records.ts';

/** Rows on one page of changes: enough for whole plans, so that what refers to each other is read together. */
const PAGE = 1_000;

/** What reading needs. */
export interface Source {
  readonly file: string;
  readonly reader: PlanReader;
}

/** The document's `Pulls`. */
export function documentPulls(source: Source): Pulls {
  return {
    pull: (request) => (request.mode === 'full' ? scan(source, request) : changes(source, request)),
    fetch: (remoteIds, changesCursor) => fetchRows(source, remoteIds, changesCursor),
    findByMarker: (markers, changesCursor) => findMarked(source, markers, changesCursor),
  };
}

async function changes(source: Source, request: PullRequest): Promise<PullPage> {
  const cursor = request.cursor === null ? null : readCursor(request.cursor);
  const seen = observe(source.reader, cursor, await readDocument(source.file));
  const gone = new Set(seen.removed);
  const wanted = new Set([...(cursor?.unshown ?? []), ...seen.added, ...seen.changed, ...Object.keys(seen.created)]);
  const indices = [...wanted].flatMap((id) => (gone.has(id) ? [] : (seen.named.indexOf.get(id) ?? [])));
  const ordered = inOrder(seen.named.plan, indices);
  const shown = ordered.slice(0, PAGE);
  const unshown = ordered.slice(PAGE).flatMap((index) => seen.named.idOf.get(index) ?? []);
  const later = new Set(unshown);
  const next: DocumentCursor = {
    v: 1,
    text: seen.named.plan.text,
    ids: identitiesOf(seen.named),
    nextId: seen.nextId,
    waiting: [...seen.waiting],
    unshown,
    created: Object.fromEntries(Object.entries(seen.created).filter(([id]) => later.has(id))),
    pending: null,
  };
  return {
    records: shown.flatMap((index) => recordOf(seen.named, index, seen.created[seen.named.idOf.get(index) ?? ''] ?? null) ?? []),
    nextCursor: writeCursor(next),
    more: unshown.length > 0,
    deletedIds: seen.removed,
    notices: seen.ambiguousLines.map((lines) => ambiguity(source, lines)),
  };
}

function ambiguity(source: Source, lines: readonly number[]): FieldNotice {
  const where = lines.length === 1 ? `line ${lines[0] ?? '?'}` : `lines ${lines.join(', ')}`;
  return {
    field: null,
    cause: 'ambiguous',
    message: `${source.reader.file}: ${where}: expected rows that can each be told from the others, got more than one that an earlier row could have become; nothing is deleted or made anew: change them until they differ`,
  };
}

/** Rows that the feed has named already; new ones are left to it, so that a row gets its id once. */
async function scan(source: Source, request: PullRequest): Promise<PullPage> {
  const { cursor, seen } = await look(source, request.changesCursor);
  const known = new Set(seen.added);
  const records = recordsOf(seen.named, seen.created).filter(
    (record) => !known.has(record.remoteId) && !cursor.unshown.includes(record.remoteId),
  );
  return { records, nextCursor: null, more: false, deletedIds: [], notices: [] };
}

async function fetchRows(
  source: Source,
  remoteIds: readonly string[],
  changesCursor: Json | null | undefined,
): Promise<readonly FetchOutcome[]> {
  const { seen } = await look(source, changesCursor);
  const added = new Set(seen.added);
  const waiting = new Set(seen.waiting.map(({ id }) => id));
  return remoteIds.map((remoteId): FetchOutcome => {
    const index = added.has(remoteId) ? undefined : seen.named.indexOf.get(remoteId);
    const record = index === undefined ? null : recordOf(seen.named, index);
    if (record !== null) return { found: true, record: withoutReferencesTo(record, added) };
    // A row in doubt is there, only not known which: that is no delete.
    return { found: false, remoteId, reason: waiting.has(remoteId) ? 'forbidden' : 'absent' };
  });
}

/** A field that points at a row which the feed has yet to name says nothing for now. */
function withoutReferencesTo(record: RemoteRecord, ids: ReadonlySet<string>): RemoteRecord {
  const fields = Object.fromEntries(
    Object.entries(record.fields).filter(([field, value]) => {
      if (field !== 'parent' && field !== 'dependsOn') return true;
      const references = typeof value === 'string' ? [value] : (value ?? []);
      return references.every((reference) => !ids.has(reference.replace(/^id:/, '')));
    }),
  );
  return { ...record, fields };
}

/** Rows that we made and whose outcome a crash has kept from the store. */
async function findMarked(
  source: Source,
  markers: readonly string[],
  changesCursor: Json | null | undefined,
): Promise<readonly RemoteRecord[]> {
  const { seen } = await look(source, changesCursor);
  const wanted = new Set(markers);
  return Object.entries(seen.created).flatMap(([id, marker]) => {
    const index = wanted.has(marker) ? seen.named.indexOf.get(id) : undefined;
    return index === undefined ? [] : (recordOf(seen.named, index, marker) ?? []);
  });
}

async function look(
  source: Source,
  changesCursor: Json | null | undefined,
): Promise<{ readonly cursor: DocumentCursor; readonly seen: Observation }> {
  if (changesCursor === null || changesCursor === undefined) {
    throw new ConnectorError(
      'Transient',
      `${source.reader.file}: expected the feed of changes to have been read before, got no cursor of it`,
    );
  }
  const cursor = readCursor(changesCursor);
  return { cursor, seen: observe(source.reader, cursor, await readDocument(source.file)) };
}
