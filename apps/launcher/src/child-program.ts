/**
 * The simulator and the worker as child processes: they print one JSON line when they serve, and end when their channel to us closes.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { LaunchError } from './errors.ts';

export interface ChildProgramOptions {
  readonly name: string;
  readonly entry: string;
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
}

export interface ChildProgram {
  /** What it printed when it was ready. */
  readonly ready: unknown;
  readonly pid: number;
  /** Ends it in order; kills it after a while. */
  stop(): Promise<void>;
  /** `kill -9`. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves with a message if it ends while it is needed. */
  readonly lost: Promise<string>;
}

const READY_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 40_000;
const LAST_LINES = 20;

export async function startChildProgram(options: ChildProgramOptions): Promise<ChildProgram> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  // The program writes to the file itself: what it said last is there when it has ended.
  const log = openSync(options.logFile, 'a');
  const ofNode = ['--disable-warning=ExperimentalWarning', ...(options.nodeOptions ?? [])];
  const child = spawn(process.execPath, [...ofNode, options.entry, ...(options.args ?? [])], {
    // A process group of its own: Ctrl-C in the terminal reaches us alone, and we stop everything in order.
    detached: true,
    stdio: ['ignore', 'pipe', log, 'ipc'],
    env: options.environment,
  });
  closeSync(log);
  let ending = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  // Libraries of native code write to the same stream when something is slow: that is for the log.
  const readyLine = new Promise<string>((resolve) => {
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (line) =>
        line.startsWith('{') ? resolve(line) : appendFileSync(options.logFile, `${line}\n`),
      );
  });
  let timer: NodeJS.Timeout | undefined;
  const outcome = await Promise.race([
    readyLine.then((line) => ({ line })),
    ended.then((how) => ({ how })),
    new Promise<{ how: string }>((resolve) => {
      timer = setTimeout(() => resolve({ how: `nothing for ${READY_TIMEOUT_MS / 1_000} s` }), READY_TIMEOUT_MS);
    }),
  ]);
  clearTimeout(timer);
  if ('how' in outcome) {
    child.kill('SIGKILL');
    throw new LaunchError(
      `${options.name}: expected to serve, got ${outcome.how}. The end of ${options.logFile}:\n${lastLines(options.logFile)}`,
    );
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    ending = true;
    child.kill(signal);
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await ended;
    clearTimeout(killer);
  };
  return {
    ready: JSON.parse(outcome.line),
    pid: child.pid ?? -1,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    lost: new Promise((lose) => {
      void ended.then((how) => {
        if (!ending) lose(`${options.name} has ended: ${how}. Its log: ${options.logFile}`);
      });
    }),
  };
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
}
