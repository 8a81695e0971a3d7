/** A set of five steps whose worker is killed with -9 at one boundary, and another worker that takes over. */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundle } from '@temporalio/worker';
import { pino } from 'pino';
import type { Operation } from '@lockstep/domain/crm/change-set.ts';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { startChangeSets } from '@lockstep/worker/change-sets.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { CHANGE_SET, changeSetTaskQueue, changeSetWorkflowId } from '@lockstep/workflows/contracts.ts';
import { contact, CRM, openBench, setFields } from '../engine/crm/bench.ts';
import type { Bench } from '../engine/crm/bench.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import type { DoomedAnswer, DoomedOrder } from './change-set-process.ts';
import { forkWorker } from '../workflows/sdk.ts';

const PROGRAM = fileURLToPath(new URL('change-set-process.ts', import.meta.url));

export interface DeathParts {
  readonly database: TestStore;
  readonly temporal: TemporalLinks;
  readonly keyRing: KeyRing;
  readonly workflowBundle: WorkflowBundle;
  /** The bundle's code, for the other process. */
  readonly bundleFile: string;
}

/** What is found in the end. */
export interface Found {
  readonly hasDied: boolean;
  /** Of the worker that lived, where none had to die. */
  readonly boundaries: readonly string[];
  readonly end: string | null;
  readonly steps: readonly string[];
  /** What HubSpot has done for us, by its request log. */
  readonly effects: { readonly creates: number; readonly updates: number; readonly deletes: number };
  readonly leases: number;
}

/** Two records that are there, two that are made; one record is written twice, in the order of the set. */
function fiveSteps(one: string, two: string): readonly Operation[] {
  return [
    setFields(one, { jobtitle: 'CEO' }),
    setFields(two, { jobtitle: 'CFO' }),
    { kind: 'create', connectionId: CRM, object: 'companies', fields: { name: 'Quay' }, associations: [] },
    {
      kind: 'create-task',
      connectionId: CRM,
      object: 'tasks',
      fields: { hs_task_subject: 'Call back', hs_timestamp: '2026-12-01T09:00:00.000Z' },
      associations: [{ to: contact(two), label: null }],
    },
    setFields(one, { jobtitle: 'CIO' }),
  ];
}

/** Runs the set with a worker that dies there (null: lives), then with another one to its end. */
export async function playDeath(parts: DeathParts, deathAt: number | null): Promise<Found> {
  const { database, temporal, keyRing } = parts;
  const workspaceId = `death-${randomUUID()}`;
  const bench = await openBench({ pool: database.pool, workspaceId: () => workspaceId }, { keep: true });
  try {
    const [one = '', two = ''] = await bench.contacts(2, { jobtitle: 'CRO' });
    const changeSetId = await bench.plan(fiveSteps(one, two));
    const before = bench.served.log.counts({ account: 'lockstep' });
    const doomed = await startDoomed({
      ...{ workspaceId, laneId: workspaceId, deathAt },
      databaseUrl: database.url,
      temporalAddress: await testTemporalAddress(),
      hubspotUrl: bench.served.url,
      bundleFile: parts.bundleFile,
      keyBase64: Buffer.from(keyRing.keys.get('k1') ?? []).toString('base64'),
    });
    // The workflow is started without a worker of the test's: the doomed one has the task queue for itself.
    const survivor = survivorOf(parts, bench, workspaceId);
    await survivor.begin(changeSetId);
    const handle = temporal.client.workflow.getHandle(changeSetWorkflowId(workspaceId, changeSetId));
    const lived = handle.result().then(() => false);
    const hasDied = await Promise.race([doomed.died, lived]);
    const boundaries = hasDied ? [] : await boundariesOf(doomed.child);
    doomed.child.kill('SIGKILL');
    await doomed.died;
    if (hasDied) await survivor.takeOver();
    await lived;
    await survivor.end();
    const after = bench.served.log.counts({ account: 'lockstep' });
    return {
      ...{ hasDied, boundaries },
      end: (await bench.store.snapshot((reader) => reader.changeSet(changeSetId)))?.end ?? null,
      steps: await bench.states(changeSetId),
      effects: {
        creates: after.creates - before.creates,
        updates: after.updates - before.updates,
        deletes: after.deletes - before.deletes,
      },
      leases: (await bench.store.snapshot((reader) => reader.leaseHolders())).length,
    };
  } finally {
    await bench.served.close();
  }
}

/** A worker of the test's own process, on the same store and task queue, once the other is dead. */
function survivorOf({ temporal, keyRing, workflowBundle }: DeathParts, bench: Bench, laneId: string) {
  let running: Awaited<ReturnType<typeof startChangeSets>> | undefined;
  return {
    begin: async (changeSetId: string) => {
      await temporal.client.workflow.start(CHANGE_SET, {
        workflowId: changeSetWorkflowId(laneId, changeSetId),
        taskQueue: changeSetTaskQueue(laneId),
        args: [{ workspaceId: laneId, changeSetId }],
        // How long a workflow task of a dead worker is waited for.
        workflowTaskTimeout: '3 seconds',
      });
    },
    takeOver: async () => {
      running = startChangeSets({
        ...{ workspaceId: laneId, engine: bench.engine, temporal, keyRing, sweepEveryMs: 3_600_000 },
        log: pino({ level: 'silent' }),
        workflowBundle,
      });
    },
    end: async () => {
      running?.shutdown();
      await running?.ended;
    },
  };
}

async function startDoomed(order: DoomedOrder): Promise<{ readonly child: ChildProcess; readonly died: Promise<boolean> }> {
  const child = forkWorker(PROGRAM);
  const died = once(child, 'exit').then(() => true);
  child.send(order);
  const [answer] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [DoomedAnswer | number | null];
  if (typeof answer !== 'object' || answer === null || !('serves' in answer)) throw new Error('process: expected it to serve, got its end');
  return { child, died };
}

async function boundariesOf(child: ChildProcess): Promise<readonly string[]> {
  child.send('boundaries');
  const [answer] = (await once(child, 'message')) as [DoomedAnswer];
  if (!('boundaries' in answer)) throw new Error('process: expected its boundaries, got something else');
  return answer.boundaries;
}
