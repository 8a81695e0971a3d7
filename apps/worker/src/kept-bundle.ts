/**
 * A bundle of the workflows that was made once is kept, under a digest of all that it was made of: to make it costs four seconds of a processor at each start of
 * a worker, and a worker that was killed is waited for.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/**
 * What the bundler may take in: the sandbox holds nothing else of ours (test/workflows/bundle.test.ts). Domain is found as the bundler finds it, which may be in
 * another checkout than the workflows; the libraries are those that npm has written down as installed.
 */
const SOURCES = ['packages/workflows/src', 'node_modules/@lockstep/domain/src'];
const FILES = ['node_modules/.package-lock.json', 'apps/worker/src/bundle-program.ts'];
/** Other branches and deploys whose bundles are kept as well. */
const MOST_KEPT = 8;

/** Where bundles are kept, of which checkout they are, and how one is made. */
export interface KeptBundles {
  readonly root: string;
  readonly folder: string;
  readonly make: () => Promise<string>;
}

export const BUNDLES = { root: ROOT, folder: join(ROOT, 'node_modules/.cache/lockstep/bundles') } as const;

/**
 * The bundle of the checkout's sources as they are now. Made anew where any of them has changed; where they cannot be told, or nothing can be written, it is made
 * each time. Rejects as `make` does.
 */
export async function keptBundle({ root, folder, make }: KeptBundles): Promise<string> {
  const digest = await digestOf(root).catch(() => null);
  if (digest === null) return make();
  const file = join(folder, `${digest}.js`);
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return kept;
  const code = await make();
  await keep(folder, file, code).catch(() => undefined);
  return code;
}

async function digestOf(root: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.version}\n${root}\n`);
  const sources = await Promise.all(SOURCES.map((source) => sourcesIn(root, source)));
  for (const path of [...FILES, ...sources.flat().toSorted()]) hash.update(`${path}\n`).update(await readFile(join(root, path)));
  return hash.digest('hex');
}

async function sourcesIn(root: string, source: string): Promise<readonly string[]> {
  const names = await readdir(join(root, source), { recursive: true });
  return names.filter((name) => name.endsWith('.ts') && !/\.(test|test-prop|test-long)\.ts$/.test(name)).map((name) => join(source, name));
}

/** Renamed into place, so that nobody reads a half. */
async function keep(folder: string, file: string, code: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const unfinished = join(folder, `${randomUUID()}.unfinished`);
  await writeFile(unfinished, code);
  await rename(unfinished, file);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  const aged = await Promise.all(names.map(async (name) => ({ name, madeAtMs: (await stat(join(folder, name))).mtimeMs })));
  const old = aged.toSorted((one, other) => other.madeAtMs - one.madeAtMs).slice(MOST_KEPT);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}
