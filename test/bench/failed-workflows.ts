/** Change sets that a bad deploy has failed: real workflows with real histories, and rows in the store by which their work is not over. */
import { ApplicationFailure } from '@temporalio/common';
import type { WorkflowBundle } from '@temporalio/worker';
import type { Pool } from 'pg';
import type { ChangeSet } from '@lockstep/domain/crm/change-set.ts';
import { inParts } from '@lockstep/engine/replay/environment.ts';
import { createChangeSetStore } from '@lockstep/store/change-set-store.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { createChangeSetWorker } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { CHANGE_SET, changeSetTaskQueue, changeSetWorkflowId } from '@lockstep/workflows/contracts.ts';
import type { ChangeSetActivities } from '@lockstep/workflows/contracts.ts';

export interface FailedRun {
  readonly workflowId: string;
  readonly runId: string;
}

interface Ground {
  readonly links: TemporalLinks;
  readonly keyRing: KeyRing;
  readonly workflowBundle: WorkflowBundle;
  readonly pool: Pool;
}

/** So many sets of each workspace, failed at their first activity. Nobody carries on what is set back afterwards: the worker has ended by then. */
export async function failWorkflows(ground: Ground, workspaceIds: readonly string[], count: number): Promise<readonly FailedRun[]> {
  const [queueOf = ''] = workspaceIds;
  const worker = await createChangeSetWorker({
    ...{ links: ground.links, ring: ground.keyRing, workspaceId: queueOf, workflowBundle: ground.workflowBundle },
    activities: { readSet: () => Promise.reject(ApplicationFailure.nonRetryable('a defect of this deploy', 'TypeError')) } as Pick<
      ChangeSetActivities,
      'readSet'
    > as ChangeSetActivities,
  });
  const running = worker.run();
  const all = workspaceIds.flatMap((workspaceId) =>
    Array.from({ length: count }, (_, index) => ({ workspaceId, changeSetId: `cs-${String(index).padStart(5, '0')}` })),
  );
  await record(ground.pool, all);
  const failed = await inParts(all, async ({ workspaceId, changeSetId }): Promise<FailedRun> => {
    const workflowId = changeSetWorkflowId(workspaceId, changeSetId);
    const handle = await ground.links.client.workflow.start(CHANGE_SET, {
      ...{ workflowId, taskQueue: changeSetTaskQueue(queueOf), args: [{ workspaceId, changeSetId }] },
    });
    const isDone = await handle.result().then(
      () => true,
      () => false,
    );
    if (isDone) throw new Error(`${workflowId}: expected to fail under a bad deploy, it did not`);
    return { workflowId, runId: handle.firstExecutionRunId };
  });
  worker.shutdown();
  await running;
  return failed;
}

async function record(pool: Pool, all: readonly { readonly workspaceId: string; readonly changeSetId: string }[]): Promise<void> {
  for (const [workspaceId, sets] of Map.groupBy(all, (one) => one.workspaceId))
    await createChangeSetStore({ pool, workspaceId }).transaction(async (tx) => {
      for (const { changeSetId } of sets) await tx.saveChangeSet(setOf(changeSetId));
    });
}

function setOf(changeSetId: string): ChangeSet {
  const at = new Date().toISOString();
  return {
    ...{ changeSetId, kind: 'bulk', requestedBy: 'ops', actorKind: 'human', requestedAt: at, reason: 'a bench', confidence: null },
    ...{ rollsBack: [], steps: 1, state: 'applying', end: null, cause: null, diffHash: null, policyVersion: null },
    ...{ approvalExpiresAt: null, deadlineAt: null, updatedAt: at },
  };
}
