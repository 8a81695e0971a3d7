/**
 * The nightly reconciliation, started by a Schedule: asks the connection's own workflow for a full scan, so that scans and passes never overlap.
 */
import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { wakeSignal } from '../backlog-sync/messages.ts';
import { backlogSyncId } from '../contracts.ts';
import type { BacklogReconcileInput } from './messages.ts';

export async function backlogReconcile(input: BacklogReconcileInput): Promise<void> {
  await getExternalWorkflowHandle(backlogSyncId(input.workspaceId, input.connectionId)).signal(wakeSignal, { fullScan: true });
}
