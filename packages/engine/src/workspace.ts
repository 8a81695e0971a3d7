/**
 * What every use case of the engine works on: one workspace with its store and its connections. Wired by apps/worker; in tests by hand.
 */
import type { MergePolicy } from '@lockstep/domain/backlog/ownership.ts';
import type { Connector } from '@lockstep/domain/sync/connector.port.ts';
import type { ConnectionRow, Store } from '@lockstep/domain/sync/store.port.ts';

/** A configured connection. */
export interface Connection {
  readonly connectionId: string;
  readonly connector: Connector;
  /** What to do here with an item that was deleted elsewhere; `keep` writes nothing. */
  readonly onDelete: 'archive' | 'delete' | 'keep';
}

/** Everything that the engine needs from outside, so that it runs in a test without a worker. */
export interface Workspace {
  readonly store: Store;
  /** In the workspace's order: the first wins under the `order` rule. */
  readonly connections: readonly Connection[];
  readonly policy: MergePolicy;
  /** The present instant, ISO. */
  readonly now: () => string;
  /** A new item or conflict id: unguessable, sortable by time. */
  readonly newId: () => string;
  /** A collision-resistant hash of a text, hex. */
  readonly hash: (text: string) => string;
  readonly limits: EngineLimits;
  /** What becomes of the children of an item that is deleted (F09): they move up to its parent (where left out), or are archived with it. */
  readonly childrenOfDeleted?: 'move-up' | 'archive';
}

export interface EngineLimits {
  /** A run that would delete or move more than max(this, 1 %) of a connection's items because of deletes stops and asks (law S12, F09). */
  readonly mostDeletes: number;
  /** More than max(this, 1 % of a connection's records) relations that would be removed there are held back (H05). */
  readonly mostUnlinks: number;
  /** Writes that one push activity takes on. */
  readonly pushPage: number;
  /** Attempts of one write before it is parked (K08). */
  readonly mostAttempts: number;
}

export const DEFAULT_LIMITS: EngineLimits = { mostDeletes: 10, mostUnlinks: 10, pushPage: 1_000, mostAttempts: 5 };

/** The connection, or an error that names those there are. */
export function connectionOf(workspace: Workspace, connectionId: string): Connection {
  const connection = workspace.connections.find((candidate) => candidate.connectionId === connectionId);
  if (connection === undefined) {
    const known = workspace.connections.map((candidate) => candidate.connectionId).join(', ');
    throw new UnknownConnection(`connection: expected one of ${known}, got ${connectionId}`);
  }
  return connection;
}

/** A connection that the configuration does not have. */
export class UnknownConnection extends Error {
  override readonly name = 'UnknownConnection';
}

/** True where pages may be read. */
export function mayPull(row: ConnectionRow): boolean {
  return row.gate !== 'paused' && row.breaker?.cause !== 'auth';
}

/** True where writes may be sent. */
export function mayPush(row: ConnectionRow): boolean {
  return row.gate === 'open' && row.breaker?.cause !== 'auth';
}
