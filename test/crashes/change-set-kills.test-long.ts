/**
 * kill -9 of the worker at every boundary that it sees while it carries out a set of five steps. Generated: what one undisturbed run meets is counted, and
 * then a worker dies at each of it, in a set of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { makeKeyRing } from '../workflows/harness.ts';
import { bundleWorkflows } from '@lockstep/worker/workflow-bundle.ts';
import { playDeath } from './change-set-deaths.ts';
import type { DeathParts, Found } from './change-set-deaths.ts';

const LONGEST_MS = 60 * 60_000;
/** Most of each death is the wait until the server holds the dead worker for lost. */
const AT_A_TIME = 10;

const database = useTestStore();
const keyRing = makeKeyRing('k1');
const folder = mkdtempSync(join(tmpdir(), 'lockstep-kills-'));
let temporal: TemporalLinks | undefined;
let parts: DeathParts;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } } });
  const workflowBundle = await bundleWorkflows();
  const bundleFile = join(folder, 'bundle.js');
  writeFileSync(bundleFile, workflowBundle.code);
  temporal = await connectTemporal(keyRing, await testTemporalAddress());
  parts = { database, temporal, keyRing, workflowBundle, bundleFile };
});
afterAll(async () => {
  await temporal?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Five effects, each once; nothing is left behind. */
const WHOLE: Omit<Found, 'hasDied' | 'boundaries'> = {
  end: 'committed',
  steps: ['done', 'done', 'done', 'done', 'done'],
  effects: { creates: 2, updates: 3, deletes: 0 },
  leases: 0,
};

test(
  'case 41 C1 C5 a worker dies at every boundary of a five-step set, and another takes over: 0 lost, 0 doubled, 0 leases left',
  async () => {
    const { boundaries, hasDied, ...undisturbed } = await playDeath(parts, null);
    expect([hasDied, undisturbed]).toEqual([false, WHOLE]);
    expect(boundaries.length).toBeGreaterThan(50);
    const wrong: object[] = [];
    let next = 0;
    const deaths = async (): Promise<void> => {
      for (let at = next++; at < boundaries.length; at = next++) {
        const found = await playDeath(parts, at);
        const { hasDied: died, boundaries: _none, ...rest } = found;
        if (!died || JSON.stringify(rest) !== JSON.stringify(WHOLE)) wrong.push({ at, boundary: boundaries[at], died, ...rest });
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, deaths));
    expect(wrong).toEqual([]);
    expect(next).toBe(boundaries.length + AT_A_TIME);
  },
  LONGEST_MS,
);
