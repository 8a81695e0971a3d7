/** K03: two deployments on one workspace, as worker processes on the real Temporal and the real PostgreSQL. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { SMALL_PLAN } from './world.ts';

const database = useTestStore();
const ENTRY = fileURLToPath(new URL('../../apps/worker/src/main.ts', import.meta.url));
const LONGEST_MS = 180_000;

interface Deployment {
  readonly child: ChildProcess;
  /** Resolves with its first line when it serves, with its exit code and what it said when it has ended before. */
  readonly outcome: Promise<{ readonly serves: true } | { readonly code: number | null; readonly said: string }>;
}

function deploy(folder: string, deployment: string, temporalAddress: string): Deployment {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ENTRY], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporalAddress,
      LOCKSTEP_CONFIG: join(folder, 'lockstep.yaml'),
      LOCKSTEP_API_TOKEN: 'a-token-of-the-test',
      LOCKSTEP_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      LOCKSTEP_API_PORT: '0',
      LOCKSTEP_DEPLOYMENT: deployment,
      LOCKSTEP_LOG_LEVEL: 'error',
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const serves = new Promise<{ serves: true }>((resolve) =>
    createInterface({ input: child.stdout }).once('line', () => resolve({ serves: true })),
  );
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  return { child, outcome: Promise.race([serves, ended]) };
}

test(
  'K03 a second deployment is fenced out with who, since when and what to do; the first, killed with -9, takes over from itself at once',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-deployments-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'tasks.md'), SMALL_PLAN);
    const workspace = `deployments-${process.pid}`;
    const connections = [{ id: 'document', connector: 'document', file: 'tasks.md', gate: 'open' }];
    writeFileSync(join(folder, 'lockstep.yaml'), JSON.stringify({ version: 1, workspace, connections }));
    const address = await testTemporalAddress();
    const holder = async (): Promise<unknown> =>
      (await database.pool.query('select holder from lockstep.leases where workspace_id = $1 and name = $2', [workspace, 'worker'])).rows;

    const one = deploy(folder, 'one', address);
    expect(await one.outcome).toEqual({ serves: true });
    expect(await deploy(folder, 'two', address).outcome).toEqual({
      code: 75,
      said: expect.stringMatching(/than two at work, got one since \d{4}-.* Stop that one, or give this one a workspace of its own/),
    });
    one.child.kill('SIGKILL');
    await once(one.child, 'close');
    expect(await holder()).toEqual([{ holder: 'one' }]);
    const again = deploy(folder, 'one', address);
    expect(await again.outcome).toEqual({ serves: true });
    again.child.kill('SIGTERM');
    await once(again.child, 'close');
    expect(await holder()).toEqual([{ holder: null }]);
  },
  LONGEST_MS,
);
