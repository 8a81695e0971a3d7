/** `lockstep backup` and `lockstep restore`, run as a person runs them, on a real PostgreSQL. */
import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTestDatabase } from '@lockstep/local-services/testing.ts';
import { anItem, useTestStore } from '@lockstep/store/testing.ts';

const database = useTestStore();
const PROGRAM = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const { PATH, NODE_COMPILE_CACHE } = process.env;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function lockstep(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((done) => {
    const options = { env: { PATH, NODE_COMPILE_CACHE, ...env }, cwd: tmpdir() };
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, ...args], options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

test('a backup is taken, seen and restored by command; what is refused or damaged ends in its own exit code, and says what to do', async () => {
  await database.store().transaction((tx) => tx.saveItems([anItem('one', { title: 'Dig' }), anItem('two')], new Date().toISOString()));
  const folder = join(await mkdtemp(join(tmpdir(), 'lockstep-backup-')), 'today');
  const place = await createTestDatabase();
  const [from, into] = [{ DATABASE_URL: database.url }, { DATABASE_URL: place.url }];

  const taken = await lockstep(['--json', 'backup', folder], from);
  expect(taken, taken.stderr).toMatchObject({ code: 0, stderr: expect.stringContaining('items: 2 rows') as string });
  expect(JSON.parse(taken.stdout)).toMatchObject({ folder, rows: 2, workspaces: [], migrated: [] });
  expect([(await stat(folder)).mode & 0o777, (await stat(join(folder, 'items.copy.gz'))).mode & 0o777]).toEqual([0o700, 0o600]);
  const again = await lockstep(['backup', folder], from);
  expect(again).toMatchObject({ code: 5, stderr: expect.stringContaining('name another one for each backup') as string });

  const seen = await lockstep(['restore', folder], into);
  expect(seen).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was written.') as string });
  expect((await lockstep(['restore', folder, '--run'], from)).code).toBe(5);
  const restored = await lockstep(['--json', 'restore', folder, '--run'], into);
  expect(JSON.parse(restored.stdout), restored.stderr).toMatchObject({ rows: 2, restored: true });
  expect((await lockstep(['restore', folder], into)).code).toBe(5);
  await place.drop();

  const other = await createTestDatabase();
  await appendFile(join(folder, 'items.copy.gz'), 'x');
  const damaged = await lockstep(['--json', 'restore', folder, '--run'], { DATABASE_URL: other.url });
  expect([damaged.code, JSON.parse(damaged.stdout)]).toMatchObject([6, { error: { code: 'damaged' } }]);
  await other.drop();
  expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(await lockstep(['backup', folder], {})).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('expected DATABASE_URL to be set') as string,
  });
});
