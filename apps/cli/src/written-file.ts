/** Files that a command writes for people. */
import { writeFileSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** What is there already stays: it may be somebody's. For its owner alone. Throws `CommandFailure`. */
export function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const got = isThere ? 'one that is there; it was left as it is' : 'none that can be written';
    throw new CommandFailure(EXIT.failed, 'bad_file', `${file}: expected a new file, got ${got}`);
  }
}
