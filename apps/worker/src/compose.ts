/**
 * The wiring: store, connectors and policy become a workspace. Everything that the engine needs from outside is decided here.
 */
import { createHash } from 'node:crypto';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { ConnectionRow } from '@lockstep/domain/sync/store.port.ts';
import { DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { migrate } from '@lockstep/store/migrate.ts';
import { createPool } from '@lockstep/store/pool.ts';
import { createStore } from '@lockstep/store/store.ts';
import { ensureWorkspace } from '@lockstep/store/workspace.ts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { ulid } from 'ulid';
import { ConfigError } from './config.ts';
import type { Settings } from './config.ts';
import { configuredConnections } from './connectors.ts';
import type { ConfiguredConnection } from './connectors.ts';

export interface Composition {
  readonly workspace: Workspace;
  readonly connections: readonly ConfiguredConnection[];
  readonly pool: Pool;
  close(): Promise<void>;
}

/** Connects, migrates and registers the configured connections. Throws `ConfigError` where the configuration contradicts itself. */
export async function compose(settings: Settings, log: Logger): Promise<Composition> {
  const connections = configuredConnections(settings);
  const { policy, conflicts } = mergePolicy(
    connections.flatMap(({ config, mapping }) => (mapping === null ? [] : [{ connectionId: config.id, mapping }])),
  );
  const [clash] = conflicts;
  if (clash !== undefined) {
    throw new ConfigError(
      `field ${clash.field}: expected one merge rule on every connection (law S13), got ${clash.first.rule} on ${clash.first.connectionId} and ${clash.second.rule} on ${clash.second.connectionId}`,
    );
  }
  const pool = createPool(settings.databaseUrl, { applicationName: 'lockstep-worker' });
  const { applied } = await migrate(pool, { log: (message) => log.info(message) });
  if (applied.length > 0) log.info({ applied }, 'migrated');
  await ensureWorkspace(pool, settings.config.workspace);
  const store = createStore({ pool, workspaceId: settings.config.workspace });
  const workspace: Workspace = {
    store,
    connections: connections.map(({ config, connector, onDelete }) => ({ connectionId: config.id, connector, onDelete })),
    policy: { ...policy, ranks: Object.fromEntries(connections.map(({ config }, rank) => [config.id, rank])) },
    now: () => new Date().toISOString(),
    newId: () => ulid().toLowerCase(),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    limits: DEFAULT_LIMITS,
  };
  await registerConnections(workspace, connections);
  return { workspace, connections, pool, close: () => pool.end() };
}

/** A new connection starts with the gate of the configuration; one whose mapping has changed waits for a plan (K04). */
async function registerConnections(workspace: Workspace, connections: readonly ConfiguredConnection[]): Promise<void> {
  await workspace.store.transaction(async (tx) => {
    const known = new Map((await tx.connections()).map((row) => [row.connectionId, row]));
    for (const [rank, { config, mappingHash }] of connections.entries()) {
      const row = known.get(config.id);
      const fresh: ConnectionRow = {
        connectionId: config.id,
        connector: config.connector,
        rank,
        gate: config.gate,
        gateBeforePause: null,
        mappingHash,
        breaker: null,
        lastPulledAt: null,
        lastPushedAt: null,
        lastFullScanAt: null,
      };
      if (row === undefined) await tx.saveConnection(fresh);
      else if (row.mappingHash !== mappingHash)
        await tx.saveConnection({ ...row, rank, mappingHash, gate: row.gate === 'paused' ? 'paused' : 'plan-first' });
      else if (row.rank !== rank) await tx.saveConnection({ ...row, rank });
    }
  });
}
