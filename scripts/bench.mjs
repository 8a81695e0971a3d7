/** `npm run bench -- sync`, `-- change-sets`, `-- replay` or `-- routing`: installs what is missing, then everything else is test/bench. */
import { bootstrap, runProgram } from './bootstrap.mjs';

const OTHERS = ['change-sets', 'replay', 'routing'];

const name = OTHERS.find((other) => process.argv.includes(other)) ?? 'main';
process.exitCode = await runProgram(await bootstrap(), `test/bench/${name}.ts`, process.argv.slice(2));
