/**
 * The order of a pass. It reads marked records first, for someone is waiting for those, then the feed of changes or the full scan. In a flood of marks the feed
 * goes first: one page of it shows a hundred records, and what it has shown need not be read one by one (C08). It writes records before the mirrors of comments,
 * which stand on them. What waits is asked once for each half: what comes later sends a hint of its own.
 */
import type { WaitingWork } from '@lockstep/domain/sync/pass-reads.port.ts';
import { pushComments } from './comments-push.ts';
import { pullDiscussed } from './comments.ts';
import { feedReadInScanAt, pullChanges, pullDirty, pullFull } from './pull.ts';
import type { PullOutcome } from './pull.ts';
import { IDLE, pushPage } from './push.ts';
import type { PushOutcome } from './push.ts';
import type { Run } from './run.ts';
import { mayPush } from './workspace.ts';

/**
 * For how long a scan goes on without reading the feed again. After many changes the feed shows all of them again for minutes, since indexes lag: read before
 * each part of a scan, it took six parts in seven of a reconciliation.
 */
const FEED_IS_FRESH_MS = 10_000;

export interface ReadRequest {
  /** Read every record, not only what has changed. */
  readonly fullScan: boolean;
  /** Read only what is marked: the feed has been read lately. */
  readonly markedOnly: boolean;
}

export interface ReadOutcome {
  readonly changedItems: number;
  /** Records that were listed or marked. */
  readonly records: number;
  /** Call again at once. */
  readonly more: boolean;
  /** The feed (or the scan) has been read to its end: what is left are marked records. */
  readonly isFeedRead: boolean;
}

/**
 * Reads until there is nothing more, until `until` says that it is enough, or until the process is to stop. `onPage` is told of each page's outcome before
 * the next is read, so that whoever is owed a write need not wait for the rest.
 */
export async function readPages(
  run: Run,
  request: ReadRequest,
  onPage: (outcome: PullOutcome) => Promise<void>,
  until: () => boolean,
): Promise<ReadOutcome> {
  let [changedItems, records] = [0, 0];
  const isOver = (): boolean => run.stopping?.() === true || until();
  const read = async (pull: (run: Run) => Promise<PullOutcome>): Promise<boolean> => {
    for (;;) {
      const outcome = await pull(run);
      changedItems += outcome.changedItems;
      records += outcome.records;
      await onPage(outcome);
      if (!outcome.more || isOver()) return outcome.more;
    }
  };
  const most = run.connection.connector.limits.fetch;
  const askWhatWaits = (): Promise<WaitingWork> => run.workspace.store.passReads.waitingWork(run.connection.connectionId, most + 1);
  // Not what is marked meanwhile: a record that hint after hint names is read once a pass (C08).
  const readMarked = ({ lastVersion }: WaitingWork): Promise<boolean> => read((reading) => pullDirty(reading, lastVersion));
  const waiting = await askWhatWaits();
  for (let more = waiting.discussed; more && !isOver();) {
    const talk = await pullDiscussed(run);
    ({ more } = talk);
    if (talk.owing.length > 0) await onPage({ changedItems: 0, records: 0, owing: talk.owing, more });
  }
  // More than one call can read.
  const isFlooded = !request.markedOnly && waiting.marked > most;
  if (!isFlooded && waiting.marked > 0 && (await readMarked(waiting))) return { changedItems, records, more: true, isFeedRead: false };
  if (!request.markedOnly) {
    // The feed before the scan: what only the scan finds is then drift (K09).
    const readAt = request.fullScan && !isFlooded ? await recentFeedAt(run) : null;
    if (readAt === null && (isOver() || (await read(pullChanges)))) return { changedItems, records, more: true, isFeedRead: false };
    if (request.fullScan && (isOver() || (await read((scanning) => pullFull(scanning, readAt ?? run.now)))))
      return { changedItems, records, more: true, isFeedRead: false };
  }
  return { changedItems, records, more: isFlooded && (isOver() || (await readMarked(await askWhatWaits()))), isFeedRead: true };
}

/** When the feed was read for the scan that is under way; null where that is too long ago, or a clock has jumped. */
async function recentFeedAt(run: Run): Promise<string | null> {
  const readAt = await feedReadInScanAt(run);
  const ageMs = readAt === null ? Infinity : Date.parse(run.now) - Date.parse(readAt);
  return ageMs >= 0 && ageMs < FEED_IS_FRESH_MS ? readAt : null;
}

/** Writes a page of what is owed: records, then mirrors of comments, unless the remote has asked to be left alone. */
export async function writePage(run: Run): Promise<PushOutcome> {
  const { connection, owed, comments } = await run.workspace.store.passReads.waitingWork(run.connection.connectionId);
  if (connection === null || !mayPush(connection)) return IDLE;
  const records = owed ? await pushPage(run) : IDLE;
  if (!comments || records.failure !== null) return records;
  const mirrors = await pushComments(run);
  return {
    ...records,
    written: records.written + mirrors.written,
    more: mirrors.failure === null && (records.more || mirrors.more),
    failure: mirrors.failure,
  };
}
