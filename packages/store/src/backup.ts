/**
 * A backup of everything that the store holds: every table of schema `lockstep` as of one instant, beside whatever goes on. Rows are PostgreSQL's own text
 * form of COPY, in the order of their primary keys, so that the same rows give the same bytes.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { MANIFEST_FILE, tableFile } from '@lockstep/domain/backup/manifest.schema.ts';
import type { BackedUpTable, Manifest } from '@lockstep/domain/backup/manifest.schema.ts';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { catalogue, columnList, quoted, sequencesOf, tableNames } from './backup-catalogue.ts';
import type { CataloguedTable } from './backup-catalogue.ts';
import { createPool } from './pool.ts';

export interface BackupOptions {
  /** After each table; the next one waits for it. */
  readonly onTable?: (table: BackedUpTable) => void | Promise<void>;
}

/** There is nothing to back up, or no place to put it. Nothing was written. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}

/** Tables may have come in between the look at them and their locks; a deploy brings a few, once. */
const MOST_LOOKS = 5;

/**
 * Writes a backup into a folder that is empty or not there yet, readable by its owner alone. Reads only; no write of a worker waits for it. Only a migration that
 * alters a table waits until it is done.
 * @throws BackupRefused
 */
export async function writeBackup(databaseUrl: string, folder: string, { onTable }: BackupOptions = {}): Promise<Manifest> {
  await emptyFolder(folder);
  const pool = createPool(databaseUrl, { max: 1, applicationName: 'lockstep backup' });
  try {
    const client = await pool.connect();
    try {
      // As long as it takes: neither a large table nor a slow disk is a fault.
      await client.query('set statement_timeout = 0; set idle_in_transaction_session_timeout = 0');
      const tables = await openSnapshot(client);
      const about = await headOf(client);
      const written: BackedUpTable[] = [];
      for (const table of tables) {
        const done = await writeTable(client, table, folder);
        written.push(done);
        await onTable?.(done);
      }
      const manifest: Manifest = { format: 1, ...about, tables: written, sequences: await sequencesOf(client) };
      await client.query('commit');
      await writeManifest(folder, manifest);
      return manifest;
    } finally {
      client.release(true);
    }
  } finally {
    await pool.end();
  }
}

async function emptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [found] = await readdir(folder);
  if (found !== undefined)
    throw new BackupRefused(`${folder}: expected an empty folder, or none, got one with ${found} in it; name another one for each backup`);
}

/** All tables are locked against changes of their form before anything is looked at: a snapshot does not show what a later migration has rewritten. */
async function openSnapshot(client: PoolClient): Promise<readonly CataloguedTable[]> {
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const names = await tableNames(client);
    if (names.length === 0)
      throw new BackupRefused(
        'database: expected the tables of Lockstep, found none; DATABASE_URL names the database of the worker (docs/runbooks/backup.md)',
      );
    await client.query('begin isolation level repeatable read, read only');
    await client.query(`lock table ${names.map((name) => `lockstep.${quoted(name)}`).join(', ')} in access share mode`);
    const tables = await catalogue(client);
    if (tables.length === names.length && tables.every(({ name }) => names.includes(name))) return tables;
    await client.query('rollback');
  }
  throw new BackupRefused(
    `database: expected tables that stay the same, got others at each of ${MOST_LOOKS} looks; wait for the deploy to end`,
  );
}

async function headOf(client: PoolClient): Promise<Pick<Manifest, 'takenAt' | 'server' | 'migrations' | 'workspaces'>> {
  const { rows } = await client.query<{ takenAt: string; server: string }>(
    `select now() as "takenAt", current_setting('server_version') as server`,
  );
  const [at] = rows;
  if (at === undefined) throw new Error('database: expected its time, got nothing');
  const migrations = await client.query<Manifest['migrations'][number]>(
    'select version, name, checksum from lockstep.migrations order by version',
  );
  const workspaces = await client.query<Manifest['workspaces'][number]>(
    `select w.workspace_id as "workspaceId", l.holder as deployment from lockstep.workspaces w
     left join lockstep.leases l on l.workspace_id = w.workspace_id and l.name = 'worker' and l.expires_at > now() order by 1`,
  );
  return { ...at, migrations: migrations.rows, workspaces: workspaces.rows };
}

async function writeTable(client: PoolClient, { name, columns, key }: CataloguedTable, folder: string): Promise<BackedUpTable> {
  const rows = client.query(
    copyTo(
      `copy (select ${columnList(columns)} from lockstep.${quoted(name)} order by ${columnList(key.length > 0 ? key : columns)}) to stdout`,
    ),
  );
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    rows,
    createGzip(),
    async function* counted(parts: AsyncIterable<Buffer>) {
      for await (const part of parts) {
        hash.update(part);
        bytes += part.byteLength;
        yield part;
      }
    },
    createWriteStream(join(folder, tableFile(name)), { mode: 0o600, flush: true }),
  );
  return { name, columns: [...columns], rows: rows.rowCount, bytes, sha256: hash.digest('hex') };
}

/** Whole or not at all. */
async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = join(folder, MANIFEST_FILE);
  const handle = await open(`${file}.part`, 'w', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.part`, file);
}
