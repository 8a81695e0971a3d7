import type { WorkflowBundle } from '@temporalio/worker';

/** The workflows as the worker bundles them, made once for all tests of a run (`bundle-once.ts`). For the processes that a test starts, too. */
export async function testBundle(): Promise<WorkflowBundle> {
  const address = process.env['LOCKSTEP_TEST_BUNDLE'];
  if (address === undefined)
    throw new Error('workflows: expected to run under vitest with the global set-up of vitest.config.ts, got no LOCKSTEP_TEST_BUNDLE');
  const answer = await fetch(address);
  const code = await answer.text();
  if (!answer.ok) throw new Error(`workflows: expected a bundle, got: ${code}`);
  return { code };
}
