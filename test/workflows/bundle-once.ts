/**
 * One bundle of the workflows for one run of the tests, made when the first test asks: vitest runs this in its main process, test files and the processes
 * that they start reach it over HTTP (`test-bundle.ts`).
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import type { WorkflowBundle } from '@temporalio/worker';
import { bundleWorkflows } from '@lockstep/worker/workflow-bundle.ts';

/** vitest's global set-up: returns the tear-down. The address goes to the test processes in LOCKSTEP_TEST_BUNDLE. */
export async function setup(project: Pick<TestProject, 'onTestsRerun'>): Promise<() => void> {
  let made: Promise<WorkflowBundle> | undefined;
  const server = createServer((_, response) => {
    made ??= bundleWorkflows();
    made.then(
      ({ code }) => response.end(code),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  process.env['LOCKSTEP_TEST_BUNDLE'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // In watch mode the workflows may have changed meanwhile.
  project.onTestsRerun(() => void (made = undefined));
  return () => void server.close();
}
