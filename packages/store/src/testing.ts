/**
 * For tests of the store, on a real PostgreSQL: one database for a test file, one workspace for a test, and rows to begin with.
 * After the file's last test every connection must be back in the pool: a leak fails the file.
 */
import type { Item } from '@lockstep/domain/backlog/item.ts';
import type { Link } from '@lockstep/domain/sync/link.ts';
import type { ConflictRow, NewOutboxRow, Store, StoreTransaction } from '@lockstep/domain/sync/store.port.ts';
import { createTestDatabase } from '@lockstep/local-services/testing.ts';
import type { TestDatabase } from '@lockstep/local-services/testing.ts';
import type { Pool, PoolClient } from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { migrate } from './migrate.ts';
import { createPool } from './pool.ts';
import { createStore } from './store.ts';

/** The instant at which tests happen, unless they say otherwise. */
export const NOW = '2026-11-24T09:00:00.000Z';

/** With the store's own migrations, which are made once in a run of the tests: they take a third of a second. */
export function createMigratedDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ name: 'migrated', fill: (url) => migrate(url) });
}

export interface TestStore {
  readonly pool: Pool;
  readonly url: string;
  /** A store of a workspace that no other test has. */
  store(): Store;
  /** The id of a workspace that no other test has. */
  workspaceId(): string;
  /** Waits until `count` sessions of this database wait for a lock. */
  blocked(count: number): Promise<void>;
}

/** Registers the hooks; call it at the top of a test file. */
export function useTestStore(): TestStore {
  let opened: { readonly pool: Pool; readonly url: string; readonly drop: () => Promise<void> } | undefined;
  let workspaces = 0;
  const database = () => {
    if (opened === undefined) throw new Error('database: expected to be used within a test, got a use before the hooks ran');
    return opened;
  };
  const pool = (): Pool => database().pool;
  beforeAll(async () => {
    const { url, drop } = await createMigratedDatabase();
    opened = { pool: createPool(url, { max: 8, applicationName: 'store test' }), url, drop };
  });
  afterAll(async () => {
    const { totalCount, idleCount, waitingCount } = pool();
    await pool().end();
    await opened?.drop();
    expect({ busy: totalCount - idleCount, waitingCount }).toEqual({ busy: 0, waitingCount: 0 });
  });
  const workspaceId = (): string => `workspace-${(workspaces += 1)}`;
  return {
    get pool() {
      return pool();
    },
    get url() {
      return database().url;
    },
    workspaceId,
    store: () => createStore({ pool: pool(), workspaceId: workspaceId() }),
    async blocked(count) {
      const waiting = `select count(*) as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await expect.poll(async () => (await pool().query<{ waiting: number }>(waiting)).rows[0]?.waiting, { timeout: 10_000 }).toBe(count);
    },
  };
}

/** Runs one method in a transaction of its own. */
export function run<T>(store: Store, work: (tx: StoreTransaction) => Promise<T>): Promise<T> {
  return store.transaction(work);
}

export interface Latch {
  /** Lets those through who wait. */
  open(): void;
  readonly opened: Promise<void>;
}

/** A handshake between two transactions of a test. */
export function latch(): Latch {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, opened: promise };
}

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** A pool that notes every statement but `begin`, `commit` and their like. */
export function recordStatements(pool: Pool): { readonly pool: Pool; readonly statements: Statement[] } {
  const statements: Statement[] = [];
  const record = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...parameters: readonly unknown[]) => {
          const [sql, values] = parameters;
          if (name === 'query' && typeof sql === 'string' && !/^(begin|start|commit|rollback|set)\b/i.test(sql)) {
            statements.push({ sql, parameters: Array.isArray(values) ? values : [] });
          }
          return Reflect.apply(value, target, parameters) as unknown;
        };
      },
    });
  const recording = new Proxy(pool, {
    get(target, name) {
      if (name === 'connect') return async () => record(await target.connect());
      if (name !== 'query') return Reflect.get(target, name) as unknown;
      return (sql: string, parameters: unknown[]) => {
        statements.push({ sql, parameters });
        return target.query(sql, parameters);
      };
    },
  });
  return { pool: recording, statements };
}

export function anItem(itemId: string, fields: Item['fields'] = {}, rest: Partial<Item> = {}): Item {
  return { itemId, kind: 'task', fields, stamps: {}, deletedAt: null, deletedBy: null, ...rest };
}

export function aLink(itemId: string, rest: Partial<Link> = {}): Link {
  return {
    itemId,
    connectionId: 'jira',
    remoteId: `remote-${itemId}`,
    remoteKey: null,
    url: null,
    state: 'linked',
    bases: {},
    revision: null,
    missedScans: 0,
    ...rest,
  };
}

export function aWrite(itemId: string, rest: Partial<NewOutboxRow> = {}): NewOutboxRow {
  return { connectionId: 'jira', itemId, operation: 'write', depth: 0, lane: 'routine', ...rest };
}

export function aConflict(conflictId: string, rest: Partial<ConflictRow> = {}): ConflictRow {
  return {
    conflictId,
    kind: 'manual',
    state: 'open',
    itemId: 'item',
    field: 'title',
    connectionId: 'jira',
    remoteId: null,
    canonicalValue: 'ours',
    remoteValue: 'theirs',
    baseValue: 'before',
    message: 'two edits',
    raisedAt: NOW,
    resolvedAt: null,
    resolution: null,
    ...rest,
  };
}
