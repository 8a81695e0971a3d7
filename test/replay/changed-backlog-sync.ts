/** What somebody might make of `backlogSync` without a thought for the runs that are under way: it pushes before it pulls. */
import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import { pauseUpdate, resumeUpdate, statusQuery, wakeSignal } from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncActivities, BacklogSyncInput, BacklogSyncStatus } from '@lockstep/workflows/contracts.ts';

const pages = proxyActivities<BacklogSyncActivities>({ startToCloseTimeout: '10 minutes', heartbeatTimeout: '10 seconds' });

export async function backlogSync(input: BacklogSyncInput): Promise<void> {
  const target = { workspaceId: input.workspaceId, connectionId: input.connectionId };
  const status = (): BacklogSyncStatus => ({ phase: 'waiting', passes: 0, pagesThisRun: 0 });
  let woken = input.passAtOnce;
  setHandler(wakeSignal, () => {
    woken = true;
  });
  setHandler(statusQuery, status);
  setHandler(pauseUpdate, status);
  setHandler(resumeUpdate, status);
  for (;;) {
    await condition(() => woken, input.pollIntervalMs);
    woken = false;
    await pages.pushPage(target);
    await pages.pullPage({ ...target, fullScan: false });
  }
}
