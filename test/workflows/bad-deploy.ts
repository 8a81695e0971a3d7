/** A deploy that fails change sets by a defect of its own: a real worker over the real engine, one of whose activities breaks for good. */
import { ApplicationFailure } from '@temporalio/common';
import type { Worker, WorkflowBundle } from '@temporalio/worker';
import { pino } from 'pino';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { changeSetActivities } from '@lockstep/worker/activities/change-set.ts';
import { connectTemporal, createChangeSetWorker } from '@lockstep/worker/temporal.ts';
import { CHANGE_SET, changeSetTaskQueue, changeSetWorkflowId } from '@lockstep/workflows/contracts.ts';
import type { ChangeSetActivities } from '@lockstep/workflows/contracts.ts';
import type { CrmLane } from './change-set-lane.ts';

export interface BadDeploy {
  /** Activities that break, and whether they do their work before. */
  readonly breaks: Partial<Record<keyof ChangeSetActivities, 'before' | 'after'>>;
  readonly workflowBundle: WorkflowBundle;
  /** Once they run and before their ends are waited for. */
  readonly meanwhile?: (changeSetIds: readonly string[]) => Promise<void>;
}

/** Runs sets that are planned on such a worker until each has failed; then the lane's own worker is back. */
export async function failUnder(lane: CrmLane, changeSetIds: readonly string[], deploy: BadDeploy): Promise<void> {
  const { workspaceId, keyRing: ring } = lane;
  await lane.stop();
  const links = await connectTemporal(ring, await testTemporalAddress());
  const worker: Worker = await createChangeSetWorker({
    ...{ links, ring, workspaceId, workflowBundle: deploy.workflowBundle },
    activities: broken(lane, deploy.breaks),
  });
  const running = worker.run();
  for (const changeSetId of changeSetIds)
    await links.client.workflow.start(CHANGE_SET, {
      workflowId: changeSetWorkflowId(workspaceId, changeSetId),
      taskQueue: changeSetTaskQueue(workspaceId),
      args: [{ workspaceId, changeSetId }],
    });
  await deploy.meanwhile?.(changeSetIds);
  for (const changeSetId of changeSetIds)
    await links.client.workflow
      .getHandle(changeSetWorkflowId(workspaceId, changeSetId))
      .result()
      .then(
        () => Promise.reject(new Error(`${changeSetId}: expected to fail under a bad deploy, it did not`)),
        () => undefined,
      );
  worker.shutdown();
  await running;
  await links.close();
  await lane.start();
}

function broken(lane: CrmLane, breaks: BadDeploy['breaks']): ChangeSetActivities {
  const sound = changeSetActivities({
    engine: lane.bench.engine,
    notifies: { notify: async () => undefined },
    askAgain: async () => null,
    log: pino({ level: 'silent' }),
  });
  const all = Object.entries(sound).map(([name, call]: [string, (request: never) => Promise<unknown>]) => [
    name,
    async (request: never) => {
      const when = breaks[name as keyof ChangeSetActivities];
      const answer = when === 'before' ? null : await call(request);
      if (when !== undefined) throw ApplicationFailure.nonRetryable('a defect of this deploy', 'TypeError');
      return answer;
    },
  ]);
  return Object.fromEntries(all) as ChangeSetActivities;
}
