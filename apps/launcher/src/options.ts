/** The command line of `npm start`. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';

export interface LaunchOptions {
  /** Ends by itself when everything is in step. */
  readonly once: boolean;
  /** The plan to copy into the data directory, absolute. */
  readonly plan: string;
  readonly story: boolean;
  /** Absolute. */
  readonly data: string;
  readonly fresh: boolean;
  /** Where to write the outcome, absolute; null for nowhere. */
  readonly json: string | null;
  /** Where to write what the operator of the story saw, typed and got, as Markdown, absolute; null for nowhere. */
  readonly incident: string | null;
  /** A configuration of real connections, absolute; null for the simulator. */
  readonly config: string | null;
  readonly apiPort: number | null;
  readonly uiPort: number | null;
}

const EXAMPLE = fileURLToPath(new URL('../../../examples/growth-plan/tasks.md', import.meta.url));

const HELP = `
What it does
  Starts PostgreSQL, Temporal with its web UI, stand-ins for Jira, Notion, HubSpot and Salesforce, and Lockstep's
  worker; loads the plan, keeps all of it in step, and plays a short story on it. It stays up until Ctrl-C; a second
  start goes on where it was. Everything lives in the data directory, the plan too: your own file and your own tools
  are not touched.

  With a lockstep.yaml in this folder (npm run lockstep -- init) your own connections are used instead: no stand-ins, no
  story, and nothing is written before \`lockstep plan\` and \`lockstep apply\`.

  DATABASE_URL and TEMPORAL_ADDRESS, where set, name your own engines.

Examples
  npm start                                          see it work
  npm start -- --plan ../our-plan.md --fresh         the same with your own plan, on a copy
  npm start -- --once --no-story --json out.json     for a script

Exit codes
  0  everything is in step, and every step of the story held
  1  something failed, or is not in step (with --once)
  2  the command line is wrong
`;

/** Reads the arguments; relative paths count from the folder in which `npm start` was called. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): LaunchOptions {
  // npm changes to the repository's root, and leaves its variables to whatever is started below it.
  const from = environment['npm_lifecycle_event'] === 'start' ? (environment['INIT_CWD'] ?? process.cwd()) : process.cwd();
  const program = new Command('npm start --')
    .description('Lockstep: keeps a growth plan in step with Jira, Notion, HubSpot and Salesforce.')
    .option('--once', 'end when everything is in step (and the story is told)', false)
    .option('--plan <file>', 'the plan to start from (default: the shipped example)')
    .option('--no-story', 'do not play the story')
    .option('--data <dir>', 'where everything is kept', '.lockstep')
    .option('--fresh', 'begin with an empty data directory', false)
    .option('--json <file>', 'write the outcome to this file')
    .option('--incident <file>', 'write what the operator of the story saw, typed and got to this file (Markdown)')
    .option('--config <file>', 'a configuration of your own connections (default: lockstep.yaml of this folder, if there is one)')
    .option('--api-port <n>', "port of the worker's HTTP API", port)
    .option('--ui-port <n>', "port of Temporal's web UI", port)
    .addHelpText('after', HELP)
    .exitOverride();
  const values = program.parse([...args], { from: 'user' }).opts<{
    once: boolean;
    plan?: string;
    story: boolean;
    data: string;
    fresh: boolean;
    json?: string;
    incident?: string;
    config?: string;
    apiPort?: number;
    uiPort?: number;
  }>();
  const ownConfig = resolve(from, 'lockstep.yaml');
  return {
    once: values.once,
    plan: values.plan === undefined ? EXAMPLE : resolve(from, values.plan),
    story: values.story,
    data: resolve(from, values.data),
    fresh: values.fresh,
    json: values.json === undefined ? null : resolve(from, values.json),
    incident: values.incident === undefined ? null : resolve(from, values.incident),
    config:
      values.config === undefined ? (existsSync(ownConfig) && values.plan === undefined ? ownConfig : null) : resolve(from, values.config),
    apiPort: values.apiPort ?? null,
    uiPort: values.uiPort ?? null,
  };
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw new InvalidArgumentError('expected a port, 1 to 65535');
  return number;
}
