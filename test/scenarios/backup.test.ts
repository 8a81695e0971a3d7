/** A backup under load, and what becomes of everything when it is all that is left: the tools know more than the store then. */
import { mkdtempSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pool } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pushPage } from '@lockstep/engine/push.ts';
import { createTestDatabase } from '@lockstep/local-services/testing.ts';
import { manifestSchema, tableFile } from '@lockstep/domain/backup/manifest.schema.ts';
import type { Manifest } from '@lockstep/domain/backup/manifest.schema.ts';
import { BackupRefused, writeBackup } from '@lockstep/store/backup.ts';
import { createLeases } from '@lockstep/store/leases.ts';
import { migrate, MigrationRefused } from '@lockstep/store/migrate.ts';
import { createPool } from '@lockstep/store/pool.ts';
import { BackupDamaged, restoreBackup, RestoreRefused, verifyBackup } from '@lockstep/store/restore.ts';
import { createStore } from '@lockstep/store/store.ts';
import { useTestStore } from '@lockstep/store/testing.ts';
import { openWholeApi } from '../fuzz/whole-api.ts';
import { everyRecord, expectLaws } from './laws.ts';
import { jiraHands } from './people-jira.ts';
import { createWorld, TOOLS } from './world.ts';
import type { World } from './world.ts';

const database = useTestStore();
const DIG = 'Dig the trenches';
const ORDER = 'Order the saplings';
const PLANT = 'Plant the saplings';
const PICK = 'Pick the apples';

const newFolder = (): string => join(mkdtempSync(join(tmpdir(), 'lockstep-backup-')), 'backup');

/** An empty database that goes with the test. */
async function emptyPlace(): Promise<{ readonly url: string; readonly pool: Pool }> {
  const place = await createTestDatabase();
  const pool = createPool(place.url, { max: 8 });
  onTestFinished(async () => {
    await pool.end();
    await place.drop();
  });
  return { url: place.url, pool };
}

/** Titles of what a tool shows, each as often as it is there. */
const titlesIn = async (world: World, tool: (typeof TOOLS)[number]): Promise<readonly string[]> =>
  (await everyRecord(world, tool)).map(({ fields }) => String(fields.title)).toSorted();

const withTask = (title: string) => (text: string) => `${text.trimEnd()}\n| **Phase 2** | ${title} | Ann | | Done | 1 bed |\n`;

describe('K. all that is left is a backup', () => {
  it('K02 K03 S2 S4 taken under load and restored into an empty place: every edit before, during and after it stands, and nothing is there twice', async () => {
    const workspaceId = database.workspaceId();
    const lost = await createWorld({ store: createStore({ pool: database.pool, workspaceId }) });
    await lost.rest();
    await createLeases({ pool: database.pool, workspaceId }).acquire('worker', 'the-old-one', 30_000, new Date().toISOString());
    // Owed and not sent when the snapshot is taken; sent while it is written.
    lost.editText(withTask('Water the beds'));
    await lost.pass('document');
    const folder = newFolder();
    let tables = 0;
    const manifest = await writeBackup(database.url, folder, {
      onTable: async () => {
        tables += 1;
        if (tables === 1) for (const tool of TOOLS) await lost.pass(tool);
        if (tables === 3) lost.editText((text) => text.replace('40 metres', '55 metres'));
        if (tables === 5) await lost.people.jira.edit((await lost.one('jira', PLANT)).id, { metric: '59 of 60 alive' });
        if (tables % 5 === 0) await lost.pass(TOOLS[tables % TOOLS.length] ?? 'jira');
        if (tables === 8) lost.editText(withTask('Prune the trees'));
      },
    });
    expect(manifest.workspaces).toEqual([{ workspaceId, deployment: 'the-old-one' }]);
    // The old deployment works on until it is gone: the tools are newer than the backup.
    await lost.rest();
    await lost.people.notion.edit((await lost.one('notion', ORDER)).id, { owner: 'Dora' });
    const maria = jiraHands(lost);
    await maria.make({ summary: 'Mend the fence', parent: { id: (await lost.one('jira', 'Phase 1: Roots (Weeks 1–4)')).id } });
    await lost.advance(2_000);
    await lost.rest();
    // Nobody has read this one yet.
    await lost.people.hubspot.edit((await lost.one('hubspot', PICK)).id, { metric: '121 crates' });
    await lost.advance(2_000);

    const place = await emptyPlace();
    await restoreBackup(place.url, folder);
    const world = await createWorld({ store: createStore({ pool: place.pool, workspaceId }), beside: lost });
    // Before anything is read: what was owed is looked for, and not made again.
    for (const tool of TOOLS) await pushPage(world.run(tool));
    await world.rest();
    await expectLaws(world, [
      { title: DIG, field: 'metric', value: '55 metres' },
      { title: PLANT, field: 'metric', value: '59 of 60 alive' },
      { title: ORDER, field: 'owner', value: 'Dora' },
      { title: PICK, field: 'metric', value: '121 crates' },
    ]);
    const made = ['Water the beds', 'Prune the trees', 'Mend the fence'];
    for (const tool of TOOLS) {
      const titles = await titlesIn(world, tool);
      expect([tool, titles]).toEqual([tool, [...new Set(titles)]]);
      expect(titles).toEqual(expect.arrayContaining([DIG, PLANT, ORDER, PICK, ...made]));
    }
    for (const title of made) expect(world.text().split(`| ${title} |`)).toHaveLength(2);
  });
});

describe('what a backup holds', () => {
  it('every row of every table, to the byte, and sequences that go on; the audit log is the one that was signed', async () => {
    const api = await openWholeApi(database);
    const [first, second] = [newFolder(), newFolder()];
    const taken = await writeBackup(database.url, first);
    await api.close();
    expect(await verifyBackup(first)).toEqual(taken);
    const place = await emptyPlace();
    expect(await restoreBackup(place.url, first)).toEqual({ manifest: taken, migrated: [] });
    const again = await writeBackup(place.url, second);
    const known = (manifest: Manifest) =>
      manifest.tables.filter(({ name }) => !['outbox', 'comment_copies', 'change_set_steps'].includes(name));
    expect(known(again)).toEqual(known(taken));
    expect(again.tables.map(({ name, rows }) => [name, rows])).toEqual(taken.tables.map(({ name, rows }) => [name, rows]));
    expect(again.sequences).toEqual(taken.sequences);
    const filled = taken.tables.filter(({ rows }) => rows > 0).map(({ name }) => name);
    expect(filled).toEqual(
      expect.arrayContaining(['items', 'links', 'ledger', 'audit_entries', 'change_set_steps', 'leads', 'replay_targets']),
    );
    // Nobody but its owner reads it.
    const { rows } = await place.pool.query<{ state: string }>(`select distinct state from lockstep.outbox where state <> 'parked'`);
    expect(rows).toEqual([{ state: 'sending' }]);
  });

  it('one of an older Lockstep is restored in its own form and brought up to date', async () => {
    const old = await emptyPlace();
    const folder = newFolder();
    const migrations = newFolder();
    const own = new URL('../../packages/store/migrations/', import.meta.url);
    await mkdir(migrations);
    const names = (await readdir(own)).toSorted();
    for (const name of names.slice(0, 9)) await cp(new URL(name, own), join(migrations, name));
    await migrate(old.pool, { folder: pathToFileURL(`${migrations}/`) });
    await old.pool.query(`insert into lockstep.workspaces (workspace_id) values ('w')`);
    await writeBackup(old.url, folder);
    const place = await emptyPlace();
    const { migrated } = await restoreBackup(place.url, folder);
    expect(migrated).toEqual(names.slice(9).map((name) => name.replace('.sql', '')));
    expect((await place.pool.query('select workspace_id as id from lockstep.workspaces')).rows).toEqual([{ id: 'w' }]);
  });
});

describe('what is refused', () => {
  const small = async (): Promise<{ readonly folder: string; readonly place: Awaited<ReturnType<typeof emptyPlace>> }> => {
    const store = createStore({ pool: database.pool, workspaceId: database.workspaceId() });
    const world = await createWorld({ store, connections: ['document', 'jira'] });
    await world.rest();
    const folder = newFolder();
    await writeBackup(database.url, folder);
    return { folder, place: await emptyPlace() };
  };
  const schemas = async ({ pool }: { readonly pool: Pool }): Promise<number> =>
    (await pool.query(`select from pg_namespace where nspname = 'lockstep'`)).rowCount ?? 0;

  it('a place or a folder that holds anything, and a database without Lockstep', async () => {
    const { folder, place } = await small();
    await expect(writeBackup(database.url, folder)).rejects.toThrow(BackupRefused);
    await expect(writeBackup(place.url, newFolder())).rejects.toThrow('expected the tables of Lockstep, found none');
    await expect(restoreBackup(database.url, folder)).rejects.toThrow(RestoreRefused);
    await place.pool.query('create schema lockstep');
    await expect(restoreBackup(place.url, folder)).rejects.toThrow('got one with schema lockstep; create an empty database');
  });

  it('a file that was changed or cut, a manifest that is gone, and the backup of a newer Lockstep; and nothing of it is left behind', async () => {
    const { folder, place } = await small();
    const file = join(folder, tableFile('items'));
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length - 9));
    await expect(verifyBackup(folder)).rejects.toThrow(BackupDamaged);
    await expect(restoreBackup(place.url, folder)).rejects.toThrow('unexpected end of file');
    expect(await schemas(place)).toBe(0);
    await writeFile(file, whole);
    const manifestFile = join(folder, 'manifest.json');
    const manifest = manifestSchema.parse(JSON.parse(await readFile(manifestFile, 'utf8')));
    const another = (change: Partial<Manifest>) => writeFile(manifestFile, JSON.stringify({ ...manifest, ...change }));
    await another({ tables: manifest.tables.map((table) => (table.name === 'items' ? { ...table, rows: table.rows + 1 } : table)) });
    await expect(restoreBackup(place.url, folder)).rejects.toThrow(/table items: expected \d+ rows, got \d+/);
    expect(await schemas(place)).toBe(0);
    const newer = { version: manifest.migrations.length + 1, name: '9999_next', checksum: '0'.repeat(64) };
    await another({ migrations: [...manifest.migrations, newer] });
    await expect(verifyBackup(folder)).rejects.toThrow(MigrationRefused);
    await expect(restoreBackup(place.url, folder)).rejects.toThrow('9999_next; it was migrated by a newer Lockstep');
    await writeFile(manifestFile, '{"format":2}');
    await expect(verifyBackup(folder)).rejects.toThrow('format: expected format 1');
    await expect(verifyBackup(newFolder())).rejects.toThrow('a backup that was broken off has none');
    expect(await schemas(place)).toBe(0);
  });
});
