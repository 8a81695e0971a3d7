/** `npm run lockstep -- <command>`: the command line client, apps/cli, on the repository's own Node 24. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, runProgram } from './bootstrap.mjs';

const node = join(ROOT, 'node_modules', '.bin', 'node');

if (existsSync(node)) {
  // npm changes to the repository's root; paths on the command line count from where the person is.
  if (process.env['npm_lifecycle_event'] === 'lockstep' && process.env['INIT_CWD'] !== undefined) process.chdir(process.env['INIT_CWD']);
  process.exitCode = await runProgram(node, 'apps/cli/src/main.ts', process.argv.slice(2));
} else {
  process.stderr.write(`lockstep: expected ${node}, found none: nothing is installed yet. Run \`npm start\` (or \`npm install\`) first.\n`);
  process.exitCode = 1;
}
