/** One run of `lockstep` in a process: its arguments in, its exit code out. */
import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';

/** Runs the command that `argv` names, as `process.argv` holds it; leaves its exit code in `process.exitCode`. Throws where the program itself is at fault. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    // Commander has said what is wrong already.
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}
