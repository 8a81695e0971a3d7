/** `npm start` as a tree of processes that a test may kill, all or one of them, in a data directory that can be copied. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { removePostgres } from '@lockstep/local-services/postgres.ts';
import type { Outcome } from '@lockstep/launcher/outcome.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const POLL_MS = 50;
const TOOLS = ['jira', 'notion', 'hubspot'] as const;

/** The parts of a start, by what stands on their command lines. */
const PARTS = {
  worker: /apps\/worker\/src\/main\.ts/,
  Temporal: /server start-dev/,
  PostgreSQL: /bin\/postgres -D/,
} as const;
export type Part = keyof typeof PARTS;

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A folder of the test's own. */
export function createFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'lockstep-crash-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export class Started {
  private readonly data: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<Ended>;
  private hasEnded = false;
  private output = '';

  /** Starts on this directory; `args` are those of `npm start`. */
  constructor(data: string, args: readonly string[]) {
    this.data = data;
    const { DATABASE_URL: _database, TEMPORAL_ADDRESS: _temporal, ...environment } = process.env;
    this.child = spawn(process.execPath, [SCRIPT, '--data', data, '--no-story', ...args], { cwd: join(data, '..'), env: environment });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString('utf8')));
    this.ended = new Promise((resolve) => {
      this.child.once('exit', (code) => {
        this.hasEnded = true;
        resolve({ code, output: this.output });
      });
    });
  }

  /** Resolves when it ends by itself. */
  end(): Promise<Ended> {
    return this.ended;
  }

  /** Asks until the answer is not null. Fails if the start ends before. */
  async until<T>(what: string, ask: () => Promise<T | null>): Promise<T> {
    for (;;) {
      const answer = await ask().catch(() => null);
      if (answer !== null) return answer;
      if (this.hasEnded) throw new Error(`npm start: expected ${what}, got its end:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** The simulator's own API, once it serves. */
  async admin<T>(path: string, method = 'GET', body?: unknown): Promise<T> {
    const { ports } = JSON.parse(readFileSync(join(this.data, 'state.json'), 'utf8')) as { ports: { admin: number } };
    const answer = await fetch(`http://127.0.0.1:${ports.admin}/_simulator${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`simulator ${path}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** From now on Notion keeps the answer to its next page but `more` back; resolves when it holds one. */
  async holdsPage(more: number): Promise<void> {
    const fault = { tool: 'notion', match: { method: 'POST', path: '/v1/pages$' }, skip: more, action: { kind: 'hold' } };
    await this.until('a simulator', () => this.admin('/faults', 'POST', fault));
    await this.until('a page to be held', async () => ((await this.admin<{ holding: number }>('/faults')).holding > 0 ? true : null));
  }

  /** From now on Notion takes so long for each page; resolves when it has made one. */
  async slowPages(ms: number): Promise<void> {
    const fault = { tool: 'notion', match: { method: 'POST', path: '/v1/pages$' }, times: 'always', action: { kind: 'delay', ms } };
    await this.until('a simulator', () => this.admin('/faults', 'POST', fault));
    const before = (await this.creates())['notion'] ?? 0;
    await this.until('a page', async () => (((await this.creates())['notion'] ?? 0) > before ? true : null));
  }

  /** Creates of Lockstep since the first start, by tool. */
  async creates(): Promise<Readonly<Record<string, number>>> {
    const count = async (tool: string): Promise<[string, number]> => [
      tool,
      (await this.admin<{ creates: number }>(`/counts?tool=${tool}&account=lockstep`)).creates,
    ];
    return Object.fromEntries(await Promise.all(TOOLS.map(count)));
  }

  /** kill -9 of one part, and of nothing else. Resolves when the start has ended over it. */
  async kill(part: Part): Promise<Ended> {
    const found = this.tree().filter(({ command }) => PARTS[part].test(command));
    // PostgreSQL's workers stand below it, under another title.
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${part}: expected one process, got ${found.length}`);
    process.kill(found[0].pid, 'SIGKILL');
    return this.ended;
  }

  /** kill -9 of everything that it has started, itself first. */
  async killAll(): Promise<void> {
    const all = this.tree().map(({ pid }) => pid);
    for (const pid of all) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It went with the one before.
      }
    }
    await this.ended;
    while (living().some(({ pid }) => all.includes(pid))) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  /** The start and all below it, from the top. */
  private tree(): readonly Process[] {
    const all = living();
    const found = all.filter(({ pid }) => pid === this.child.pid);
    for (let index = 0; index < found.length; index += 1) found.push(...all.filter(({ parent }) => parent === found[index]?.pid));
    return found;
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process of the machine; the dead that nobody has buried are left out. */
function living(): readonly Process[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).split('\n');
  return rows.flatMap((row) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+[^Z\s]\S*\s+(.*)$/.exec(row) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }];
  });
}

/** Runs `npm start --once` on the directory to its end. */
export async function startOnce(data: string, args: readonly string[]): Promise<Ended & { readonly outcome: Outcome | null }> {
  const json = join(data, '..', 'outcome.json');
  rmSync(json, { force: true });
  const ended = await new Started(data, ['--once', '--json', json, ...args]).end();
  try {
    return { ...ended, outcome: JSON.parse(readFileSync(json, 'utf8')) as Outcome };
  } catch {
    return { ...ended, outcome: null };
  }
}

/** Copies a directory as an administrator does: with owners, modes and times. */
export function copyDirectory(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}

/** A copy of Temporal's database as it is at this moment, taken while the server writes. */
export async function copyOfTemporal(data: string, to: string): Promise<void> {
  const database = new DatabaseSync(join(data, 'temporal.db'), { readOnly: true });
  await backup(database, to);
  database.close();
}

/** Takes Temporal's database away. */
export function removeTemporal(data: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(data, `temporal.db${suffix}`), { force: true });
}

/** Removes a database that lies aside of its directory, as root's does. */
export const removeDatabase = removePostgres;

/** A plan of this many tasks in five phases, in a file of its own. */
export function writePlan(file: string, tasks: number): void {
  const phases = [1, 2, 3, 4, 5].map(
    (number) => `### Phase ${number}: Stage ${number} (Weeks ${number * 2 - 1}–${number * 2})\n**Objective:** Stage ${number} is done.\n`,
  );
  const rows = Array.from(
    { length: tasks },
    (_, index) => `| **Phase ${(index % 5) + 1}** | Settle matter ${index + 1} | Growth | | Written down | ${index + 1} of 1000 |`,
  );
  const table = ['| Phase | Task | Owner | Dependencies | Definition of Done | Metric |', '|---|---|---|---|---|---|', ...rows];
  writeFileSync(file, `# Plan\n\n## Phases\n\n${phases.join('\n')}\n## Backlog\n\n${table.join('\n')}\n`);
}
