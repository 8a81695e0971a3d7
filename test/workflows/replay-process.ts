/** A worker of replays in a process of its own, that kills itself right after Temporal has done its so-manieth reset: before any of that batch is on record. */
import { readFileSync } from 'node:fs';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { replayPolicySchema } from '@lockstep/domain/replay/policy.schema.ts';
import { createPool } from '@lockstep/store/pool.ts';
import { createReplayStore } from '@lockstep/store/replay-store.ts';
import { temporalRuntime } from '@lockstep/worker/replay-runtime.ts';
import { startReplays } from '@lockstep/worker/replays.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';

/** What the parent sends once. */
export interface DoomedReplayOrder {
  readonly databaseUrl: string;
  /** Of the store. */
  readonly workspaceId: string;
  /** Of the workflows and their task queue. */
  readonly laneId: string;
  readonly temporalAddress: string;
  readonly bundleFile: string;
  readonly keyBase64: string;
  readonly diesAfterResets: number;
}

async function serve(order: DoomedReplayOrder): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } });
  const keyRing = { current: 'k1', keys: new Map([['k1', Buffer.from(order.keyBase64, 'base64')]]) };
  const temporal = await connectTemporal(keyRing, order.temporalAddress);
  const pool = createPool(order.databaseUrl, { max: 3 });
  const runtime = temporalRuntime(temporal, order.laneId);
  let resets = 0;
  startReplays({
    ...{ workspaceId: order.laneId, temporal, keyRing, sweepEveryMs: 3_600_000, beginsWithinMs: 0, log: pino({ level: 'silent' }) },
    engine: {
      store: createReplayStore({ pool, workspaceId: order.workspaceId }),
      runtime: {
        ...runtime,
        async reset(request) {
          const runId = await runtime.reset(request);
          if ((resets += 1) === order.diesAfterResets) process.kill(process.pid, 'SIGKILL');
          return runId;
        },
      },
      people: { principals: () => [] },
      policy: replayPolicySchema.parse({}),
      canLookUpNotices: true,
    },
    workflowBundle: { code: readFileSync(order.bundleFile, 'utf8') },
  });
  process.send?.('serves');
}

process.once('message', (order: DoomedReplayOrder) => {
  serve(order).catch((error: unknown) => {
    process.stderr.write(`replay process: ${String(error)}\n`);
    process.exit(1);
  });
});
process.once('disconnect', () => process.exit(0));
