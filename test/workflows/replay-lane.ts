/** Replays beside a lane of change sets: their own worker on the real Temporal, over the real store and Temporal's own histories. */
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { replayPolicySchema } from '@lockstep/domain/replay/policy.schema.ts';
import type { Point, Replay, Selection } from '@lockstep/domain/replay/replay.ts';
import { replayOf } from '@lockstep/engine/replay/environment.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { startReplay } from '@lockstep/engine/replay/starting.ts';
import type { ReplayPlan } from '@lockstep/engine/replay/planning.ts';
import { planReplay } from '@lockstep/engine/replay/planning.ts';
import { createReplayStore } from '@lockstep/store/replay-store.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { temporalRuntime } from '@lockstep/worker/replay-runtime.ts';
import { startReplays } from '@lockstep/worker/replays.ts';
import type { RunningReplays } from '@lockstep/worker/replays.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { REPLAY, replayProgressQuery, replayTaskQueue, replayWorkflowId } from '@lockstep/workflows/contracts.ts';
import type { replay } from '@lockstep/workflows/replay/workflow.ts';
import type { ReplayProgress } from '@lockstep/workflows/contracts.ts';
import type { CrmLane } from './change-set-lane.ts';
import { SOON } from './harness.ts';

export interface ReplayLane {
  readonly engine: ReplayEngine;
  readonly temporal: TemporalLinks;
  /** The worker's; it runs from the beginning unless `isIdle`. */
  readonly replays: RunningReplays;
  /** Starts the worker of an idle one. */
  start(): Promise<void>;
  /** Everything that failed since the lane was opened, once the server's index has that many. */
  failed(count: number): Promise<Selection>;
  plan(selection: Selection, point?: Point): Promise<ReplayPlan>;
  /** Puts it on record. */
  record(replayId: string, selection: Selection, more?: Partial<Parameters<typeof startReplay>[1]>): Promise<void>;
  /** Puts it on record and starts its workflow. */
  begin(replayId: string, selection: Selection, more?: Partial<Parameters<typeof startReplay>[1]>): Promise<void>;
  replay(replayId: string): Promise<Replay>;
  ends(replayId: string): Promise<Replay>;
  handle(replayId: string): ReturnType<typeof handleOf>;
  progress(replayId: string): Promise<ReplayProgress>;
  reaches(replayId: string, phase: ReplayProgress['phase']): Promise<void>;
}

export interface ReplayOptions {
  readonly approvalAbove?: number;
  readonly batchSize?: number;
  readonly perSecond?: number;
  /** Without a worker, until it is started. */
  readonly isIdle?: boolean;
}

const FAILING: Point = { at: 'failing-activity' };

const handleOf = (links: TemporalLinks, lane: CrmLane, replayId: string) =>
  links.client.workflow.getHandle<typeof replay>(replayWorkflowId(lane.workspaceId, replayId));

/** Its worker runs until the test has ended. */
export async function openReplays(lane: CrmLane, database: TestStore, options: ReplayOptions = {}): Promise<ReplayLane> {
  const { isIdle = false, ...policy } = options;
  const temporal = await connectTemporal(lane.keyRing, await testTemporalAddress());
  const from = new Date().toISOString();
  const engine: ReplayEngine = {
    store: createReplayStore({ pool: database.pool, workspaceId: lane.bench.workspaceId }),
    runtime: temporalRuntime(temporal, lane.workspaceId),
    people: lane.bench.engine.policies,
    policy: replayPolicySchema.parse({ approvalAbove: 10_000, perSecond: 1_000, ...policy }),
    canLookUpNotices: true,
  };
  let running: RunningReplays | undefined;
  onTestFinished(async () => {
    running?.shutdown();
    await running?.ended;
    await temporal.close();
  });
  const now = (): string => new Date().toISOString();
  const lanes: ReplayLane = {
    ...{ engine, temporal },
    get replays() {
      if (running === undefined) throw new Error('replays: expected a running worker, got one that was not started');
      return running;
    },
    async start() {
      running = startReplays({
        ...{ workspaceId: lane.workspaceId, temporal, keyRing: lane.keyRing, sweepEveryMs: 3_600_000, log: pino({ level: 'silent' }) },
        // Tests start workflows themselves.
        ...{ engine, workflowBundle: lane.bundle, beginsWithinMs: 0 },
      });
    },
    async failed(count) {
      const selection: Selection = { by: 'range', from, to: '2100-01-01T00:00:00.000Z', type: 'changeSet', status: 'failed' };
      await expect.poll(async () => (await engine.runtime.find(selection, 10_000)).length, SOON).toBe(count);
      return selection;
    },
    plan: (selection, point = FAILING) => planReplay(engine, { selection, point, actorKind: 'human' }),
    async record(replayId, selection, more = {}) {
      const asked = { requestedBy: 'ops', actorKind: 'human', reason: 'a bad deploy', expectedHash: null } as const;
      await startReplay(engine, { replayId, selection, point: FAILING, ...asked, ...more }, now());
    },
    async begin(replayId, selection, more) {
      await lanes.record(replayId, selection, more);
      await temporal.client.workflow.start<typeof replay>(REPLAY, {
        workflowId: replayWorkflowId(lane.workspaceId, replayId),
        taskQueue: replayTaskQueue(lane.workspaceId),
        args: [{ workspaceId: lane.workspaceId, replayId }],
        // How long a workflow task of a dead worker is waited for.
        workflowTaskTimeout: '3 seconds',
      });
    },
    replay: (replayId) => engine.store.snapshot((reader) => replayOf(reader, replayId)),
    async ends(replayId) {
      await expect.poll(async () => (await lanes.replay(replayId)).state, SOON).toBe('ended');
      return lanes.replay(replayId);
    },
    handle: (replayId) => handleOf(temporal, lane, replayId),
    progress: (replayId) => lanes.handle(replayId).query(replayProgressQuery),
    async reaches(replayId, phase) {
      await expect.poll(async () => (await lanes.progress(replayId)).phase, SOON).toBe(phase);
    },
  };
  if (!isIdle) await lanes.start();
  return lanes;
}
