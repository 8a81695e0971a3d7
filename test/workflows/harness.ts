/**
 * A real worker on the real Temporal and the real PostgreSQL, over remotes on paper. Every lane has a workspace of its own, and with it workflow ids and
 * a task queue that no other test has.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, expect } from 'vitest';
import type { WorkflowBundle } from '@temporalio/worker';
import type { WorkflowHandle } from '@temporalio/client';
import { testTemporalAddress } from '@lockstep/local-services/testing.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import { registerConnections } from '@lockstep/engine/register.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { createStore } from '@lockstep/store/store.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import type { TestStore } from '@lockstep/store/testing.ts';
import type { KeyRing } from '@lockstep/worker/codec.ts';
import { startSync } from '@lockstep/worker/sync.ts';
import type { RunningSync } from '@lockstep/worker/sync.ts';
import { connectTemporal } from '@lockstep/worker/temporal.ts';
import type { TemporalLinks } from '@lockstep/worker/temporal.ts';
import { backlogSyncId, statusQuery } from '@lockstep/workflows/contracts.ts';
import type { BacklogSyncStatus } from '@lockstep/workflows/contracts.ts';
import { paperRemote } from '../engine/paper-remote.ts';
import type { PaperRemote } from '../engine/paper-remote.ts';
import { paperWorkspace } from './paper-workspace.ts';
import { useTemporalSdk } from './sdk.ts';
import { watchedConnector } from './watched-connector.ts';
import type { WatchedConnector } from './watched-connector.ts';

/** How long anything may take before a test fails; a pass takes a fraction of a second. */
export const SOON = { timeout: 45_000, interval: 50 };
/** Polls do not come in between: what happens, happens because of a wake. */
const NO_POLL_MS = 3_600_000;

export interface LaneOptions {
  /** The gate of connections that are new. */
  readonly gate?: 'open' | 'plan-first';
  readonly pollIntervalMs?: number;
  readonly mostPagesPerRun?: number;
  readonly keyRing?: KeyRing;
  /** Connections that the worker's configuration does not have any more. */
  readonly without?: readonly string[];
  /** Another Temporal than the one that tests share. */
  readonly temporalAddress?: string;
}

/** One test's workspace with its remotes, and the worker that keeps them in step. */
export interface Lane {
  readonly workspaceId: string;
  readonly keyRing: KeyRing;
  readonly workspace: Workspace;
  readonly store: Store;
  /** The paper remote of this name. */
  remote(name: string): PaperRemote;
  /** The calls of this remote. */
  watch(name: string): WatchedConnector;
  readonly temporal: TemporalLinks;
  /** The worker that runs now. */
  readonly sync: RunningSync;
  /** Starts a worker, after `stop`, perhaps with other options. */
  start(changed?: LaneOptions): Promise<void>;
  /** Shuts the worker down in order. */
  stop(): Promise<void>;
  handle(name: string): WorkflowHandle;
  status(name: string): Promise<BacklogSyncStatus>;
  /** Wakes these connections (all where none are named) and waits until each has made a pass since and waits again. */
  pass(...names: readonly string[]): Promise<void>;
  /** Passes until a round writes nothing. */
  rest(): Promise<void>;
  /** Records written so far, over all remotes. */
  writes(): number;
}

export interface Harness {
  /** For tests that look into the database, or hand it to another process. */
  readonly database: TestStore;
  /** A lane whose worker runs. */
  lane(names: readonly string[], options?: LaneOptions): Promise<Lane>;
  /** The workflows as the sandbox loads them. */
  bundle(): WorkflowBundle;
}

/** A task's fields as a person would enter them. */
export const task = (title: string) => ({ title, owner: 'Ada', status: 'todo', labels: [], parent: null });

/** The titles that the remote shows, in alphabetical order. */
export function titles(remote: PaperRemote): readonly string[] {
  return remote
    .live()
    .map((paper) => String(paper.fields.title))
    .sort((one, other) => one.localeCompare(other));
}

/** Resolves when the remote shows exactly these titles. */
export async function shows(lane: Lane, name: string, expected: readonly string[]): Promise<void> {
  await expect.poll(() => titles(lane.remote(name)), SOON).toEqual(expected);
}

/** A ring of fresh keys; the first encrypts. */
export function makeKeyRing(...ids: readonly [string, ...string[]]): KeyRing {
  return { current: ids[0], keys: new Map(ids.map((id) => [id, randomBytes(32)])) };
}

/** Registers the hooks; call it at the top of a test file. */
export function useHarness(): Harness {
  const database = useTestStore();
  const lanes: Lane[] = [];
  const bundle = useTemporalSdk();
  afterEach(async () => {
    for (const lane of lanes.splice(0)) await lane.stop();
  });
  return {
    database,
    bundle,
    async lane(names, options = {}) {
      const lane = await openLane(names, options, database, bundle());
      lanes.push(lane);
      await lane.start();
      return lane;
    },
  };
}

async function openLane(names: readonly string[], options: LaneOptions, database: TestStore, bundle: WorkflowBundle): Promise<Lane> {
  const workspaceId = `lane-${randomUUID()}`;
  const store = createStore({ pool: database.pool, workspaceId });
  const remotes = new Map(
    names.map((name) => {
      const paper = paperRemote(name);
      return [name, { paper, watched: watchedConnector(paper.connector) }] as const;
    }),
  );
  const found = (name: string) => present(remotes.get(name), `one of ${names.join(', ')}, got ${name}`);
  const workspace = paperWorkspace(store, Object.fromEntries(names.map((name) => [name, found(name).watched.connector])));
  const keyRing = options.keyRing ?? makeKeyRing('k1');
  let running: { readonly sync: RunningSync; readonly temporal: TemporalLinks } | undefined;
  const now = () => present(running, 'a running worker, got one that was stopped');
  const lane: Lane = {
    ...{ workspaceId, keyRing, workspace, store },
    remote: (name) => found(name).paper,
    watch: (name) => found(name).watched,
    get sync() {
      return now().sync;
    },
    get temporal() {
      return now().temporal;
    },
    async start(changed = {}) {
      running = await startWorker(lane, { keyRing, ...options, ...changed }, bundle);
    },
    async stop() {
      if (running === undefined) return;
      const { sync, temporal } = running;
      running = undefined;
      sync.shutdown();
      await sync.ended;
      await temporal.close();
    },
    handle: (name) => now().temporal.client.workflow.getHandle(backlogSyncId(workspaceId, name)),
    status: (name) => lane.handle(name).query(statusQuery),
    pass: (...asked) => passEach(lane, asked.length === 0 ? names : asked),
    async rest() {
      for (let before = -1; before !== lane.writes();) {
        before = lane.writes();
        await lane.pass();
      }
    },
    writes: () => [...remotes.values()].reduce((sum, { paper }) => sum + paper.writes.length, 0),
  };
  return lane;
}

async function startWorker(
  lane: Pick<Lane, 'workspace' | 'workspaceId'>,
  options: LaneOptions & { readonly keyRing: KeyRing },
  workflowBundle: WorkflowBundle,
): Promise<{ readonly sync: RunningSync; readonly temporal: TemporalLinks }> {
  const { keyRing, without = [] } = options;
  const connections = lane.workspace.connections.filter(({ connectionId }) => !without.includes(connectionId));
  const workspace = { ...lane.workspace, connections };
  await registerConnections(
    workspace,
    connections.map(({ connectionId }) => ({ connectionId, connector: 'jira', gate: options.gate ?? 'open', mappingHash: 'paper' })),
  );
  const temporal = await connectTemporal(keyRing, options.temporalAddress ?? (await testTemporalAddress()));
  const sync = startSync({
    ...{ workspace, workspaceId: lane.workspaceId, temporal, keyRing, workflowBundle },
    log: pino({ level: 'silent' }),
    pollIntervalMs: options.pollIntervalMs ?? NO_POLL_MS,
    reconcileCron: '17 2 * * *',
    ...(options.mostPagesPerRun === undefined ? {} : { mostPagesPerRun: options.mostPagesPerRun }),
  });
  try {
    return { sync: await sync, temporal };
  } catch (error) {
    await temporal.close();
    throw error;
  }
}

async function passEach(lane: Lane, names: readonly string[]): Promise<void> {
  const before = new Map(await Promise.all(names.map(async (name) => [name, (await lane.status(name)).passes] as const)));
  await lane.sync.wakes.wake(names);
  for (const name of names) {
    await expect
      .poll(async () => {
        const { phase, passes } = await lane.status(name);
        return phase === 'waiting' && passes > (before.get(name) ?? 0);
      }, SOON)
      .toBe(true);
  }
}

function present<T>(value: T | undefined, expected: string): T {
  if (value === undefined) throw new Error(`lane: expected ${expected}`);
  return value;
}
