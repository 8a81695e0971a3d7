/** Real engines: what happens to them and to their data when they, or those who own them, are killed. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRunning } from './child.ts';
import { startEngines } from './engines.ts';
import type { Engines } from './engines.ts';
import { isFreePort } from './ports.ts';
import { removePostgres, startPostgres } from './postgres.ts';
import { startTemporal } from './temporal.ts';

const STARTER = fileURLToPath(new URL('starter.fixture.ts', import.meta.url));
/** A process that has ended may wait for somebody to take note of it: it has no command line any more. */
const isServing = (pid: number): boolean => isRunning(pid, 'postgres');
const SOON = { timeout: 20_000, interval: 50 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-engines-'));
});
const clusters = ['one', 'two', 'three', 'four', 'here', 'there'];
afterAll(() => {
  for (const name of clusters) removePostgres(join(folder, name));
  rmSync(folder, { recursive: true, force: true });
});

async function ask(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The server's process. */
const serverPid = async (url: string): Promise<number> =>
  Number((await ask(url, "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) pid"))[0]?.['pid']);
const portOf = (url: string): number => Number(new URL(url).port);
/** The user of a process, or the process that started it. */
function about(pid: number, what: 'uid' | 'ppid'): number {
  if (process.platform !== 'linux') return Number(execFileSync('ps', ['-p', String(pid), '-o', `${what}=`], { encoding: 'utf8' }));
  const line = { uid: /^Uid:\s*(\d+)/m, ppid: /^PPid:\s*(\d+)/m }[what];
  return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

const postgresOnly = (name: string) => ({
  directory: join(folder, name),
  environment: { ...process.env, TEMPORAL_ADDRESS: 'not-started', DATABASE_URL: '' },
  durable: false,
  progress: () => undefined,
});

/** Another process that owns engines. */
async function startOwner(how: 'engines' | 'postgres', name: string): Promise<{ owner: ChildProcess; url: string }> {
  const owner = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', STARTER, how, join(folder, name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  return { owner, url: (JSON.parse(line) as { url: string }).url };
}

async function kill(owner: ChildProcess): Promise<void> {
  owner.kill('SIGKILL');
  await once(owner, 'exit');
}

describe('PostgreSQL', () => {
  test('starts from nothing, never as root, and only with its password; a second one runs beside it; both stop', async () => {
    const [one, two] = await Promise.all([startPostgres(postgresOnly('one')), startPostgres(postgresOnly('two'))]);
    try {
      expect(portOf(one.url)).not.toBe(portOf(two.url));
      expect(about(await serverPid(one.url), 'uid')).toBeGreaterThan(0);
      await ask(one.url, 'create table kept (word text)');
      await ask(one.url, "insert into kept values ('here')");
      await expect(ask(two.url, 'select * from kept')).rejects.toThrow('does not exist');
      const wrong = new URL(one.url);
      wrong.password = 'wrong';
      await expect(ask(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
      expect(statSync(join(folder, 'one', 'postgres.password')).mode & 0o077).toBe(0);
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
    await expect.poll(() => Promise.all([one, two].map(({ url }) => isFreePort(portOf(url)))), SOON).toEqual([true, true]);
  });

  test('nothing is left running when its owner is killed, and the data are there for the next', async () => {
    const { owner, url } = await startOwner('engines', 'one');
    const pid = await serverPid(url);
    const supervisor = about(pid, 'ppid');
    expect([isServing(pid), isRunning(supervisor, 'supervisor.ts')]).toEqual([true, true]);
    await ask(url, "insert into kept values ('still')");
    await kill(owner);
    await expect.poll(() => [isServing(pid), isRunning(supervisor, 'supervisor.ts')], SOON).toEqual([false, false]);
    const next = await startPostgres(postgresOnly('one'));
    expect(await ask(next.url, 'select word from kept order by word')).toEqual([{ word: 'here' }, { word: 'still' }]);
    await next.stop();
  });

  test('one that was left running by a crash is stopped first; one that was killed itself comes back with its data', async () => {
    const { owner, url } = await startOwner('postgres', 'one');
    const pid = await serverPid(url);
    await kill(owner);
    expect(isServing(pid)).toBe(true);
    const second = await startPostgres(postgresOnly('one'));
    expect(isServing(pid)).toBe(false);
    process.kill(await serverPid(second.url), 'SIGKILL');
    await second.stop();
    const third = await startPostgres(postgresOnly('one'));
    expect(await ask(third.url, 'select count(*)::int count from kept')).toEqual([{ count: 2 }]);
    await third.stop();
  });

  test('a process id that a crash has left, and that is another program’s by now, keeps no server from starting', async () => {
    const { owner, url } = await startOwner('postgres', 'one');
    const pid = await serverPid(url);
    const place = String((await ask(url, "select current_setting('data_directory') place"))[0]?.['place']);
    const { uid, gid } = statSync(place);
    await kill(owner);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isServing(pid), SOON).toBe(false);
    const other = spawn('sleep', ['600'], { uid, gid, cwd: '/' });
    const file = join(place, 'postmaster.pid');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(other.pid)));
    const next = await startPostgres(postgresOnly('one'));
    expect(await ask(next.url, 'select count(*)::int count from kept')).toEqual([{ count: 2 }]);
    await next.stop();
    other.kill();
  });

  test('a cluster that was half made is never used', async () => {
    const directory = join(folder, 'three');
    const first = await startPostgres(postgresOnly('three'));
    const [place] = await ask(first.url, "select current_setting('data_directory') place");
    await first.stop();
    removePostgres(directory);
    const partial = `${String(place?.['place'])}.new`;
    mkdirSync(partial, { recursive: true });
    writeFileSync(join(partial, 'PG_VERSION'), 'half');
    const second = await startPostgres(postgresOnly('three'));
    expect(await ask(second.url, 'select 1 one')).toEqual([{ one: 1 }]);
    expect(existsSync(partial)).toBe(false);
    await second.stop();
  });
});

describe('engines together', () => {
  test('DATABASE_URL and TEMPORAL_ADDRESS win: nothing of ours is started or stopped', async () => {
    const engines = await startEngines({
      directory: join(folder, 'none'),
      environment: { ...process.env, DATABASE_URL: 'postgresql://theirs', TEMPORAL_ADDRESS: 'theirs:7233' },
      durable: true,
      progress: () => undefined,
    });
    expect(engines).toMatchObject({ databaseUrl: 'postgresql://theirs', temporalAddress: 'theirs:7233', temporalUiUrl: null });
    await engines.stop();
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  test('a port that is taken is an error with the words of the server, and nothing is left running', async () => {
    // It takes connections and says nothing: the probe must not hang on it.
    const squatter = createServer((peer) => peer.resume());
    await new Promise<void>((listening) => squatter.listen(0, '127.0.0.1', listening));
    const { port } = squatter.address() as AddressInfo;
    const error = await startEngines({ ...postgresOnly('one'), ports: { postgres: port } }).catch(String);
    expect(error).toMatch(
      /^LocalServiceError: PostgreSQL: expected to serve, got exit code 1\. The end of .*postgres\.log:[\s\S]*Address already in use/,
    );
    await new Promise((closed) => squatter.close(closed));
    const next = await startPostgres(postgresOnly('one'));
    await next.stop();
  });

  test('the loss of the process that owns them is told', async () => {
    const engines: Engines = await startEngines(postgresOnly('one'));
    const pid = await serverPid(engines.databaseUrl);
    process.kill(about(pid, 'ppid'), 'SIGKILL');
    expect(await engines.lost).toBe('the process that owns PostgreSQL and Temporal has ended');
    // What it leaves behind is stopped by the next start.
    const next = await startPostgres(postgresOnly('one'));
    expect(isServing(pid)).toBe(false);
    await next.stop();
  });
});

describe('an engine that ends by itself', () => {
  test('is told by name, and the others are stopped', async () => {
    const engines = await startEngines(postgresOnly('four'));
    process.kill(await serverPid(engines.databaseUrl), 'SIGKILL');
    expect(await engines.lost).toMatch(/^PostgreSQL has ended: signal SIGKILL\. The end of .*postgres\.log:\n./);
    await engines.stop();
  });
});

describe('a data directory that is moved', () => {
  const rowsOf = (url: string): Promise<readonly Record<string, unknown>[]> => ask(url, 'select word from kept');

  test('finds its database, wherever that lies; without one it is refused, and nothing begins anew in silence', async () => {
    const first = await startPostgres(postgresOnly('here'));
    await ask(first.url, "create table kept as select 'kept' as word");
    await first.stop();
    execFileSync('cp', ['-a', join(folder, 'here'), join(folder, 'there')]);
    const second = await startPostgres(postgresOnly('there'));
    expect(await rowsOf(second.url)).toEqual([{ word: 'kept' }]);
    await second.stop();
    const placeFile = join(folder, 'there', 'postgres.place');
    rmSync(readFileSync(placeFile, 'utf8').trim(), { recursive: true });
    writeFileSync(placeFile, join(folder, 'nowhere'));
    await expect(startPostgres(postgresOnly('there'))).rejects.toThrow(
      /expected its database in .*, got nothing there and nothing in .*nowhere/,
    );
  });
});

describe('Temporal', () => {
  test('serves with its web UI, is stopped where a crash has left it, and keeps its database over a restart', async () => {
    const options = { directory: join(folder, 'temporal'), environment: process.env, progress: () => undefined };
    const first = await startTemporal(options);
    expect((await fetch(first.uiUrl)).status).toBe(200);
    const pid = Number(readFileSync(join(options.directory, 'temporal.pid'), 'utf8'));
    expect(isRunning(pid, 'temporal.db')).toBe(true);
    // Nobody stops the first: the second finds it on its database.
    const second = await startTemporal(options);
    expect(isRunning(pid, 'temporal.db')).toBe(false);
    expect(second.address).not.toBe(first.address);
    await second.stop();
    expect([existsSync(join(options.directory, 'temporal.pid')), existsSync(join(options.directory, 'temporal.db'))]).toEqual([
      false,
      true,
    ]);
    await expect.poll(() => isFreePort(Number(second.address.split(':')[1])), SOON).toBe(true);
  });

  test('a start that finds a port taken is tried again, and says so; one that is taken for good is an error with the server’s words', async () => {
    const squatter = createServer((peer) => peer.resume());
    await new Promise<void>((listening) => squatter.listen(0, '127.0.0.1', listening));
    const { port } = squatter.address() as AddressInfo;
    const said: string[] = [];
    const options = { directory: join(folder, 'taken'), environment: process.env, port };
    await expect(startTemporal({ ...options, progress: (message) => said.push(message) })).rejects.toThrow(
      /^Temporal: expected to serve, got exit code 1\. The end of .*temporal\.log:[\s\S]*address already in use/,
    );
    expect(said).toHaveLength(2);
    const server = await startTemporal({ ...options, progress: () => squatter.close() });
    expect(server.address).toBe(`127.0.0.1:${port}`);
    await server.stop();
  });
});
