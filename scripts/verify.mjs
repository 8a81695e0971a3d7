/** `npm run verify`: what CI runs. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './bootstrap.mjs';

const test = (...args) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/test.mjs'), ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] }).status ===
  0;
const outcomes = [test(), test('--contract')];
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
