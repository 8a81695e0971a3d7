/**
 * What the sandbox loads for every workflow. zod costs two thirds of the speed of a cold start and 260 MB a worker; a vendor's SDK, a connector or the
 * store there would mean that a workflow does more than decide.
 */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { makeBundle } from '@lockstep/worker/workflow-bundle.ts';

/** Temporal's own, and what it needs. */
const WELCOME = new Set(['@temporalio/common', '@temporalio/workflow', 'nexus-rpc', 'ms', 'long']);
const MOST_BYTES = 3_000_000;

/** Ids of the modules in a bundle, as webpack writes them: `./packages/domain/src/backlog/merge.ts`. */
function modulesOf(code: string): readonly string[] {
  return [...code.matchAll(/^\/\*{3}\/ "(\.{1,2}\/[^"]+)"/gm)].map(([, id = '']) => id);
}

/** Modules that have no business in the sandbox. */
function strangers(modules: readonly string[]): readonly string[] {
  return modules.filter((id) => {
    const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1];
    if (library !== undefined) return !WELCOME.has(library);
    return !/^\.\/packages\/(workflows|domain)\/src\//.test(id) || id.endsWith('.schema.ts');
  });
}

test('E10 the bundle holds the workflows, Temporal and pure code: no zod, no SDK, no connector, no store, no engine', async () => {
  const code = await makeBundle();
  const modules = modulesOf(code);
  expect(modules).toEqual(
    expect.arrayContaining([
      './packages/workflows/src/bundle.ts',
      './packages/workflows/src/backlog-sync/workflow.ts',
      './packages/workflows/src/backlog-reconcile/workflow.ts',
      './packages/workflows/src/failure-converter.ts',
    ]),
  );
  expect(strangers(modules)).toEqual([]);
  expect(code).not.toMatch(/ZodObject|@notionhq|hubapi\.com|atlassian\.net|jira\.js|kysely/);
  expect(code.length).toBeLessThan(MOST_BYTES);
});

test('a bundle with a schema in it is found out', async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('heavy-bundle.fixture.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const found = strangers(modulesOf(code));
  expect(found).toContain('./packages/domain/src/sync/mapping.schema.ts');
  expect(found.filter((id) => id.includes('node_modules/zod/')).length).toBeGreaterThan(0);
  expect(code).toContain('ZodObject');
});
