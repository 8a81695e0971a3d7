/** `npm start` as a person calls it: the command itself, in a data directory of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removePostgres } from '@lockstep/local-services/postgres.ts';
import type { Outcome } from '@lockstep/launcher/outcome.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

export interface Start {
  readonly code: number | null;
  /** What it printed. */
  readonly output: string;
  /** What `--json` wrote; null where it wrote nothing. */
  readonly outcome: Outcome | null;
}

export interface Place {
  readonly data: string;
  /** Runs `npm start -- --once --json … <args>` to its end. */
  start(...args: readonly string[]): Promise<Start>;
  remove(): void;
}

/** A place of its own, outside the checkout. */
export function createPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-start-'));
  const data = join(folder, 'data');
  return {
    data,
    async start(...args) {
      const json = join(folder, 'outcome.json');
      rmSync(json, { force: true });
      const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, ...environment } = process.env;
      const child = spawn(process.execPath, [SCRIPT, '--once', '--data', data, '--json', json, ...args], { cwd: folder, env: environment });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
      return { code, output, outcome: read(json) };
    },
    remove() {
      removePostgres(data);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function read(file: string): Outcome | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Outcome;
  } catch {
    return null;
  }
}
