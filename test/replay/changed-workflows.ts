/**
 * What somebody might make of our workflows without a thought for the runs that are under way: `backlogSync` pushes before it pulls, `changeSet` takes its
 * records before it is judged, `pqlRouting` sleeps before its first step.
 */
import { condition, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import {
  acceptUpdate,
  approveUpdate,
  changeSetStatusQuery,
  declineUpdate,
  evidenceSignal,
  pauseUpdate,
  pqlStatusQuery,
  reassignUpdate,
  rejectUpdate,
  releaseUpdate,
  resumeUpdate,
  snoozeUpdate,
  statusQuery,
  takeOverUpdate,
  wakeSignal,
} from '@lockstep/workflows/contracts.ts';
import type {
  Answered,
  BacklogSyncActivities,
  BacklogSyncInput,
  BacklogSyncStatus,
  ChangeSetActivities,
  ChangeSetInput,
  ChangeSetStatus,
  Decided,
  PqlRoutingActivities,
  PqlRoutingInput,
  PqlRoutingStatus,
} from '@lockstep/workflows/contracts.ts';

const pages = proxyActivities<BacklogSyncActivities>({ startToCloseTimeout: '10 minutes', heartbeatTimeout: '10 seconds' });
const account = proxyActivities<PqlRoutingActivities>({ startToCloseTimeout: '1 minute', heartbeatTimeout: '10 seconds' });
const set = proxyActivities<ChangeSetActivities>({ startToCloseTimeout: '10 minutes', heartbeatTimeout: '10 seconds' });

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

export async function changeSet({ workspaceId, changeSetId }: ChangeSetInput): Promise<void> {
  const request = { workspaceId, changeSetId, at: workflowInfo().startTime.toISOString() };
  const status = (): ChangeSetStatus => ({
    phase: 'judging',
    diffHash: null,
    approvalExpiresAt: null,
    deadlineAt: null,
    putOff: 0,
    isCancelled: false,
  });
  const refused = (): Decided => ({ kind: 'decided', outcome: 'refused', code: null });
  setHandler(changeSetStatusQuery, status);
  setHandler(approveUpdate, refused);
  setHandler(rejectUpdate, refused);
  setHandler(takeOverUpdate, status);
  await set.readSet(request);
  await set.acquireLeases(request);
  await set.judgeSet(request);
}

export async function pqlRouting({ workspaceId, accountId }: PqlRoutingInput): Promise<void> {
  const status = (): PqlRoutingStatus => ({ phase: 'stepping', wakeAt: null, telling: 0, steps: 0 });
  const refused = (): Answered => ({ kind: 'answered', outcome: 'refused', code: null });
  setHandler(evidenceSignal, () => undefined);
  setHandler(pqlStatusQuery, status);
  for (const update of [acceptUpdate, declineUpdate, releaseUpdate]) setHandler(update, refused);
  setHandler(snoozeUpdate, refused);
  setHandler(reassignUpdate, refused);
  await condition(() => false, 1_000);
  await account.step({ workspaceId, accountId, at: workflowInfo().startTime.toISOString() });
}
