/** Going live is configuration only: `lockstep init`, `npm start`, `doctor`, `plan`, `apply`, against a Jira that is not started by us. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removePostgres } from '@lockstep/local-services/postgres.ts';
import { startSimulator } from '@lockstep/simulator/server.ts';
import type { Simulator } from '@lockstep/simulator/server.ts';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const LONGEST_MS = 5 * 60_000;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('connections of one’s own', { timeout: LONGEST_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-own-'));
  const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, ...environment } = process.env;
  let jira: Simulator;
  let start: ChildProcess;

  const lockstep = (...args: readonly string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, [root('scripts/lockstep.mjs'), ...args], { cwd: folder, env: environment });
      const said = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString('utf8')));
      child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString('utf8')));
      child.once('exit', (code) => resolve({ code, ...said }));
    });
  const writes = async (): Promise<number> => {
    const answer = await fetch(`${jira.urls.admin}/_simulator/counts?tool=jira&account=lockstep`);
    const { creates, updates, deletes } = (await answer.json()) as { creates: number; updates: number; deletes: number };
    return creates + updates + deletes;
  };

  beforeAll(async () => {
    jira = await startSimulator({ databaseFile: ':memory:', rateLimits: 'off' });
    copyFileSync(root('examples/growth-plan/tasks.md'), join(folder, 'tasks.md'));
    writeFileSync(join(folder, 'email'), 'lockstep@growth.example\n');
    writeFileSync(join(folder, 'token'), 'jira-token-lockstep\n');
    const connection = ['--jira-url', jira.urls.jira, '--project', 'GROW', '--jira-email', 'file:email', '--jira-token', 'file:token'];
    const init = await lockstep('init', '--plan-file', 'tasks.md', ...connection);
    if (init.code !== 0) throw new Error(`lockstep init: expected exit code 0, got ${init.code}: ${init.stderr}`);
    start = spawn(process.execPath, [root('scripts/start.mjs')], { cwd: folder, env: environment });
    await new Promise<void>((resolve, reject) => {
      let output = '';
      const read = (chunk: Buffer): void => {
        output += chunk.toString('utf8');
        if (output.includes('Ctrl-C')) resolve();
      };
      start.stdout?.on('data', read);
      start.stderr?.on('data', read);
      start.once('exit', (code) => reject(new Error(`npm start: expected to stay up, got exit code ${code}:\n${output}`)));
    });
  }, LONGEST_MS);

  afterAll(async () => {
    const ended = new Promise((resolve) => start.once('exit', resolve));
    if (start.exitCode === null && start.kill('SIGTERM')) await ended;
    await jira.close();
    removePostgres(join(folder, '.lockstep'));
    rmSync(folder, { recursive: true, force: true });
  }, LONGEST_MS);

  it('S11 nothing is written before a plan is applied; then exactly the plan is', async () => {
    const doctor = await lockstep('doctor', '--json');
    expect(doctor, doctor.stdout).toMatchObject({ code: 0 });
    const synced = await lockstep('sync', '--wait');
    // 3: read to the end, and not in step, because nothing may be written yet.
    expect(synced, synced.stderr).toMatchObject({ code: 3 });
    const planned = await lockstep('plan', '--json');
    const plan = JSON.parse(planned.stdout) as { planId: string; writes: { connectionId: string; operation: string }[] };
    expect(plan.writes.filter((write) => write.connectionId === 'jira' && write.operation === 'create')).toHaveLength(50);
    expect(plan.writes.every((write) => write.connectionId === 'jira')).toBe(true);
    expect(await writes()).toBe(0);

    const applied = await lockstep('apply', '--plan', plan.planId, '--yes', '--wait');
    expect(applied, applied.stderr).toMatchObject({ code: 0 });
    const status = JSON.parse((await lockstep('status', '--json')).stdout) as { inStep: boolean };
    expect(status.inStep).toBe(true);
    expect(await writes()).toBeGreaterThanOrEqual(50);
  });

  it('tells no story, makes no copy of the plan, and leaves the file as it was', () => {
    expect(existsSync(join(folder, '.lockstep', 'tasks.md'))).toBe(false);
    expect(readFileSync(join(folder, 'tasks.md')).equals(readFileSync(root('examples/growth-plan/tasks.md')))).toBe(true);
  });

  it('says what to do where no worker answers', () => {
    const asked = spawnSync(process.execPath, [root('scripts/lockstep.mjs'), '--data', join(folder, 'nowhere'), 'status'], {
      cwd: folder,
      env: environment,
      encoding: 'utf8',
    });
    expect(asked.status).not.toBe(0);
    expect(asked.stderr).toContain('npm start');
  });
});
