/** Bundles the workflows and hands the code to whoever has forked it, then ends: the bundler's memory (some 300 MB) ends with it. */
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** What the program answers: the code, or why there is none. */
export type BundleAnswer = { readonly code: string } | { readonly error: string };

const [, , workflowsPath = '', failureConverterPath = ''] = process.argv;

function answer(message: BundleAnswer): void {
  process.send?.(message, () => process.disconnect());
}

bundleWorkflowCode({ workflowsPath, failureConverterPath, logger: new DefaultLogger('WARN') }).then(
  ({ code }) => answer({ code }),
  (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
);
