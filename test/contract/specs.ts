/** The vendors' contracts as they lie in ../shared/specs (origins and licences: SOURCES.md there). Nothing of them is in the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SPECS = fileURLToPath(new URL('../../../shared/specs', import.meta.url));

/** A file of the contracts, parsed. Throws where it is missing. */
export function readSpec(path: string): unknown {
  return JSON.parse(readFileSync(join(SPECS, path), 'utf8'));
}

/** Whether laws that need the contracts are skipped: never where CI=true, and elsewhere loudly, where the contracts are missing. */
export function skipsWithoutSpecs(title: string): boolean {
  const isMissing = !existsSync(SPECS);
  const isSkipped = isMissing && process.env['CI'] !== 'true';
  if (isSkipped) process.stderr.write(`contract: SKIPPED (${title}), ${SPECS} is missing; with CI=true this fails\n`);
  return isSkipped;
}
