/** When a connection passes: hints, the interval, the remote's own wishes, and runs that continue as new. */
import { tsToMs } from '@temporalio/common/lib/time.js';
import { expect, test } from 'vitest';
import { applyPlan, makePlan } from '@lockstep/engine/plan.ts';
import { shows, task, useHarness } from './harness.ts';
import type { Lane } from './harness.ts';
import { eventsOf } from './histories.ts';
import type { HistoryEvent } from './histories.ts';
import { fastForward } from './time-skipping.ts';

const harness = useHarness();

test('B01 many hints while a pass runs are at most one more pass', async () => {
  const lane = await harness.lane(['jira']);
  await lane.rest();
  const before = (await lane.status('jira')).passes;
  const held = lane.watch('jira').hold('pull', 'before');
  await lane.sync.wakes.wake(['jira']);
  await held.reached;
  for (let hint = 0; hint < 20; hint += 1) await lane.sync.wakes.wake(['jira']);
  held.release();
  await expect.poll(() => lane.status('jira'), { timeout: 30_000 }).toMatchObject({ phase: 'waiting', passes: before + 2 });
});

test('hints that come within a few milliseconds go out as one signal', async () => {
  const lane = await harness.lane(['jira']);
  await lane.rest();
  const signals = async (): Promise<number> => (await eventsOf(lane.handle('jira'))).filter(isSignal).length;
  const before = await signals();
  await Promise.all(Array.from({ length: 50 }, () => lane.sync.wakes.wake(['jira'])));
  expect(await signals()).toBe(before + 1);
});

test('C04 without a hint the interval finds a change; a restart brings a new interval to a workflow that runs', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  await lane.rest();
  await lane.stop();
  await lane.start({ pollIntervalMs: 300 });
  await lane.pass();
  lane.remote('jira').make(task('polled'));
  await shows(lane, 'notion', ['polled']);
  expect(lane.writes()).toBe(1);
});

test('J01 a remote that asks to be left alone for 30 s gets no call for 30 s, whatever hints come', async () => {
  const lane = await harness.lane(['jira', 'notion']);
  await lane.rest();
  lane.remote('notion').troubles.push({ call: 'pull', how: 'throttled' });
  await lane.sync.wakes.wake(['notion']);
  await expect.poll(async () => (await lane.status('notion')).phase, { timeout: 30_000 }).toBe('backing-off');
  lane.remote('jira').make(task('meanwhile'));
  await lane.pass('jira');
  await lane.sync.wakes.wake(['notion']);
  await fastForward(lane, 'notion', 31_000);
  await shows(lane, 'notion', ['meanwhile']);
  const wait = await backOff(lane, 'notion');
  expect(wait.ms).toBe(30_000);
  expect(wait.during.filter(isSignal).length).toBeGreaterThan(0);
  expect(wait.during.filter((event) => event.activityTaskScheduledEventAttributes)).toEqual([]);
});

test('a page that takes long says that it lives, so that the server does not hand it to another worker', async () => {
  const lane = await harness.lane(['jira']);
  await lane.rest();
  const held = lane.watch('jira').hold('pull', 'before');
  await lane.sync.wakes.wake(['jira']);
  await held.reached;
  const beats = async (): Promise<number> => {
    const [page] = (await lane.handle('jira').describe()).raw.pendingActivities ?? [];
    return tsToMs(page?.lastHeartbeatTime ?? page?.lastStartedTime) - tsToMs(page?.lastStartedTime);
  };
  await expect.poll(beats, { timeout: 30_000 }).toBeGreaterThan(1_000);
  held.release();
});

test('a push that is throttled after a full scan does not ask for another scan', async () => {
  const lane = await harness.lane(['jira', 'notion'], { gate: 'plan-first' });
  lane.remote('jira').make(task('one'));
  await lane.pass();
  const modes = recordModes(lane, 'notion');
  const held = lane.watch('notion').hold('pull', 'before');
  await lane.sync.wakes.wake(['notion'], { fullScan: true });
  await held.reached;
  await applyPlan(lane.workspace, (await makePlan(lane.workspace)).planId);
  lane.remote('notion').troubles.push({ call: 'create', how: 'throttled' });
  held.release();
  await expect.poll(async () => (await lane.status('notion')).phase, { timeout: 30_000 }).toBe('backing-off');
  await fastForward(lane, 'notion', 31_000);
  await shows(lane, 'notion', ['one']);
  // The feed is read before a scan (K09) and in the next pass; the scan itself is not asked for again.
  expect(modes).toEqual(['changes', 'full', 'changes']);
});

test('a run that has read and written its pages continues as new, in the middle of a pass, and loses nothing', async () => {
  const lane = await harness.lane(['jira', 'notion'], { mostPagesPerRun: 1 });
  const many = Array.from({ length: 250 }, (_, index) => `task ${String(index).padStart(3, '0')}`);
  for (const title of many) lane.remote('jira').make(task(title));
  await lane.sync.wakes.wake(['jira']);
  await shows(lane, 'notion', many);
  await lane.sync.wakes.wake(['notion']);
  const pages = await pagesOfRuns(lane, 'notion');
  expect(pages.length).toBeGreaterThan(2);
  // A run that has read its page still writes one, so that reading alone cannot take all the runs.
  expect(Math.max(...pages)).toBe(2);
  expect(lane.remote('notion').writes).toHaveLength(250);
});

const isSignal = (event: HistoryEvent): boolean => event.workflowExecutionSignaledEventAttributes !== null;

/** The back-off of the workflow: the timer that ran to its end, and what happened from its start to its end. */
async function backOff(lane: Lane, name: string): Promise<{ readonly ms: number; readonly during: readonly HistoryEvent[] }> {
  const events = await eventsOf(lane.handle(name));
  const fired = events.findLastIndex((event) => event.timerFiredEventAttributes);
  const startedId = events[fired]?.timerFiredEventAttributes?.startedEventId;
  const started = events.findIndex((event) => event.eventId?.equals(startedId ?? 0) === true);
  return { ms: tsToMs(events[started]?.timerStartedEventAttributes?.startToFireTimeout), during: events.slice(started, fired) };
}

/** How many pages each run of the workflow asked for, from the first run on. */
async function pagesOfRuns(lane: Lane, name: string): Promise<readonly number[]> {
  const { workflowId } = lane.handle(name);
  const pages: number[] = [];
  let runId = (await lane.handle(name).describe()).raw.workflowExecutionInfo?.firstRunId ?? '';
  while (runId !== '') {
    const events = await eventsOf(lane.temporal.client.workflow.getHandle(workflowId, runId));
    pages.push(events.filter((event) => event.activityTaskScheduledEventAttributes).length);
    runId = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? '';
  }
  return pages;
}

/** The modes of the pulls from now on. */
function recordModes(lane: Lane, name: string): readonly string[] {
  const { pulls } = lane.remote(name).connector;
  const modes: string[] = [];
  const pull = pulls.pull.bind(pulls);
  Object.assign(pulls, {
    pull: (request: Parameters<typeof pull>[0]) => {
      modes.push(request.mode);
      return pull(request);
    },
  });
  return modes;
}
