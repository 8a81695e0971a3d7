/**
 * Temporal: connections, the data converter and the worker.
 */
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import { SYNC_TASK_QUEUE } from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncActivities } from '@lockstep/workflows/contracts.ts';
import { encryptingCodec } from './codec.ts';
import type { KeyRing } from './codec.ts';

export interface TemporalLinks {
  readonly client: Client;
  readonly native: NativeConnection;
  readonly namespace: string;
  close(): Promise<void>;
}

const BUNDLE = fileURLToPath(new URL('../../../packages/workflows/src/bundle.ts', import.meta.url));
const FAILURE_CONVERTER = fileURLToPath(new URL('../../../packages/workflows/src/failure-converter.ts', import.meta.url));
const CACHED_WORKFLOWS = 200;

/** How every client and worker encodes what it sends: encrypted, failures included. */
export function dataConverter(ring: KeyRing): DataConverter {
  return { payloadCodecs: [encryptingCodec(ring)], failureConverterPath: FAILURE_CONVERTER };
}

/** Connects as `TEMPORAL_ADDRESS` and the rest of Temporal's own configuration say (a local server, a cluster, Temporal Cloud). */
export async function connectTemporal(ring: KeyRing): Promise<TemporalLinks> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
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

export async function createSyncWorker(links: TemporalLinks, ring: KeyRing, activities: BacklogSyncActivities): Promise<Worker> {
  return Worker.create({
    connection: links.native,
    namespace: links.namespace,
    taskQueue: SYNC_TASK_QUEUE,
    workflowsPath: BUNDLE,
    activities,
    dataConverter: dataConverter(ring),
    maxCachedWorkflows: CACHED_WORKFLOWS,
    shutdownGraceTime: '10 seconds',
    shutdownForceTime: '20 seconds',
  });
}
