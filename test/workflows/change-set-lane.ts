/**
 * Change sets as they run: a real worker on the real Temporal, the real engine on the real PostgreSQL, the connector and the simulator's HubSpot over HTTP.
 * Every lane has a workspace of its own.
 */
import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { pino } from 'pino';
import { afterEach, expect } from 'vitest';
import type { WorkflowHandle } from '@temporalio/client';
import { DefaultLogger } from '@temporalio/worker';
import type { WorkflowBundle } from '@temporalio/worker';
import type { ChangeSet, Operation } from '@lockstep/domain/crm/change-set.ts';
import { policySchema } from '@lockstep/domain/crm/policy.schema.ts';
import type { ApprovalPolicy } from '@lockstep/domain/crm/policy.schema.ts';
import type { NewSet } from '@lockstep/engine/crm/create.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import type { Telling } from '@lockstep/engine/crm/telling.ts';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import { startChangeSets } from '@lockstep/worker/change-sets.ts';
import type { RunningChangeSets } from '@lockstep/worker/change-sets.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { startNotices } from '@lockstep/worker/notices.ts';
import type { ChangeSetNotice, RunningNotices } from '@lockstep/worker/notices.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { changeSetStatusQuery, changeSetWorkflowId } from '@lockstep/workflows/contracts.ts';
import type { changeSet } from '@lockstep/workflows/change-set/workflow.ts';
import type { ChangeSetStatus } from '@lockstep/workflows/contracts.ts';
import { openBench } from '../engine/crm/bench.ts';
import type { Bench, BenchOptions } from '../engine/crm/bench.ts';
import { makeKeyRing, SOON } from './harness.ts';
import { useTemporalSdk } from './sdk.ts';
import { skipTime } from './time-skipping.ts';

/** One person has to approve, whatever it is. */
export const REVIEWED: ApprovalPolicy = policySchema.parse({
  version: 'reviewed-1',
  rules: [{ name: 'everything', actors: ['human', 'system'], approvers: 1 }],
});

export interface CrmLane {
  readonly workspaceId: string;
  readonly keyRing: KeyRing;
  readonly bench: Bench;
  readonly bundle: WorkflowBundle;
  readonly temporal: TemporalLinks;
  readonly sets: RunningChangeSets;
  /** Whom the worker has told what, in order. */
  readonly notices: readonly ChangeSetNotice[];
  /** What the worker has logged, Temporal's SDK in it. */
  readonly logged: () => string;
  /** Plans a set and starts it. */
  begin(operations: readonly Operation[], rest?: Partial<NewSet>): Promise<string>;
  handle(changeSetId: string): WorkflowHandle<typeof changeSet>;
  status(changeSetId: string): Promise<ChangeSetStatus>;
  /** Resolves when the workflow is in this phase. */
  reaches(changeSetId: string, phase: ChangeSetStatus['phase']): Promise<void>;
  /** The row. */
  set(changeSetId: string): Promise<ChangeSet>;
  /** Resolves with the row when the set has ended by the store. */
  ends(changeSetId: string): Promise<ChangeSet>;
  /** Skips the workflow's time, and the CRM's. */
  skip(changeSetId: string, ms: number): Promise<void>;
  start(changed?: LaneOptions): Promise<void>;
  stop(): Promise<void>;
}

export interface LaneOptions extends BenchOptions {
  readonly keyRing?: KeyRing;
  readonly temporalAddress?: string;
  readonly sweepEveryMs?: number;
  /** Wraps the engine that the worker has, not the test's. */
  readonly wrapEngine?: (engine: CrmEngine) => CrmEngine;
  /** People are told by channels, beside `notices`. */
  readonly telling?: (engine: CrmEngine) => Telling;
}

export interface CrmHarness {
  readonly database: TestStore;
  lane(options?: LaneOptions): Promise<CrmLane>;
  bundle(): WorkflowBundle;
}

/** The sweeper does not come in between, unless a test asks for it. */
const NEVER_MS = 3_600_000;
/** A round of the courier that has failed is followed by the next before a test gives up. */
const COURIER_MS = 500;

/** What Temporal's SDK has logged in this file, as the worker's standard error would show it. */
const sdkLines: string[] = [];

/** Registers the hooks; call it at the top of a test file. */
export function useCrmHarness(): CrmHarness {
  const database = useTestStore();
  const lanes: CrmLane[] = [];
  const bundle = useTemporalSdk(new DefaultLogger('INFO', (entry) => void sdkLines.push(inspect(entry, { depth: 6 }))));
  afterEach(async () => {
    for (const lane of lanes.splice(0)) await lane.stop();
  });
  return {
    database,
    bundle,
    async lane(options = {}) {
      const lane = await openLane(database, bundle(), options);
      lanes.push(lane);
      await lane.start();
      return lane;
    },
  };
}

async function openLane(database: TestStore, bundle: WorkflowBundle, options: LaneOptions): Promise<CrmLane> {
  const bench = await openBench(database, options);
  const workspaceId = `lane-${randomUUID()}`;
  const keyRing = options.keyRing ?? makeKeyRing('k1');
  const notices: ChangeSetNotice[] = [];
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, new Writable({ write: (line: Buffer, _, done) => done(void lines.push(line.toString())) }));
  let running: { readonly sets: RunningChangeSets; readonly temporal: TemporalLinks; readonly told: RunningNotices | null } | undefined;
  const now = () => {
    if (running === undefined) throw new Error('lane: expected a running worker, got one that was stopped');
    return running;
  };
  const lane: CrmLane = {
    ...{ workspaceId, keyRing, bench, bundle, notices, logged: () => [...lines, ...sdkLines].join('\n') },
    get sets() {
      return now().sets;
    },
    get temporal() {
      return now().temporal;
    },
    async begin(operations, rest) {
      const changeSetId = await bench.plan(operations, rest);
      await lane.sets.start(changeSetId);
      return changeSetId;
    },
    handle: (changeSetId) => now().temporal.client.workflow.getHandle<typeof changeSet>(changeSetWorkflowId(workspaceId, changeSetId)),
    status: (changeSetId) => lane.handle(changeSetId).query(changeSetStatusQuery),
    reaches: async (changeSetId, phase) => {
      await expect.poll(async () => (await lane.status(changeSetId)).phase, SOON).toBe(phase);
    },
    async set(changeSetId) {
      const set = await bench.store.snapshot((reader) => reader.changeSet(changeSetId));
      if (set === null) throw new Error(`${changeSetId}: expected a set, got none`);
      return set;
    },
    async ends(changeSetId) {
      await expect.poll(async () => (await lane.set(changeSetId)).state, SOON).toBe('ended');
      return lane.set(changeSetId);
    },
    async skip(changeSetId, ms) {
      bench.advance(ms);
      await skipTime(lane.temporal, lane.handle(changeSetId).workflowId, ms);
    },
    async start(changed = {}) {
      const all = { ...options, ...changed };
      const ring = all.keyRing ?? keyRing;
      const temporal = await connectTemporal(ring, all.temporalAddress ?? (await testTemporalAddress()));
      const engine = all.wrapEngine?.(bench.engine) ?? bench.engine;
      const told = all.telling === undefined ? null : startNotices({ telling: all.telling(engine), log, everyMs: COURIER_MS });
      const notify = async (notice: ChangeSetNotice): Promise<void> => {
        await told?.notify(notice);
        notices.push(notice);
      };
      const sweepEveryMs = all.sweepEveryMs ?? NEVER_MS;
      const parts = { workspaceId, temporal, keyRing: ring, log, workflowBundle: bundle };
      const sets = startChangeSets({ ...parts, engine, notifies: { notify }, sweepEveryMs });
      running = { sets, temporal, told };
    },
    async stop() {
      if (running === undefined) return;
      const { sets, temporal, told } = running;
      running = undefined;
      sets.shutdown();
      await sets.ended;
      told?.stop();
      await told?.ended();
      await temporal.close();
    },
  };
  return lane;
}
