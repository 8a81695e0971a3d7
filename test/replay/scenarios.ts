/** The runs whose histories are kept. Each leaves the lane in the state of which the history is taken. */
import { expect } from 'vitest';
import type { WorkflowHandle } from '@temporalio/client';
import { ConnectorError } from '@lockstep/domain/sync/errors.ts';
import { reconcileId, reconcileScheduleId } from '@lockstep/workflows/contracts.ts';
import { shows, task } from '../workflows/harness.ts';
import type { Harness, Lane } from '../workflows/harness.ts';
import { fastForward } from '../workflows/time-skipping.ts';

export interface Scenario {
  /** `<workflow type>.<case>` */
  readonly name: string;
  /** Runs it and returns the run whose history is taken. */
  readonly run: (harness: Harness) => Promise<{ readonly lane: Lane; readonly handle: WorkflowHandle }>;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'backlogSync.pass-with-hints',
    async run(harness) {
      const lane = await harness.lane(['jira', 'notion']);
      lane.remote('jira').make(task('one'));
      await lane.rest();
      const held = lane.watch('notion').hold('pull', 'before');
      await lane.sync.wakes.wake(['notion']);
      await held.reached;
      await lane.sync.wakes.wake(['notion'], { fullScan: true });
      held.release();
      await lane.pass('notion');
      return { lane, handle: lane.handle('notion') };
    },
  },
  {
    name: 'backlogSync.polled',
    async run(harness) {
      const lane = await harness.lane(['jira', 'notion'], { pollIntervalMs: 200 });
      await shows(lane, 'notion', []);
      lane.remote('jira').make(task('one'));
      await shows(lane, 'notion', ['one']);
      await lane.stop();
      await lane.start({ pollIntervalMs: 3_600_000 });
      await lane.pass('notion');
      return { lane, handle: lane.handle('notion') };
    },
  },
  {
    name: 'backlogSync.pause-and-resume',
    async run(harness) {
      const lane = await harness.lane(['jira', 'notion']);
      await lane.rest();
      const held = lane.watch('notion').hold('pull', 'after');
      await lane.sync.wakes.wake(['notion']);
      await held.reached;
      await lane.sync.command('notion', 'pause');
      held.release();
      await lane.pass('notion');
      lane.remote('jira').make(task('one'));
      await lane.pass();
      await lane.sync.command('notion', 'resume');
      await shows(lane, 'notion', ['one']);
      return { lane, handle: lane.handle('notion') };
    },
  },
  {
    name: 'backlogSync.back-off',
    async run(harness) {
      const lane = await harness.lane(['jira', 'notion']);
      await lane.rest();
      lane.remote('notion').troubles.push({ call: 'pull', how: 'throttled' });
      await lane.sync.wakes.wake(['notion'], { fullScan: true });
      await expect.poll(async () => (await lane.status('notion')).phase, { timeout: 30_000 }).toBe('backing-off');
      await lane.sync.wakes.wake(['notion']);
      await fastForward(lane, 'notion', 31_000);
      await lane.pass('notion');
      return { lane, handle: lane.handle('notion') };
    },
  },
  {
    name: 'backlogSync.retried-page',
    async run(harness) {
      const lane = await harness.lane(['jira', 'notion']);
      await lane.rest();
      lane.remote('notion').troubles.push({ call: 'pull', how: 'lose-request' });
      await lane.pass('notion');
      return { lane, handle: lane.handle('notion') };
    },
  },
  {
    name: 'backlogSync.continued-as-new',
    async run(harness) {
      const lane = await harness.lane(['jira', 'notion'], { mostPagesPerRun: 3 });
      lane.remote('jira').make(task('one'));
      await shows(lane, 'notion', ['one']);
      const { raw } = await lane.handle('notion').describe();
      const first = lane.temporal.client.workflow.getHandle(lane.handle('notion').workflowId, raw.workflowExecutionInfo?.firstRunId ?? '');
      // How many pages it has asked for by now depends on how its wakes fell together: it is woken until it has asked for enough.
      const ending = async (): Promise<string | null | undefined> => {
        await lane.sync.wakes.wake(['notion']);
        return (await first.fetchHistory()).events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.workflowType?.name;
      };
      await expect.poll(ending, { timeout: 30_000, interval: 500 }).toBe('backlogSync');
      return { lane, handle: first };
    },
  },
  {
    name: 'backlogSync.consent-gone',
    async run(harness) {
      const lane = await harness.lane(['jira', 'notion']);
      await lane.rest();
      failNextPull(lane, new ConnectorError('AuthRevoked', 'notion: expected a valid token, got 401'));
      await lane.pass('notion');
      await lane.sync.command('notion', 'resume');
      await lane.pass('notion');
      return { lane, handle: lane.handle('notion') };
    },
  },
  {
    name: 'backlogReconcile.nightly',
    async run(harness) {
      const lane = await harness.lane(['jira']);
      await lane.rest();
      const { schedule, workflow } = lane.temporal.client;
      await schedule.getHandle(reconcileScheduleId(lane.workspaceId, 'jira')).trigger();
      const scanned = async () => (await lane.store.snapshot((reader) => reader.connection('jira')))?.lastFullScanAt ?? null;
      await expect.poll(scanned, { timeout: 30_000 }).not.toBeNull();
      const started: string[] = [];
      await expect
        .poll(
          async () => {
            for await (const { workflowId } of workflow.list({
              query: `WorkflowId STARTS_WITH "${reconcileId(lane.workspaceId, 'jira')}"`,
            }))
              started.push(workflowId);
            return started.length;
          },
          { timeout: 30_000 },
        )
        .toBeGreaterThan(0);
      const handle = workflow.getHandle(started[0] ?? '');
      await handle.result();
      return { lane, handle };
    },
  },
];

/** The next pull of Notion fails with this. */
function failNextPull(lane: Lane, error: Error): void {
  const { pulls } = lane.remote('notion').connector;
  const pull = pulls.pull.bind(pulls);
  Object.assign(pulls, {
    pull: async () => {
      Object.assign(pulls, { pull });
      throw error;
    },
  });
}
