/** The real program, run as a person runs it. */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a run of the program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));

/** Of our own environment, what finds Node and what lets it start faster. */
const { PATH, NODE_COMPILE_CACHE } = process.env;

/** Runs the real program with nothing else of our own environment; no terminal. */
export function lockstep(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly input?: string } = {},
): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', PROGRAM, ...args],
      { cwd: options.cwd ?? emptyDirectory(), env: { PATH, NODE_COMPILE_CACHE, ...options.env } },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** A new folder with nothing in it. */
export function emptyDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'lockstep-cli-'));
}
