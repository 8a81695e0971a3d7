/** `npm start`: installs what is missing, then everything else is apps/launcher. */
import { bootstrap, runProgram } from './bootstrap.mjs';

process.exitCode = await runProgram(await bootstrap(), 'apps/launcher/src/main.ts', process.argv.slice(2));
