import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isRunning, startChild } from './child.ts';
import type { Child } from './child.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-child-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = (script: string): Child =>
  startChild({ name: 'Engine', command: process.execPath, args: ['-e', script], logFile: join(folder, 'logs', 'engine.log') });
const isAlive = (child: Child): boolean => isRunning(child.pid, process.execPath);

test('a child is ready when its probe says so, and stops when it is told to', async () => {
  const child = start('setInterval(() => {}, 1000)');
  let probes = 0;
  await child.ready(() => Promise.resolve((probes += 1) > 2), 10_000);
  expect([probes, isAlive(child)]).toEqual([3, true]);
  await child.stop('SIGTERM', 10_000);
  expect(isAlive(child)).toBe(false);
});

test('one that ends before it is ready is an error that shows the end of its log', async () => {
  const child = start("for (let line = 1; line <= 20; line += 1) console.error('line ' + line); process.exit(3)");
  const error = await child.ready(() => Promise.resolve(false), 10_000).catch(String);
  expect(error).toMatch(
    /^LocalServiceError: Engine: expected to serve, got exit code 3\. The end of .*engine\.log:\nline 6\n[\s\S]*line 20$/,
  );
});

test('one that is not ready in time is an error; a program that is not there too', async () => {
  const child = start('setInterval(() => {}, 1000)');
  await expect(child.ready(() => Promise.resolve(false), 100)).rejects.toThrow('Engine: expected to serve within 0.1 s.');
  await child.stop('SIGKILL', 1_000);
  const missing = startChild({ name: 'Engine', command: join(folder, 'none'), args: [], logFile: join(folder, 'none.log') });
  await expect(missing.ready(() => Promise.resolve(false), 10_000)).rejects.toThrow('ENOENT');
  await missing.stop('SIGTERM', 1_000);
});

test('one that ignores the signal is killed after the grace', async () => {
  const child = start("process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000)");
  await child.ready(() => Promise.resolve(readFileSync(join(folder, 'logs', 'engine.log'), 'utf8').includes('deaf')), 10_000);
  await child.stop('SIGTERM', 100);
  expect(isAlive(child)).toBe(false);
});

test('a process id alone does not make a process ours', () => {
  expect(isRunning(process.pid, process.execPath)).toBe(true);
  expect(isRunning(process.pid, '/no/such/cluster')).toBe(false);
  expect(isRunning(2 ** 22 + 1, '')).toBe(false);
});
