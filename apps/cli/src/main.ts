/**
 * `lockstep`: the command line client of the worker's HTTP API. Run it as `npm run lockstep -- <command>`.
 */
import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';

// A reader that has seen enough (`lockstep export | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed));

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  // Commander has said what is wrong already.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
