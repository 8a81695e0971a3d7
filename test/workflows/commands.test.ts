/** Pause and resume as Updates: on record in the store when they answer, whatever becomes of the worker and of Temporal. */
import { expect, test } from 'vitest';
import type { Gate } from '@lockstep/domain/sync/store.port.ts';
import { shows, task, titles, useHarness } from './harness.ts';
import type { Lane } from './harness.ts';

const harness = useHarness();

test('a paused connection is neither read nor written, also after a restart, and resume catches up at once', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  lane.remote('jira').make(task('before'));
  await lane.rest();
  await lane.sync.command('notion', 'pause');
  expect(await gate(lane, 'notion')).toBe('paused');
  const calls = [...lane.watch('notion').calls];
  lane.remote('jira').make(task('from jira'));
  lane.remote('notion').make(task('from notion'));
  await lane.pass();
  await lane.pass('notion');
  await lane.stop();
  await lane.start();
  await lane.pass('notion');
  expect(lane.watch('notion').calls).toEqual(calls);
  expect([titles(lane.remote('jira')), titles(lane.remote('notion'))]).toEqual([
    ['before', 'from jira'],
    ['before', 'from notion'],
  ]);

  await lane.sync.command('notion', 'resume');
  expect(await gate(lane, 'notion')).toBe('open');
  await shows(lane, 'notion', ['before', 'from jira', 'from notion']);
  await shows(lane, 'jira', ['before', 'from jira', 'from notion']);
});

test('a pause in mid-push stops after the batch that is under way', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  const many = Array.from({ length: 120 }, (_, index) => `task ${String(index).padStart(3, '0')}`);
  for (const title of many) lane.remote('jira').make(task(title));
  const held = lane.watch('notion').hold('create', 'after');
  await lane.sync.wakes.wake(['jira']);
  await held.reached;
  await lane.sync.command('notion', 'pause');
  held.release();
  await lane.pass('notion');
  expect(lane.remote('notion').live()).toHaveLength(50);
  await lane.sync.command('notion', 'resume');
  await shows(lane, 'notion', many);
  expect(lane.remote('notion').writes).toHaveLength(120);
});

test('a command starts a workflow that Temporal does not have any more', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  await lane.rest();
  await lane.handle('notion').terminate('lost');
  await lane.sync.command('notion', 'pause');
  expect(await gate(lane, 'notion')).toBe('paused');
  expect((await lane.handle('notion').describe()).status.name).toBe('RUNNING');
});

test('J07 a connection whose consent is gone is left alone until it is resumed; then it catches up at once', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  await lane.rest();
  lane.remote('notion').troubles.push({ call: 'pull', how: 'auth' });
  await lane.pass('notion');
  const calls = [...lane.watch('notion').calls];
  expect(await lane.store.snapshot((reader) => reader.connection('notion'))).toMatchObject({ gate: 'open', breaker: { cause: 'auth' } });
  lane.remote('jira').make(task('meanwhile'));
  await lane.pass();
  expect(lane.watch('notion').calls).toEqual(calls);
  await lane.sync.command('notion', 'resume');
  await shows(lane, 'notion', ['meanwhile']);
});

async function gate(lane: Lane, name: string): Promise<Gate | undefined> {
  return (await lane.store.snapshot((reader) => reader.connection(name)))?.gate;
}
