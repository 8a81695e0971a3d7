/**
 * A real Temporal server of our own with its web UI, its database in one file.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { withAttempts } from './attempts.ts';
import { isRunning, startChild } from './child.ts';
import type { Child } from './child.ts';
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
  /** For tests of runs that grow long: after so many events the server suggests to continue as new; 4,096 of its own accord. */
  readonly suggestContinueAsNewAt?: number;
}

export interface RunningTemporal extends RunningService {
  readonly address: string;
  readonly uiUrl: string;
  readonly serverVersion: string;
}

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 15_000;
/** What the server prints when all of its services have started (CLI 1.9.1). */
const BANNER = 'Temporal Server:';

/** Starts the server; one that a crash has left running on the same database is stopped first. */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const program = await findTemporal(options.environment, options.progress);
  const pidFile = join(directory, 'temporal.pid');
  await endLeftover(pidFile, databaseIn(directory));
  const { child, port, uiPort } = await withAttempts(
    () => serve(program.path, directory, options),
    () => options.progress('Temporal ended at its start, a port may have been taken: starting it again'),
  );
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

const databaseIn = (directory: string): string => join(directory, 'temporal.db');

/** One start, until every one of the server's services runs: its frontend may take connections before the last of them has failed. */
async function serve(
  command: string,
  directory: string,
  options: TemporalOptions,
): Promise<{ child: Child; port: number; uiPort: number }> {
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const { suggestContinueAsNewAt: longAt } = options;
  const dynamic = [
    'matching.enableFairness=true',
    ...(options.timeSkipping === true ? ['frontend.WorkflowTimeSkippingEnabled=true'] : []),
    ...(longAt === undefined ? [] : [`limit.historyCount.suggestContinueAsNew=${longAt}`]),
  ];
  const logFile = join(directory, 'logs', 'temporal.log');
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
  const child = startChild({
    name: 'Temporal',
    command,
    args: [
      ...['server', 'start-dev', '--db-filename', databaseIn(directory), '--ip', '127.0.0.1'],
      ...['--port', String(port), '--ui-port', String(uiPort)],
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL', '--log-level', 'warn'],
      ...dynamic.flatMap((setting) => ['--dynamic-config-value', setting]),
    ],
    logFile,
    environment: options.environment,
  });
  writeFileSync(join(directory, 'temporal.pid'), String(child.pid));
  const isUp = async (): Promise<boolean> =>
    readFileSync(logFile).subarray(logStart).includes(BANNER) && (await listens(port)) && (await listens(uiPort));
  try {
    await child.ready(isUp, READY_TIMEOUT_MS);
  } catch (error) {
    await child.stop('SIGTERM', STOP_GRACE_MS);
    throw error;
  }
  return { child, port, uiPort };
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
