/**
 * The wiring: store, connectors and policy become a workspace. Everything that the engine needs from outside is decided here.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { AuditLog } from '@lockstep/domain/audit/audit.port.ts';
import { pseudonymsOf } from '@lockstep/domain/audit/pseudonym.ts';
import type { Pseudonyms } from '@lockstep/domain/audit/pseudonym.ts';
import { mergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { CrmEngine } from '@lockstep/engine/crm/environment.ts';
import { registerConnections } from '@lockstep/engine/register.ts';
import { DEFAULT_LIMITS } from '@lockstep/engine/workspace.ts';
import type { Workspace } from '@lockstep/engine/workspace.ts';
import { pseudonymKey } from '@lockstep/store/audit-keys.ts';
import { createAuditLog } from '@lockstep/store/audit.ts';
import { createLeases } from '@lockstep/store/leases.ts';
import { migrate } from '@lockstep/store/migrate.ts';
import { createPool } from '@lockstep/store/pool.ts';
import { createStore } from '@lockstep/store/store.ts';
import { createTraceNotes } from '@lockstep/store/traces.ts';
import { createTokenVault } from '@lockstep/store/tokens.ts';
import { ensureWorkspace } from '@lockstep/store/workspace.ts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { monotonicFactory } from 'ulid';
import { sealing } from './codec.ts';
import { ConfigError } from './config.ts';
import type { Settings } from './config.ts';
import { configuredConnections } from './connectors.ts';
import type { ConfiguredConnection, VaultOf } from './connectors.ts';
import { configuredCrms } from './crm.ts';
import { fenced, holdWorkspace } from './lease.ts';
import type { WorkspaceLease } from './lease.ts';
import { watchAccounts } from './telemetry/accounts.ts';
import type { Accounts } from './telemetry/accounts.ts';
import { NO_TRACES } from './telemetry/traces.ts';
import type { Traces } from './telemetry/traces.ts';

export interface Composition {
  readonly workspace: Workspace;
  readonly connections: readonly ConfiguredConnection[];
  readonly pool: Pool;
  readonly lease: WorkspaceLease;
  readonly audit: AuditLog;
  readonly pseudonyms: Pseudonyms;
  /** What change sets work on. */
  readonly crm: CrmEngine;
  readonly traces: Traces;
  /** What is known of the calls of each connection. */
  readonly accounts: Accounts;
  close(): Promise<void>;
}

/**
 * Connects, migrates, takes the workspace's lease and registers the configured connections. Throws `ConfigError` where the configuration contradicts
 * itself, and `WorkspaceTaken` where another deployment is at work.
 */
export async function compose(settings: Settings, log: Logger): Promise<Composition> {
  const pool = createPool(settings.databaseUrl, { applicationName: 'lockstep-worker' });
  const traces = await configuredTraces(settings, pool, log);
  const accounts = watchAccounts({ now: Date.now, traces });
  const connections = await configuredConnections(settings, { vaultOf: vaults(settings, pool), watchOf: accounts.watchOf });
  const { policy, conflicts } = mergePolicy(
    connections.flatMap(({ config, mapping }) => (mapping === null ? [] : [{ connectionId: config.id, mapping }])),
  );
  const [clash] = conflicts;
  if (clash !== undefined) {
    throw new ConfigError(
      `field ${clash.field}: expected one merge rule on every connection (law S13), got ${clash.first.rule} on ${clash.first.connectionId} and ${clash.second.rule} on ${clash.second.connectionId}`,
    );
  }
  const { applied } = await migrate(pool, { log: (message) => log.info(message) });
  if (applied.length > 0) log.info({ applied }, 'migrated');
  await ensureWorkspace(pool, settings.config.workspace);
  const lease = await holdWorkspace({ pool, workspaceId: settings.config.workspace, deployment: settings.deployment, log });
  const store = fenced(createStore({ pool, workspaceId: settings.config.workspace }), lease);
  // In order even within a millisecond: rows of one page are made in the other tools in the order in which they were read.
  const nextId = monotonicFactory();
  const workspace: Workspace = {
    store,
    connections: connections.map(({ config, connector, onDelete }) => ({ connectionId: config.id, connector, onDelete })),
    policy: { ...policy, ranks: Object.fromEntries(connections.map(({ config }, rank) => [config.id, rank])) },
    now: () => new Date().toISOString(),
    newId: () => nextId().toLowerCase(),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
    limits: DEFAULT_LIMITS,
    childrenOfDeleted: settings.config.childrenOfDeleted,
  };
  await registerConnections(
    workspace,
    connections.map(({ config: { id, connector, gate }, mappingHash }) => ({ connectionId: id, connector, gate, mappingHash })),
  );
  const close = async (): Promise<void> => {
    await traces.close();
    await lease.release();
    await pool.end();
  };
  const audit = createAuditLog({ pool, workspaceId: settings.config.workspace });
  const names = await pseudonyms(settings, pool);
  const crm = configuredCrms({ settings, pool, connections, lease, pseudonyms: names });
  return { workspace, connections, pool, lease, audit, pseudonyms: names, crm, traces, accounts, close };
}

async function configuredTraces({ config, secret }: Settings, pool: Pool, log: Logger): Promise<Traces> {
  if (config.telemetry === undefined) return NO_TRACES;
  // 9 MiB and a tenth of a second, for those alone who ask for traces.
  const { startTraces } = await import('./telemetry/otlp-traces.ts');
  const { endpoint, headers } = config.telemetry.traces;
  const workspaceId = config.workspace;
  return startTraces({
    ...{ endpoint, headers: Object.fromEntries(Object.entries(headers).map(([name, reference]) => [name, secret(reference)])) },
    ...{ workspaceId, notes: createTraceNotes({ pool, workspaceId }), now: () => new Date().toISOString(), log },
  });
}

/** Their key lies in the store, sealed with the keys of the payloads. */
async function pseudonyms(settings: Settings, pool: Pool): Promise<Pseudonyms> {
  const workspaceId = settings.config.workspace;
  return pseudonymsOf(await pseudonymKey({ pool, workspaceId, sealing: sealing(settings.keyRing), fresh: randomBytes(32) }));
}

/** Tokens lie in the store, sealed with the keys of the payloads; the process among others is a name of its own. */
function vaults(settings: Settings, pool: Pool): VaultOf {
  const workspaceId = settings.config.workspace;
  const leases = createLeases({ pool, workspaceId });
  const shared = { pool, workspaceId, leases, holder: `worker-${randomUUID()}`, sealing: sealing(settings.keyRing) };
  return (connectionId, configured) => createTokenVault({ ...shared, connectionId, configured, now: () => new Date().toISOString() });
}
