/** Temporal's SDK in the process of a test file, and workers of other processes. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger, WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { bundleWorkflows } from '@lockstep/worker/workflow-bundle.ts';

/** With it the SDK runs workflows in the thread that made the worker. A thread of its own takes a third of a second of a processor to load the SDK, for each worker of each test. */
const IN_THIS_THREAD = 'TEMPORAL_DEBUG';

/**
 * Registers the hooks; call it at the top of a test file. The SDK says errors alone, unless a logger is given. Workers made in this file run their workflows in
 * this thread; those of other processes, as `npm start` has them, in threads of their own. Returns the workflows as the sandbox loads them.
 */
export function useTemporalSdk(logger: Logger = new DefaultLogger('ERROR')): () => WorkflowBundle {
  let bundle: WorkflowBundle | undefined;
  beforeAll(async () => {
    process.env[IN_THIS_THREAD] = '1';
    Runtime.install({ logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } });
    bundle = await bundleWorkflows();
  });
  afterAll(async () => {
    delete process.env[IN_THIS_THREAD];
    await Runtime.instance().shutdown();
  });
  return () => {
    if (bundle === undefined) throw new Error('bundle: expected to be used within a test, got a use before the hooks ran');
    return bundle;
  };
}

/** A program of a worker in a process of its own, as the product runs it; killed where the test has left it alive. */
export function forkWorker(program: string): ChildProcess {
  const { [IN_THIS_THREAD]: _ours, ...env } = process.env;
  const child = fork(program, [], {
    env,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
