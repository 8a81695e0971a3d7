/**
 * `lockstep backup` and `lockstep restore` as programs in the worker's role: `backup FOLDER`, `verify FOLDER`, `restore FOLDER`. They need the database
 * (DATABASE_URL) and nothing else. Each prints a JSON line for each table, then one of its end.
 */
import { resolve } from 'node:path';
import type { BackedUpTable, Manifest } from '@lockstep/domain/backup/manifest.schema.ts';
import { BackupRefused, writeBackup } from '@lockstep/store/backup.ts';
import { MigrationRefused } from '@lockstep/store/migrate.ts';
import { assertEmptyPlace, BackupDamaged, restoreBackup, RestoreRefused, verifyBackup } from '@lockstep/store/restore.ts';
import { ConfigError, readDatabaseUrl } from './config.ts';

const [task, folder = '.'] = process.argv.slice(2);
const place = resolve(folder);

const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const onTable = ({ name, rows, bytes }: BackedUpTable): void => say({ table: { name, rows, bytes } });

async function main(): Promise<void> {
  const databaseUrl = readDatabaseUrl();
  if (task === 'backup') return say({ done: summary(await writeBackup(databaseUrl, place, { onTable }), []) });
  // Before anything is read that may be large.
  await assertEmptyPlace(databaseUrl);
  const manifest = await verifyBackup(place, task === 'verify' ? { onTable } : {});
  if (task === 'verify') return say({ done: summary(manifest, []) });
  const { migrated } = await restoreBackup(databaseUrl, place, { onTable });
  return say({ done: summary(manifest, migrated) });
}

function summary({ takenAt, migrations, workspaces, tables }: Manifest, migrated: readonly string[]) {
  const sum = (of: 'rows' | 'bytes'): number => tables.reduce((total, table) => total + table[of], 0);
  const version = migrations.at(-1)?.name ?? '';
  return { folder: place, takenAt, version, workspaces, tables: tables.length, rows: sum('rows'), bytes: sum('bytes'), migrated };
}

/** What scripts are told; `failed` is anything else. */
function codeOf(error: unknown): 'refused' | 'damaged' | 'failed' {
  if ([BackupRefused, RestoreRefused, MigrationRefused].some((refusal) => error instanceof refusal)) return 'refused';
  return error instanceof BackupDamaged ? 'damaged' : 'failed';
}

main().catch((error: unknown) => {
  const code = codeOf(error);
  const isSaid = code !== 'failed' || error instanceof ConfigError;
  say({ failed: { code, message: error instanceof Error ? error.message : String(error) } });
  if (!isSaid && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  process.exitCode = 1;
});
