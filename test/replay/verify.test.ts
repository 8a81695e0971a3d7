/** `replay verify`: what an incompatible deploy would break is named before it is deployed: workflow, event, what the code wanted, what history holds. */
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { openWorkflows, queriedHistories } from '@lockstep/worker/replay-histories.ts';
import { verifyHistories } from '@lockstep/worker/replay-verify.ts';
import type { HistoryToVerify, VerifiedHistory } from '@lockstep/worker/replay-verify.ts';
import { dataConverter } from '@lockstep/worker/temporal.ts';
import { makeKeyRing, SOON, task, useHarness } from '../workflows/harness.ts';
import { savedHistories } from './saved-histories.ts';

const harness = useHarness();
let changed: WorkflowBundle;
beforeAll(async () => {
  changed = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('changed-workflows.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
});

const saved = (prefix = ''): readonly HistoryToVerify[] =>
  savedHistories().flatMap(({ name, text }) =>
    name.startsWith(prefix) ? [{ workflowId: name, history: historyFromJSON(JSON.parse(text) as Record<string, unknown>) }] : [],
  );

async function verified(
  workflowBundle: WorkflowBundle,
  histories: AsyncIterable<HistoryToVerify> | Iterable<HistoryToVerify>,
  ring: Parameters<typeof dataConverter>[0] = null,
): Promise<readonly VerifiedHistory[]> {
  const found: VerifiedHistory[] = [];
  for await (const one of verifyHistories({ workflowBundle, dataConverter: dataConverter(ring) }, histories)) found.push(one);
  return found;
}

describe('replay verify', () => {
  it('E10 finds every saved history the same under the code of today', async () => {
    const histories = saved();
    const found = await verified(harness.bundle(), histories);
    expect(found.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
    expect(found.map(({ workflowId }) => workflowId).toSorted()).toEqual(histories.map(({ workflowId }) => workflowId).toSorted());
  });

  it('E10 case 54 names the event, what history holds and what the changed code wanted', async () => {
    expect(await verified(changed, saved('changeSet.committed.1'))).toEqual([
      expect.objectContaining({
        workflowId: 'changeSet.committed.1',
        workflowType: 'changeSet',
        verdict: 'different',
        eventId: 11,
        held: 'ActivityTaskScheduled judgeSet',
        said: "Activity type of scheduled event 'judgeSet' does not match activity type of activity command 'acquireLeases'",
      }),
    ]);
    const [late] = await verified(changed, saved('backlogSync.polled.1'));
    expect(late).toMatchObject({ verdict: 'different', held: 'ActivityTaskScheduled pullPage' });
    expect(late?.eventId).toBeGreaterThan(1);
  });

  it('E10 a workflow type that the code has no more, and what is no whole history, are failures and never pass', async () => {
    const [sync] = saved('backlogSync.polled.1');
    const events = sync?.history.events ?? [];
    const [gone] = await verified(changed, saved('backlogReconcile.nightly.1'));
    expect(gone).toMatchObject({ workflowType: 'backlogReconcile', verdict: 'failed' });
    const broken = [
      { workflowId: 'no events', history: { events: [] } },
      { workflowId: 'without its beginning', history: { events: events.slice(3) } },
    ];
    expect((await verified(harness.bundle(), broken)).map(({ workflowId, verdict }) => [workflowId, verdict])).toEqual([
      ['no events', 'failed'],
      ['without its beginning', 'failed'],
    ]);
  });

  it('E10 reads the open workflows of one workspace from the server, with its keys, and cannot without them', async () => {
    const [lane, other] = [await harness.lane(['jira', 'notion']), await harness.lane(['jira'])];
    lane.remote('jira').make(task('one'));
    await lane.rest();
    await other.rest();
    const query = openWorkflows(lane.workspaceId);
    const found = async (): Promise<readonly string[]> => {
      const ids: string[] = [];
      for await (const { workflowId } of lane.temporal.client.workflow.list({ query })) ids.push(workflowId);
      return ids.toSorted();
    };
    // The server lists what it has indexed.
    await expect.poll(found, SOON).toEqual([`sync/${lane.workspaceId}/jira`, `sync/${lane.workspaceId}/notion`]);
    const open = (most = Infinity) => queriedHistories(lane.temporal.client, query, most);
    expect((await verified(harness.bundle(), open(), lane.keyRing)).map(({ verdict }) => verdict)).toEqual(['same', 'same']);
    expect((await verified(changed, open(), lane.keyRing)).map(({ verdict }) => verdict)).toEqual(['different', 'different']);
    expect(await verified(harness.bundle(), open(1), lane.keyRing)).toHaveLength(1);
    expect((await verified(harness.bundle(), open(), makeKeyRing('another'))).map(({ verdict }) => verdict)).toEqual(['failed', 'failed']);
  });
});
