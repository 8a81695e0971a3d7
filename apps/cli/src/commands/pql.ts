/** `lockstep pql`: product-qualified leads: why they are some, who has them, and history that is imported. */
import { readFileSync } from 'node:fs';
import { LEAD_STATES } from '@lockstep/api/routing-schemas.ts';
import type { EventsAnswer } from '@lockstep/api/routing-schemas.ts';
import { CLOSE_REASONS } from '@lockstep/api/routing-answer-schemas.ts';
import type { LeadAnswer } from '@lockstep/api/routing-answer-schemas.ts';
import type { ApiClient } from '@lockstep/api/client.ts';
import type { LeadAnswerOptions } from '@lockstep/api/routing-client.ts';
import { Option } from 'commander';
import type { Command } from 'commander';
import { instantIn, wholeNumber } from '../checks.ts';
import { batchesOf, readEvents } from '../event-file.ts';
import type { EventLine } from '../event-file.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure, failureOf } from '../failure.ts';
import { counted } from '../output.ts';
import { accountText, leadsText, problemText } from '../routing-text.ts';
import { perform } from '../session.ts';
import { addCalibrate } from './calibrate.ts';
import { addSimulate } from './simulate.ts';
import type { Answer, Session } from '../session.ts';

/** Adds the command and those below it. */
export function addPql(program: Command): void {
  const pql = program
    .command('pql')
    .description('Product-qualified leads: why an account is one, who has it, and what people say to it')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep pql leads
  $ lockstep pql explain acme.example
  $ lockstep pql accept 3f0c…-1
  $ lockstep pql simulate --policy next-policy.yaml
  $ lockstep pql calibrate --outcomes outcomes.csv
  $ lockstep pql import segment-export.jsonl`,
    );
  addLooks(pql);
  addSimulate(pql);
  addCalibrate(pql);
  addImport(pql);
  addAnswers(pql);
}

function addLooks(pql: Command): void {
  pql
    .command('leads')
    .description('Leads, newest first')
    .addOption(new Option('--state <state>', 'only those that stand so; left out: all that are not closed').choices(LEAD_STATES))
    .option('--limit <n>', 'how many', wholeNumber, 100)
    .addHelpText('after', '\nExamples:\n  $ lockstep pql leads --state escalated\n  $ lockstep pql leads --json')
    .action(async (options: { state?: (typeof LEAD_STATES)[number]; limit: number }, command: Command) =>
      perform(command, async ({ api }) => {
        const leads = await api().leads({ limit: options.limit, ...(options.state === undefined ? {} : { state: options.state }) });
        return { json: { leads }, text: leadsText(leads) };
      }),
    );
  pql
    .command('explain')
    .description('Score, evidence, every candidate with the reason for or against, offers, clocks, and what people were told')
    .argument('<account>', 'its domain, group or person, or its id')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep pql explain acme.example
  $ lockstep pql explain group:acme --json | jq '.leads[0].decisions[0].candidates'

Decisions are shown as they were made, with the hash of the policy and of the roster that were in force.`,
    )
    .action(async (account: string, _options: unknown, command: Command) =>
      perform(command, async ({ api }) => {
        const explained = await api().explainAccount(account);
        return { json: explained, text: accountText(explained) };
      }),
    );
}

function addImport(pql: Command): void {
  pql
    .command('import')
    .description('Import history: product events of the past, a few hundred at a time; no alarms of minutes come of them')
    .argument('<file>', 'JSON Lines as Segment exports them, or .csv; - for JSON Lines on stdin')
    .option('--from <line>', 'begin with this line, after an import that was broken off', wholeNumber, 1)
    .option('--dry-run', 'read the file and say how much is in it, send nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep pql import segment-export.jsonl
  $ lockstep pql import trials.csv --dry-run
  $ lockstep pql import trials.csv --from 40001        go on where it was broken off

A .csv has the columns type, event, timestamp, userId, anonymousId, groupId, email, messageId, and any number of properties.<name> and
traits.<name>. Every event needs its timestamp. An event is known by its messageId, else by its content: what was imported before changes nothing, so
that a file may be imported again as a whole.`,
    )
    .action(async (file: string, options: { from: number; dryRun?: boolean }, command: Command) =>
      perform(command, (session) => importing(session, file, options)),
    );
}

interface Sum {
  accepted: number;
  duplicates: number;
  ignored: number;
  refused: { line: number; problems: EventsAnswer['refused'][number]['problems'] }[];
}

async function importing(session: Session, file: string, { from, dryRun }: { from: number; dryRun?: boolean }): Promise<Answer> {
  const name = file === '-' ? 'stdin' : file;
  const events = readEvents(readText(file), name).filter(({ line }) => line >= from);
  const batches = batchesOf(events);
  if (dryRun === true) {
    const json = { events: events.length, batches: batches.length, dryRun: true };
    return { json, text: `${counted(events.length, 'event')} in ${counted(batches.length, 'request')}. Dry run: nothing was sent.` };
  }
  const sum: Sum = { accepted: 0, duplicates: 0, ignored: 0, refused: [] };
  let sent = 0;
  for (const batch of batches) {
    addTo(sum, batch, await sendBatch(session, batch, name));
    sent += batch.length;
    session.output.note(`${sent} of ${events.length}: ${sum.accepted} new, ${sum.duplicates} known, ${sum.refused.length} refused`);
  }
  const text = [
    ...sum.refused.flatMap(({ line, problems }) => problems.map((problem) => problemText({ ...problem, file: name, line }))),
    `${counted(sum.accepted, 'new event')}, ${sum.duplicates} known before, ${sum.ignored} not used, ${sum.refused.length} refused.`,
  ].join('\n');
  return { json: sum, text, exitCode: sum.refused.length > 0 ? EXIT.failed : EXIT.ok };
}

async function sendBatch({ api }: Session, batch: readonly EventLine[], name: string): Promise<EventsAnswer> {
  try {
    return await api().sendEvents(
      batch.map(({ call }) => call),
      { backfill: true },
    );
  } catch (error) {
    const { exitCode, code, message } = failureOf(error);
    const line = batch[0]?.line ?? 1;
    throw new CommandFailure(exitCode, code, `${name}:${line}: ${message}\nGo on with --from ${line}: what is in front of it was taken.`);
  }
}

function addTo(sum: Sum, batch: readonly EventLine[], answer: EventsAnswer): void {
  sum.accepted += answer.accepted;
  sum.duplicates += answer.duplicates;
  sum.ignored += answer.ignored;
  sum.refused.push(...answer.refused.map(({ index, problems }) => ({ line: batch[index]?.line ?? 1, problems })));
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new CommandFailure(EXIT.failed, 'bad_file', `${file}: expected a readable file, got none`);
  }
}

type CloseReason = (typeof CLOSE_REASONS)[number];

interface AnswerOptions {
  readonly by?: string;
  readonly offer?: string;
}

interface AnswerCommand {
  readonly name: string;
  readonly description: string;
  readonly done: string;
  readonly send: (api: ApiClient, leadId: string, options: LeadAnswerOptions) => Promise<LeadAnswer>;
}

const ANSWERS: readonly AnswerCommand[] = [
  {
    name: 'accept',
    description: 'Say yes to a lead: the clock of the acknowledgement stops',
    done: 'Accepted',
    send: (api, leadId, options) => api.acceptLead(leadId, options),
  },
  {
    name: 'decline',
    description: 'Say no: the next one is asked, and the clock goes on',
    done: 'Declined',
    send: (api, leadId, options) => api.declineLead(leadId, options),
  },
  {
    name: 'release',
    description: 'Give a lead back: it is decided anew',
    done: 'Released',
    send: (api, leadId, options) => api.releaseLead(leadId, options),
  },
];

function addAnswers(pql: Command): void {
  for (const { name, description, done, send } of ANSWERS)
    answerCommand(pql, name, description)
      .addHelpText('after', `\nExamples:\n  $ lockstep pql ${name} 3f0c…-1\n  $ lockstep pql ${name} 3f0c…-1 --by ines`)
      .action(async (lead: string, options: AnswerOptions, command: Command) =>
        perform(command, async ({ api }) => answered(done, await send(api(), lead, said(options)))),
      );
  answerCommand(
    pql,
    'snooze',
    'Ask for no reminders for a while; the clock goes on, and a named person hears before the deadline all the same',
  )
    .requiredOption('--until <instant>', 'an ISO instant with its zone, or +30m, +2h', instantIn)
    .addHelpText(
      'after',
      '\nExamples:\n  $ lockstep pql snooze 3f0c…-1 --until +30m\n  $ lockstep pql snooze 3f0c…-1 --until 2026-12-01T15:00:00+01:00',
    )
    .action(async (lead: string, options: AnswerOptions & { until: string }, command: Command) =>
      perform(command, async ({ api }) => answered('Snoozed', await api().snoozeLead(lead, { ...said(options), until: options.until }))),
    );
  answerCommand(pql, 'close', 'Say that a lead is over: whoever has it is free for another, and its clocks are withdrawn')
    .addOption(new Option('--reason <reason>', 'how it has ended').choices(CLOSE_REASONS).makeOptionMandatory())
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep pql close 3f0c…-1 --reason lost
  $ lockstep pql close 3f0c…-1 --reason opportunity --by ines

An opportunity or deal that is made in the CRM closes a lead by itself, and so does a person who is disqualified there, where the configuration says
which values mean that. Its account makes no other lead for a while (\`quietDays\` of the routing policy).`,
    )
    .action(async (lead: string, options: AnswerOptions & { reason: CloseReason }, command: Command) =>
      perform(command, async ({ api }) => answered('Closed', await api().closeLead(lead, { ...said(options), reason: options.reason }))),
    );
  answerCommand(pql, 'reassign', 'Give a lead to another person: only a person takes it away from them')
    .requiredOption('--to <member>', 'id of the roster')
    .addHelpText('after', '\nExample:\n  $ lockstep pql reassign 3f0c…-1 --to omar')
    .action(async (lead: string, options: AnswerOptions & { to: string }, command: Command) =>
      perform(command, async ({ api }) => answered('Reassigned', await api().reassignLead(lead, { ...said(options), to: options.to }))),
    );
}

function answerCommand(pql: Command, name: string, description: string): Command {
  return pql
    .command(name)
    .description(description)
    .argument('<lead>', "the lead's id (`lockstep pql leads`)")
    .option('--by <member>', 'for this member of the roster; left out: your own account')
    .option('--offer <id>', 'the offer that you have seen; another one is refused');
}

function said({ by, offer }: AnswerOptions): LeadAnswerOptions {
  return { ...(by === undefined ? {} : { by }), ...(offer === undefined ? {} : { offerId: offer }) };
}

function answered(done: string, answer: LeadAnswer): Answer {
  return { json: answer, text: answer.outcome === 'taken' ? `${done}.` : `${done} before: nothing has changed.` };
}
