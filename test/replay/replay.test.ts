/** E10: what runs somewhere goes on under today's code. `LOCKSTEP_RECORD=1` saves the histories of this run beside the older ones. */
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useHarness } from '../workflows/harness.ts';
import { checksumOf, checksums, decryptedHistory, saveHistory, savedHistories } from './saved-histories.ts';
import type { SavedHistory } from './saved-histories.ts';
import { SCENARIOS } from './scenarios.ts';

const harness = useHarness();

/** What replaying each history came to: null, or the name of the error. */
async function replay(
  workflowBundle: WorkflowBundle,
  histories: readonly SavedHistory[],
): Promise<Readonly<Record<string, string | null>>> {
  const outcomes: Record<string, string | null> = {};
  const given = histories.map(({ name, text }) => ({ workflowId: name, history: JSON.parse(text) as unknown }));
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, given))
    outcomes[workflowId] = error?.name ?? null;
  return outcomes;
}

test('E10 every saved history replays with today’s workflows', async () => {
  const saved = savedHistories();
  expect(await replay(harness.bundle(), saved)).toEqual(Object.fromEntries(saved.map(({ name }) => [name, null])));
});

test('every scenario has a saved history, and none was changed or taken away', () => {
  const saved = savedHistories();
  expect(checksums()).toEqual(new Map(saved.map(({ name, text }) => [name, checksumOf(text)])));
  expect(SCENARIOS.filter((scenario) => !saved.some(({ name }) => name.startsWith(`${scenario.name}.`)))).toEqual([]);
});

test('E10 case 54 a workflow that was changed without a thought for running ones is found out by every history that gets that far', async () => {
  const changed = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('changed-workflows.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const saved = savedHistories().filter(({ name }) => /^(backlogSync|changeSet|pqlRouting)\./.test(name));
  expect(await replay(changed, saved)).toEqual(Object.fromEntries(saved.map(({ name }) => [name, DeterminismViolationError.name])));
});

test.for(SCENARIOS)('E10 a new run of $name replays, so that it can be saved', async (scenario) => {
  const { lane, handle } = await scenario.run(harness);
  const text = await decryptedHistory(handle, lane.keyRing);
  expect(text).not.toContain(Buffer.from('binary/encrypted').toString('base64'));
  expect(await replay(harness.bundle(), [{ name: scenario.name, text }])).toEqual({ [scenario.name]: null });
  if (process.env['LOCKSTEP_RECORD'] === '1') saveHistory(scenario.name, text);
});
