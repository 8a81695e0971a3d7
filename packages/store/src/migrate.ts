/**
 * Migrations: numbered SQL files, forward only. All that is pending is applied in one transaction under an advisory lock, so that deployments that start
 * together wait for each other and a crash leaves the database as it was. What has been applied is held by checksum: history is not edited, it is added to.
 */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import type { Pool, PoolClient } from 'pg';
import { createPool } from './pool.ts';

export interface MigrateOptions {
  readonly log?: (message: string) => void;
  /** Folder of `NNNN_name.sql` files; by default the store's own. */
  readonly folder?: URL;
}

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly sql: string;
}

/** The database cannot be brought to what this code expects; nothing has been changed. The message says what to do. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
}

const OWN_FOLDER = new URL('../migrations/', import.meta.url);
/** `unique nulls not distinct` came with PostgreSQL 15. */
const OLDEST_SERVER = 150_000;
/** Any number that no other program's advisory locks use: "lockstep" by its first bytes. */
const LOCK_KEY = '7813577521183385971';

/**
 * Brings schema `lockstep` up to date and returns the names of the migrations applied now, in order.
 * @throws MigrationRefused when an applied migration was edited, the database is newer than this code, or the server is too old.
 */
export async function migrate(database: Pool | string, options: MigrateOptions = {}): Promise<{ readonly applied: readonly string[] }> {
  const known = await readMigrations(options.folder ?? OWN_FOLDER);
  if (typeof database !== 'string') return applyPending(database, known, options.log);
  const pool = createPool(database, { max: 1, applicationName: 'lockstep migrate' });
  try {
    return await applyPending(pool, known, options.log);
  } finally {
    await pool.end();
  }
}

async function applyPending(
  pool: Pool,
  known: readonly Migration[],
  log: MigrateOptions['log'],
): Promise<{ readonly applied: readonly string[] }> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const applied = await applyWithin(client, known, log);
    await client.query('commit');
    return { applied };
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** In the caller's transaction. */
async function applyWithin(client: PoolClient, known: readonly Migration[], log: MigrateOptions['log']): Promise<readonly string[]> {
  // A large table may take longer to alter than any of the store's own statements may take.
  await client.query('set local statement_timeout = 0');
  await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
  await assertServer(client);
  const pending = pendingOf(known, await readApplied(client));
  for (const migration of pending) {
    log?.(`applying migration ${migration.name}`);
    await client.query(migration.sql);
    await client.query('insert into lockstep.migrations (version, name, checksum) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.checksum,
    ]);
  }
  return pending.map(({ name }) => name);
}

/** What a database, or a backup of one, says of a migration. */
export type AppliedMigration = Omit<Migration, 'sql'>;

/** @throws MigrationRefused where this code does not have these migrations as they were applied. */
export async function assertKnown(applied: readonly AppliedMigration[]): Promise<void> {
  pendingOf(await readMigrations(OWN_FOLDER), applied);
}

/** Exactly these migrations, on a database that has none, in the caller's transaction. @throws MigrationRefused */
export async function migrateWithin(client: PoolClient, wanted: readonly AppliedMigration[]): Promise<void> {
  const known = await readMigrations(OWN_FOLDER);
  pendingOf(known, wanted);
  await applyWithin(client, known.slice(0, wanted.length), undefined);
}

async function assertServer(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ version: string; encoding: string }>(
    `select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding`,
  );
  const { version = '0', encoding = '' } = rows[0] ?? {};
  if (Number(version) < OLDEST_SERVER) throw new MigrationRefused(`PostgreSQL server: expected version 15 or newer, got ${version}`);
  if (encoding !== 'UTF8')
    throw new MigrationRefused(`PostgreSQL database: expected encoding UTF8, got ${encoding}; create it with encoding 'UTF8'`);
}

/** Makes the schema on first use only: a role without the right to create one can still start on a migrated database. */
async function readApplied(client: PoolClient): Promise<readonly AppliedMigration[]> {
  const { rows } = await client.query<{ found: boolean }>(`select to_regclass('lockstep.migrations') is not null as found`);
  if (rows[0]?.found !== true) {
    await client.query(`
      create schema if not exists lockstep;
      create table lockstep.migrations (
        version integer primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now()
      )`);
  }
  return (await client.query<AppliedMigration>('select version, name, checksum from lockstep.migrations order by version')).rows;
}

function pendingOf(known: readonly Migration[], applied: readonly AppliedMigration[]): readonly Migration[] {
  const newest = known.at(-1)?.version ?? 0;
  for (const row of applied) {
    if (row.version > newest) {
      throw new MigrationRefused(
        `database: expected at most migration ${newest}, got ${row.name}; it was migrated by a newer Lockstep, start that version or newer`,
      );
    }
    const file = known[row.version - 1];
    if (file?.checksum !== row.checksum) {
      throw new MigrationRefused(
        `migration ${row.name}: expected the text that was applied, got an edited file; restore it and put the change into a new migration`,
      );
    }
  }
  return known.slice(applied.length);
}

async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
      if (version !== index + 1) {
        throw new MigrationRefused(
          `migration file: expected ${String(index + 1).padStart(4, '0')}_name.sql, got ${name} (${folder.pathname})`,
        );
      }
      // A checkout with CRLF line ends is not an edit.
      const sql = (await readFile(new URL(name, folder), 'utf8')).replaceAll('\r\n', '\n');
      return { version, name: name.slice(0, -'.sql'.length), checksum: createHash('sha256').update(sql).digest('hex'), sql };
    }),
  );
}
