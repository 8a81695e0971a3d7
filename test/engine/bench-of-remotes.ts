/** A workspace of paper remotes on a real PostgreSQL, driven by hand as the workflows drive it. */
import { createHash } from 'node:crypto';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import { mappingSchema } from '@lockstep/domain/sync/mapping.schema.ts';
import type { Store } from '@lockstep/domain/sync/store.port.ts';
import type { PushOutcome } from '@lockstep/engine/push.ts';
import type { Run } from '@lockstep/engine/run.ts';
import { connectionOf, DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { Died, paperRemote } from './paper-remote.ts';
import type { PaperRemote } from './paper-remote.ts';
import { wholePass } from './whole-pass.ts';

export interface Bench {
  readonly workspace: Workspace;
  readonly remotes: Readonly<Record<string, PaperRemote>>;
  run(connectionId: string): Run;
  /** One pass over a connection: read, settle deletes, write. */
  pass(connectionId: string, options?: { readonly full?: boolean }): Promise<PushOutcome>;
  /** Passes over all connections until one round writes nothing. Returns the number of rounds. */
  rest(): Promise<number>;
  /** Moves the clock. */
  advance(ms: number): void;
}

const MOST_ROUNDS = 200;

const RULES = {
  title: { remote: 'title', direction: 'both', rule: 'text' },
  owner: { remote: 'owner', direction: 'both', rule: 'order' },
  status: { remote: 'status', direction: 'both', rule: 'order' },
  labels: { remote: 'labels', direction: 'both', rule: 'set' },
  parent: { remote: 'parent', direction: 'both', rule: 'order' },
};

/** Registers one open connection per name, in order. */
export async function benchOf(store: Store, names: readonly string[], gate: 'open' | 'plan-first' = 'open'): Promise<Bench> {
  const remotes = Object.fromEntries(names.map((name) => [name, paperRemote(name)]));
  const mapping = mappingSchema.parse({ version: 1, connector: 'jira', kinds: { task: { remote: 'Task' } }, fields: RULES });
  const { policy } = mergePolicy(names.map((connectionId) => ({ connectionId, mapping })));
  let nowMs = Date.parse('2026-11-24T09:00:00Z');
  let ids = 0;
  const workspace: Workspace = {
    store,
    connections: names.map((connectionId) => ({
      connectionId,
      connector: remoteOf(remotes, connectionId).connector,
      onDelete: 'archive' as const,
    })),
    policy: { ...policy, ranks: Object.fromEntries(names.map((name, rank) => [name, rank])) },
    now: () => new Date(nowMs).toISOString(),
    newId: () => `id-${String((ids += 1)).padStart(6, '0')}`,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    limits: DEFAULT_LIMITS,
  };
  await store.transaction(async (tx) => {
    for (const [rank, connectionId] of names.entries()) {
      await tx.saveConnection({
        connectionId,
        connector: 'jira',
        rank,
        gate,
        gateBeforePause: null,
        mappingHash: 'paper',
        breaker: null,
        lastPulledAt: null,
        lastPushedAt: null,
        lastFullScanAt: null,
      });
    }
  });
  const run = (connectionId: string): Run => ({
    runId: workspace.newId(),
    workspace,
    connection: connectionOf(workspace, connectionId),
    now: workspace.now(),
  });
  const bench: Bench = {
    workspace,
    remotes,
    run,
    advance: (ms) => {
      nowMs += ms;
    },
    pass: (connectionId, options) => wholePass(() => run(connectionId), options),
    async rest() {
      for (let round = 1, before = ''; round <= MOST_ROUNDS; round += 1) {
        for (const name of names) await bench.pass(name);
        // What the last one has read may be owed to the first.
        const { connections } = await store.snapshot((reader) => reader.counts());
        const after = JSON.stringify([writesOf(remotes), connections.map(({ owed }) => owed)]);
        if (after === before) return round;
        before = after;
      }
      throw new Error(`rest: expected within ${MOST_ROUNDS} rounds, got none (law S8)`);
    },
  };
  return bench;
}

export function remoteOf(remotes: Readonly<Record<string, PaperRemote>>, name: string): PaperRemote {
  const remote = remotes[name];
  if (remote === undefined) throw new Error(`remote: expected ${name} to be on the bench`);
  return remote;
}

function writesOf(remotes: Readonly<Record<string, PaperRemote>>): number {
  return Object.values(remotes).reduce((sum, remote) => sum + remote.writes.length, 0);
}

/** Runs what a dying process would have run, and swallows its death. */
export async function untilDeath(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (error instanceof Died) return true;
    throw error;
  }
}
