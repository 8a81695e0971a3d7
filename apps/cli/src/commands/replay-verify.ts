/** `lockstep replay verify`: the code of this checkout against histories, before a deploy. */
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { columns, counted } from '../output.ts';
import type { Output } from '../output.ts';
import { perform } from '../session.ts';
import type { GlobalOptions } from '../session.ts';
import { environmentOf, runProgram } from '../worker-program.ts';

/** Replaying needs the workflows and Temporal's SDK. */
const PROGRAM = 'replay-verify-program.ts';
const PROGRESS_EVERY = 100;

/** One history, as the worker's program prints it. */
interface Verified {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly events: number;
  readonly verdict: 'same' | 'different' | 'failed';
  readonly eventId: number | null;
  readonly held: string | null;
  readonly said: string | null;
}

type Sums = Readonly<Record<Verified['verdict'], number>>;
type Line = { readonly history: Verified } | { readonly sums: Sums };

interface VerifyOptions {
  readonly query?: string;
  readonly limit?: number;
}

/** Adds the command. */
export function addReplayVerify(replay: Command): void {
  replay
    .command('verify')
    .description('Replay histories against the code in this checkout: would a deploy break what runs?')
    .argument('[files...]', 'histories as JSON (`temporal workflow show --output json`); without any, those of the server')
    .option('--query <query>', "a visibility query, as ExecutionStatus = 'Completed'; without one, all open workflows of the workspace")
    .option('--limit <number>', 'at most so many', wholeNumber)
    .addHelpText(
      'after',
      `
Compares what the code asks for (activities, timers, their order) with what each history holds; writes nothing anywhere.
Temporal's address, the payload keys and the configuration come from the environment, as the worker's do (TEMPORAL_ADDRESS, LOCKSTEP_ENCRYPTION_KEYS,
LOCKSTEP_CONFIG), or from the data directory of a running \`npm start\`. Files that are not encrypted need none of them.
Ends in 0 where all are the same, in 6 where one is different or could not be replayed: put it before a deploy.

Examples:
  $ lockstep replay verify
  $ lockstep replay verify --query "WorkflowType = 'changeSet' AND CloseTime > '2026-11-01T00:00:00Z'" --limit 1000
  $ lockstep replay verify test/replay/histories/*.json --json | jq '.different'`,
    )
    .action(async (files: readonly string[], options: VerifyOptions, command: Command) =>
      perform(command, async ({ output }) => {
        const { data } = command.optsWithGlobals<GlobalOptions>();
        const { sums, notSame } = await replayed(argumentsOf(files, options), environmentOf(data), output);
        const isSame = notSame.length === 0;
        const json = { checked: sums.same + notSame.length, ...sums, histories: notSame };
        return { json, text: textOf(sums, notSame, output), exitCode: isSame ? EXIT.ok : EXIT.notVerified };
      }),
    );
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1');
}

function argumentsOf(files: readonly string[], { query, limit }: VerifyOptions): readonly string[] {
  return [
    ...(query === undefined ? [] : ['--query', query]),
    ...(limit === undefined ? [] : ['--limit', String(limit)]),
    ...files.map((file) => resolve(file)),
  ];
}

/** Runs the worker's program to its end. Throws `CommandFailure` where it does not get to its sums. */
async function replayed(
  programArguments: readonly string[],
  environment: NodeJS.ProcessEnv,
  output: Output,
): Promise<{ readonly sums: Sums; readonly notSame: readonly Verified[] }> {
  const notSame: Verified[] = [];
  let [checked, sums] = [0, null as Sums | null];
  const run = { program: PROGRAM, arguments: programArguments, environment };
  const complaint = await runProgram(run, (printed) => {
    const line = printed as Line;
    if ('sums' in line) ({ sums } = line);
    else {
      checked += 1;
      if (line.history.verdict !== 'same') notSame.push(line.history);
      if (checked % PROGRESS_EVERY === 0) output.note(`${checked} replayed, ${notSame.length} of them not the same`);
    }
  });
  if (sums === null)
    throw new CommandFailure(
      EXIT.failed,
      'not_replayed',
      `replay: expected every history to be looked at, got after ${checked}:\n${complaint}`,
    );
  return { sums, notSame };
}

function textOf({ same, different, failed }: Sums, notSame: readonly Verified[], output: Output): string {
  const checked = same + different + failed;
  if (checked === 0) return 'no history found; nothing was verified';
  if (notSame.length === 0) return `${counted(checked, 'history').replace('historys', 'histories')}: each replays with this code`;
  const rows = notSame.map(({ workflowType, workflowId, verdict, eventId, held, said }) => [
    ...[workflowType, workflowId, verdict],
    ...[eventId === null ? '' : String(eventId), held ?? '', said ?? ''],
  ]);
  return [
    columns(['type', 'workflow', 'verdict', 'event', 'history holds', 'the code wanted'], rows),
    '',
    output.paint('red', `${different} different, ${failed} could not be replayed, ${same} the same`),
    'Keep the old way for runs that are under way: `patched` in the workflow, or a workflow type of another name (docs/runbooks/replay.md).',
  ].join('\n');
}
