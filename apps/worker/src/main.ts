/**
 * The worker process: workflows, activities, webhook ingress, HTTP API and schedules of one workspace.
 *
 * Prints one JSON line on stdout when it serves. Stops cleanly on SIGINT and SIGTERM, and when the process that started it dies.
 */
import { watchFile } from '@lockstep/connectors/document/watch.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { resolve } from 'node:path';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { auditKeys } from './audit-signer.ts';
import { fileWitness } from './audit-witness.ts';
import { keepCheckpoints } from './audit.ts';
import type { AuditUpkeep } from './audit.ts';
import { startChangeSets } from './change-sets.ts';
import type { RunningChangeSets } from './change-sets.ts';
import { compose } from './compose.ts';
import type { Composition } from './compose.ts';
import { ConfigError, readSettings } from './config.ts';
import type { Settings } from './config.ts';
import { createApi } from './http/api.ts';
import { createIngress } from './http/ingress.ts';
import { listen } from './http/server.ts';
import type { RunningServer } from './http/server.ts';
import { WorkspaceTaken } from './lease.ts';
import { noticesDoctor, startConfiguredNotices } from './notices.ts';
import { configuredAccounts } from './policies.ts';
import { configuredReplays } from './replay-engine.ts';
import { startReplays } from './replays.ts';
import type { RunningReplays } from './replays.ts';
import { startConfiguredRouting } from './routing-start.ts';
import type { StartedRouting } from './routing-start.ts';
import { startSync } from './sync.ts';
import { createLog } from './telemetry/log.ts';
import type { RunningSync } from './sync.ts';
import { connectTemporal, serverVersion } from './temporal.ts';
import type { TemporalLinks } from './temporal.ts';
import type { Wakes } from './wakes.ts';
import { bundleWorkflows } from './workflow-bundle.ts';

/** Exit codes of sysexits.h: a configuration error; somebody else is at work, try again later. */
const MISCONFIGURED = 78;
const FENCED_OUT = 75;

async function main(): Promise<void> {
  const settings = readSettings();
  const log = createLog(settings.logLevel, pino.destination(2));
  const composition = await compose(settings, log);
  try {
    await run(settings, composition, log);
  } finally {
    await composition.close();
    // The channel to whoever started us keeps a process alive.
    if (process.connected) process.disconnect();
  }
}

/** Serves until it is told to stop, or another deployment has taken the workspace. */
async function run(settings: Settings, composition: Composition, log: Logger): Promise<void> {
  const temporal = await connectTemporal(settings.keyRing);
  const shared = {
    workspaceId: settings.config.workspace,
    temporal,
    keyRing: settings.keyRing,
    log,
    workflowBundle: await bundleWorkflows(),
    traces: composition.traces,
  };
  const sync = await startSync({
    ...shared,
    workspace: composition.workspace,
    pollIntervalMs: settings.config.pollIntervalSeconds * 1_000,
    reconcileCron: settings.config.reconcileCron,
  });
  const notices = startConfiguredNotices({ settings, engine: composition.crm, log });
  const changeSets = startChangeSets({ ...shared, engine: composition.crm, ...(notices === null ? {} : { notifies: notices }) });
  const routing = await startConfiguredRouting({ ...shared, settings, composition, changeSets });
  const replayEngine = configuredReplays({ settings, composition, temporal });
  const replays = startReplays({ ...shared, engine: replayEngine });
  const stopWatching = watchDocuments(settings, composition, sync.wakes, log);
  const audit = startAudit(settings, composition, log);
  const server = await serveHttp({
    settings,
    composition,
    temporal,
    sync,
    changeSets,
    routing,
    replays: { engine: replayEngine, workflows: replays },
    log,
  });
  process.stdout.write(`${JSON.stringify({ ready: true, api: server.url })}\n`);

  const shutdown = (): void => {
    sync.shutdown();
    changeSets.shutdown();
    routing?.shutdown();
    replays.shutdown();
  };
  process.once('disconnect', shutdown);
  void composition.lease.lost.then((reason) => {
    process.stderr.write(`worker: ${reason}\n`);
    process.exitCode = FENCED_OUT;
    shutdown();
  });
  const workers = [sync.ended, changeSets.ended, replays.ended, ...(routing === null ? [] : [routing.ended])];
  try {
    // The end of one is the end of all: a signal stops them, a failure must.
    await Promise.race(workers);
  } finally {
    shutdown();
    await Promise.all(workers);
    stopWatching();
    notices?.stop();
    await notices?.ended();
    await audit?.stop();
    await server.close();
    await temporal.close();
  }
}

/** Signs checkpoints of the audit log, if there is a key to sign with. */
function startAudit(settings: Settings, composition: Composition, log: Logger): AuditUpkeep | null {
  if (settings.auditKeys === null) {
    log.warn('no checkpoints of the audit log are signed: a log that is cut or rewritten will not be noticed; set LOCKSTEP_AUDIT_KEYS');
    return null;
  }
  const keys = auditKeys(settings.auditKeys);
  const { audit, lease } = composition;
  const witness = fileWitness(settings.auditWitness, keys.publicKeys);
  return keepCheckpoints({ workspaceId: settings.config.workspace, log: audit, witness, signer: keys }, lease, log);
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
  readonly sync: RunningSync;
  readonly changeSets: RunningChangeSets;
  /** Null where nothing is routed. */
  readonly routing: StartedRouting | null;
  readonly replays: { readonly engine: ReplayEngine; readonly workflows: RunningReplays };
  readonly log: Logger;
}

async function serveHttp(parts: ServerParts): Promise<RunningServer> {
  const { settings, composition, temporal, sync, changeSets, routing, replays, log } = parts;
  const { wakes } = sync;
  const { now, newId } = composition.workspace;
  const workspaceId = settings.config.workspace;
  const api = createApi({
    workspace: composition.workspace,
    workspaceId,
    token: settings.apiToken,
    changeSets: {
      ...{ engine: composition.crm, workflows: changeSets, accounts: configuredAccounts(settings), now, newId },
      doctor: noticesDoctor(settings),
    },
    ...(routing === null ? {} : { routing: routing.api }),
    replays: { ...replays, now, newId },
    audit: composition.audit,
    budgets: composition.accounts.budgets,
    rateLimit: { perSecond: settings.config.api.requestsPerSecond, burst: settings.config.api.burst },
    wakes,
    command: sync.command,
    engines: { temporal: await serverVersion(temporal.client), postgres: await postgresVersion(composition) },
    log,
  });
  if (routing !== null) api.route('/', routing.slackDoor);
  api.route(
    '/',
    createIngress({ workspace: composition.workspace, wakes, log, publicUrl: settings.publicUrl, traces: composition.traces }),
  );
  return listen(api.fetch, { port: settings.apiPort, host: settings.apiHost });
}

async function postgresVersion(composition: Composition): Promise<string> {
  const { rows } = await composition.pool.query<{ server_version: string }>('show server_version');
  return rows[0]?.server_version ?? 'unknown';
}

main().catch((error: unknown) => {
  const isSaid = error instanceof ConfigError || error instanceof WorkspaceTaken;
  const message = isSaid ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`worker: ${message}\n`);
  process.exitCode = error instanceof ConfigError ? MISCONFIGURED : error instanceof WorkspaceTaken ? FENCED_OUT : 1;
  // Nothing is running that could be stopped in order.
  setImmediate(() => process.exit());
});
