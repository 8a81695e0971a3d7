/**
 * The order of reading: marked records first, for someone is waiting for those, then the feed of changes or the full scan. In a flood of marks the feed goes
 * first: one page of it shows a hundred records, and what it has shown need not be read one by one (C08).
 */
import { pullDiscussed } from './comments.ts';
import { pullChanges, pullDirty, pullFull } from './pull.ts';
import type { PullOutcome } from './pull.ts';
import type { Run } from './run.ts';

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
  for (let more = true; more && !isOver();) {
    const talk = await pullDiscussed(run);
    ({ more } = talk);
    if (talk.owing.length > 0) await onPage({ changedItems: 0, records: 0, owing: talk.owing, more });
  }
  const isFlooded = !request.markedOnly && (await hasManyMarks(run));
  if (!isFlooded && (await read(pullDirty))) return { changedItems, records, more: true, isFeedRead: false };
  if (!request.markedOnly) {
    // The feed before the scan: what only the scan finds is then drift (K09).
    if (isOver() || (await read(pullChanges)) || (request.fullScan && (isOver() || (await read(pullFull)))))
      return { changedItems, records, more: true, isFeedRead: false };
  }
  return { changedItems, records, more: isFlooded && (isOver() || (await read(pullDirty))), isFeedRead: true };
}

/** More than one call can read. */
async function hasManyMarks({ workspace, connection: { connectionId, connector } }: Run): Promise<boolean> {
  const most = connector.limits.fetch;
  const { marked } = await workspace.store.passReads.waitingWork(connectionId, most + 1);
  return marked > most;
}
