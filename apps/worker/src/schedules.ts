/**
 * Every connection's nightly reconciliation: scheduled again whenever a worker starts, whatever Temporal remembers.
 */
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { BACKLOG_RECONCILE, reconcileId, reconcileScheduleId, syncTaskQueue } from '@lockstep/workflows/contracts.ts';

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
        taskQueue: syncTaskQueue(workspaceId),
        args: [{ workspaceId, connectionId }],
      },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update((previous) => ({ ...previous, spec }));
  }
}
