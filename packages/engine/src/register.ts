/**
 * Putting the configuration's connections on record. A connection that is new, has another mapping, or was away for a while is owed what it lacks of the
 * backlog: nothing else would tell it of items that do not change any more. What it has already is found out by reading it, before anything is written.
 */
import { depthOf } from '@lockstep/domain/backlog/depth.ts';
import type { Item } from '@lockstep/domain/backlog/item.ts';
import type { ConnectionRow, NewOutboxRow, OutboxRow, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { connectionOf } from './workspace.ts';
import type { Connection, Workspace } from './workspace.ts';
import { planWrites } from './writes.ts';

/** What the configuration says of a connection. */
export interface Registration {
  readonly connectionId: string;
  readonly connector: string;
  /** The gate of a connection that is new. */
  readonly gate: 'open' | 'plan-first';
  readonly mappingHash: string;
}

const PAGE = 1_000;
/** Stands where the mapping's hash was while a connection is not configured: it has missed what happened meanwhile. */
const AWAY = 'away';

/** In the workspace's order. One whose mapping is another than before waits for a plan (K04). Idempotent. */
export async function registerConnections(workspace: Workspace, registrations: readonly Registration[]): Promise<void> {
  await workspace.store.transaction(async (tx) => {
    const known = new Map((await tx.connections()).map((row) => [row.connectionId, row]));
    for (const [rank, wanted] of registrations.entries()) {
      const row = known.get(wanted.connectionId);
      if (row !== undefined && row.mappingHash === wanted.mappingHash) {
        if (row.rank !== rank) await tx.saveConnection({ ...row, rank });
        continue;
      }
      await tx.saveConnection(row === undefined ? fresh(wanted, rank) : { ...gated(row), rank, mappingHash: wanted.mappingHash });
      await oweBacklog(tx, workspace, connectionOf(workspace, wanted.connectionId));
    }
    const configured = new Set(registrations.map(({ connectionId }) => connectionId));
    for (const row of known.values())
      if (!configured.has(row.connectionId) && row.mappingHash !== AWAY) await tx.saveConnection({ ...row, mappingHash: AWAY });
  });
}

function fresh({ connectionId, connector, gate, mappingHash }: Registration, rank: number): ConnectionRow {
  return {
    ...{ connectionId, connector, rank, gate, mappingHash },
    gateBeforePause: null,
    breaker: null,
    lastPulledAt: null,
    lastPushedAt: null,
    lastFullScanAt: null,
  };
}

/** A pause stays a pause, but what comes after it waits for a plan as well. */
function gated(row: ConnectionRow): ConnectionRow {
  return row.gate === 'paused' ? { ...row, gateBeforePause: 'plan-first' } : { ...row, gate: 'plan-first' };
}

async function oweBacklog(tx: StoreTransaction, workspace: Workspace, connection: Connection): Promise<void> {
  for (let after: string | null = null; ;) {
    const items: readonly Item[] = await tx.itemsPage({ after, limit: PAGE, deleted: true });
    const written = items.filter(({ kind }) => connection.connector.mappedFields(kind).some(({ direction }) => direction !== 'in'));
    const rows = written.map((item): NewOutboxRow => ({
      connectionId: connection.connectionId,
      itemId: item.itemId,
      operation: item.deletedAt === null ? 'write' : 'remove',
      depth: depthOf(item.kind),
      lane: 'backfill',
    }));
    const { writes } = await planWrites(
      tx,
      connection,
      rows.map((row) => asked(row, workspace.now())),
    );
    const lacking = new Set(writes.flatMap(({ item, operation }) => (operation === 'nothing' ? [] : [item.itemId])));
    await tx.oweWrites(
      rows.filter(({ itemId }) => lacking.has(itemId)),
      workspace.now(),
    );
    if (items.length < PAGE) return;
    after = items.at(-1)?.itemId ?? null;
  }
}

/** The row as it would stand in the outbox. */
function asked(row: NewOutboxRow, owedSince: string): OutboxRow {
  return { ...row, version: 0, state: 'owed', attempts: 0, notBefore: null, error: null, owedSince };
}
