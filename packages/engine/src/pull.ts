/**
 * Reading from a remote: the feed of changes, a full scan, and single records that a hint or an operator has marked.
 *
 * A page's effects and its checkpoint commit together (law S7). Absence is believed only after two complete scans and a read by id (law S12).
 */
import type { RemoteRecord } from '@lockstep/domain/sync/connector.port.ts';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import type { Lane, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { noticeRow } from './conflict-rows.ts';
import { mergePage } from './page.ts';
import type { PageOutcome } from './page.ts';
import type { Run } from './run.ts';
import { mayPull } from './workspace.ts';

/** How long a written record may be missing from a lagging search index. */
const RECENT_WRITES_MS = 120_000;
const MOST_RECENT_WRITES = 50;
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

/** Reads one page of a full scan; the last one counts who was missing. */
export async function pullFull(run: Run): Promise<PullOutcome> {
  return pullPage(run, 'full');
}

async function pullPage(run: Run, mode: 'changes' | 'full'): Promise<PullOutcome> {
  const { store } = run.workspace;
  const { connectionId, connector } = run.connection;
  const since = new Date(Date.parse(run.now) - RECENT_WRITES_MS).toISOString();
  const state = await store.snapshot(async (reader) => ({
    row: await reader.connection(connectionId),
    checkpoint: await reader.checkpoint(connectionId, mode),
    recentlyWrittenIds: await reader.recentlyWritten(connectionId, since, MOST_RECENT_WRITES),
  }));
  if (state.row === null || !mayPull(state.row)) return NOTHING;
  const page = await connector.pulls
    .pull({ mode, cursor: state.checkpoint.cursor, recentlyWrittenIds: state.recentlyWrittenIds })
    .catch(async (error: unknown) => {
      if (error instanceof ConnectorError && error.code === 'CursorInvalid') await forgetCursor(run, mode, state.checkpoint.version);
      throw error;
    });
  const lane: Lane = mode === 'full' || state.checkpoint.version === 0 ? 'backfill' : 'live';
  return store.transaction(async (tx) => {
    const outcome = await mergePage(tx, run, { records: page.records, lane, keepUnknown: false });
    await markVanished(tx, run, page.deletedIds);
    if (page.notices.length > 0) {
      await tx.raiseConflicts(
        page.notices.map((notice) =>
          noticeRow(run, {
            kind: notice.cause === 'ambiguous' ? 'ambiguous-match' : 'notice',
            itemId: null,
            field: notice.field,
            remoteId: null,
            message: notice.message,
          }),
        ),
      );
    }
    const finished = mode === 'full' && !page.more;
    if (mode === 'full') await countScan(tx, run, page.records, finished);
    await tx.saveCheckpoint(connectionId, mode, finished ? null : page.nextCursor, state.checkpoint.version);
    const row = await tx.connection(connectionId);
    if (row !== null) await tx.saveConnection({ ...row, lastPulledAt: run.now, lastFullScanAt: finished ? run.now : row.lastFullScanAt });
    return { changedItems: outcome.changedItems, records: page.records.length, owing: outcome.owing, more: page.more };
  });
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

/** Notes who a scan has seen; after its last page, records that two scans have missed are marked to be read by id. */
async function countScan(tx: StoreTransaction, run: Run, records: readonly RemoteRecord[], finished: boolean): Promise<void> {
  const { connectionId } = run.connection;
  // One id for all pages of a scan: it changes when a scan has been finished.
  const scanId = `after-${(await tx.connection(connectionId))?.lastFullScanAt ?? 'nothing'}`;
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

/** Reads records that are marked dirty, from the primary store, and merges them like any page. */
export async function pullDirty(run: Run): Promise<PullOutcome> {
  const { store } = run.workspace;
  const { connectionId, connector } = run.connection;
  const marked = await store.transaction(async (tx) => {
    const row = await tx.connection(connectionId);
    return row === null || !mayPull(row) ? [] : tx.dirtyRecords(connectionId, connector.limits.fetch);
  });
  if (marked.length === 0) return NOTHING;
  const outcomes = await connector.pulls.fetch(marked.map((hint) => hint.remoteId));
  const records = outcomes.flatMap((outcome) => (outcome.found ? [outcome.record] : []));
  const saidDeleted = new Set(marked.filter((hint) => hint.deleted).map((hint) => hint.remoteId));
  return store.transaction(async (tx) => {
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
    await tx.clearDirty(connectionId, marked);
    return {
      changedItems: outcome.changedItems,
      records: records.length,
      owing: outcome.owing,
      more: marked.length === connector.limits.fetch,
    };
  });
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
