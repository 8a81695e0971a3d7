/**
 * Failed workflows put back by one replay (the product's own workflow, use cases and store), beside the same resets sent straight from a client with as many at a
 * time. Half of the bare ones come before the replay and half after it, as the server is the slower the more it holds.
 */
import { randomBytes } from 'node:crypto';
import proto from '@temporalio/proto';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { replayPolicySchema } from '@lockstep/domain/replay/policy.schema.ts';
import type { Point, Selection } from '@lockstep/domain/replay/replay.ts';
import { inParts } from '@lockstep/engine/replay/environment.ts';
import type { ReplayEngine } from '@lockstep/engine/replay/environment.ts';
import { startReplay } from '@lockstep/engine/replay/starting.ts';
import { startEngines } from '@lockstep/local-services/engines.ts';
import { migrate } from '@lockstep/store/migrate.ts';
import { createPool } from '@lockstep/store/pool.ts';
import { createReplayStore } from '@lockstep/store/replay-store.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { temporalRuntime } from '@lockstep/worker/replay-runtime.ts';
import { startReplays } from '@lockstep/worker/replays.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { bundleWorkflows } from '@lockstep/worker/workflow-bundle.ts';
import { replayWorkflowId } from '@lockstep/workflows/contracts.ts';
import { failWorkflows } from './failed-workflows.ts';
import type { FailedRun } from './failed-workflows.ts';
import type { Place } from './stage.ts';
import { atLeastTimesFloor, row } from './table.ts';
import type { Row } from './table.ts';

const { ResetWorkflowExecutionRequest } = proto.temporal.api.workflowservice.v1;

const OURS = 'ours';
const BARE = 'bare';
/** Of the first workflow task, the only one that a set which fails at once has completed before. */
const FIRST_TASK_EVENT_ID = 4;
const FAILING: Point = { at: 'failing-activity' };
/** The most that a policy may ask for; it ships with 10 at a time and 20 a second, which this would only wait for. */
const AS_FAST_AS_MAY_BE = { approvalAbove: 10_000, batchSize: 100, perSecond: 1_000 };
const PAUSE_MS = 100;

export async function measureReplays(place: Place, count: number, say: (line: string) => void): Promise<readonly Row[]> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } });
  const engines = await startEngines({ directory: place.data.path, environment: place.environment, durable: true, progress: say });
  place.add(() => engines.stop());
  const keyRing: KeyRing = { current: 'bench', keys: new Map([['bench', randomBytes(32)]]) };
  const links = await connectTemporal(keyRing, engines.temporalAddress);
  place.add(() => links.close());
  const pool = createPool(engines.databaseUrl);
  place.add(() => pool.end());
  await migrate(pool);
  const workflowBundle = await bundleWorkflows();
  say(`a bad deploy fails ${2 * count} change sets`);
  const from = new Date().toISOString();
  const failed = await failWorkflows({ links, keyRing, workflowBundle, pool }, [OURS, BARE], count);
  const bare = failed.filter(({ workflowId }) => !workflowId.startsWith(`change-set/${OURS}/`));
  const engine: ReplayEngine = {
    store: createReplayStore({ pool, workspaceId: OURS }),
    runtime: temporalRuntime(links, OURS),
    people: { principals: () => [] },
    policy: replayPolicySchema.parse(AS_FAST_AS_MAY_BE),
    canLookUpNotices: true,
  };
  const selection: Selection = { by: 'range', from, to: '2100-01-01T00:00:00.000Z', type: 'changeSet', status: 'failed' };
  while ((await engine.runtime.find(selection, count)).length < count) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  const replays = startReplays({
    ...{ workspaceId: OURS, temporal: links, keyRing, engine, workflowBundle, sweepEveryMs: 3_600_000, log: pino({ level: 'silent' }) },
  });
  place.add(() => replays.ended);
  place.add(async () => replays.shutdown());

  const half = Math.floor(count / 2);
  const before = await timed(() => resetBare(links, bare.slice(0, half)));
  say(`bare: ${half} in ${before.toFixed(1)} s`);
  const asked = { replayId: 'rp-bench', requestedBy: 'ops', actorKind: 'human', reason: 'a bench', expectedHash: null } as const;
  const planning = await timed(() => startReplay(engine, { ...asked, selection, point: FAILING }, new Date().toISOString()));
  say(`planned in ${planning.toFixed(1)} s`);
  const running = await timed(async () => {
    await replays.start('rp-bench');
    await links.client.workflow.getHandle(replayWorkflowId(OURS, 'rp-bench')).result();
  });
  say(`put back in ${running.toFixed(1)} s`);
  const after = await timed(() => resetBare(links, bare.slice(half)));
  say(`bare: ${bare.length - half} in ${after.toFixed(1)} s`);
  const { reset = 0 } = await engine.store.snapshot((reader) => reader.targetCounts('rp-bench'));
  const floor = bare.length / (before + after);
  return [
    row('failed workflows looked at and planned', count / planning, '1/s'),
    row('failed workflows put back by a replay', reset / running, '1/s', { floor, goal: atLeastTimesFloor(0.7) }),
    row('the same with its plan', reset / (planning + running), '1/s', { floor }),
    row('of them put back', (100 * reset) / count, '%', { goal: { text: '100 %', meets: ({ value }) => value === 100 } }),
  ];
}

async function resetBare({ client, namespace }: TemporalLinks, runs: readonly FailedRun[]): Promise<void> {
  await inParts(runs, async ({ workflowId, runId }) =>
    client.workflowService.resetWorkflowExecution(
      ResetWorkflowExecutionRequest.fromObject({
        ...{ namespace, workflowExecution: { workflowId, runId }, reason: 'a bench', requestId: `bare/${runId}` },
        workflowTaskFinishEventId: FIRST_TASK_EVENT_ID,
      }),
    ),
  );
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}
