/** `npm run bench -- sync` or `-- change-sets`: installs what is missing, then everything else is test/bench. */
import { bootstrap, runProgram } from './bootstrap.mjs';

const program = process.argv.includes('change-sets') ? 'test/bench/change-sets.ts' : 'test/bench/main.ts';
process.exitCode = await runProgram(await bootstrap(), program, process.argv.slice(2));
