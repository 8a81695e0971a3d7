/**
 * A real Temporal server of our own with its web UI, its database in one file.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { isRunning, startChild } from './child.ts';
import { freePort } from './ports.ts';
import type { RunningService } from './postgres.ts';
import { findTemporal } from './temporal-binary.ts';

export interface TemporalOptions {
  /** Holds the database and the log. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly progress: (message: string) => void;
  readonly port?: number;
  readonly uiPort?: number;
  /** For tests of workflows that wait for days. */
  readonly timeSkipping?: boolean;
}

export interface RunningTemporal extends RunningService {
  readonly address: string;
  readonly uiUrl: string;
  readonly serverVersion: string;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 15_000;

/** Starts the server; one that a crash has left running on the same database is stopped first. */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const program = await findTemporal(options.environment, options.progress);
  const file = join(directory, 'temporal.db');
  const pidFile = join(directory, 'temporal.pid');
  await endLeftover(pidFile, file);
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const dynamic = ['matching.enableFairness=true', ...(options.timeSkipping === true ? ['frontend.WorkflowTimeSkippingEnabled=true'] : [])];
  const child = startChild({
    name: 'Temporal',
    command: program.path,
    args: [
      ...['server', 'start-dev', '--db-filename', file, '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL', '--log-level', 'warn'],
      ...dynamic.flatMap((setting) => ['--dynamic-config-value', setting]),
    ],
    logFile: join(directory, 'logs', 'temporal.log'),
    environment: options.environment,
  });
  writeFileSync(pidFile, String(child.pid));
  await child.ready(() => listens(port), READY_TIMEOUT_MS);
  return {
    address: `127.0.0.1:${port}`,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    serverVersion: program.serverVersion,
    lost: child.lost,
    async stop() {
      await child.stop('SIGTERM', STOP_GRACE_MS);
      rmSync(pidFile, { force: true });
    },
  };
}

async function endLeftover(pidFile: string, databaseFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const deadline = Date.now() + STOP_GRACE_MS;
  if (isRunning(pid, databaseFile)) process.kill(pid, 'SIGTERM');
  while (isRunning(pid, databaseFile)) {
    if (Date.now() > deadline) process.kill(pid, 'SIGKILL');
    await new Promise((done) => setTimeout(done, 100));
  }
  rmSync(pidFile, { force: true });
}

function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
