/**
 * What clients of the workflows may import: types, ids, task queues and message names. Each is named here once and is forever: running workflows and
 * saved histories carry them.
 */
export { pauseUpdate, resumeUpdate, statusQuery, wakeSignal } from './backlog-sync/messages.ts';
export type { BacklogSyncInput, BacklogSyncStatus, WakeHint } from './backlog-sync/messages.ts';
export type { BacklogReconcileInput } from './backlog-reconcile/messages.ts';
export type { BacklogSyncActivities, PassRequest, PullAnswer, PullRequest, PushAnswer } from './backlog-sync/activities.ts';
export { approveUpdate, changeSetStatusQuery, rejectUpdate, takeOverUpdate } from './change-set/messages.ts';
export type { ChangeSetInput, ChangeSetOutcome, ChangeSetStatus, DecisionMessage } from './change-set/messages.ts';
export type { ChangeSetActivities, Decided, SetRequest, Wait } from './change-set/activities.ts';
export {
  acceptUpdate,
  closeUpdate,
  declineUpdate,
  evidenceSignal,
  pqlStatusQuery,
  reassignUpdate,
  releaseUpdate,
  snoozeUpdate,
} from './pql-routing/messages.ts';
export type {
  AnswerMessage,
  CloseMessage,
  PqlRoutingInput,
  PqlRoutingOutcome,
  PqlRoutingStatus,
  ReassignMessage,
  SnoozeMessage,
} from './pql-routing/messages.ts';
export type {
  AccountRequest,
  Answered,
  AnswerKind,
  AnswerRequest,
  Channel,
  PqlRoutingActivities,
  Stepped,
  TellRequest,
  Told,
} from './pql-routing/activities.ts';

export {
  approveReplayUpdate,
  pauseReplayUpdate,
  rejectReplayUpdate,
  replayProgressQuery,
  resumeReplayUpdate,
  stopReplayUpdate,
} from './replay/messages.ts';
export type { ReplayDecisionMessage, ReplayInput, ReplayProgress } from './replay/messages.ts';
export type { ReplayActivities, ReplayAnswer, ReplayRequest, ReplayStanding } from './replay/activities.ts';

/** Workflow types. */
export const BACKLOG_SYNC = 'backlogSync';
export const BACKLOG_RECONCILE = 'backlogReconcile';
export const CHANGE_SET = 'changeSet';
export const PQL_ROUTING = 'pqlRouting';
export const REPLAY = 'replay';

/** Task queue of a workspace's workflows and activities: a worker knows one workspace, and must not be handed the pages of another's. */
export function syncTaskQueue(workspaceId: string): string {
  return `lockstep-sync/${workspaceId}`;
}

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

/** Task queue of a workspace's change sets: what a person or a lead waits for does not queue behind pages of the backlog. */
export function changeSetTaskQueue(workspaceId: string): string {
  return `lockstep-change-sets/${workspaceId}`;
}

/** Id of a change set's workflow. */
export function changeSetWorkflowId(workspaceId: string, changeSetId: string): string {
  return `change-set/${workspaceId}/${changeSetId}`;
}

/** Task queue of a workspace's leads: minutes count, and neither pages nor bulk changes are in front of them. */
export function routingTaskQueue(workspaceId: string): string {
  return `lockstep-routing/${workspaceId}`;
}

/** Id of an account's workflow: one decision at a time (R1). `accountId` is a digest, no name and no domain (C12). */
export function pqlWorkflowId(workspaceId: string, accountId: string): string {
  return `pql/${workspaceId}/${accountId}`;
}

/** Task queue of a workspace's replays: they put right what went wrong on the others, and must not stand behind it. */
export function replayTaskQueue(workspaceId: string): string {
  return `lockstep-replays/${workspaceId}`;
}

/** Id of a replay's workflow. */
export function replayWorkflowId(workspaceId: string, replayId: string): string {
  return `replay/${workspaceId}/${replayId}`;
}
