/** Programs in the worker's role: what needs its engines is theirs, the client itself speaks the API alone. They print a JSON document a line. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** The environment counts; what it lacks, a running `npm start` has left in its data directory. Throws `CommandFailure`. */
export function environmentOf(data: string): NodeJS.ProcessEnv {
  const file = join(data, 'worker.json');
  if (!existsSync(file)) return process.env;
  try {
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as NodeJS.ProcessEnv), ...process.env };
  } catch {
    throw new CommandFailure(
      EXIT.failed,
      'bad_worker_file',
      `${file}: expected JSON, got something else; run \`npm start\` again, which writes it anew`,
    );
  }
}

export interface ProgramRun {
  /** A file of apps/worker/src. */
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** Runs it to its end, with each of its lines as it comes; resolves with what it said to stderr. */
export async function runProgram(run: ProgramRun, onLine: (line: unknown) => void): Promise<string> {
  const file = fileURLToPath(new URL(`../../worker/src/${run.program}`, import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...run.arguments], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: run.environment,
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  for await (const text of createInterface({ input: child.stdout })) onLine(JSON.parse(text));
  await ended;
  return complaint.trim();
}
