/**
 * The worker process: workflows, activities, webhook ingress, HTTP API and schedules of one workspace.
 *
 * Prints one JSON line on stdout when it serves. Stops cleanly on SIGINT and SIGTERM, and when the process that started it dies.
 */
import { serve } from '@hono/node-server';
import { watchFile } from '@lockstep/connectors/document/watch.ts';
import { resolve } from 'node:path';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { pauseUpdate, resumeUpdate, backlogSyncId } from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncInput } from '@lockstep/workflows/contracts.ts';
import { backlogSyncActivities } from './activities/backlog-sync.ts';
import { compose } from './compose.ts';
import type { Composition } from './compose.ts';
import { ConfigError, readSettings } from './config.ts';
import type { Settings } from './config.ts';
import { createApi } from './http/api.ts';
import { createIngress } from './http/ingress.ts';
import { ensureBacklogSync, ensureReconciliation } from './schedules.ts';
import { connectTemporal, createSyncWorker, serverVersion } from './temporal.ts';
import type { TemporalLinks } from './temporal.ts';
import { createWakes } from './wakes.ts';
import type { Wakes } from './wakes.ts';

const PAGES_PER_RUN = 500;

async function main(): Promise<void> {
  const settings = readSettings();
  const log = pino({ level: settings.logLevel, base: { app: 'worker' } }, pino.destination(2));
  const composition = await compose(settings, log);
  const temporal = await connectTemporal(settings.keyRing);
  const workspaceId = settings.config.workspace;
  const inputOf = (connectionId: string): BacklogSyncInput => ({
    workspaceId,
    connectionId,
    pollIntervalMs: settings.config.pollIntervalSeconds * 1_000,
    passAtOnce: true,
    fullScan: false,
    mostPagesPerRun: PAGES_PER_RUN,
  });
  const wakes = createWakes(temporal.client, workspaceId, inputOf);
  const worker = await createSyncWorker(
    temporal,
    settings.keyRing,
    backlogSyncActivities({ workspace: composition.workspace, wakes, log }),
  );
  const running = worker.run();
  for (const { config } of composition.connections) {
    await ensureBacklogSync(temporal.client, inputOf(config.id));
    await ensureReconciliation(temporal.client, workspaceId, config.id, settings.config.reconcileCron);
  }
  // A second start goes on where it was: whatever happened meanwhile is looked for at once.
  await wakes.wake(composition.connections.map(({ config }) => config.id));
  const stopWatching = watchDocuments(settings, composition, wakes, log);
  const server = await serveHttp({ settings, composition, temporal, wakes, log });
  process.stdout.write(`${JSON.stringify({ ready: true, api: server.url })}\n`);

  process.once('disconnect', () => worker.shutdown());
  try {
    await running;
  } finally {
    stopWatching();
    await server.close();
    await temporal.close();
    await composition.close();
  }
}

/** Wakes a document's connection when its file changes. */
function watchDocuments(settings: Settings, composition: Composition, wakes: Wakes, log: Logger): () => void {
  const stops = composition.connections.flatMap(({ config }) => {
    if (config.connector !== 'document') return [];
    return watchFile(resolve(settings.configDirectory, config.file), () => {
      wakes.wake([config.id]).catch((error: unknown) => log.warn({ err: error, connectionId: config.id }, 'a wake was lost'));
    });
  });
  return () => {
    for (const stop of stops) stop();
  };
}

interface ServerParts {
  readonly settings: Settings;
  readonly composition: Composition;
  readonly temporal: TemporalLinks;
  readonly wakes: Wakes;
  readonly log: Logger;
}

async function serveHttp(parts: ServerParts): Promise<{ readonly url: string; close(): Promise<void> }> {
  const { settings, composition, temporal, wakes, log } = parts;
  const workspaceId = settings.config.workspace;
  const api = createApi({
    workspace: composition.workspace,
    workspaceId,
    token: settings.apiToken,
    wakes,
    command: async (connectionId, command) => {
      const handle = temporal.client.workflow.getHandle(backlogSyncId(workspaceId, connectionId));
      await handle.executeUpdate(command === 'pause' ? pauseUpdate : resumeUpdate, { args: [{}] });
    },
    engines: { temporal: await serverVersion(temporal.client), postgres: await postgresVersion(composition) },
    log,
  });
  api.route('/', createIngress({ workspace: composition.workspace, wakes, log, publicUrl: settings.publicUrl }));
  return new Promise((done, fail) => {
    const server = serve({ fetch: api.fetch, port: settings.apiPort, hostname: settings.apiHost }, (address) => {
      done({ url: `http://${settings.apiHost}:${address.port}`, close: () => new Promise<void>((closed) => server.close(() => closed())) });
    });
    server.once('error', fail);
  });
}

async function postgresVersion(composition: Composition): Promise<string> {
  const { rows } = await composition.pool.query<{ server_version: string }>('show server_version');
  return rows[0]?.server_version ?? 'unknown';
}

main().catch((error: unknown) => {
  const message = error instanceof ConfigError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`worker: ${message}\n`);
  process.exitCode = error instanceof ConfigError ? 78 : 1;
  // Nothing is running that could be stopped in order.
  setImmediate(() => process.exit());
});
