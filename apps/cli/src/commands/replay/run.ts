/** `lockstep replay run`: a dry run unless told otherwise. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ReplayDetail, ReplayRequest } from '@lockstep/api/replay-schemas.ts';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { instantAgo, wholeNumber } from '../../checks.ts';
import { EXIT } from '../../exit-codes.ts';
import type { ExitCode } from '../../exit-codes.ts';
import { CommandFailure } from '../../failure.ts';
import { planText, progressText, replayText } from '../../replay-text.ts';
import { perform } from '../../session.ts';
import type { Answer, Session } from '../../session.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../../waiting.ts';

const POLL_MS = 400;
const POINTS = ['first-task', 'last-good-task', 'failing-activity'] as const;

type Range = Extract<ReplayRequest['selection'], { readonly by: 'range' }>;

interface RunOptions {
  readonly query?: string;
  readonly from?: string;
  readonly to?: string;
  readonly type?: NonNullable<Range['type']>;
  readonly status?: NonNullable<Range['status']>;
  readonly point: ReplayRequest['point'];
  readonly reason?: string;
  readonly run?: boolean;
  readonly plan?: string;
  readonly batch?: number;
  readonly rate?: number;
  readonly wait?: boolean;
  readonly timeout: number;
}

export function addReplayRun(replay: Command): void {
  replay
    .command('run')
    .description('Show what a replay would do again, what is done by its keys and what is not safe; with --run, do it')
    .argument('[workflows...]', 'ids of workflows')
    .option('--query <query>', "Temporal's visibility query, within the workspace")
    .option('--from <instant>', 'what ended from then on: an instant, or so long ago (30m, 2h, 3d)', instantAgo)
    .option('--to <instant>', 'and before then (now, where it is left out)', instantAgo)
    .addOption(new Option('--type <type>', 'only these').choices(['backlogSync', 'backlogReconcile', 'changeSet', 'pqlRouting']))
    .addOption(new Option('--status <status>', 'only those that ended so').choices(['failed', 'timed-out', 'terminated']))
    .option('--point <point>', `from where: ${POINTS.join(', ')}, or the id of an event`, pointOf, { at: 'failing-activity' as const })
    .addOption(new Option('--dry-run', 'show the plan and start nothing (the default)').conflicts('run'))
    .option('--run', 'start it; where policy wants a yes of others it waits for them')
    .option('--reason <text>', 'why; needed with --run')
    .option('--plan <hash>', 'the plan that you have seen; another one is refused')
    .option('--batch <n>', 'workflows at a time', wholeNumber)
    .option('--rate <n>', 'workflows a second, at most', wholeNumber)
    .option('--wait', 'wait for the end: exit 0 if done, 3 if not yet, 5 if it was stopped, rejected or refused in part')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, DEFAULT_TIMEOUT_SECONDS)
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep replay run change-set/growth/cs-01J…
  $ lockstep replay run --from 2h --type changeSet --point last-good-task
  $ lockstep replay run --from 2h --run --reason "deploy 81 is taken back" --wait

Points: first-task decides everything again; last-good-task keeps what the last task saw and decides it again;
failing-activity calls the activity again that failed last; an event's id drops that event and all behind it.
Runs that are open, completed or cancelled are left alone, and so is a second replay of the same.`,
    )
    .action(async (workflows: string[], options: RunOptions, command: Command) =>
      perform(command, async (session) => run(session, selectionOf(workflows, options), options)),
    );
}

async function run(session: Session, selection: ReplayRequest['selection'], options: RunOptions): Promise<Answer> {
  const { output } = session;
  if (options.run === true && options.reason === undefined)
    throw new CommandFailure(EXIT.usage, 'usage', 'replay run: expected --reason with --run, got none; others will read it');
  const { plan, started } = await session.api().runReplay({
    ...{ selection, point: options.point, reason: options.reason ?? 'a dry run', dryRun: options.run !== true },
    ...(options.plan === undefined ? {} : { planHash: options.plan }),
    ...(options.batch === undefined ? {} : { batchSize: options.batch }),
    ...(options.rate === undefined ? {} : { perSecond: options.rate }),
  });
  if (started === null) {
    const next = plan.targets.length === 0 ? '' : '\nNothing was started. Next: the same with `--run --reason "…"`';
    return { json: { plan, started }, text: planText(plan, output) + next };
  }
  const { replayId } = started.replay;
  if (options.wait !== true)
    return {
      json: { plan, started },
      text: `${planText(plan, output)}\nStarted ${replayId}; \`lockstep replay show ${replayId}\` shows how far it is.`,
    };
  const last = await awaitEnd(session, started, options.timeout * 1_000);
  return { json: { plan, started: last }, text: replayText(last, output), exitCode: exitOf(last) };
}

function selectionOf(workflowIds: readonly string[], options: RunOptions): ReplayRequest['selection'] {
  const { query, from, to, type, status } = options;
  const given = [workflowIds.length > 0, query !== undefined, from !== undefined].filter(Boolean).length;
  if (given !== 1)
    throw new CommandFailure(
      EXIT.usage,
      'usage',
      `replay run: expected ids of workflows, or --query, or --from; got ${given === 0 ? 'none' : 'more than one'} of them`,
    );
  if (from === undefined && [to, type, status].some((one) => one !== undefined))
    throw new CommandFailure(EXIT.usage, 'usage', 'replay run: expected --from with --to, --type and --status, got none');
  if (query !== undefined) return { by: 'query', query };
  if (from === undefined) return { by: 'ids', workflowIds: [...workflowIds] };
  return { by: 'range', from, to: to ?? new Date().toISOString(), type: type ?? null, status: status ?? null };
}

function pointOf(value: string): ReplayRequest['point'] {
  const named = POINTS.find((at) => at === value);
  if (named !== undefined) return { at: named };
  if (/^[1-9]\d{0,5}$/.test(value)) return { at: 'event', eventId: Number(value) };
  throw new InvalidArgumentError(`expected ${POINTS.join(', ')} or the id of an event, got ${value}`);
}

async function awaitEnd(session: Session, started: ReplayDetail, timeoutMs: number): Promise<ReplayDetail> {
  const start = performance.now();
  let detail = started;
  let told = '';
  while (detail.replay.end === null && performance.now() - start < timeoutMs) {
    const words = progressText(detail);
    if (words !== told) session.output.note(words);
    told = words;
    await pause(POLL_MS);
    detail = await session.api().replay(detail.replay.replayId);
  }
  return detail;
}

function exitOf({ replay, counts }: ReplayDetail): ExitCode {
  if (replay.end === null) return EXIT.notInStep;
  return replay.end === 'done' && (counts['refused'] ?? 0) === 0 ? EXIT.ok : EXIT.refused;
}
