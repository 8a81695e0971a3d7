import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDirectory } from './data-directory.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-data-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a data directory belongs to one at a time, by whatever path it is named; another directory is free', async () => {
  const data = join(folder, 'data');
  const lock = await lockDirectory(data);
  symlinkSync(data, join(folder, 'alias'));
  for (const path of [data, join(folder, 'alias')])
    await expect(lockDirectory(path)).rejects.toThrow(
      /^data directory .*: expected to be free, got one that another Lockstep uses now\. Stop it/,
    );
  const other = await lockDirectory(join(folder, 'other'));
  await other.release();
  await lock.release();
  await (await lockDirectory(data)).release();
});

test('K03 of many that ask at once, one gets it', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => lockDirectory(folder)));
  const held = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(held).toHaveLength(1);
  await held[0]?.release();
});

test('the lock of one that was killed is free at once', async () => {
  const module = fileURLToPath(new URL('data-directory.ts', import.meta.url));
  const script = `const { lockDirectory } = await import(${JSON.stringify(module)}); await lockDirectory(process.argv[1]); console.log('held'); setInterval(() => {}, 1000)`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(owner.stdout, 'data');
  await expect(lockDirectory(folder)).rejects.toThrow('another Lockstep uses now');
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await (await lockDirectory(folder)).release();
});
