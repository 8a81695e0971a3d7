/** The real program in a process of its own. */
import { execFile, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ended, ShellRun } from './program-shell.ts';

export type { Ended } from './program-shell.ts';

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));
const SHELL = fileURLToPath(new URL('program-shell.ts', import.meta.url));
const NODE_OPTIONS = ['--disable-warning=ExperimentalWarning'];

/** Of our own environment, what finds Node and what lets it start faster. */
const { PATH, NODE_COMPILE_CACHE } = process.env;

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs the real program as a person runs it: a process from its start to its end, with nothing else of our own environment; no terminal. */
export function lockstepProcess(args: readonly string[], options: RunOptions & { readonly input?: string } = {}): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [...NODE_OPTIONS, PROGRAM, ...args],
      { cwd: options.cwd ?? emptyDirectory(), env: { PATH, NODE_COMPILE_CACHE, ...options.env } },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** The same without a start of its own: half a second of a processor, hundreds of times (docs/decisions/0020). Runs side by side have a process each. */
export async function lockstep(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const shell = idle.pop() ?? startShell();
  const run: ShellRun = { args, env: { PATH, NODE_COMPILE_CACHE, ...options.env }, cwd: options.cwd ?? emptyDirectory() };
  const ended = await new Promise<Ended>((done, fail) => {
    const gone = (code: number | null): void => fail(new Error(`lockstep ${args.join(' ')}: ended its process with ${code}`));
    shell.once('exit', gone);
    shell.once('message', (message: Ended) => {
      shell.off('exit', gone);
      done(message);
    });
    shell.send(run);
  });
  idle.push(shell);
  return ended;
}

const idle: ChildProcess[] = [];

/** Goes when we go, and keeps nobody waiting. */
function startShell(): ChildProcess {
  const shell = fork(SHELL, { execArgv: NODE_OPTIONS, env: { PATH, NODE_COMPILE_CACHE }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  shell.unref();
  shell.channel?.unref();
  return shell;
}

/** A new folder with nothing in it. */
export function emptyDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'lockstep-cli-'));
}
