/**
 * One connection kept in step: wait for a hint, the interval or owed writes; pull pages; push pages; continue as new.
 *
 * The workflow holds no truth. What is owed, where to read on and whether the connection is paused lie in the store, so that this workflow can be
 * started again from there after Temporal's database is lost.
 */
import { allHandlersFinished, condition, continueAsNew, proxyActivities, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { BacklogSyncActivities } from './activities.ts';
import { pauseUpdate, resumeUpdate, statusQuery, wakeSignal } from './messages.ts';
import type { BacklogSyncInput, BacklogSyncStatus } from './messages.ts';

const pages = proxyActivities<Pick<BacklogSyncActivities, 'pullPage' | 'pushPage'>>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});
const commands = proxyActivities<Pick<BacklogSyncActivities, 'pauseConnection' | 'resumeConnection'>>({
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '5 seconds' },
});

/** Runs for as long as the connection exists. */
export async function backlogSync(input: BacklogSyncInput): Promise<void> {
  const target = { workspaceId: input.workspaceId, connectionId: input.connectionId };
  let woken = input.passAtOnce;
  let fullScan = input.fullScan;
  let passes = 0;
  let pagesThisRun = 0;
  let phase: BacklogSyncStatus['phase'] = 'waiting';
  const status = (): BacklogSyncStatus => ({ phase, passes, pagesThisRun });

  setHandler(wakeSignal, (hint) => {
    woken = true;
    fullScan ||= hint.fullScan === true;
  });
  setHandler(statusQuery, status);
  setHandler(pauseUpdate, async () => {
    await commands.pauseConnection(target);
    return status();
  });
  setHandler(resumeUpdate, async () => {
    await commands.resumeConnection(target);
    woken = true;
    return status();
  });

  while (!workflowInfo().continueAsNewSuggested && pagesThisRun < input.mostPagesPerRun) {
    phase = 'waiting';
    await condition(() => woken, input.pollIntervalMs);
    woken = false;
    const scanning = fullScan;
    fullScan = false;
    const waitMs = (await pull(scanning)) ?? (await push());
    passes += 1;
    if (waitMs !== null) {
      phase = 'backing-off';
      await sleep(waitMs);
      woken = true;
      fullScan ||= scanning;
    }
  }
  await condition(allHandlersFinished);
  await continueAsNew<typeof backlogSync>({ ...input, passAtOnce: woken, fullScan });

  /** Reads pages until there are no more. Returns how long the remote wants to be left alone, or null. */
  async function pull(scan: boolean): Promise<number | null> {
    phase = 'pulling';
    for (let more = true; more;) {
      const answer = await pages.pullPage({ ...target, fullScan: scan });
      pagesThisRun += 1;
      if (answer.waitMs !== null) return answer.waitMs;
      more = answer.more;
    }
    return null;
  }

  async function push(): Promise<number | null> {
    phase = 'pushing';
    for (let more = true; more;) {
      const answer = await pages.pushPage(target);
      pagesThisRun += 1;
      if (answer.waitMs !== null) return answer.waitMs;
      more = answer.more;
    }
    return null;
  }
}
