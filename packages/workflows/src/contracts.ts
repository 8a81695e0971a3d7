/**
 * What clients of the workflows may import: types, ids, task queues and message names. Each is named here once and is forever: running workflows and
 * saved histories carry them.
 */
export { pauseUpdate, resumeUpdate, statusQuery, wakeSignal } from './backlog-sync/messages.ts';
export type { BacklogSyncInput, BacklogSyncStatus, WakeHint } from './backlog-sync/messages.ts';
export type { BacklogReconcileInput } from './backlog-reconcile/messages.ts';
export type { BacklogSyncActivities, PassRequest, PullAnswer, PushAnswer } from './backlog-sync/activities.ts';

/** Workflow types. */
export const BACKLOG_SYNC = 'backlogSync';
export const BACKLOG_RECONCILE = 'backlogReconcile';

/** Task queue of the backlog's workflows and activities. */
export const SYNC_TASK_QUEUE = 'lockstep-sync';

/** Id of a connection's workflow: one per connection, whatever deployment starts it. */
export function backlogSyncId(workspaceId: string, connectionId: string): string {
  return `sync/${workspaceId}/${connectionId}`;
}

/** Id of a connection's nightly full reconciliation. */
export function reconcileId(workspaceId: string, connectionId: string): string {
  return `reconcile/${workspaceId}/${connectionId}`;
}

/** Id of the schedule that starts it. */
export function reconcileScheduleId(workspaceId: string, connectionId: string): string {
  return `nightly/${workspaceId}/${connectionId}`;
}
