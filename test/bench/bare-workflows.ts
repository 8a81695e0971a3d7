/**
 * The yardstick of routing: a workflow that waits for the same things as `pqlRouting` (signal-with-start, an Update, a timer) and runs as many activities in the
 * same shape, which do nothing. One workflow, where Lockstep has a second one for the change set.
 */
import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import { acceptUpdate, evidenceSignal } from '@lockstep/workflows/contracts.ts';
import type { PqlRoutingActivities } from '@lockstep/workflows/contracts.ts';

const { step, answer, tell, startChangeSet } = proxyActivities<PqlRoutingActivities>({ startToCloseTimeout: '1 minute' });

export interface BareInput {
  readonly workspaceId: string;
  readonly accountId: string;
  /** Activities one after the other until the owner would be written. */
  readonly writes: number;
}

/** Longer than any bench: the clock of a lead. */
const CLOCK_MS = 4 * 3_600_000;

export async function bareRouting({ workspaceId, accountId, writes }: BareInput): Promise<void> {
  let isAccepted = false;
  const request = () => ({ workspaceId, accountId, at: new Date().toISOString() });
  setHandler(evidenceSignal, () => undefined);
  setHandler(acceptUpdate, async (message) => {
    const answered = await answer({ ...request(), ...message, kind: 'accept' });
    isAccepted = true;
    return answered;
  });
  await step(request());
  const written = async (): Promise<void> => {
    for (let count = 0; count < writes; count += 1) await startChangeSet({ ...request(), changeSetId: String(count) });
  };
  await Promise.all([tell({ ...request(), noticeId: accountId, channel: 'slack' }), written()]);
  await condition(() => isAccepted, CLOCK_MS);
  await step(request());
}
