/** Replays beside the worker of a lane: their own worker on the real Temporal, until the test has ended. */
import type { Pool } from 'pg';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { WorkflowBundle } from '@temporalio/worker';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { replayPolicySchema } from '@lockstep/domain/replay/policy.schema.ts';
import type { Point, Selection } from '@lockstep/domain/replay/replay.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { startReplay } from '@lockstep/engine/replay/starting.ts';
import { createReplayStore } from '@lockstep/store/replay-store.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { temporalRuntime } from '@lockstep/worker/replay-runtime.ts';
import { startReplays } from '@lockstep/worker/replays.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import { SOON } from './harness.ts';

export interface ReplaysBeside {
  readonly engine: ReplayEngine;
  /** Puts it on record as it is planned now, and waits until it is done and every target is set back. */
  readonly replay: (replayId: string, selection: Selection, point: Point) => Promise<void>;
}

interface Ground {
  readonly pool: Pool;
  /** Of the rows; workflows may have one of their own. */
  readonly storeWorkspaceId: string;
  readonly workspaceId: string;
  readonly keyRing: KeyRing;
  readonly workflowBundle: WorkflowBundle;
}

export async function openReplaysBeside({ pool, storeWorkspaceId, workspaceId, keyRing, workflowBundle }: Ground): Promise<ReplaysBeside> {
  const temporal = await connectTemporal(keyRing, await testTemporalAddress());
  const engine: ReplayEngine = {
    store: createReplayStore({ pool, workspaceId: storeWorkspaceId }),
    runtime: temporalRuntime(temporal, workspaceId),
    people: { principals: () => [] },
    policy: replayPolicySchema.parse({}),
    canLookUpNotices: true,
  };
  const replays = startReplays({
    ...{ workspaceId, temporal, keyRing, engine, workflowBundle, sweepEveryMs: 3_600_000, log: pino({ level: 'silent' }) },
  });
  onTestFinished(async () => {
    replays.shutdown();
    await replays.ended;
    await temporal.close();
  });
  return {
    engine,
    async replay(replayId, selection, point) {
      const asked = { requestedBy: 'ops', actorKind: 'human', reason: 'x', expectedHash: null } as const;
      const { targets } = await startReplay(engine, { replayId, selection, point, ...asked }, new Date().toISOString());
      await replays.start(replayId);
      await expect.poll(async () => (await engine.store.snapshot((reader) => reader.replay(replayId)))?.end, SOON).toBe('done');
      expect(await engine.store.snapshot((reader) => reader.targetCounts(replayId))).toEqual({ reset: targets.length });
    },
  };
}
