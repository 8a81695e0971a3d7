/**
 * What runs on Temporal for change sets of one workspace: the worker, a workflow for each set, what people say to them, and the sweeper of those whose
 * workflow is gone (C11).
 */
import { ApplicationFailure, WithStartWorkflowOperation, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client, WorkflowExecutionStatusName } from '@temporalio/client';
import type { WorkflowBundle } from '@temporalio/worker';
import { takeOver } from '@lockstep/engine/crm/ending.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { sweep } from '@lockstep/engine/crm/leasing.ts';
import {
  approveUpdate,
  CHANGE_SET,
  changeSetTaskQueue,
  changeSetWorkflowId,
  rejectUpdate,
  takeOverUpdate,
} from '@lockstep/workflows/contracts.ts';
import type { ChangeSetInput, Decided, DecisionMessage } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import { changeSetActivities } from './activities/change-set.ts';
import { planAgain } from './again.ts';
import type { KeyRing } from './codec.ts';
import { lateWorker } from './late-worker.ts';
import { loggedNotices } from './notices.ts';
import type { Notifies } from './notices.ts';
import { swept } from './sweeper.ts';
import { workflowTraces } from './telemetry/subjects.ts';
import { NO_TRACES } from './telemetry/traces.ts';
import type { Traces } from './telemetry/traces.ts';
import { createChangeSetWorker } from './temporal.ts';
import type { TemporalLinks } from './temporal.ts';

export interface ChangeSetParts {
  readonly engine: CrmEngine;
  readonly workspaceId: string;
  readonly temporal: TemporalLinks;
  readonly keyRing: KeyRing;
  readonly log: Logger;
  /** The log tells people where there is nobody else to do it. */
  readonly notifies?: Notifies;
  /** How often sets are looked for whose workflow is gone. */
  readonly sweepEveryMs?: number;
  /** The worker begins with its first work, and by then in any case: Temporal may know of some that the store takes for done. A minute by default. */
  readonly beginsWithinMs?: number;
  readonly workflowBundle?: WorkflowBundle;
  readonly traces?: Traces;
}

export interface RunningChangeSets {
  /** Starts a planned set, or leaves the workflow alone that it has. */
  start(changeSetId: string): Promise<void>;
  /** A yes or a no to a diff; resolves when it is on record, or with the rule by which it does not count. A workflow that Temporal has lost is started with it. */
  decide(changeSetId: string, decision: 'approve' | 'reject', message: DecisionMessage): Promise<Decided>;
  /** Stops the set and has it taken back. Resolves when the wish is on record. */
  cancel(changeSetId: string): Promise<void>;
  /** An operator has set the records of a set right that needs one: they are free, and nobody is reminded any more. */
  takeOver(changeSetId: string, operator: string): Promise<void>;
  /** Starts a workflow for every set that is under way and has none. Returns how many. */
  sweep(): Promise<number>;
  shutdown(): void;
  readonly ended: Promise<void>;
}

/** Case 43: within five minutes, of which the start of a worker and the clean-up itself take some. */
const SWEEP_EVERY_MS = 60_000;

/** 1 is handed out first: a lead that waits to be routed does not queue behind a bulk edit (case 44). */
const PRIORITIES = { routing: 1, undo: 2, rollback: 2, bulk: 4 } as const;

/** Starts the sweeper, and the worker as soon as there is a set. */
export function startChangeSets(parts: ChangeSetParts): RunningChangeSets {
  const { engine, workspaceId, temporal, log, sweepEveryMs = SWEEP_EVERY_MS, beginsWithinMs = SWEEP_EVERY_MS } = parts;
  const make = () =>
    createChangeSetWorker({
      links: temporal,
      ring: parts.keyRing,
      workspaceId,
      activities: changeSetActivities({
        engine,
        notifies: parts.notifies ?? loggedNotices(log),
        log,
        askAgain: async (changeSetId, now) => {
          const next = await planAgain(engine, changeSetId, now);
          if (next !== null) await workflows.start(next);
          return next;
        },
      }),
      ...(parts.workflowBundle === undefined ? {} : { workflowBundle: parts.workflowBundle }),
      ...(parts.traces === undefined ? {} : { traces: parts.traces }),
    });
  const worker = lateWorker(make, beginsWithinMs);
  const workflows = tracedStarts(workflowsOf(temporal.client, parts, worker.begin), parts);
  const sweeping = { sweepOnce: () => workflows.sweep(), everyMs: sweepEveryMs, log, what: 'change sets' };
  return { ...workflows, ...swept(worker, sweeping) };
}

/** What a set does goes on with the trace in which it was started. */
function tracedStarts(workflows: Workflows, { workspaceId, traces = NO_TRACES }: ChangeSetParts): Workflows {
  return {
    ...workflows,
    async start(changeSetId) {
      await traces.leave(workflowTraces(changeSetWorkflowId(workspaceId, changeSetId)));
      await workflows.start(changeSetId);
    },
  };
}

type Workflows = Omit<RunningChangeSets, 'shutdown' | 'ended'>;

/** How the workflow of a set is started, where it is not there already. */
function startsOf({ engine, workspaceId }: ChangeSetParts) {
  return async (changeSetId: string, more: Partial<ChangeSetInput> = {}) => {
    const set = await engine.store.snapshot((reader) => reader.changeSet(changeSetId));
    return {
      workflowId: changeSetWorkflowId(workspaceId, changeSetId),
      taskQueue: changeSetTaskQueue(workspaceId),
      args: [{ workspaceId, changeSetId, ...more }] as [ChangeSetInput],
      workflowIdConflictPolicy: 'USE_EXISTING' as const,
      priority: { priorityKey: PRIORITIES[set?.kind ?? 'bulk'] },
    };
  };
}

/** `begin` is called before a workflow is started or spoken to: also of every set that has not ended, when the sweeper looks at it. */
function workflowsOf({ workflow }: Client, parts: ChangeSetParts, begin: () => void): Workflows {
  const { engine, workspaceId, log } = parts;
  const toldOf = new Set<string>();
  const handleOf = (changeSetId: string) => {
    begin();
    return workflow.getHandle(changeSetWorkflowId(workspaceId, changeSetId));
  };
  const startOf = startsOf(parts);
  return {
    async start(changeSetId) {
      begin();
      await workflow.start(CHANGE_SET, await startOf(changeSetId));
    },
    async decide(changeSetId, decision, message) {
      const update = decision === 'approve' ? approveUpdate : rejectUpdate;
      const set = await engine.store.snapshot((reader) => reader.changeSet(changeSetId));
      if (set === null || set.state === 'planned' || set.state === 'ended') return notCounted('NOT_WAITING');
      const handle = handleOf(changeSetId);
      const isLost = (await statusOf(handle)) === 'LOST';
      return answerOf(
        isLost
          ? workflow.executeUpdateWithStart(update, {
              args: [message],
              startWorkflowOperation: new WithStartWorkflowOperation(CHANGE_SET, await startOf(changeSetId)),
            })
          : handle.executeUpdate(update, { args: [message] }),
      );
    },
    async cancel(changeSetId) {
      const handle = handleOf(changeSetId);
      const status = await statusOf(handle);
      if (status === 'RUNNING' || status === 'PAUSED') return handle.cancel().then(() => undefined);
      const set = await engine.store.snapshot((reader) => reader.changeSet(changeSetId));
      // Its workflow has failed: what is done is taken back by a new one.
      if (set !== null && set.state !== 'ended') await workflow.start(CHANGE_SET, await startOf(changeSetId, { cleanUp: 'cancelled' }));
      return undefined;
    },
    async takeOver(changeSetId, operator) {
      await takeOver(engine, changeSetId, operator, new Date().toISOString());
      try {
        await handleOf(changeSetId).executeUpdate(takeOverUpdate, { args: [{}] });
      } catch (error) {
        // Nobody reminds any more.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
    sweep: () =>
      sweepOnce(engine, {
        statusOf: (changeSetId) => statusOf(handleOf(changeSetId)),
        onFailed: (changeSetId) => {
          if (toldOf.has(changeSetId)) return;
          toldOf.add(changeSetId);
          log.error({ alert: true, changeSetId }, 'a change set has failed and keeps its records: replay it, or cancel it');
        },
        start: async (changeSetId, more) => void (await workflow.start(CHANGE_SET, await startOf(changeSetId, more))),
      }),
  };
}

interface Orphanage {
  readonly statusOf: (changeSetId: string) => Promise<Status>;
  readonly onFailed: (changeSetId: string) => void;
  readonly start: (changeSetId: string, more: Partial<ChangeSetInput> | undefined) => Promise<void>;
}

/** A set that failed by a defect of ours, not of its CRM, waits until its deadline for people to replay it, or to cancel it (0021). */
async function sweepOnce(engine: CrmEngine, { statusOf: look, start, onFailed }: Orphanage): Promise<number> {
  const statuses = new Map<string, Status>();
  const isInTime = async (changeSetId: string): Promise<boolean> => {
    const set = await engine.store.snapshot((reader) => reader.changeSet(changeSetId));
    return Date.now() < Date.parse(set?.deadlineAt ?? '');
  };
  const { orphans } = await sweep(engine, async (changeSetId) => {
    const status = await look(changeSetId);
    statuses.set(changeSetId, status);
    if (status !== 'FAILED' || !(await isInTime(changeSetId))) return status === 'RUNNING' || status === 'PAUSED';
    onFailed(changeSetId);
    return true;
  });
  for (const changeSetId of orphans) await start(changeSetId, NEXT[statuses.get(changeSetId) ?? 'LOST']);
  return orphans.length;
}

/** What became of an answer, also where the validator has turned it away or nobody asks any more. */
async function answerOf(update: Promise<Decided>): Promise<Decided> {
  try {
    return await update;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return notCounted('NOT_WAITING');
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
      return notCounted(error.cause.type ?? 'NOT_WAITING');
    throw error;
  }
}

function notCounted(code: string): Decided {
  return { kind: 'decided', outcome: 'refused', code };
}

type Status = WorkflowExecutionStatusName | 'LOST';

/** What becomes of a set whose workflow is gone. Only what was stopped from outside is taken back; what Temporal has lost goes on where it stood. */
const NEXT: Readonly<Partial<Record<Status, Partial<ChangeSetInput>>>> = {
  TERMINATED: { cleanUp: 'terminated' },
  TIMED_OUT: { cleanUp: 'terminated' },
  FAILED: { cleanUp: 'terminated' },
};

async function statusOf(handle: ReturnType<Client['workflow']['getHandle']>): Promise<Status> {
  try {
    return (await handle.describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'LOST';
    throw error;
  }
}
