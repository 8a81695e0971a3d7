/**
 * What runs on Temporal for the leads of one workspace: the worker, a workflow for each account, what people say to them, and the sweeper of those whose workflow
 * is gone.
 */
import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { WorkflowBundle } from '@temporalio/worker';
import type { Absence } from '@lockstep/domain/routing/calendar.ts';
import {
  acceptUpdate,
  closeUpdate,
  declineUpdate,
  evidenceSignal,
  PQL_ROUTING,
  pqlWorkflowId,
  reassignUpdate,
  releaseUpdate,
  routingTaskQueue,
  snoozeUpdate,
} from '@lockstep/workflows/contracts.ts';
import type { Answered, AnswerKind, AnswerMessage, PqlRoutingInput } from '@lockstep/workflows/contracts.ts';
import type { Logger } from 'pino';
import { createAccountWakes } from './account-wakes.ts';
import type { AccountWakes } from './account-wakes.ts';
import { pqlRoutingActivities } from './activities/pql-routing.ts';
import type { KeyRing } from './codec.ts';
import type { LeadAnswer, RoutingCases } from './routing-cases.ts';
import { runSwept } from './sweeper.ts';
import type { Traces } from './telemetry/traces.ts';
import { createRoutingWorker } from './temporal.ts';
import type { TemporalLinks } from './temporal.ts';

export interface RoutingParts {
  readonly cases: RoutingCases;
  readonly workspaceId: string;
  readonly temporal: TemporalLinks;
  readonly keyRing: KeyRing;
  readonly log: Logger;
  /** How often accounts are looked for whose workflow is gone. */
  readonly sweepEveryMs?: number;
  readonly workflowBundle?: WorkflowBundle;
  readonly traces?: Traces;
}

export interface RunningRouting extends AccountWakes {
  /**
   * Says it to the account's workflow, which is started where Temporal has lost it; resolves when it is on record, or with the rule by which it does not count.
   * `key` is the same for the same saying: delivered twice, it is one.
   */
  readonly answer: (answer: LeadAnswer, key?: string) => Promise<Answered>;
  /** Members whose hours, share or standing have changed: their clocks are worked out anew and their leads' workflows woken. */
  readonly rosterChanged: (memberIds: readonly string[]) => Promise<void>;
  /** What a member's calendar says now (case 01). */
  readonly absences: (memberId: string, feed: string, absences: readonly Absence[]) => Promise<void>;
  /** Wakes every account that has something to do and no workflow. Returns how many. */
  readonly sweep: () => Promise<number>;
  shutdown(): void;
  readonly ended: Promise<void>;
}

/** An SLA of five minutes has to survive a lost Temporal with time left. */
const SWEEP_EVERY_MS = 30_000;
const SWEEP_PAGE = 500;
/** Workflows that are looked at, at a time. */
const LOOKS_AT_ONCE = 16;

/** Starts the worker and the sweeper. */
export async function startRouting(parts: RoutingParts): Promise<RunningRouting> {
  const { cases, workspaceId, temporal, log } = parts;
  const workflows = workflowsOf(temporal.client, cases, workspaceId);
  const worker = await createRoutingWorker({
    ...{ links: temporal, ring: parts.keyRing, workspaceId, activities: pqlRoutingActivities(cases) },
    ...(parts.workflowBundle === undefined ? {} : { workflowBundle: parts.workflowBundle }),
    ...(parts.traces === undefined ? {} : { traces: parts.traces }),
  });
  const sweeping = { sweepOnce: () => workflows.sweep(), everyMs: parts.sweepEveryMs ?? SWEEP_EVERY_MS, log, what: 'accounts' };
  return { ...workflows, ...runSwept(worker, sweeping) };
}

type Workflows = Omit<RunningRouting, 'shutdown' | 'ended'>;

function workflowsOf({ workflow }: Client, cases: RoutingCases, workspaceId: string): Workflows {
  const startOf = (accountId: string) => ({
    workflowId: pqlWorkflowId(workspaceId, accountId),
    taskQueue: routingTaskQueue(workspaceId),
    args: [{ workspaceId, accountId }] as [PqlRoutingInput],
  });
  const wakes = createAccountWakes(async (accountId) => {
    await workflow.signalWithStart(PQL_ROUTING, { ...startOf(accountId), signal: evidenceSignal, signalArgs: [{}] });
  });
  const isRunning = async (accountId: string): Promise<boolean> => {
    try {
      const { name } = (await workflow.getHandle(pqlWorkflowId(workspaceId, accountId)).describe()).status;
      return name === 'RUNNING' || name === 'PAUSED';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
  return {
    ...wakes,
    async answer(answer, key = randomUUID()) {
      const reading = await cases.lead(answer.leadId);
      if (reading === null) return refused('NO_SUCH_LEAD');
      const { kind, ...message } = answer;
      return workflow.executeUpdateWithStart(UPDATES[kind], {
        args: [message],
        updateId: `answer/${key}`,
        startWorkflowOperation: new WithStartWorkflowOperation(PQL_ROUTING, {
          ...startOf(reading.lead.accountId),
          workflowIdConflictPolicy: 'USE_EXISTING',
        }),
      });
    },
    async rosterChanged(memberIds) {
      await wakes.wake(await cases.rosterChanged(memberIds, new Date().toISOString()));
    },
    async absences(memberId, feed, absences) {
      await wakes.wake(await cases.takeAbsences(memberId, feed, absences, new Date().toISOString()));
    },
    async sweep() {
      let woken = 0;
      for (let after: string | null = null; ;) {
        const page: readonly string[] = await cases.openAccounts({ after, limit: SWEEP_PAGE });
        const lost = await filtered(page, async (accountId) => !(await isRunning(accountId)));
        await wakes.wake(lost);
        woken += lost.length;
        after = page.at(-1) ?? null;
        if (page.length < SWEEP_PAGE) return woken;
      }
    },
  };
}

/** The message holds the words of its kind. */
type AnswerUpdate = UpdateDefinition<Answered, [AnswerMessage]>;

const UPDATES: Readonly<Record<AnswerKind, AnswerUpdate>> = {
  accept: acceptUpdate,
  decline: declineUpdate,
  snooze: snoozeUpdate,
  reassign: reassignUpdate,
  release: releaseUpdate,
  close: closeUpdate,
};

function refused(code: string): Answered {
  return { kind: 'answered', outcome: 'refused', code };
}

/** Those for which it holds, a few at a time. */
async function filtered<T>(all: readonly T[], holds: (one: T) => Promise<boolean>): Promise<readonly T[]> {
  const kept: T[] = [];
  for (let start = 0; start < all.length; start += LOOKS_AT_ONCE) {
    const some = all.slice(start, start + LOOKS_AT_ONCE);
    const answers = await Promise.all(some.map(holds));
    kept.push(...some.filter((_, index) => answers[index]));
  }
  return kept;
}
