/** `npm run bench -- sync`, `-- change-sets` or `-- routing`: installs what is missing, then everything else is test/bench. */
import { bootstrap, runProgram } from './bootstrap.mjs';

const PROGRAMS = { 'change-sets': 'test/bench/change-sets.ts', routing: 'test/bench/routing.ts' };
const program = PROGRAMS[process.argv.slice(2).find((word) => Object.hasOwn(PROGRAMS, word)) ?? ''] ?? 'test/bench/main.ts';
process.exitCode = await runProgram(await bootstrap(), program, process.argv.slice(2));
