/** The laws through real Temporal, one test each; test/engine holds them at every step of a crash. */
import { expect, test } from 'vitest';
import { applyPlan, makePlan } from '@lockstep/engine/plan.ts';
import { wakeSignal } from '@lockstep/workflows/contracts.ts';
import { shows, SOON, task, titles, useHarness } from './harness.ts';

const harness = useHarness();

test('S1 S3 an item made in one remote appears in the others, and a second pass writes nothing', async () => {
  const lane = await harness.lane(['jira', 'notion', 'hubspot']);
  lane.remote('jira').make(task('Write the brief'));
  await lane.pass('jira');
  await shows(lane, 'notion', ['Write the brief']);
  await shows(lane, 'hubspot', ['Write the brief']);
  await lane.rest();
  const before = lane.writes();
  await lane.pass();
  expect([before, lane.writes()]).toEqual([2, 2]);
});

test('S5 B06 an edit in one of four remotes costs three writes, and the echo of ours costs none', async () => {
  const names = ['jira', 'notion', 'hubspot', 'document'];
  const lane = await harness.lane(names);
  const remoteId = lane.remote('jira').make(task('one'));
  await lane.rest();
  const before = names.map((name) => lane.remote(name).writes.length);
  lane.remote('jira').edit(remoteId, { owner: 'Grace' });
  await lane.rest();
  expect(names.map((name, index) => lane.remote(name).writes.length - (before[index] ?? 0))).toEqual([0, 1, 1, 1]);
});

test('S10 K11 a connection whose remote does not answer delays no other, and catches up when it is back', async () => {
  const lane = await harness.lane(['jira', 'notion', 'hubspot']);
  await lane.pass();
  const stuck = lane.watch('hubspot').hold('pull', 'before');
  lane.remote('hubspot').troubles.push({ call: 'pull', how: 'lose-request' });
  await lane.sync.wakes.wake(['hubspot']);
  await stuck.reached;
  lane.remote('jira').make(task('one'));
  await lane.pass('jira');
  await shows(lane, 'notion', ['one']);
  expect(titles(lane.remote('hubspot'))).toEqual([]);
  stuck.release();
  await shows(lane, 'hubspot', ['one']);
});

test('S10 a connection that the configuration does not have any more fails by itself, and goes on when it is back', async () => {
  const lane = await harness.lane(['jira', 'notion', 'hubspot']);
  await lane.rest();
  await lane.stop();
  await lane.start({ without: ['hubspot'] });
  await lane.handle('hubspot').signal(wakeSignal, {});
  await expect
    .poll(async () => (await lane.handle('hubspot').describe()).raw.pendingActivities?.[0]?.attempt, { timeout: 30_000 })
    .toBeGreaterThan(1);
  lane.remote('jira').make(task('one'));
  await lane.pass('jira', 'notion');
  await shows(lane, 'notion', ['one']);
  await lane.stop();
  await lane.start();
  await lane.rest();
  // What it has missed waits for a plan.
  expect(titles(lane.remote('hubspot'))).toEqual([]);
  await applyPlan(lane.workspace, (await makePlan(lane.workspace)).planId);
  await lane.pass('hubspot');
  await shows(lane, 'hubspot', ['one']);
});

test('S10 K08 a poison item stops no other, and a person is asked about it', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  lane.remote('notion').poison.add('task 1');
  for (const index of [0, 1, 2]) lane.remote('jira').make(task(`task ${index}`));
  await lane.pass('jira');
  await shows(lane, 'notion', ['task 0', 'task 2']);
  const asked = async () =>
    (await lane.store.snapshot((reader) => reader.conflicts({ state: 'open', limit: 10 }))).map(({ connectionId, message }) => ({
      connectionId,
      message,
    }));
  await expect.poll(asked, SOON).toEqual([{ connectionId: 'notion', message: expect.stringContaining('poison') }]);
});

test('S12 F01 a delete counts at once; more than ten at once open the breaker and delete nothing', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  const ids = Array.from({ length: 14 }, (_, index) => lane.remote('jira').make(task(`task ${index}`)));
  await lane.rest();
  lane.remote('jira').trash(ids[0] ?? '');
  await lane.rest();
  expect(lane.remote('notion').live()).toHaveLength(13);
  for (const remoteId of ids.slice(1, 12)) lane.remote('jira').trash(remoteId);
  await lane.rest();
  expect(lane.remote('notion').live()).toHaveLength(13);
  const row = await lane.store.snapshot((reader) => reader.connection('jira'));
  expect(row?.breaker).toMatchObject({ cause: 'mass-delete', count: 11 });
});
