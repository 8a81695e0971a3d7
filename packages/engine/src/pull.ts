/**
 * Reading from a remote: the feed of changes, a full scan, and single records that a hint or an operator has marked.
 *
 * A page's effects and its checkpoint commit together (law S7). Absence is believed only after two complete scans and a read by id (law S12).
 */
import type { PullPage, RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Json } from '@lockstep/domain/sync/json.ts';
import type { ConflictRow, DirtyRecord, Lane, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { mergeShown } from './comments.ts';
import { noticeRow } from './conflict-rows.ts';
import { followMerges } from './merged.ts';
import type { Redirection } from './merged.ts';
import { closeParked, mergePage } from './page.ts';
import type { PageOutcome } from './page.ts';
import { scansYield } from './quota.ts';
import type { Run } from './run.ts';
import { keepWatches } from './watches.ts';
import { mayPull } from './workspace.ts';

/** How long a written record may be missing from a lagging search index: listings are asked to look for it. */
const RECENT_WRITES_MS = 120_000;
/**
 * How long a listing that shows a written record otherwise is not believed, but the record read by id. Much longer than any index lags, and it costs one
 * read for an edit: our own clock may jump ahead between the write and the listing (D05).
 */
const DOUBTED_WRITES_MS = 3_600_000;
/** As many as a listing is asked to reconcile (Jira takes 50). */
const MOST_RECONCILED = 50;
/** Complete scans in a row that must miss a record before its absence is looked into. */
const SCANS_TO_MISS = 2;

export interface PullOutcome {
  readonly changedItems: number;
  readonly records: number;
  /** Connections that are owed writes because of this page. */
  readonly owing: readonly string[];
  /** Call again at once. */
  readonly more: boolean;
}

const NOTHING: PullOutcome = { changedItems: 0, records: 0, owing: [], more: false };

/** Reads one page of the feed of changes. */
export async function pullChanges(run: Run): Promise<PullOutcome> {
  return pullPage(run, 'changes');
}

/**
 * Reads one page of a full scan; the last one counts who was missing. `feedReadAt`: when the feed of changes was read to its end, which is kept with the
 * scan's place (see `feedReadInScanAt`).
 */
export async function pullFull(run: Run, feedReadAt: string | null = null): Promise<PullOutcome> {
  if (scansYield(run.connection)) return NOTHING;
  const outcome = await pullPage(run, 'full', feedReadAt);
  if (outcome !== NOTHING && !outcome.more) await keepWatches(run);
  return outcome;
}

async function pullPage(run: Run, mode: 'changes' | 'full', feedReadAt: string | null = null): Promise<PullOutcome> {
  const { store } = run.workspace;
  const { connectionId, connector } = run.connection;
  const state = await store.passReads.pageStart({
    ...{ connectionId, checkpoint: mode, mostWritten: MOST_RECONCILED, mostMarks: connector.limits.fetch + 1 },
    writtenSince: before(run.now, RECENT_WRITES_MS),
  });
  if (state.connection === null || !mayPull(state.connection)) return NOTHING;
  const scan = mode === 'full' ? scanOf(run, state.checkpoint.cursor) : null;
  const cursor = scan === null ? state.checkpoint.cursor : scan.cursor;
  const page = await connector.pulls
    .pull({ mode, cursor, recentlyWrittenIds: state.written, changesCursor: state.changes.cursor })
    .catch(async (error: unknown) => {
      if (error instanceof ConnectorError && error.code === 'CursorInvalid') await forgetCursor(run, mode, state.checkpoint.version);
      throw error;
    });
  const records = await freshened(run, page.records, state.changes.cursor);
  const lane: Lane = mode === 'full' || state.checkpoint.version === 0 ? 'backfill' : 'live';
  return store.transaction(async (tx) => {
    const outcome = await mergePage(tx, run, {
      records,
      lane,
      keepUnknown: false,
      isAudit: scan !== null && state.connection?.lastFullScanAt !== null,
    });
    const said = await mergeShown(tx, run, records);
    await markVanished(tx, run, page.deletedIds);
    // A flood of hints, our own echoes most of all: what the listing has shown needs no read of its own. Few are read by id, since a listing may lag.
    if (state.marks.count > connector.limits.fetch) {
      const shown = records.map((record) => record.remoteId);
      await tx.clearListed(connectionId, shown, state.marks.lastVersion);
    }
    if (page.notices.length > 0) await tx.raiseConflicts(page.notices.map((notice) => pageNotice(run, notice)));
    const finished = scan !== null && !page.more;
    if (scan !== null) await countScan(tx, run, { scanId: scan.scanId, records: page.records, finished });
    const nextCursor = scan === null ? page.nextCursor : { scanId: scan.scanId, feedReadAt, cursor: page.nextCursor };
    await tx.saveCheckpoint(connectionId, mode, finished ? null : nextCursor, state.checkpoint.version);
    await tx.notePulled(connectionId, run.now, finished);
    return {
      changedItems: outcome.changedItems,
      records: page.records.length,
      owing: [...new Set([...outcome.owing, ...said])],
      more: page.more,
    };
  });
}

/** What a page says of none of its records. */
function pageNotice(run: Run, { cause, field, message }: PullPage['notices'][number]): ConflictRow {
  return noticeRow(run, { kind: cause === 'ambiguous' ? 'ambiguous-match' : 'notice', itemId: null, field, remoteId: null, message });
}

/** A cursor that the remote does not take any more: the next pull begins anew, and nothing is inferred from what it misses (D06). */
async function forgetCursor(run: Run, mode: 'changes' | 'full', version: number): Promise<void> {
  await run.workspace.store.transaction((tx) => tx.saveCheckpoint(run.connection.connectionId, mode, null, version));
}

async function markVanished(tx: StoreTransaction, run: Run, remoteIds: readonly string[]): Promise<void> {
  if (remoteIds.length === 0) return;
  const links = await tx.linksByRemote(run.connection.connectionId, remoteIds);
  const vanished = links
    .filter((link) => link.state === 'linked' || link.state === 'unreachable')
    .map((link) => ({ ...link, state: 'vanished' as const }));
  if (vanished.length > 0) await tx.saveLinks(vanished, run.now);
}

/** A full scan's checkpoint holds its id beside the remote's cursor: a scan that begins anew is another scan. */
interface Scan {
  readonly scanId: string;
  /** Not on record for a scan that an earlier release began. */
  readonly feedReadAt?: string | null;
  readonly cursor: Json | null;
}

function scanOf(run: Run, checkpoint: Json | null): Scan {
  return checkpoint === null ? { scanId: run.workspace.newId(), cursor: null } : (checkpoint as unknown as Scan);
}

/** When the feed was last read to its end within the full scan that is under way; null where none is. */
export async function feedReadInScanAt({ workspace, connection }: Run): Promise<string | null> {
  const { cursor } = await workspace.store.snapshot((reader) => reader.checkpoint(connection.connectionId, 'full'));
  return cursor === null ? null : ((cursor as unknown as Scan).feedReadAt ?? null);
}

/**
 * Listings of some vendors lag behind their records. What we wrote lately and what a listing shows otherwise is read again by id: an old value must
 * not pass for somebody's edit (laws S2, S5).
 */
async function freshened(run: Run, records: readonly RemoteRecord[], changesCursor: Json | null): Promise<readonly RemoteRecord[]> {
  const { connectionId, connector } = run.connection;
  if (records.length === 0) return records;
  const listed = records.map((record) => record.remoteId);
  const known = await run.workspace.store.passReads.writtenRevisions(connectionId, listed, before(run.now, DOUBTED_WRITES_MS));
  const doubtful = records.filter((record) => known.has(record.remoteId) && known.get(record.remoteId) !== record.revision);
  const fresh = new Map<string, RemoteRecord | null>(doubtful.map((record) => [record.remoteId, null]));
  for (let start = 0; start < doubtful.length; start += connector.limits.fetch) {
    const ids = doubtful.slice(start, start + connector.limits.fetch).map((record) => record.remoteId);
    for (const outcome of await connector.pulls.fetch(ids, changesCursor))
      if (outcome.found) fresh.set(outcome.record.remoteId, outcome.record);
  }
  // One that a read by id does not find any more is left to whoever says that it was deleted.
  return records.flatMap((record) => (fresh.has(record.remoteId) ? (fresh.get(record.remoteId) ?? []) : [record]));
}

function before(instant: string, ms: number): string {
  return new Date(Date.parse(instant) - ms).toISOString();
}

interface ScanPage {
  readonly scanId: string;
  readonly records: readonly RemoteRecord[];
  readonly finished: boolean;
}

/** Notes who a scan has seen; after its last page, records that two scans have missed are marked to be read by id. */
async function countScan(tx: StoreTransaction, run: Run, { scanId, records, finished }: ScanPage): Promise<void> {
  const { connectionId } = run.connection;
  await tx.markSeen(
    connectionId,
    records.map((record) => record.remoteId),
    scanId,
  );
  if (!finished) return;
  const missed = await tx.countMissed(connectionId, scanId);
  const suspects = missed.filter((link) => link.state === 'linked' && link.missedScans >= SCANS_TO_MISS);
  await tx.markDirty(
    connectionId,
    suspects.map((link) => ({ remoteId: link.remoteId, deleted: true })),
    run.now,
  );
}

/** Reads records that are marked dirty (with `upTo`: marked no later than with that version), from the primary store, and merges them like any page. */
export async function pullDirty(run: Run, upTo?: number): Promise<PullOutcome> {
  const { store } = run.workspace;
  const { connectionId, connector } = run.connection;
  const { all, cursor } = await store.transaction(async (tx) => {
    const row = await tx.connection(connectionId);
    const dirty =
      row === null || !mayPull(row) ? [] : await tx.dirtyRecords(connectionId, connector.limits.byMarker ?? connector.limits.fetch, upTo);
    return { all: dirty, cursor: dirty.length === 0 ? null : (await tx.checkpoint(connectionId, 'changes')).cursor };
  });
  if (all.length === 0) return NOTHING;
  const marked = await withoutEchoes(run, all, cursor);
  if (marked.length === 0) return { ...NOTHING, records: all.length, more: all.length >= connector.limits.fetch };
  const outcomes = await connector.pulls.fetch(
    marked.map((hint) => hint.remoteId),
    cursor,
  );
  const records = distinct(outcomes.flatMap((outcome) => (outcome.found ? [outcome.record] : [])));
  const redirections = outcomes.flatMap((outcome, index): readonly Redirection[] => {
    const from = marked[index]?.remoteId;
    return outcome.found && from !== undefined && outcome.record.remoteId !== from ? [{ from, record: outcome.record }] : [];
  });
  const saidDeleted = new Set(marked.filter((hint) => hint.deleted).map((hint) => hint.remoteId));
  return store.transaction(async (tx) => {
    const redirected = await followMerges(tx, run, redirections);
    const outcome: PageOutcome = await mergePage(tx, run, { records, lane: 'live', keepUnknown: true });
    const absent = outcomes.flatMap((found) => (found.found ? [] : [found]));
    await markVanished(
      tx,
      run,
      absent.filter((gone) => gone.reason === 'absent' && saidDeleted.has(gone.remoteId)).map((gone) => gone.remoteId),
    );
    await markUnreachable(
      tx,
      run,
      absent.filter((gone) => gone.reason === 'forbidden' || !saidDeleted.has(gone.remoteId)).map((gone) => gone.remoteId),
    );
    const said = await mergeShown(tx, run, records);
    const gone = [...absent.filter(({ reason }) => reason === 'absent'), ...records.filter(({ deleted }) => deleted)];
    await closeParked(tx, run, remoteIdsOf(gone), 'gone');
    await tx.clearDirty(connectionId, marked);
    return {
      changedItems: outcome.changedItems,
      records: all.length,
      owing: [...new Set([...outcome.owing, ...redirected, ...said])],
      more: all.length >= connector.limits.fetch,
    };
  });
}

/**
 * What is to be read by id. Where that takes a call a record and many are marked, they are looked up by marker first: those that are shown as we know them
 * are echoes of our own writes, and their marks are cleared (law S5, by value). An edit that the index does not show yet is found by the next poll.
 */
async function withoutEchoes(run: Run, marked: readonly DirtyRecord[], changesCursor: Json | null): Promise<readonly DirtyRecord[]> {
  const { connectionId, connector } = run.connection;
  if (marked.length <= connector.limits.fetch) return marked;
  const links = await run.workspace.store.snapshot((reader) => reader.linksByRemote(connectionId, remoteIdsOf(marked)));
  const linked = new Map(links.filter(({ state }) => state === 'linked').map((link) => [link.remoteId, link]));
  const markers = marked.flatMap(({ remoteId, deleted }) => (deleted ? [] : (linked.get(remoteId)?.itemId ?? [])));
  const shown = markers.length === 0 ? [] : await connector.pulls.findByMarker(markers, changesCursor);
  const known = new Set(
    shown.filter(({ remoteId, revision }) => linked.get(remoteId)?.revision === revision).map(({ remoteId }) => remoteId),
  );
  const echoes = marked.filter(({ remoteId, deleted }) => !deleted && known.has(remoteId));
  if (echoes.length > 0) await run.workspace.store.transaction((tx) => tx.clearDirty(connectionId, echoes));
  return marked.filter((hint) => !echoes.includes(hint)).slice(0, connector.limits.fetch);
}

function remoteIdsOf(records: readonly { readonly remoteId: string }[]): readonly string[] {
  return records.map(({ remoteId }) => remoteId);
}

/** One record may answer for several ids. */
function distinct(records: readonly RemoteRecord[]): readonly RemoteRecord[] {
  return [...new Map(records.map((record) => [record.remoteId, record])).values()];
}

/** We may not see them, and nobody has said that they are deleted: nothing is inferred (F03). */
async function markUnreachable(tx: StoreTransaction, run: Run, remoteIds: readonly string[]): Promise<void> {
  if (remoteIds.length === 0) return;
  const links = (await tx.linksByRemote(run.connection.connectionId, remoteIds)).filter((link) => link.state === 'linked');
  if (links.length === 0) return;
  await tx.saveLinks(
    links.map((link) => ({ ...link, state: 'unreachable' as const })),
    run.now,
  );
  await tx.raiseConflicts(
    links.map((link) =>
      noticeRow(run, {
        kind: 'notice',
        itemId: link.itemId,
        remoteId: link.remoteId,
        message: `${link.remoteKey ?? link.remoteId}: expected to be readable, is not (deleted, moved out of reach or no permission); nothing is deleted elsewhere`,
      }),
    ),
  );
}
