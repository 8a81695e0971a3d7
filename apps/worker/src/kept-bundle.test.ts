import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keptBundle } from './kept-bundle.ts';

const SOURCE = 'packages/workflows/src/replay/workflow.ts';
const DOMAIN = 'node_modules/@lockstep/domain/src';
const LIBRARIES = 'node_modules/.package-lock.json';

function checkout() {
  const root = mkdtempSync(join(tmpdir(), 'lockstep-bundles-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const path of [LIBRARIES, 'apps/worker/src/bundle-program.ts', `${DOMAIN}/item.ts`, SOURCE]) write(path, path);
  let made = 0;
  const folder = join(root, 'bundles');
  const bundle = (from = root) => keptBundle({ root: from, folder, make: async () => `bundle ${(made += 1)}` });
  return { root, folder, write, bundle, made: () => made };
}

test('E10 a bundle is made once for the same sources, and anew for any other: workflow, domain, library, another checkout', async () => {
  const { root, write, bundle, made } = checkout();
  expect([await bundle(), await bundle()]).toEqual(['bundle 1', 'bundle 1']);
  write(SOURCE.replace('.ts', '.test.ts'), 'a test is not in it');
  expect(await bundle()).toBe('bundle 1');
  for (const path of [SOURCE, `${DOMAIN}/item.ts`, LIBRARIES, 'apps/worker/src/bundle-program.ts', `${DOMAIN}/new.ts`]) {
    const before = made();
    write(path, 'changed');
    expect(await bundle(), path).toBe(`bundle ${before + 1}`);
  }
  const other = join(root, 'other');
  for (const path of ['node_modules', 'apps', 'packages']) cpSync(join(root, path), join(other, path), { recursive: true });
  expect(await bundle(other)).toBe('bundle 7');
  write(SOURCE, SOURCE);
});

test('where nothing can be kept it is made each time; a bundler that fails is heard, and nothing is kept of it', async () => {
  const { root, folder, write, bundle } = checkout();
  // A part of a checkout, of which nobody can say what it is made of.
  rmSync(join(root, LIBRARIES));
  expect([await bundle(), await bundle()]).toEqual(['bundle 1', 'bundle 2']);
  write(LIBRARIES, 'again');
  await expect(keptBundle({ root, folder, make: () => Promise.reject(new Error('no such module')) })).rejects.toThrow('no such module');
  write('bundles', 'a file where the folder should be');
  expect([await bundle(), await bundle()]).toEqual(['bundle 3', 'bundle 4']);
});

test('bundles of the last eight states are kept', async () => {
  const { folder, write, bundle } = checkout();
  for (let state = 0; state < 10; state += 1) {
    write(SOURCE, `state ${state}`);
    await bundle();
  }
  expect(readdirSync(folder)).toHaveLength(8);
});
