/** What Temporal gets to see: ids and ciphertext. */
import proto from '@temporalio/proto';
import { expect, test } from 'vitest';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { backlogSyncId, reconcileScheduleId, statusQuery } from '@lockstep/workflows/contracts.ts';
import { makeKeyRing, shows, task, useHarness } from './harness.ts';
import type { Lane } from './harness.ts';

const harness = useHarness();
const CANARY = 'canary-4711';
const AS_JSON = { bytes: String, enums: String };

test('no history, no pending activity and no schedule shows anything of an item or of a failure', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  lane.remote('jira').make(task(`title ${CANARY}`));
  failNext(lane, new ConnectorError('Transient', `message ${CANARY}`));
  await lane.sync.wakes.wake(['notion'], { fullScan: true });
  await lane.pass('jira');
  await shows(lane, 'notion', [`title ${CANARY}`]);
  await lane.sync.command('notion', 'pause');
  await lane.sync.command('notion', 'resume');
  failNext(lane, new Error(`message ${CANARY}`));
  await lane.pass('notion');

  const seen = await rawHistory(lane, 'notion');
  // What is looked through is what it is taken for: it names its activities and shows that one of them failed.
  expect(seen).toContain('pushPage');
  expect(seen).toContain('Encoded failure');
  expect(seen).toContain(lane.workspaceId);
  expect(readable(`{"data":"${Buffer.from(`title ${CANARY}`).toString('base64')}"}`, CANARY)).toBe(true);
  for (const secret of [CANARY, 'fullScan', 'mostPagesPerRun', 'passAtOnce', 'waitMs', 'pollIntervalMs'])
    expect(readable(seen, secret)).toBe(false);
  const schedule = await lane.temporal.client.workflowService.describeSchedule({
    namespace: lane.temporal.namespace,
    scheduleId: reconcileScheduleId(lane.workspaceId, 'notion'),
  });
  const action = JSON.stringify(proto.temporal.api.workflowservice.v1.DescribeScheduleResponse.toObject(schedule, AS_JSON));
  expect(action).toContain('backlogReconcile');
  expect(readable(action, '"connectionId"')).toBe(false);
});

test('a client with another key under the same id, or without the key, is told so by the key’s name', async () => {
  const lane = await harness.lane(['jira']);
  await lane.rest();
  for (const [ring, words] of [
    [makeKeyRing('k1'), 'encryption key k1: expected the key that encrypted this payload'],
    [makeKeyRing('k9'), 'encryption key: expected one of k9, got k1'],
  ] as const) {
    const stranger = await connectTemporal(ring, await testTemporalAddress());
    const failure = await stranger.client.workflow
      .getHandle(backlogSyncId(lane.workspaceId, 'jira'))
      .query(statusQuery)
      .then(
        () => null,
        (error: unknown) => error,
      );
    await stranger.close();
    expect(JSON.stringify(chain(failure))).toContain(words);
  }
});

test('a worker with the wrong key does not start and leaves nothing behind that the right one could not read', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  await lane.rest();
  await lane.stop();
  await expect(lane.start({ keyRing: makeKeyRing('k1') })).rejects.toThrow(
    'encryption key k1: expected the key that encrypted this payload',
  );
  lane.remote('jira').make(task('later'));
  await lane.start();
  await shows(lane, 'notion', ['later']);
});

test('a new key encrypts from now on, and what the old one encrypted stays readable', async () => {
  const old = makeKeyRing('k1');
  const lane = await harness.lane(['jira', 'notion'], { keyRing: old });
  await lane.rest();
  await lane.stop();
  const rotated: KeyRing = { current: 'k2', keys: new Map([...makeKeyRing('k2').keys, ...old.keys]) };
  lane.remote('jira').make(task('after'));
  await lane.start({ keyRing: rotated });
  await shows(lane, 'notion', ['after']);
  const seen = await rawHistory(lane, 'jira');
  const id = (name: string): string => Buffer.from(name).toString('base64');
  expect([seen.includes(`"${id('k1')}"`), seen.includes(`"${id('k2')}"`)]).toEqual([true, true]);
});

/** The next pull of Notion fails with this. */
function failNext(lane: Lane, error: Error): void {
  const { pulls } = lane.remote('notion').connector;
  const pull = pulls.pull.bind(pulls);
  Object.assign(pulls, {
    pull: async () => {
      Object.assign(pulls, { pull });
      throw error;
    },
  });
}

/** The history and the pending activities as the server has them: no codec in between, bytes as base64. */
async function rawHistory(lane: Lane, name: string): Promise<string> {
  const { client, namespace } = lane.temporal;
  const execution = { workflowId: backlogSyncId(lane.workspaceId, name) };
  const history = await client.workflowService.getWorkflowExecutionHistory({ namespace, execution });
  const description = await client.workflowService.describeWorkflowExecution({ namespace, execution });
  const { GetWorkflowExecutionHistoryResponse, DescribeWorkflowExecutionResponse } = proto.temporal.api.workflowservice.v1;
  return [
    JSON.stringify(GetWorkflowExecutionHistoryResponse.toObject(history, AS_JSON)),
    JSON.stringify(DescribeWorkflowExecutionResponse.toObject(description, AS_JSON)),
  ].join('\n');
}

/** Whether the text holds the words, in the clear or in one of its base64 strings. */
function readable(text: string, words: string): boolean {
  const decoded = [...text.matchAll(/"([A-Za-z0-9+/]{4,}={0,2})"/g)].map(([, base64 = '']) =>
    Buffer.from(base64, 'base64').toString('latin1'),
  );
  return [text, ...decoded].some((part) => part.includes(words));
}

function chain(error: unknown): readonly string[] {
  return error instanceof Error ? [error.message, ...chain(error.cause)] : [];
}
