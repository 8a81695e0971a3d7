/**
 * Waking connections' workflows. A wake carries no content, so many of them are one: those that come within a few milliseconds go out as one signal.
 */
import type { Client } from '@temporalio/client';
import { BACKLOG_SYNC, SYNC_TASK_QUEUE, backlogSyncId, wakeSignal } from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncInput, WakeHint } from '@lockstep/workflows/contracts.ts';

export interface Wakes {
  /** Resolves when the signals are with Temporal. */
  wake(connectionIds: readonly string[], hint?: WakeHint): Promise<void>;
}

/** How long wakes of one connection are collected. */
const COLLECT_MS = 25;

/** `inputOf` makes the workflow's input, so that a wake also starts a workflow that Temporal has lost. */
export function createWakes(client: Client, workspaceId: string, inputOf: (connectionId: string) => BacklogSyncInput): Wakes {
  const pending = new Map<string, Promise<void>>();
  const send = async (connectionId: string, hint: WakeHint): Promise<void> => {
    await client.workflow.signalWithStart(BACKLOG_SYNC, {
      workflowId: backlogSyncId(workspaceId, connectionId),
      taskQueue: SYNC_TASK_QUEUE,
      args: [inputOf(connectionId)],
      signal: wakeSignal,
      signalArgs: [hint],
    });
  };
  const collect = async (connectionId: string): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, COLLECT_MS));
    pending.delete(connectionId);
    await send(connectionId, {});
  };
  return {
    async wake(connectionIds, hint = {}) {
      await Promise.all(
        [...new Set(connectionIds)].map((connectionId) => {
          if (hint.fullScan === true) return send(connectionId, hint);
          const waiting = pending.get(connectionId) ?? collect(connectionId);
          pending.set(connectionId, waiting);
          return waiting;
        }),
      );
    },
  };
}
