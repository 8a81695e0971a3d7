/**
 * Temporal: connections, the data converter and the worker.
 */
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { WorkerOptions, WorkflowBundle } from '@temporalio/worker';
import { changeSetTaskQueue, replayTaskQueue, routingTaskQueue, syncTaskQueue } from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncActivities, ChangeSetActivities, PqlRoutingActivities, ReplayActivities } from '@lockstep/workflows/contracts.ts';
import { HEARTBEAT_MS } from './activities/backlog-sync.ts';
import { encryptingCodec } from './codec.ts';
import type { KeyRing } from './codec.ts';
import { toldAsFailures } from './failures.ts';
import { loggedActivities, tracedActivities } from './telemetry/activities.ts';
import type { Traces } from './telemetry/traces.ts';
import { bundleWorkflows, FAILURE_CONVERTER } from './workflow-bundle.ts';

export interface TemporalLinks {
  readonly client: Client;
  readonly native: NativeConnection;
  readonly namespace: string;
  close(): Promise<void>;
}

/** A server that is being started with us may answer late. */
const CONNECT_MS = 30_000;
const CACHED_WORKFLOWS = 200;
const CONCURRENT_BATCHES = 8;
const CONCURRENT_STEPS = 40;
const CACHED_ACCOUNTS = 1_000;

/** How every client and worker encodes what it sends: encrypted, failures included. Without keys it reads what is not encrypted. */
export function dataConverter(ring: KeyRing | null): DataConverter {
  return { payloadCodecs: ring === null ? [] : [encryptingCodec(ring)], failureConverterPath: FAILURE_CONVERTER };
}

/** Connects as `TEMPORAL_ADDRESS` and the rest of Temporal's own configuration say (a local server, a cluster, Temporal Cloud). */
export async function connectTemporal(ring: KeyRing, address?: string): Promise<TemporalLinks> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig(
    address === undefined ? {} : { overrideEnvVars: { TEMPORAL_ADDRESS: address } },
  );
  const connection = await Connection.connect({ connectTimeout: CONNECT_MS, ...connectionOptions });
  const native = await NativeConnection.connect(connectionOptions);
  const client = new Client({ connection, namespace, dataConverter: dataConverter(ring) });
  return {
    client,
    native,
    namespace,
    async close() {
      await native.close();
      await connection.close();
    },
  };
}

/** The server's version, for the status page. */
export async function serverVersion(client: Client): Promise<string> {
  const info = await client.workflowService.getSystemInfo({});
  return info.serverVersion ?? 'unknown';
}

export interface WorkerParts<A> {
  readonly links: TemporalLinks;
  readonly ring: KeyRing;
  readonly workspaceId: string;
  readonly activities: A;
  /** Made here where there is none. */
  readonly workflowBundle?: WorkflowBundle;
  /** Of workflows that are about one thing; those of connections trace themselves. */
  readonly traces?: Traces;
}

/** A worker of one workspace's backlog; it does nothing until it runs. */
export function createSyncWorker(parts: WorkerParts<BacklogSyncActivities>): Promise<Worker> {
  return createWorker(parts, syncTaskQueue(parts.workspaceId));
}

/** A worker of one workspace's change sets. Few batches at a time: what waits is handed out by priority, what has begun is not. */
export function createChangeSetWorker(parts: WorkerParts<ChangeSetActivities>): Promise<Worker> {
  return createWorker(parts, changeSetTaskQueue(parts.workspaceId), { maxConcurrentActivityTaskExecutions: CONCURRENT_BATCHES });
}

/** A worker of one workspace's leads. Every account with an open lead has a workflow, so that more of them are kept in memory. */
export function createRoutingWorker(parts: WorkerParts<PqlRoutingActivities>): Promise<Worker> {
  return createWorker(parts, routingTaskQueue(parts.workspaceId), {
    maxConcurrentActivityTaskExecutions: CONCURRENT_STEPS,
    maxCachedWorkflows: CACHED_ACCOUNTS,
  });
}

/** A worker of one workspace's replays. A replay's batches follow each other; few replays run at a time. */
export function createReplayWorker(parts: WorkerParts<ReplayActivities>): Promise<Worker> {
  return createWorker(parts, replayTaskQueue(parts.workspaceId), { maxConcurrentActivityTaskExecutions: CONCURRENT_BATCHES });
}

async function createWorker(parts: WorkerParts<object>, taskQueue: string, more: Partial<WorkerOptions> = {}): Promise<Worker> {
  return Worker.create({
    connection: parts.links.native,
    namespace: parts.links.namespace,
    taskQueue,
    workflowBundle: parts.workflowBundle ?? (await bundleWorkflows()),
    activities: parts.activities,
    dataConverter: dataConverter(parts.ring),
    interceptors: { activity: [loggedActivities, ...(parts.traces === undefined ? [] : [tracedActivities(parts.traces)]), toldAsFailures] },
    maxCachedWorkflows: CACHED_WORKFLOWS,
    // As often as a page says that it lives: by default most of the time-out would pass before the server is told.
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    // How long the workflows of a worker that was killed wait for it.
    stickyQueueScheduleToStartTimeout: '5 seconds',
    // Then a page in flight is told to stop between two batches.
    shutdownGraceTime: '1 second',
    shutdownForceTime: '20 seconds',
    ...more,
  });
}
