/**
 * What runs on Temporal for one workspace: the worker, every connection's workflow and its nightly reconciliation, wakes and commands.
 */
import type { WorkflowBundle } from '@temporalio/worker';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import type { BacklogSyncInput } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import { backlogSyncActivities } from './activities/backlog-sync.ts';
import type { KeyRing } from './codec.ts';
import { createCommands } from './commands.ts';
import type { Command } from './commands.ts';
import { ensureReconciliation } from './schedules.ts';
import { NO_TRACES } from './telemetry/traces.ts';
import type { Traces } from './telemetry/traces.ts';
import { createSyncWorker } from './temporal.ts';
import type { TemporalLinks } from './temporal.ts';
import { createWakes } from './wakes.ts';
import type { Wakes } from './wakes.ts';

export interface SyncParts {
  readonly workspace: Workspace;
  readonly workspaceId: string;
  readonly temporal: TemporalLinks;
  readonly keyRing: KeyRing;
  readonly pollIntervalMs: number;
  /** UTC, a cron expression. */
  readonly reconcileCron: string;
  readonly log: Logger;
  /** Pages of one workflow run before it continues as new. */
  readonly mostPagesPerRun?: number;
  readonly workflowBundle?: WorkflowBundle;
  readonly traces?: Traces;
}

export interface RunningSync {
  readonly wakes: Wakes;
  /** Sends the workflow's Update; resolves when the command is on record. */
  readonly command: (connectionId: string, command: Command) => Promise<void>;
  /** Asks the worker to stop: pages in flight come to an end first. */
  shutdown(): void;
  /** Resolves when the worker has stopped, rejects when it failed. */
  readonly ended: Promise<void>;
}

const PAGES_PER_RUN = 500;

/**
 * Starts the worker and whatever Temporal does not run yet; what runs already learns of the present configuration and passes at once, so that a second
 * start goes on where it was.
 */
export async function startSync(parts: SyncParts): Promise<RunningSync> {
  const { workspace, workspaceId, temporal, pollIntervalMs } = parts;
  const inputOf = (connectionId: string): BacklogSyncInput => ({
    workspaceId,
    connectionId,
    pollIntervalMs,
    passAtOnce: true,
    fullScan: false,
    mostPagesPerRun: parts.mostPagesPerRun ?? PAGES_PER_RUN,
  });
  const connectionIds = workspace.connections.map(({ connectionId }) => connectionId);
  // Schedules first: to look at them takes the encryption key, and a process with another key must end before it sends what nobody can read.
  for (const connectionId of connectionIds) await ensureReconciliation(temporal.client, workspaceId, connectionId, parts.reconcileCron);
  const wakes = createWakes(temporal.client, workspaceId, inputOf);
  const worker = await createSyncWorker({
    links: temporal,
    ring: parts.keyRing,
    workspaceId,
    activities: backlogSyncActivities({ workspace, wakes, log: parts.log, traces: parts.traces ?? NO_TRACES }),
    ...(parts.workflowBundle === undefined ? {} : { workflowBundle: parts.workflowBundle }),
  });
  const ended = worker.run();
  const shutdown = (): void => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  try {
    await wakes.wake(connectionIds, { pollIntervalMs });
  } catch (error) {
    shutdown();
    await ended;
    throw error;
  }
  return { wakes, command: createCommands(temporal.client, inputOf), shutdown, ended };
}
