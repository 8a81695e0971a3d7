/**
 * One connection kept in step: wait for a hint, the interval or owed writes; pull pages; push pages; continue as new.
 *
 * The workflow holds no truth. What is owed, where to read on and whether the connection is paused lie in the store, so that this workflow can be
 * started again from there after Temporal's database is lost.
 */
import { allHandlersFinished, condition, continueAsNew, proxyActivities, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { BacklogSyncActivities, PageAnswer } from './activities.ts';
import { pauseUpdate, resumeUpdate, statusQuery, wakeSignal } from './messages.ts';
import type { BacklogSyncInput, BacklogSyncStatus } from './messages.ts';

const pages = proxyActivities<Pick<BacklogSyncActivities, 'pullPage' | 'pushPage'>>({
  startToCloseTimeout: '10 minutes',
  // How long a page is lost for when its worker is killed.
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});
const commands = proxyActivities<Pick<BacklogSyncActivities, 'pauseConnection' | 'resumeConnection'>>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '5 seconds' },
});

/** From so many hints at a time on that changed nothing, the next are waited for; the pause doubles, up to the longest. Temporal's timers may be a second late. */
const MANY_HINTS = 4;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4_000;

const NOTHING_MORE: PageAnswer = { more: false, waitMs: null };

/** Runs for as long as the connection exists. */
export async function backlogSync(input: BacklogSyncInput): Promise<void> {
  const target = { workspaceId: input.workspaceId, connectionId: input.connectionId };
  let { pollIntervalMs, fullScan } = input;
  /** What the next pass is asked for: everything, what is marked, what is owed. */
  const asked = { all: input.passAtOnce, marked: false, owed: false };
  let feedReadAtMs = input.feedReadAtMs ?? Date.now();
  let [hintsReadAtMs, pauseMs] = [0, 0];
  let passes = 0;
  let pagesThisRun = 0;
  let phase: BacklogSyncStatus['phase'] = 'waiting';
  const status = (): BacklogSyncStatus => ({ phase, passes, pagesThisRun });
  const isLong = (): boolean => workflowInfo().continueAsNewSuggested || pagesThisRun >= input.mostPagesPerRun;

  setHandler(wakeSignal, (hint) => {
    asked[hint.reason ?? 'all'] = true;
    fullScan ||= hint.fullScan === true;
    pollIntervalMs = hint.pollIntervalMs ?? pollIntervalMs;
  });
  setHandler(statusQuery, status);
  setHandler(pauseUpdate, async () => {
    await commands.pauseConnection(target);
    return status();
  });
  setHandler(resumeUpdate, async () => {
    await commands.resumeConnection(target);
    asked.all = true;
    return status();
  });

  while (!isLong()) {
    phase = 'waiting';
    // What is marked or owed alone puts off no poll.
    const feedDueInMs = Math.max(0, feedReadAtMs + pollIntervalMs - Date.now());
    const isHint = await condition(() => asked.all || asked.marked || asked.owed, feedDueInMs);
    if (isHint) await collectHints();
    const needs = { ...asked, all: asked.all || fullScan || !isHint };
    Object.assign(asked, { all: false, marked: false, owed: false });
    const { more, waitMs } = await pass(needs);
    passes += 1;
    // What is left is asked for again; after a wait everything is looked at.
    if (more || waitMs !== null) asked.all = true;
    if (waitMs === null) continue;
    // The remote asked for it: no hint and no command shortens this.
    phase = 'backing-off';
    await sleep(waitMs);
  }
  await condition(allHandlersFinished);
  const passAtOnce = asked.all || asked.marked || asked.owed;
  await continueAsNew<typeof backlogSync>({ ...input, pollIntervalMs, passAtOnce, fullScan, feedReadAtMs });

  /**
   * Hints that come in numbers and change nothing, as the echoes of many writes do, are read together: the first at once, those behind them after a pause
   * that grows while they keep coming. Nobody whose hint comes alone waits.
   */
  async function collectHints(): Promise<void> {
    const restMs = hintsReadAtMs + pauseMs - Date.now();
    if (asked.all || !asked.marked || pauseMs === 0) return;
    if (restMs <= 0) pauseMs = 0;
    else await condition(() => asked.all || asked.owed, restMs);
  }

  /** Pulls, then pushes. A full scan that was not finished stays asked for: its place is in the store. */
  async function pass(needs: Readonly<typeof asked>): Promise<PageAnswer> {
    let { owed } = needs;
    // Someone waits for what is owed; a poll that falls due at the same time does not.
    if (owed && needs.all) {
      phase = 'pushing';
      const pushed = await everyPage(() => pages.pushPage(target));
      if (pushed.more || pushed.waitMs !== null || isLong()) return { ...pushed, more: true };
    }
    if (needs.all || needs.marked) {
      let scanning = needs.all && fullScan;
      if (scanning) fullScan = false;
      let markedOnly = !needs.all;
      let [changedItems, records] = [0, 0];
      phase = 'pulling';
      const pulled = await everyPage(async () => {
        const answer = await pages.pullPage({ ...target, fullScan: scanning, markedOnly });
        owed ||= answer.owesItself !== false;
        changedItems += answer.changedItems;
        records += answer.records ?? 0;
        if (answer.isFeedRead === true && !markedOnly) {
          [scanning, markedOnly] = [false, true];
          feedReadAtMs = Date.now();
        }
        return answer;
      });
      if (pulled.more || pulled.waitMs !== null) {
        fullScan ||= scanning;
        return pulled;
      }
      if (needs.all) feedReadAtMs = Date.now();
      else {
        hintsReadAtMs = Date.now();
        pauseMs = changedItems > 0 || records < MANY_HINTS ? 0 : Math.min(LONGEST_PAUSE_MS, pauseMs * 2 || FIRST_PAUSE_MS);
      }
    }
    if (!owed && !needs.all) return NOTHING_MORE;
    phase = 'pushing';
    return everyPage(() => pages.pushPage(target));
  }

  /** Pages until there are no more, the remote wants to be left alone, or this run has become long. */
  async function everyPage(next: () => Promise<PageAnswer>): Promise<PageAnswer> {
    for (;;) {
      const answer = await next();
      pagesThisRun += 1;
      if (!answer.more || answer.waitMs !== null || isLong()) return answer;
    }
  }
}
