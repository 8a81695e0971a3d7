/**
 * Engines for one run of the tests, started when the first test asks: vitest runs this in its main process, test files reach it over HTTP
 * (`testing.ts`). Tests of pure code start nothing.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngines } from './engines.ts';
import type { Engines } from './engines.ts';
import { removePostgres } from './postgres.ts';

type EngineName = 'postgres' | 'temporal';

/** vitest's global set-up: returns the tear-down. The address goes to the test processes in LOCKSTEP_TEST_ENGINES. */
export async function setup(): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
  const temporary = temporaryFolder(directory);
  const socketFolder = folderForAll(directory, 'sockets');
  const started: Partial<Record<EngineName, Promise<Engines>>> = {};
  const engine = (name: EngineName): Promise<Engines> =>
    (started[name] ??= startEngines({ ...only(name), directory, durable: false, timeSkipping: true, socketFolder, progress }));
  const server = createServer((request, response) => {
    const name: EngineName = request.url === '/temporal' ? 'temporal' : 'postgres';
    engine(name).then(
      ({ databaseUrl, temporalAddress }) => response.end(name === 'postgres' ? databaseUrl : temporalAddress),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  process.env['LOCKSTEP_TEST_ENGINES'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async () => {
    server.close();
    await Promise.all(Object.values(started).map(async (engines) => (await engines.catch(() => null))?.stop()));
    removePostgres(directory);
    temporary.giveBack();
    rmSync(directory, { recursive: true, force: true });
  };
}

/** All that a test leaves in the system's folder for temporary files lies in ours, and goes with it. */
function temporaryFolder(directory: string): { giveBack(): void } {
  const before = process.env['TMPDIR'];
  const folder = join(directory, 'tmp');
  mkdirSync(folder);
  // PostgreSQL, started by a test, may run under an account of its own.
  chmodSync(directory, 0o755);
  process.env['TMPDIR'] = folder;
  return {
    giveBack() {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    },
  };
}

/** Every account may write to it: PostgreSQL may run under one of its own. */
function folderForAll(directory: string, name: string): string {
  const folder = join(directory, name);
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  return folder;
}

const progress = (message: string): void => void process.stderr.write(`${message}\n`);

/** The other engine counts as the user's own, so that it is not started. */
function only(name: EngineName): { environment: NodeJS.ProcessEnv } {
  const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, ...environment } = process.env;
  return {
    // Temporal's server collects its garbage a quarter as often: a tenth of its work.
    environment: {
      GOGC: '400',
      ...environment,
      ...(name === 'postgres' ? { TEMPORAL_ADDRESS: 'not-started' } : { DATABASE_URL: 'not-started' }),
    },
  };
}
