/**
 * For tests: a process that has loaded the program once and runs it as often as it is told, one run after the other. What a run can see of its process
 * (arguments, environment, folder, streams, exit code) is that run's own.
 */
import { inspect } from 'node:util';
import { runCommand } from './run.ts';

/** What a shell is sent. */
export interface ShellRun {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** How a run of the program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function ran({ args, env, cwd }: ShellRun): Promise<Ended> {
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
  process.exitCode = undefined;
  const [stdout, stderr] = [listenTo(process.stdout), listenTo(process.stderr)];
  try {
    await runCommand([process.execPath, 'lockstep', ...args]);
  } catch (error) {
    // As Node ends a program that throws.
    process.stderr.write(inspect(error));
    process.exitCode = 1;
  }
  return { code: exitCode(), stdout: stdout(), stderr: stderr() };
}

function exitCode(): number {
  return Number(process.exitCode ?? 0);
}

/** Takes what is written to the stream from now on, and gives it back. */
function listenTo(stream: NodeJS.WriteStream): () => string {
  let text = '';
  stream.write = (chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return () => text;
}

process.on('message', (run: ShellRun) => {
  void ran(run).then((ended) => process.send?.(ended));
});
// Whoever asked has ended.
process.on('disconnect', () => process.exit());
