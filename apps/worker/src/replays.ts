/**
 * What runs on Temporal for replays of one workspace: the worker, a workflow for each, what people say to them, and the sweeper of those whose workflow is
 * gone.
 */
import { ApplicationFailure, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import type { WorkflowBundle } from '@temporalio/worker';
import type { ReplayState } from '@lockstep/domain/replay/replay.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { holdReplay } from '@lockstep/engine/replay/moving.ts';
import {
  approveReplayUpdate,
  pauseReplayUpdate,
  rejectReplayUpdate,
  REPLAY,
  replayTaskQueue,
  replayWorkflowId,
  resumeReplayUpdate,
  stopReplayUpdate,
} from '@lockstep/workflows/contracts.ts';
import type { ReplayAnswer, ReplayDecisionMessage, ReplayInput } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import { replayActivities } from './activities/replay.ts';
import type { KeyRing } from './codec.ts';
import { lateWorker } from './late-worker.ts';
import { swept } from './sweeper.ts';
import { createReplayWorker } from './temporal.ts';
import type { TemporalLinks } from './temporal.ts';

export interface ReplayParts {
  readonly engine: ReplayEngine;
  readonly workspaceId: string;
  readonly temporal: TemporalLinks;
  readonly keyRing: KeyRing;
  readonly log: Logger;
  /** How often replays are looked for whose workflow is gone. */
  readonly sweepEveryMs?: number;
  /** The worker begins with its first work, and by then in any case: Temporal may know of some that the store takes for done. A minute by default. */
  readonly beginsWithinMs?: number;
  readonly workflowBundle?: WorkflowBundle;
}

export type HoldCommand = 'pause' | 'resume' | 'stop';

export interface RunningReplays {
  /** Starts a replay that is on record, or leaves the workflow alone that it has. */
  start(replayId: string): Promise<void>;
  /** A yes or a no to a plan; resolves when it is on record, or with the rule by which it does not count. */
  decide(replayId: string, decision: 'approve' | 'reject', message: ReplayDecisionMessage): Promise<ReplayAnswer>;
  /** Resolves when it is on record; false where the replay has ended. */
  hold(replayId: string, command: HoldCommand, by: string): Promise<boolean>;
  /** Starts a workflow for every replay that is under way and has none; one that somebody has terminated is stopped. Returns how many it found. */
  sweep(): Promise<number>;
  shutdown(): void;
  readonly ended: Promise<void>;
}

const SWEEP_EVERY_MS = 60_000;
const OPEN: readonly ReplayState[] = ['planned', 'awaiting-approval', 'running', 'paused'];
const MOST_OPEN = 1_000;
const HOLDS = { pause: pauseReplayUpdate, resume: resumeReplayUpdate, stop: stopReplayUpdate } as const;

/** Starts the sweeper, and the worker as soon as there is a replay. */
export function startReplays(parts: ReplayParts): RunningReplays {
  const { engine, workspaceId, temporal, log, sweepEveryMs = SWEEP_EVERY_MS, beginsWithinMs = SWEEP_EVERY_MS } = parts;
  const make = () =>
    createReplayWorker({
      links: temporal,
      ring: parts.keyRing,
      workspaceId,
      activities: replayActivities(engine),
      ...(parts.workflowBundle === undefined ? {} : { workflowBundle: parts.workflowBundle }),
    });
  const worker = lateWorker(make, beginsWithinMs);
  const workflows = workflowsOf(temporal.client, engine, workspaceId, worker.begin);
  const sweeping = { sweepOnce: () => workflows.sweep(), everyMs: sweepEveryMs, log, what: 'replays' };
  return { ...workflows, ...swept(worker, sweeping) };
}

type Workflows = Omit<RunningReplays, 'shutdown' | 'ended'>;
type Status = WorkflowExecutionStatusName | 'LOST';

/** `begin` is called wherever there is a replay that has not ended. */
function workflowsOf({ workflow }: Client, engine: ReplayEngine, workspaceId: string, begin: () => void): Workflows {
  const handleOf = (replayId: string) => workflow.getHandle(replayWorkflowId(workspaceId, replayId));
  const statusOf = async (replayId: string): Promise<Status> => {
    try {
      return (await handleOf(replayId).describe()).status.name;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'LOST';
      throw error;
    }
  };
  const isUnderWay = (status: Status): boolean => status === 'RUNNING' || status === 'PAUSED';
  const start = async (replayId: string): Promise<void> => {
    begin();
    const args: [ReplayInput] = [{ workspaceId, replayId }];
    await workflow.start(REPLAY, {
      workflowId: replayWorkflowId(workspaceId, replayId),
      taskQueue: replayTaskQueue(workspaceId),
      args,
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  };
  /** An answer to one that Temporal has lost starts it again first. */
  const present = async (replayId: string): Promise<boolean> => {
    const replay = await engine.store.snapshot((reader) => reader.replay(replayId));
    if (replay === null || replay.state === 'ended') return false;
    begin();
    if (!isUnderWay(await statusOf(replayId))) await start(replayId);
    return true;
  };
  return {
    start,
    async decide(replayId, decision, message) {
      if (!(await present(replayId))) return { outcome: 'refused', code: 'NOT_WAITING' };
      const update = decision === 'approve' ? approveReplayUpdate : rejectReplayUpdate;
      const answer = await counted(handleOf(replayId).executeUpdate(update, { args: [message] }));
      return typeof answer === 'string' ? { outcome: 'refused', code: answer } : answer;
    },
    async hold(replayId, command, by) {
      if (!(await present(replayId))) return false;
      return typeof (await counted(handleOf(replayId).executeUpdate(HOLDS[command], { args: [{ by }] }))) !== 'string';
    },
    async sweep() {
      const open = await engine.store.snapshot((reader) => reader.replays({ states: OPEN, limit: MOST_OPEN }));
      let found = 0;
      if (open.length > 0) begin();
      for (const { replayId } of open) {
        const status = await statusOf(replayId);
        if (isUnderWay(status)) continue;
        found += 1;
        // Somebody wanted it to end, with Temporal's own tools.
        if (status === 'TERMINATED' || status === 'CANCELLED')
          await holdReplay(engine, replayId, 'stopped', 'system', new Date().toISOString());
        else await start(replayId);
      }
      return found;
    },
  };
}

/** The answer, or the code by which it does not count: the validator has turned it away, or nobody asks any more. */
async function counted<A extends object>(update: Promise<A>): Promise<A | string> {
  try {
    return await update;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'NOT_WAITING';
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) return error.cause.type ?? 'NOT_WAITING';
    throw error;
  }
}
