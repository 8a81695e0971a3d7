/** Lockstep as another deploy has it: a checkout of its own, in which a few lines differ from this one's. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LaunchError } from './errors.ts';

/** The root of the checkout that this program is of. */
export const THIS_CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

/** What finds its own files by where it lies, and what may differ. */
const COPIED = ['apps/worker', 'apps/cli', 'packages/workflows'];
/** All the rest is this checkout's: a package is found through node_modules. */
const LINKED = ['node_modules', 'packages/connectors'];

/** Whether a deploy has it: no tests, and nothing that is installed. */
const isRun = (path: string): boolean => !/\/(node_modules|__snapshots__|[^/]*\.test(-\w+)?\.ts)$/.test(path);

export interface Edit {
  /** From the root; one of the copied ones. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Makes the checkout anew. Its worker and its `lockstep` run as those of this one do.
 * @throws LaunchError where a line that is to differ does not stand there exactly once: the code has moved on, and the edit has to follow
 */
export function checkOut(directory: string, edits: readonly Edit[]): void {
  rmSync(directory, { recursive: true, force: true });
  for (const path of COPIED) cpSync(join(THIS_CHECKOUT, path), join(directory, path), { recursive: true, filter: isRun });
  for (const path of LINKED) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    symlinkSync(join(THIS_CHECKOUT, path), join(directory, path), 'dir');
  }
  for (const { file, from, to } of edits) {
    const text = readFileSync(join(directory, file), 'utf8');
    const found = text.split(from).length - 1;
    if (found !== 1)
      throw new LaunchError(`${file}: expected the line "${from}" once, got it ${found} times; the story has to follow the code`);
    writeFileSync(
      join(directory, file),
      text.replace(from, () => to),
    );
  }
}
