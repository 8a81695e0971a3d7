import { msToTs } from '@temporalio/common/lib/time.js';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import type { Lane } from './harness.ts';

let skips = 0;

/** Skips so much of the time of a connection's workflow; what is due in it happens. Activities keep the real clock. */
export function fastForward(lane: Lane, name: string, ms: number): Promise<void> {
  return skipTime(lane.temporal, lane.handle(name).workflowId, ms);
}

/** Skips so much of the workflow's time, as soon as it is idle. */
export async function skipTime({ client, namespace }: TemporalLinks, workflowId: string, ms: number): Promise<void> {
  const workflowExecution = { workflowId };
  const id = `skip-${(skips += 1)}`;
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution,
    workflowExecutionOptions: { timeSkippingConfig: { enabled: true, fastForwardConfig: { id, duration: msToTs(ms) } } },
    updateMask: { paths: ['time_skipping_config'] },
  });
  await client.workflowService.pollWorkflowExecutionTimeSkipping({ namespace, workflowExecution, fastForwardId: id });
}
