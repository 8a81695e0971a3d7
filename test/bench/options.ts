/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly items: number;
  /** Where to write the record; null for nowhere. */
  readonly json: string | null;
  /** Edits of which the latency is measured. */
  readonly edits: number;
  /** Where to put CPU profiles of the worker; null for none. A profiled run is slower. */
  readonly profile: string | null;
}

const HELP = `npm run bench -- sync [--items N] [--json FILE] [--edits N] [--profile DIR]

  Starts PostgreSQL, Temporal, the simulator and the worker, loads a generated plan of N items (default 1000) into Jira,
  Notion and HubSpot, and prints the table of "Numbers to reach": each figure beside its floor, or beside a bare loop that
  sends the same batches in the same run.

  --items N      items of the plan, 100 to 100000
  --json FILE    write the record { rows: [{ name, value, unit, floor, ratio, goal, ok }] } to this file
  --edits N      edits of which the latency is measured (default 60)
  --profile DIR  write a CPU profile of the worker (and of the simulator) into this folder

npm run bench -- change-sets --help, npm run bench -- replay --help and npm run bench -- routing --help have the others.
`;

/** Reads the arguments; null, with a message for the person, where they ask for help or make no sense. */
export function readOptions(args: readonly string[]): BenchOptions | { readonly message: string; readonly exitCode: number } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        items: { type: 'string', default: '1000' },
        json: { type: 'string' },
        edits: { type: 'string', default: '60' },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { message: HELP, exitCode: 0 };
    if (positionals.length !== 1 || positionals[0] !== 'sync')
      return { message: `bench: expected "sync", got "${positionals.join(' ')}"\n\n${HELP}`, exitCode: 2 };
    return {
      items: count('--items', values.items, 100, 100_000),
      json: values.json ?? null,
      edits: count('--edits', values.edits, 3, 1_000),
      profile: values.profile ?? null,
    };
  } catch (error) {
    return { message: `bench: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, exitCode: 2 };
  }
}

function count(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${name}: expected a whole number from ${least} to ${most}, got ${text}`);
  return value;
}
