/**
 * A backup into an empty database: its own form first, then its rows, then whatever this code has changed since. All rows or none: what was broken off has left
 * nothing.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { MANIFEST_FILE, manifestSchema, tableFile } from '@lockstep/domain/backup/manifest.schema.ts';
import type { BackedUpTable, Manifest } from '@lockstep/domain/backup/manifest.schema.ts';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { columnList, quoted } from './backup-catalogue.ts';
import { assertKnown, migrate, migrateWithin } from './migrate.ts';
import { createPool } from './pool.ts';

/** The database is no place for this backup, or this code cannot take it in. Nothing was written. */
export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';
}

/** The backup is not what was written. Nothing was written. */
export class BackupDamaged extends Error {
  override readonly name = 'BackupDamaged';
}

export interface RestoreOptions {
  /** After each table. */
  readonly onTable?: (table: BackedUpTable) => void;
}

/**
 * Reads every file of a backup and holds it against its manifest; no database is needed. Also whether this code knows the form that it has.
 * @throws BackupDamaged, MigrationRefused
 */
export async function verifyBackup(folder: string, { onTable }: RestoreOptions = {}): Promise<Manifest> {
  const manifest = await readManifest(folder);
  await assertKnown(manifest.migrations);
  for (const table of manifest.tables) {
    const file = join(folder, tableFile(table.name));
    const hash = createHash('sha256');
    try {
      for await (const part of createReadStream(file)) hash.update(part as Buffer);
    } catch (error) {
      throw new BackupDamaged(`${file}: expected to be readable, got: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (hash.digest('hex') !== table.sha256)
      throw new BackupDamaged(`${file}: expected the file that was backed up (SHA-256 ${table.sha256}), got another; take another backup`);
    onTable?.(table);
  }
  return manifest;
}

/** @throws RestoreRefused where the database has anything of Lockstep's. */
export async function assertEmptyPlace(databaseUrl: string): Promise<void> {
  const pool = createPool(databaseUrl, { max: 1, applicationName: 'lockstep restore' });
  try {
    const client = await pool.connect();
    try {
      await assertEmpty(client);
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
  }
}

/**
 * Restores a backup that `verifyBackup` has found whole. Writes that were owed count as perhaps sent: since the backup they may have been, and a record that was
 * made is found by our mark instead of made again (S4). So do the steps of open change sets: each is probed before anything is sent (C5).
 * @throws RestoreRefused, BackupDamaged, MigrationRefused
 */
export async function restoreBackup(
  databaseUrl: string,
  folder: string,
  { onTable }: RestoreOptions = {},
): Promise<{ readonly manifest: Manifest; readonly migrated: readonly string[] }> {
  const manifest = await readManifest(folder);
  const pool = createPool(databaseUrl, { max: 1, applicationName: 'lockstep restore' });
  try {
    const client = await pool.connect();
    try {
      await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0');
      await client.query('begin');
      await assertEmpty(client);
      await migrateWithin(client, manifest.migrations);
      for (const table of manifest.tables) {
        await readTable(client, table, folder);
        onTable?.(table);
      }
      for (const { name, last } of manifest.sequences)
        if (last !== null) await client.query('select setval($1::regclass, $2)', [`lockstep.${quoted(name)}`, last]);
      await doubtOwed(client, manifest);
      await client.query('commit');
    } finally {
      // What was not committed goes with the connection.
      client.release(true);
    }
    return { manifest, migrated: (await migrate(pool)).applied };
  } finally {
    await pool.end();
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, MANIFEST_FILE);
  const damaged = (got: string): BackupDamaged =>
    new BackupDamaged(`${file}: expected the manifest of a backup, got ${got}; a backup that was broken off has none, take another one`);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch (error) {
    throw damaged(error instanceof SyntaxError ? 'no JSON' : `none (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`);
  }
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  throw damaged(result.error.issues.map(({ path, message }) => `${path.join('.') || 'another thing'}: ${message}`).join('; '));
}

async function assertEmpty(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ tables: number; database: string }>(
    `select (select count(*) from pg_namespace where nspname = 'lockstep') as tables, current_database() as database`,
  );
  const [found] = rows;
  if (found?.tables === 0) return;
  throw new RestoreRefused(
    `database ${found?.database ?? ''}: expected one without anything of Lockstep, got one with schema lockstep; create an empty database and name it in DATABASE_URL`,
  );
}

async function readTable(client: PoolClient, { name, columns, rows }: BackedUpTable, folder: string): Promise<void> {
  const into = client.query(copyFrom(`copy lockstep.${quoted(name)} (${columnList(columns)}) from stdin`));
  await pipeline(createReadStream(join(folder, tableFile(name))), createGunzip(), into);
  if (into.rowCount !== rows) throw new BackupDamaged(`table ${name}: expected ${rows} rows, got ${into.rowCount}`);
}

async function doubtOwed(client: PoolClient, { takenAt }: Manifest): Promise<void> {
  await client.query(`update lockstep.outbox set state = 'sending', not_before = null where state = 'owed'`);
  await client.query(`update lockstep.comment_copies set state = 'sending', claimed_at = $1 where state = 'owed'`, [takenAt]);
  await client.query(DOUBT_STEPS, [takenAt]);
}

/** Also of sets that had not begun: the old deployment may have begun them since. A set that is being taken back compares before each inverse anyway. */
const DOUBT_STEPS = `
  update lockstep.change_set_steps step set state = 'sending', sent_at = $1
  from lockstep.change_sets whole
  where whole.workspace_id = step.workspace_id and whole.change_set_id = step.change_set_id
    and whole.state in ('planned', 'awaiting-approval', 'waiting-for-records', 'applying')
    and step.state = 'planned' and step.before_image is not null`;
