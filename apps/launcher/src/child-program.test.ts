import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startChildProgram } from './child-program.ts';

async function start(program: string) {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-child-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [entry, logFile] = [join(folder, 'program.mjs'), join(folder, 'program.log')];
  writeFileSync(entry, program);
  const child = await startChildProgram({ name: 'program', entry, environment: process.env, logFile });
  onTestFinished(() => child.kill());
  return { child, log: () => readFileSync(logFile, 'utf8') };
}

const STAYS = `process.on('disconnect', () => process.exit()); setInterval(() => undefined, 60_000);`;

test('what a library prints before the line that says that it serves is in the log, and not taken for it', async () => {
  const warning = '\u001B[2m2026-11-29T23:00:00Z\u001B[0m WARN sticky cache is slow';
  const { child, log } = await start(`console.log(${JSON.stringify(warning)}); console.log('{"ready":true}'); ${STAYS}`);
  expect(child.ready).toEqual({ ready: true });
  await expect.poll(log).toContain(warning);
});

test('one that ends before it serves is refused with how it ended and the end of its log', async () => {
  await expect(start(`console.error('no port'); process.exitCode = 4;`)).rejects.toThrow(
    /expected to serve, got exit code 4[\s\S]*no port/,
  );
});
