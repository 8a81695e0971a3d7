/**
 * What every command needs before anything is installed: plain Node ≥ 20, no dependency. Installs the packages of the lockfile where they are missing
 * or older than it, and finds the Node 24 among them that runs the TypeScript sources.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const MARKER = join(MODULES, '.lockstep-installed');
const OLDEST_NODE = 20;
const LOCK_WAIT_MS = 1_000;
const LOCK_STALE_MS = 15 * 60_000;

/** Ends the process: which step failed, and what to do. */
function fail(step, message, remedy) {
  process.stderr.write(`\nlockstep: ${step} failed: ${message}\n${remedy}\n`);
  process.exit(1);
}

/** Makes sure that everything is installed. Says so when it has to install. Returns the path of Node 24. */
export async function bootstrap() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE)
    fail(
      'checking Node',
      `expected Node ≥ ${OLDEST_NODE}, got ${process.versions.node}`,
      'Install a newer Node (https://nodejs.org) and try again.',
    );
  if (process.platform === 'win32')
    fail(
      'checking the system',
      'expected Linux or macOS, got Windows',
      'Use WSL 2: neither engine ships a local server for Windows that we can pin.',
    );
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const isInstalled = () => existsSync(MARKER) && readFileSync(MARKER, 'utf8') === wanted;
  if (!isInstalled()) await withLock(() => isInstalled() || install(wanted));
  const node = join(MODULES, 'node', 'bin', 'node');
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (answer.status !== 0) {
    rmSync(MARKER, { force: true });
    fail(
      'finding Node 24',
      `expected ${node} to run, got ${answer.error?.message ?? `exit code ${answer.status}`}`,
      'Delete node_modules and try again; the package `node` needs its install script (see allowScripts in package.json).',
    );
  }
  return node;
}

/** Two commands at once install once. */
async function withLock(work) {
  const lock = join(ROOT, '.lockstep-install');
  const startedMs = Date.now();
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (Date.now() - startedMs > LOCK_STALE_MS)
        fail('installing', `${lock} stands since another install began`, 'If none is running, delete that folder and try again.');
      await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
    }
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', release);
  try {
    await work();
  } finally {
    release();
    process.off('exit', release);
  }
}

function install(wanted) {
  process.stderr.write('lockstep: installing packages (once; about a minute)\n');
  const npm = process.env['npm_execpath'];
  const [command, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const { status, error } = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0)
    fail(
      'installing packages (npm ci)',
      error?.message ?? `npm ended with ${status}`,
      'Look at npm’s message above; the registry must be reachable. Then try again: nothing is half-installed for Lockstep.',
    );
  writeFileSync(MARKER, wanted);
}

/**
 * The environment in which the repository's own tools and Node 24 come first. What Node has made of a source (types taken out, compiled) is kept for the
 * next process, which then starts in half the time; a cache that cannot be written is no failure.
 */
export function toolEnvironment() {
  return {
    NODE_COMPILE_CACHE: join(MODULES, '.cache', 'node'),
    ...process.env,
    PATH: `${join(MODULES, 'node', 'bin')}${delimiter}${join(MODULES, '.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
  };
}

/** Runs one of our programs on Node 24 until it ends; signals are passed on, and it learns of our death. Resolves with its exit code. */
export function runProgram(node, file, args) {
  return new Promise((resolve) => {
    const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(ROOT, file), ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: toolEnvironment(),
    });
    // A terminal sends Ctrl-C to the child as well: only what comes to us alone is passed on.
    process.on('SIGINT', () => {});
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
