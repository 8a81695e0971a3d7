/**
 * Every connection's workflow and its nightly reconciliation: started again from the store, whatever Temporal remembers.
 */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import {
  BACKLOG_RECONCILE,
  BACKLOG_SYNC,
  SYNC_TASK_QUEUE,
  backlogSyncId,
  reconcileId,
  reconcileScheduleId,
} from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncInput } from '@lockstep/workflows/contracts.ts';

/** Starts the connection's workflow unless it runs. */
export async function ensureBacklogSync(client: Client, input: BacklogSyncInput): Promise<void> {
  await client.workflow.start(BACKLOG_SYNC, {
    workflowId: backlogSyncId(input.workspaceId, input.connectionId),
    taskQueue: SYNC_TASK_QUEUE,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}

/** Makes the nightly schedule, or brings its time up to date. */
export async function ensureReconciliation(client: Client, workspaceId: string, connectionId: string, cron: string): Promise<void> {
  const scheduleId = reconcileScheduleId(workspaceId, connectionId);
  const spec = { cronExpressions: [cron] };
  try {
    await client.schedule.create({
      scheduleId,
      spec,
      action: {
        type: 'startWorkflow',
        workflowType: BACKLOG_RECONCILE,
        workflowId: reconcileId(workspaceId, connectionId),
        taskQueue: SYNC_TASK_QUEUE,
        args: [{ workspaceId, connectionId }],
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((previous) => ({ ...previous, spec }));
  }
}
