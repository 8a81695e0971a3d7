/** `lockstep redrive`: what waits for a person after it failed, by cause, and driving it again once the cause is gone. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ParkedFilter } from '@lockstep/api/redrive-client.ts';
import type { RedriveAnswer, RedriveStanding } from '@lockstep/api/redrive-schemas.ts';
import type { Command } from 'commander';
import { wholeNumber } from '../checks.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { findItem } from '../found.ts';
import { counted } from '../output.ts';
import { causeLines, closedText, parkedText, redriveText } from '../redrive-text.ts';
import { perform } from '../session.ts';
import type { Answer, Session } from '../session.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../waiting.ts';

const POLL_MS = 400;

/** Adds the command and those below it. */
export function addRedrive(program: Command): void {
  const redrive = program
    .command('redrive')
    .description('What waits for a person after it failed, by cause; driven again once the cause is gone')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep redrive list
  $ lockstep redrive run --cause a1b2c3d4e5           what would be driven; nothing is
  $ lockstep redrive run --cause a1b2c3d4e5 --yes --wait

A change set that needs an operator is not driven again: put it right by hand, then \`lockstep crm cancel <set>\` takes it over and frees its records.`,
    );
  addList(redrive);
  addRun(redrive);
}

interface Selecting {
  readonly connection?: string;
  readonly item?: string;
  readonly record?: string;
  readonly cause?: string;
}

function addList(redrive: Command): void {
  redrive
    .command('list')
    .description('Writes, fields, records and comments that wait, by connection and cause, with what to do about each')
    .option('--connection <id>', 'only those of one connection')
    .option('--cause <id>', 'only those of one cause')
    .option('--check', 'exit 3 where anything waits')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep redrive list
  $ lockstep redrive list --connection jira
  $ lockstep redrive list --json | jq '.causes[] | {causeId, connectionId, count, words}'

Of the messages of one cause, what differs from one to the next is left out: quoted texts are "…", ids are #.`,
    )
    .action(async (options: Selecting & { check?: boolean }, command: Command) =>
      perform(command, async ({ api, output }) => {
        const list = await api().parked(filterOf(options));
        const exitCode = options.check === true && list.total > 0 ? EXIT.notInStep : EXIT.ok;
        return { json: list, text: parkedText(list, output), exitCode };
      }),
    );
}

interface RunOptions extends Selecting {
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
}

function addRun(redrive: Command): void {
  redrive
    .command('run')
    .description('Drive again: writes are owed anew, records and fields are read again; a dry run without --yes')
    .option('--cause <id>', 'all of one cause, as the list has it')
    .option('--connection <id>', 'all of one connection')
    .option('--item <item>', 'all of one item: its id, its key in a tool, or its title')
    .option('--record <id>', 'one record that could not be taken in, by its id in its tool')
    .option('--all', 'everything that waits')
    .option('-y, --yes', 'do it')
    .option('--wait', 'with --yes: wait until each is done or parked again; exit 3 if any is parked again or time is up')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, DEFAULT_TIMEOUT_SECONDS)
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep redrive run --cause a1b2c3d4e5                 exactly what would be driven
  $ lockstep redrive run --cause a1b2c3d4e5 --yes --wait
  $ lockstep redrive run --item GROW-12 --yes
  $ lockstep redrive run --connection jira --cause a1b2c3d4e5 --yes

Driving twice changes nothing. A write that had landed after all is found by its mark, and is not made again. What a breaker holds is left alone.`,
    )
    .action(async (options: RunOptions, command: Command) => perform(command, (session) => running(session, options)));
}

async function running(session: Session, options: RunOptions): Promise<Answer> {
  const filter = await meant(session, options);
  const answer = await session.api().redrive({ ...filter, dryRun: options.yes !== true });
  const text = redriveText(answer, session.output);
  if (options.wait !== true || answer.dryRun || answer.driven === 0) return { json: answer, text };
  session.output.note(text);
  return followed(session, answer, options.timeout * 1_000);
}

/** Everything is only meant where it is said. */
async function meant(session: Session, options: RunOptions): Promise<ParkedFilter> {
  const filter = filterOf(options);
  const isNarrow = Object.keys(filter).length > 0 || options.item !== undefined;
  if (isNarrow === (options.all === true))
    throw new CommandFailure(
      EXIT.usage,
      'usage',
      `selection: expected --cause, --connection, --item, --record or --all, got ${isNarrow ? '--all beside another' : 'none'}`,
    );
  return options.item === undefined ? filter : { ...filter, item: (await findItem(session.api(), options.item)).itemId };
}

function filterOf({ connection, record, cause }: Selecting): ParkedFilter {
  return {
    ...(connection === undefined ? {} : { connection }),
    ...(record === undefined ? {} : { record }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** Asks until nothing is on its way any more, or what is can only go on by a person's hand. */
async function followed(session: Session, answer: RedriveAnswer, timeoutMs: number): Promise<Answer> {
  const startMs = performance.now();
  const closed = new Set(answer.closed.map(({ connectionId }) => connectionId));
  let said = '';
  for (;;) {
    const standing = await session.api().redriveStanding(answer.at);
    const going = standing.underWay.filter(({ connectionId }) => !closed.has(connectionId));
    if (going.length === 0 || performance.now() - startMs >= timeoutMs) return ended(session, answer, standing);
    const progress = going.map(({ connectionId, count }) => `${connectionId} ${count}`).join(', ');
    if (progress !== said) session.output.note(`waiting: ${progress}`);
    said = progress;
    await pause(POLL_MS);
  }
}

function ended({ output }: Session, answer: RedriveAnswer, standing: RedriveStanding): Answer {
  const again = standing.again.reduce((sum, { count }) => sum + count, 0);
  const underWay = standing.underWay.reduce((sum, { count }) => sum + count, 0);
  const done = Math.max(0, answer.driven - again - underWay);
  const stuck = answer.closed.filter(({ connectionId }) => standing.underWay.some((one) => one.connectionId === connectionId));
  const text = [
    `${counted(done, 'thing')} done, ${again} parked again, ${underWay} under way.`,
    ...stuck.map(closedText),
    ...standing.again.flatMap((cause) => causeLines(cause, output)),
  ].join('\n');
  return { json: { ...answer, standing: { done, ...standing } }, text, exitCode: again + underWay === 0 ? EXIT.ok : EXIT.notInStep };
}
