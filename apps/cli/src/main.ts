/**
 * `lockstep`: the command line client of the worker's HTTP API. Run it as `npm run lockstep -- <command>`.
 */
import { EXIT } from './exit-codes.ts';
import { runCommand } from './run.ts';

// A reader that has seen enough (`lockstep export | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed));

await runCommand(process.argv);
