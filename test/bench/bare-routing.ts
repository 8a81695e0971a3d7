/** Drives the bare workflow on the stage's own Temporal, with a worker set up as Lockstep's, in this process. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { connectTemporal, createRoutingWorker } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { acceptUpdate, evidenceSignal, routingTaskQueue } from '@lockstep/workflows/contracts.ts';
import type { PqlRoutingActivities } from '@lockstep/workflows/contracts.ts';
import type { BareInput } from './bare-workflows.ts';
import type { Drive, LeadTiming } from './lead-timings.ts';

const WORKFLOWS = fileURLToPath(new URL('bare-workflows.ts', import.meta.url));
const FAILURE_CONVERTER = fileURLToPath(import.meta.resolve('@lockstep/workflows/failure-converter.ts'));
const WORKSPACE = 'bare';

export interface BareRouting {
  /** One lead after the other or at once, `writes` activities until its owner would be written; each name once. */
  drive(name: string, writes: number): Drive;
  /** Of all leads of this name. */
  timings(name: string): readonly LeadTiming[];
  /** How many activities the runs of a workflow have asked for. */
  activitiesOf(workflowId: string): Promise<number>;
  stop(): Promise<void>;
}

interface Instants {
  readonly writes: number;
  told?: number;
  written?: number;
  readonly both: PromiseWithResolvers<void>;
}

export async function startBareRouting(temporalAddress: string): Promise<BareRouting> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } });
  const keyRing: KeyRing = { current: 'bare', keys: new Map([['bare', randomBytes(32)]]) };
  const links = await connectTemporal(keyRing, temporalAddress);
  const instants = new Map<string, Instants>();
  const worker = await createRoutingWorker({
    ...{ links, ring: keyRing, workspaceId: WORKSPACE, activities: emptyActivities(instants) },
    workflowBundle: await bundleWorkflowCode({
      ...{ workflowsPath: WORKFLOWS, failureConverterPath: FAILURE_CONVERTER },
      logger: new DefaultLogger('ERROR'),
    }),
  });
  const running = worker.run();
  const timings = new Map<string, LeadTiming[]>();
  return {
    drive: (name, writes) => async (index) => {
      const timing = await driven(links, instants, `${name}-${index}`, writes);
      timings.set(name, [...(timings.get(name) ?? []), timing]);
    },
    timings: (name) => timings.get(name) ?? [],
    activitiesOf: (workflowId) => activitiesOf(links, workflowId),
    async stop() {
      worker.shutdown();
      await running;
      await links.close();
    },
  };
}

/** They do nothing but note when they were there. */
function emptyActivities(instants: ReadonlyMap<string, Instants>): PqlRoutingActivities {
  const note = (accountId: string, what: 'told' | 'written'): void => {
    const known = instants.get(accountId);
    if (known === undefined) return;
    known[what] = Date.now();
    if (known.told !== undefined && known.written !== undefined) known.both.resolve();
  };
  return {
    step: async () => ({ state: 'open', wakeAt: null, notices: [], changeSets: [] }),
    answer: async () => ({ kind: 'answered', outcome: 'taken', code: null }),
    tell: async ({ accountId }) => {
      note(accountId, 'told');
      return { kind: 'told', outcome: 'delivered' };
    },
    startChangeSet: async ({ accountId, changeSetId }) => {
      if (Number(changeSetId) + 1 === instants.get(accountId)?.writes) note(accountId, 'written');
    },
  };
}

async function driven({ client }: TemporalLinks, instants: Map<string, Instants>, accountId: string, writes: number): Promise<LeadTiming> {
  const seen: Instants = { writes, both: Promise.withResolvers<void>() };
  instants.set(accountId, seen);
  const input: BareInput = { workspaceId: WORKSPACE, accountId, writes };
  const acceptedMs = Date.now();
  const handle = await client.workflow.signalWithStart('bareRouting', {
    workflowId: `bare/${accountId}`,
    taskQueue: routingTaskQueue(WORKSPACE),
    args: [input],
    ...{ signal: evidenceSignal, signalArgs: [{}] },
  });
  await seen.both.promise;
  const pressedMs = Date.now();
  await handle.executeUpdate(acceptUpdate, { args: [{ leadId: accountId, offerId: null, by: 'omar' }] });
  const acknowledgedMs = Date.now();
  await handle.result();
  return { acceptedMs, toldMs: seen.told ?? Number.NaN, writtenMs: seen.written ?? Number.NaN, pressedMs, acknowledgedMs };
}

async function activitiesOf({ client }: TemporalLinks, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter(({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes != null).length;
}
