/** `lockstep replay decide`: past decisions, decided again by another policy or roster. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { RedecidedPage, RedecidedRow, RedecideRequest } from '@lockstep/api/replay-decide-schemas.ts';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { columns, counted, visible } from '../output.ts';
import { perform } from '../session.ts';
import type { Answer, Session } from '../session.ts';

/** Decisions that the text shows; all are in the file of --output. */
const MOST_SHOWN = 50;

interface Options {
  readonly policy?: string;
  readonly roster?: string;
  readonly since?: string;
  readonly until?: string;
  readonly output?: string;
  readonly check?: boolean;
}

/** Adds the command. */
export function addReplayDecide(replay: Command): void {
  replay
    .command('decide')
    .description('Decide past leads again from their stored inputs, and show who would have got what; nothing is written, nobody is told')
    .option('--policy <file>', 'this policy in the place of the one of then')
    .option('--roster <file>', 'this roster in the place of the one of then')
    .option('--since <instant>', 'decisions from then on: an ISO date, or an instant with its zone', instant)
    .option('--until <instant>', 'decisions before then', instant)
    .option('--output <file>', 'every decision that differs, one JSON object a line')
    .option('--check', 'exit 3 where any decision differs')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep replay decide                                   does today's code still make the decisions of then?
  $ lockstep replay decide --policy next.yaml --since 2026-11-01 --output differs.jsonl
  $ lockstep replay decide --policy next.yaml --json | jq .changes

First each stored input is decided by the documents of then: it must give the stored decision, else exit 1. Then by the other documents. Each decision is
looked at alone, with the calendars, open leads and shares of then; people of whom nothing was read then could not be chosen, and are named.`,
    )
    .action(async (options: Options, command: Command) => perform(command, (session) => deciding(session, options)));
}

type Totals = Pick<RedecidedPage, 'decisions' | 'stored' | 'changes' | 'notDecided'> & { unread: number };

async function deciding(session: Session, options: Options): Promise<Answer> {
  if (options.output !== undefined) save(options.output, '');
  const totals: Totals = {
    decisions: 0,
    stored: { same: 0, differs: 0, unknown: 0 },
    changes: {} as Totals['changes'],
    notDecided: 0,
    unread: 0,
  };
  const rows: RedecidedRow[] = [];
  let shown = 0;
  for await (const page of session.api().redecide(requestOf(options))) {
    add(totals, page);
    if (options.output !== undefined) save(options.output, page.rows.map((row) => `${JSON.stringify(row)}\n`).join(''), true);
    rows.push(...page.rows.slice(0, Math.max(0, MOST_SHOWN - rows.length)));
    shown += page.rows.length;
    if (page.next !== null) session.output.note(`${totals.decisions} decisions, ${shown} to look at`);
  }
  const isUnfaithful = totals.stored.differs + totals.stored.unknown > 0;
  const differing = totals.decisions - (totals.changes.same ?? 0);
  const exitCode = isUnfaithful ? EXIT.failed : options.check === true && differing > 0 ? EXIT.notInStep : EXIT.ok;
  return { json: { ...totals, rows, more: shown - rows.length }, text: textOf(totals, rows, shown - rows.length), exitCode };
}

function requestOf({ policy, roster, since, until }: Options): RedecideRequest {
  return {
    ...(policy === undefined ? {} : { policy: documentOf(policy) }),
    ...(roster === undefined ? {} : { roster: documentOf(roster) }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

function add(totals: Totals, page: RedecidedPage): void {
  totals.decisions += page.decisions;
  totals.notDecided += page.notDecided;
  totals.unread += page.rows.filter(({ unread }) => unread.length > 0).length;
  for (const key of ['same', 'differs', 'unknown'] as const) totals.stored[key] += page.stored[key];
  for (const [change, count] of Object.entries(page.changes) as [keyof Totals['changes'], number][])
    totals.changes[change] = (totals.changes[change] ?? 0) + count;
}

const WORDS: Readonly<Record<keyof Totals['changes'], string>> = {
  same: 'as they were',
  'other-person': 'to another person',
  'other-way': 'to the same person, by another rule, pool, service level or reason',
  'now-escalated': 'escalated now',
  'no-longer-escalated': 'no longer escalated',
  'now-excluded': 'not routed any more',
  'no-longer-excluded': 'routed now',
};

function textOf(totals: Totals, rows: readonly RedecidedRow[], more: number): string {
  const { decisions, stored, changes, notDecided, unread } = totals;
  if (decisions === 0) return 'No decisions were made in this time.';
  const lines = (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((change) =>
    changes[change] > 0 ? [`  ${String(changes[change]).padStart(8)}  ${WORDS[change]}`] : [],
  );
  return [
    `${counted(decisions, 'decision')}: ${stored.same} as stored, ${stored.differs} made otherwise by today's code, ${stored.unknown} whose documents are not stored.`,
    ...lines,
    ...(notDecided > 0 ? [`  ${String(notDecided).padStart(8)}  not decided: a document is missing`] : []),
    ...(unread > 0 ? [`${counted(unread, 'decision')} with people of whom nothing was read then.`] : []),
    ...(rows.length === 0 ? [] : ['', table(rows)]),
    ...(more > 0 ? [`and ${more} more; --output writes all`] : []),
  ].join('\n');
}

function table(rows: readonly RedecidedRow[]): string {
  const brief = (side: RedecidedRow['after']): string =>
    side === null ? '?' : visible([side.personId ?? 'nobody', side.ruleId, side.reason].filter((part) => part !== null).join(' '));
  return columns(
    ['lead', 'decided', 'what', 'then', 'now'],
    rows.map((row) => [
      visible(row.leadId),
      row.decidedAt,
      row.stored === 'same' ? (row.change ?? '?') : `stored ${row.stored}`,
      brief(row.before),
      brief(row.after),
    ]),
  );
}

function documentOf(file: string): { name: string; text: string } {
  try {
    return { name: basename(file), text: readFileSync(file, 'utf8') };
  } catch {
    throw new CommandFailure(EXIT.failed, 'bad_file', `${file}: expected a readable file, got none`);
  }
}

function save(file: string, text: string, isMore = false): void {
  try {
    if (isMore) appendFileSync(file, text);
    else writeFileSync(file, text);
  } catch {
    throw new CommandFailure(EXIT.failed, 'bad_file', `${file}: expected to be able to write there, could not; nothing else was lost`);
  }
}

/** A day is its first instant in UTC. */
function instant(value: string): string {
  if (/^\d{4}-\d\d-\d\d(T\d\d:\d\d.*(Z|[+-]\d\d:\d\d))?$/.test(value) && !Number.isNaN(Date.parse(value)))
    return new Date(value).toISOString();
  throw new InvalidArgumentError(`expected a date such as 2026-11-01, or an instant such as 2026-11-01T09:00:00+01:00, got ${value}`);
}
