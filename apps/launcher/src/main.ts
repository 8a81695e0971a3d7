/**
 * `npm start`: sets everything up, runs the main job with visible progress, tells the story, and stays up.
 */
import { CommanderError } from 'commander';
import { LocalServiceError } from '@lockstep/local-services/errors.ts';
import { lockDirectory } from '@lockstep/local-services/data-directory.ts';
import { openData, replaceFile } from './data.ts';
import { LaunchError } from './errors.ts';
import { runDemonstration } from './demonstration.ts';
import { readOptions } from './options.ts';
import type { LaunchOptions } from './options.ts';
import { succeeded } from './outcome.ts';
import { runOwnConnections } from './own-connections.ts';
import { createConsole } from './console.ts';
import type { Console } from './console.ts';
import { createRunning } from './running.ts';
import type { Running } from './running.ts';

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  const console = createConsole(process.stdout);
  const lock = await lockDirectory(options.data);
  const running = createRunning();
  const stopped = stopOnSignals(running, console);
  try {
    const launched = launch(options, running, console).catch((error: unknown) => running.explain(error));
    return await Promise.race([launched, running.lost, stopped]);
  } finally {
    await running.stop(console);
    await lock.release();
  }
}

async function launch(options: LaunchOptions, running: Running, console: Console): Promise<number> {
  const data = openData(options.data, { fresh: options.fresh, planSource: options.config === null ? options.plan : null });
  const parts = { options, data, running, console, environment: process.env };
  const outcome = options.config === null ? await runDemonstration(parts) : await runOwnConnections(parts, options.config);
  if (options.json !== null) {
    replaceFile(options.json, `${JSON.stringify(outcome, null, 2)}\n`);
    console.say(`outcome written to ${options.json}`);
  }
  if (options.once) return succeeded(outcome) ? 0 : 1;
  console.say('\nIt stays in step from here on. Ctrl-C stops everything; the next `npm start` goes on where it was.');
  return new Promise(() => undefined);
}

/** Resolves with the exit code when a signal asks us to end; a second one ends at once. */
function stopOnSignals(running: Running, console: Console): Promise<number> {
  return new Promise((resolve) => {
    let asked = 0;
    const ask = (): void => {
      asked += 1;
      if (asked === 1) {
        console.say('\nstopping …');
        resolve(0);
      } else if (asked > 2) {
        void running.kill().then(() => process.exit(1));
      }
    };
    process.on('SIGINT', ask);
    process.on('SIGTERM', ask);
    process.on('SIGHUP', ask);
    process.once('disconnect', ask);
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    const isOurs = error instanceof LaunchError || error instanceof LocalServiceError;
    process.stderr.write(`\nlockstep: ${isOurs ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
