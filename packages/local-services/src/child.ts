/**
 * A child process that is ours to end: its output goes to a log file, its early death is an error with the last lines of that file.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalServiceError } from './errors.ts';

export interface ChildOptions {
  /** For messages ("PostgreSQL"). */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

export interface Child {
  readonly pid: number;
  /** Runs `probe` until it is true. Rejects when the child ends first or the time is over. */
  ready(probe: () => Promise<boolean>, timeoutMs: number): Promise<void>;
  /** Sends the signal and waits; kills after `graceMs`. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>;
  /** Resolves with a message if it ends without being told to. */
  readonly lost: Promise<string>;
}

const PROBE_INTERVAL_MS = 50;
const LAST_LINES = 15;

export function startChild(options: ChildOptions): Child {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.command, [...options.args], {
    stdio: ['ignore', log, log],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    ...(options.environment === undefined ? {} : { env: options.environment }),
  });
  closeSync(log);
  let ended: string | null = null;
  let isStopping = false;
  const exit = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      ended ??= signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve();
    });
  });
  return {
    pid: child.pid ?? -1,
    async ready(probe, timeoutMs) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        if (ended !== null) throw new LocalServiceError(`${options.name}: expected to serve, got ${ended}. ${lastLines(options.logFile)}`);
        // A probe may hang where somebody else answers; the child's end is known at once.
        if (await Promise.race([probe(), exit.then(() => false)])) return;
        if (Date.now() > deadline)
          throw new LocalServiceError(`${options.name}: expected to serve within ${timeoutMs / 1_000} s. ${lastLines(options.logFile)}`);
        await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS));
      }
    },
    lost: new Promise((lose) => {
      void exit.then(() => {
        if (!isStopping) lose(`${options.name} has ended: ${ended ?? 'without a word'}. ${lastLines(options.logFile)}`);
      });
    }),
    async stop(signal, graceMs) {
      isStopping = true;
      if (ended !== null) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exit;
      clearTimeout(timer);
    },
  };
}

function lastLines(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LAST_LINES);
  return `The end of ${file}:\n${lines.join('\n')}`;
}

/** Whether a process lives and its command line holds `words`: a process id alone may have been given to another since. */
export function isRunning(pid: number, words: string): boolean {
  try {
    return commandLine(pid).includes(words);
  } catch {
    return false;
  }
}

/** Throws where there is no such process. */
function commandLine(pid: number): string {
  if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
}
