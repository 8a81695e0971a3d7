/** Real workers on the real Temporal over a world's real connectors: as many as a test wants, in one process, as deployments would run them apart. */
import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { WorkflowBundle } from '@temporalio/worker';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { startSync } from '@lockstep/worker/sync.ts';
import type { RunningSync } from '@lockstep/worker/sync.ts';
import { NO_TRACES } from '@lockstep/worker/telemetry/traces.ts';
import type { Traces } from '@lockstep/worker/telemetry/traces.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { useTemporalSdk } from '../workflows/sdk.ts';
import type { World } from './world.ts';

/** Longer than Temporal takes to hold a page for lost. */
const SOON = { timeout: 45_000, interval: 100 };

export interface RunningWorker extends RunningSync {
  readonly temporal: TemporalLinks;
  readonly workspaceId: string;
  readonly keyRing: KeyRing;
  /** Before a test passes by itself: two passes of one connection at a time are no case that happens. */
  readonly stop: () => Promise<void>;
}

export interface Workers {
  /** Starts workers over the world's workspace, each with links of its own to Temporal; they are shut down at the end of the test. */
  start(world: World, count: number, traces?: Traces): Promise<readonly RunningWorker[]>;
  /** Lines of the workers' logs that a person is to be called for. */
  readonly alerts: readonly { readonly connectionId?: string; readonly code?: string }[];
  readonly bundle: () => WorkflowBundle;
}

/** Registers the hooks; call it at the top of a test file. */
export function useWorkers(): Workers {
  const bundle = useTemporalSdk();
  const keyRing: KeyRing = { current: 'k1', keys: new Map([['k1', randomBytes(32)]]) };
  const alerts: Workers['alerts'][number][] = [];
  const log = pino(
    { level: 'error' },
    {
      write: (line: string) => {
        const entry = JSON.parse(line) as Workers['alerts'][number] & { readonly alert?: boolean };
        if (entry.alert === true) alerts.push(entry);
      },
    },
  );
  /** A world keeps its workspace over its workers. */
  const ids = new WeakMap<World, string>();
  return {
    bundle,
    alerts,
    async start(world, count, traces = NO_TRACES) {
      const { workspace } = world;
      const workspaceId = ids.get(world) ?? `scenario-${randomUUID()}`;
      ids.set(world, workspaceId);
      const address = await testTemporalAddress();
      const one = async (): Promise<RunningWorker> => {
        const temporal = await connectTemporal(keyRing, address);
        const sync = await startSync({
          ...{ workspace, workspaceId, temporal, keyRing, workflowBundle: bundle(), reconcileCron: '17 2 * * *' },
          // What is traced comes by a webhook, and by no poll.
          pollIntervalMs: traces === NO_TRACES ? 1_000 : 600_000,
          ...{ log, traces },
        });
        let stopping: Promise<void> | null = null;
        const stop = (): Promise<void> => {
          sync.shutdown();
          stopping ??= sync.ended.then(() => temporal.close());
          return stopping;
        };
        onTestFinished(stop);
        return { ...sync, temporal, workspaceId, keyRing, stop };
      };
      return Promise.all(Array.from({ length: count }, one));
    },
  };
}

/** Resolves when nothing is owed, under way or marked. */
export async function settled(world: World): Promise<void> {
  const pending = async (): Promise<number> => {
    const { connections } = await world.workspace.store.snapshot((reader) => reader.counts());
    return connections.reduce((sum, { owed, sending, dirty, links }) => sum + owed + sending + dirty + (links === 0 ? 1 : 0), 0);
  };
  await expect.poll(pending, SOON).toBe(0);
}
