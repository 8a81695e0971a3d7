import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const FILE = fileURLToPath(new URL('without-call-stacks.ts', import.meta.url));
/** Follows the promises of its thread, as Temporal's SDK does in those with workflows, and says how many it has seen. */
const THREAD = `
  const { promiseHooks } = require('node:v8');
  let followed = 0;
  promiseHooks.createHook({ init: () => (followed += 1) });
  Promise.resolve().then(() => require('node:fs').writeSync(1, String(followed)));
`;

/** What a thread of a process with these options has followed. */
function followed(...options: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-threads-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const thread = join(folder, 'thread.cjs');
  writeFileSync(thread, THREAD);
  const program = `new (require('node:worker_threads').Worker)(${JSON.stringify(thread)})`;
  return Number(execFileSync(process.execPath, [...options, '--eval', program], { encoding: 'utf8' }));
}

test('promises are followed in no thread of a process that is started with it, and in those of one that is not', () => {
  expect(followed()).toBeGreaterThan(0);
  expect(followed(`--import=${FILE}`)).toBe(0);
});
