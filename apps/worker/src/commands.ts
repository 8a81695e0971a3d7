/**
 * Commands that a person waits for, as Updates of the connection's workflow.
 */
import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { BACKLOG_SYNC, backlogSyncId, pauseUpdate, resumeUpdate, syncTaskQueue } from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncInput } from '@lockstep/workflows/contracts.ts';

export type Command = 'pause' | 'resume';

/** `inputOf` makes the workflow's input, so that a command also starts a workflow that Temporal has lost. Resolves when the command is on record. */
export function createCommands(client: Client, inputOf: (connectionId: string) => BacklogSyncInput) {
  return async (connectionId: string, command: Command): Promise<void> => {
    const input = inputOf(connectionId);
    await client.workflow.executeUpdateWithStart(command === 'pause' ? pauseUpdate : resumeUpdate, {
      args: [{}],
      startWorkflowOperation: new WithStartWorkflowOperation(BACKLOG_SYNC, {
        workflowId: backlogSyncId(input.workspaceId, connectionId),
        taskQueue: syncTaskQueue(input.workspaceId),
        args: [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    });
  };
}
