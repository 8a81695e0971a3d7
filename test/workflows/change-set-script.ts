/** `changeSet` on the real Temporal with activities that answer as a test has written: its own decisions alone, without a CRM or a store. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { Worker, WorkflowBundle } from '@temporalio/worker';
import { afterEach } from 'vitest';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { connectTemporal, createChangeSetWorker } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { CHANGE_SET, changeSetTaskQueue, changeSetWorkflowId } from '@lockstep/workflows/contracts.ts';
import type { changeSet } from '@lockstep/workflows/change-set/workflow.ts';
import type { ChangeSetActivities, ChangeSetInput } from '@lockstep/workflows/contracts.ts';
import { makeKeyRing } from './harness.ts';
import { useTemporalSdk } from './sdk.ts';

const HOUR_MS = 3_600_000;

export interface Script {
  readonly temporal: TemporalLinks;
  readonly handle: WorkflowHandle<typeof changeSet>;
  /** What was called, in order, with what it was given besides ids. */
  readonly calls: readonly string[];
  /** Instants of the workflow's clock at which it was called. */
  readonly calledAt: readonly number[];
}

/** The answers of a set that is approved by policy, written, verified and committed in one batch each. */
export function smoothly(): ChangeSetActivities {
  return {
    readSet: async () => ({ kind: 'standing', state: 'planned', end: null, cause: null, deadlineAt: null, isReviewed: false }),
    judgeSet: async ({ at }) => ({
      kind: 'judged',
      verdict: 'go',
      diffHash: 'diff-1',
      approvalExpiresAt: new Date(Date.parse(at) + 4 * HOUR_MS).toISOString(),
      deadlineAt: new Date(Date.parse(at) + 24 * HOUR_MS).toISOString(),
    }),
    decideSet: async ({ decision }) => ({ kind: 'decided', outcome: decision === 'approve' ? 'approved' : 'rejected', code: null }),
    acquireLeases: async () => ({ kind: 'acquired', heldByOthers: 0 }),
    refreshSet: async () => ({ kind: 'refreshed', outcome: 'same' }),
    applyBatch: async () => ({ kind: 'applied', more: false, stop: null }),
    verifySet: async () => ({ kind: 'verified', stop: null }),
    commitSet: async () => ({ kind: 'done' }),
    compensateBatch: async () => ({ kind: 'compensated', more: false }),
    endSet: async () => ({ kind: 'ended', end: 'rolled-back' }),
    askAgain: async ({ changeSetId }) => ({ kind: 'asked-again', changeSetId: `${changeSetId}-again` }),
    tellPeople: async () => undefined,
  };
}

export interface Scripts {
  /** Starts a set whose activities answer smoothly but for these. Its clock skips whatever it waits for, if asked to. */
  play(answers: Partial<ChangeSetActivities>, input?: Partial<ChangeSetInput>): Promise<Script>;
  bundle(): WorkflowBundle;
}

/** Registers the hooks; call it at the top of a test file. */
export function useScripts(): Scripts {
  const bundle = useTemporalSdk();
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  return {
    bundle,
    async play(answers, input = {}) {
      const ring = makeKeyRing('k1');
      const links = await connectTemporal(ring, await testTemporalAddress());
      const workspaceId = `script-${randomUUID()}`;
      const [calls, calledAt]: [string[], number[]] = [[], []];
      const activities = noted({ ...smoothly(), ...answers }, calls, calledAt);
      const worker = await createChangeSetWorker({ links, ring, workspaceId, activities, workflowBundle: bundle() });
      ends.push(ender(worker, worker.run(), links));
      const handle = await links.client.workflow.start<typeof changeSet>(CHANGE_SET, {
        workflowId: changeSetWorkflowId(workspaceId, 'set-1'),
        taskQueue: changeSetTaskQueue(workspaceId),
        args: [{ workspaceId, changeSetId: 'set-1', ...input }],
      });
      return { temporal: links, handle, calls, calledAt };
    },
  };
}

function ender(worker: Worker, running: Promise<void>, links: TemporalLinks): () => Promise<void> {
  return async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await links.close();
  };
}

function noted(activities: ChangeSetActivities, calls: string[], calledAt: number[]): ChangeSetActivities {
  const entries = Object.entries(activities).map(([name, call]: [string, (request: never) => Promise<unknown>]) => [
    name,
    async (request: { readonly at: string; readonly cause?: string; readonly notice?: string }) => {
      calls.push([name, request.cause ?? request.notice].filter((part) => part !== undefined).join(' '));
      calledAt.push(Date.parse(request.at));
      return call(request as never);
    },
  ]);
  return Object.fromEntries(entries) as ChangeSetActivities;
}
