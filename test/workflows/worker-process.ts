/** A worker in a process of its own, so that a test can kill it: told by its parent what to serve, it says when it serves. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { createPool } from '@lockstep/store/pool.ts';
import { createStore } from '@lockstep/store/store.ts';
import { startSync } from '@lockstep/worker/sync.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import { paperWorkspace } from './paper-workspace.ts';
import { distantRemote } from './remote-desk.ts';
import { bundleWorkflows } from '@lockstep/worker/workflow-bundle.ts';

/** What the parent sends once. */
export interface WorkerOrder {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly workspaceId: string;
  readonly remotesUrl: string;
  readonly names: readonly string[];
  readonly key: { readonly id: string; readonly base64: string };
}

async function serve(order: WorkerOrder): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const keyRing = { current: order.key.id, keys: new Map([[order.key.id, Buffer.from(order.key.base64, 'base64')]]) };
  const pool = createPool(order.databaseUrl);
  const temporal = await connectTemporal(keyRing, order.temporalAddress);
  const workspace = paperWorkspace(
    createStore({ pool, workspaceId: order.workspaceId }),
    Object.fromEntries(order.names.map((name) => [name, distantRemote(order.remotesUrl, name)])),
  );
  const sync = await startSync({
    ...{ workspace, workspaceId: order.workspaceId, temporal, keyRing, workflowBundle: await bundleWorkflows() },
    pollIntervalMs: 1_000,
    reconcileCron: '17 2 * * *',
    log: pino({ level: 'silent' }),
  });
  process.send?.('serves');
  await sync.ended;
  await temporal.close();
  await pool.end();
  process.disconnect();
}

process.once('message', (order: WorkerOrder) => {
  serve(order).catch((error: unknown) => {
    process.stderr.write(`worker process: ${String(error)}\n`);
    process.exit(1);
  });
});
