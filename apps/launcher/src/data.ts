/**
 * The data directory: the working copy of the plan, secrets, the engines' data, and what this start must know of the last one.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removePostgres } from '@lockstep/local-services/postgres.ts';
import { LaunchError } from './errors.ts';
import { readPlanSource } from './plan-source.ts';

export interface DataState {
  readonly version: 1;
  /** The file that the working copy was made from; null with real connections. */
  readonly planSource: string | null;
  readonly storyTold: boolean;
  /** Ports of the last start, asked for again so that addresses stay. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface DataDirectory {
  readonly path: string;
  readonly planFile: string;
  readonly configFile: string;
  readonly state: DataState;
  save(change: Partial<DataState>): void;
  file(name: string): string;
  /** A secret of this directory, made at first use; returns the reference that a configuration takes. */
  secret(name: string, make?: () => string): string;
  /** The reference to a secret that was made before, or null. */
  knownSecret(name: string): string | null;
}

const STATE_FILE = 'state.json';

/** Opens the directory, empty where asked for. Refuses to clear or use a folder that is not Lockstep's. */
export function openData(path: string, options: { readonly fresh: boolean; readonly planSource: string | null }): DataDirectory {
  if (options.fresh) clear(path);
  const known = readState(path);
  if (known === null && existsSync(path) && readdirSync(path).length > 0)
    throw new LaunchError(
      `--data ${path}: expected a Lockstep data directory or an empty folder, got one with other files. Choose another folder`,
    );
  if (known !== null && options.planSource !== null && known.planSource !== options.planSource) {
    throw new LaunchError(
      `--plan ${options.planSource}: this data directory was begun with ${known.planSource ?? 'connections of your own'}. Begin anew with --fresh, or choose another --data DIR`,
    );
  }
  // Read before anything is made: a start that is refused leaves nothing behind that the next one would stumble over.
  const plan = known === null && options.planSource !== null ? readPlanSource(options.planSource).bytes : null;
  mkdirSync(join(path, 'secrets'), { recursive: true, mode: 0o700 });
  let state: DataState = known ?? { version: 1, planSource: options.planSource, storyTold: false, ports: {} };
  const data: DataDirectory = {
    path,
    planFile: join(path, 'tasks.md'),
    configFile: join(path, 'lockstep.yaml'),
    get state() {
      return state;
    },
    save(change) {
      state = { ...state, ...change };
      replaceFile(join(path, STATE_FILE), `${JSON.stringify(state, null, 2)}\n`);
    },
    file: (name) => join(path, name),
    secret(name, make = () => randomBytes(32).toString('base64url')) {
      const file = join(path, 'secrets', name);
      if (!existsSync(file)) replaceFile(file, `${make()}\n`, 0o600);
      return `file:${file}`;
    },
    knownSecret(name) {
      const file = join(path, 'secrets', name);
      return existsSync(file) ? `file:${file}` : null;
    },
  };
  if (known === null) {
    if (plan !== null) writeFileSync(data.planFile, plan);
    data.save({});
  }
  return data;
}

/** Writes a whole file or nothing. */
export function replaceFile(file: string, text: string, mode = 0o644): void {
  const partial = `${file}.${process.pid}.new`;
  writeFileSync(partial, text, { mode });
  renameSync(partial, file);
}

function readState(path: string): DataState | null {
  const file = join(path, STATE_FILE);
  if (!existsSync(file)) return null;
  const state = JSON.parse(readFileSync(file, 'utf8')) as DataState;
  if (state.version !== 1)
    throw new LaunchError(`${file}: expected version 1, got ${String(state.version)}. Use the Lockstep that wrote it, or --fresh`);
  return state;
}

function clear(path: string): void {
  if (!existsSync(path)) return;
  const isOurs = readdirSync(path).length === 0 || existsSync(join(path, STATE_FILE));
  if (!isOurs)
    throw new LaunchError(`--fresh: expected ${path} to be a Lockstep data directory, got a folder with other files; it was left alone`);
  removePostgres(path);
  rmSync(path, { recursive: true });
}
