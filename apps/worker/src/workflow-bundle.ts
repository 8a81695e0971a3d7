/** The workflows as the sandbox loads them. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundle } from '@temporalio/worker';
import type { BundleAnswer } from './bundle-program.ts';
import { BUNDLES, keptBundle } from './kept-bundle.ts';

const BUNDLE = fileURLToPath(new URL('../../../packages/workflows/src/bundle.ts', import.meta.url));
const BUNDLER = fileURLToPath(new URL('bundle-program.ts', import.meta.url));
/** Where clients and the sandbox find how a failure is encoded. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('../../../packages/workflows/src/failure-converter.ts', import.meta.url));

/** The bundle of this checkout: the one that is kept, where its sources are the same. Rejects with the bundler's own words. */
export async function bundleWorkflows(): Promise<WorkflowBundle> {
  return { code: await keptBundle({ ...BUNDLES, make: makeBundle }) };
}

/** Bundled anew by a process of its own: about four seconds of a processor. */
export function makeBundle(): Promise<string> {
  const bundler = fork(BUNDLER, [BUNDLE, FAILURE_CONVERTER], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  return new Promise((resolve, reject) => {
    bundler.once('message', (message) => {
      const answer = message as BundleAnswer;
      if ('code' in answer) resolve(answer.code);
      else reject(new Error(`workflows: expected a bundle, got ${answer.error}`));
    });
    bundler.once('error', reject);
    bundler.once('exit', (code) => reject(new Error(`workflows: expected a bundle, got the bundler's end with exit code ${code}`)));
  });
}
