/** `lockstep pql calibrate`: what the score has been worth. */
import { STAGES } from '@lockstep/api/routing-calibration.ts';
import type { Stage } from '@lockstep/api/routing-calibration.ts';
import { Option } from 'commander';
import type { Command } from 'commander';
import { calibrated } from '../calibration.ts';
import { calibrationText } from '../calibration-text.ts';
import { instantAgo, percentage, wholeNumber } from '../checks.ts';
import { printedJson } from '../output.ts';
import { perform } from '../session.ts';
import { writeNew } from '../written-file.ts';

interface Options {
  readonly outcomes: string;
  readonly scoring?: string;
  readonly since?: string;
  readonly horizonDays?: number;
  readonly target: number;
  readonly hit: Stage;
  readonly write?: string;
  readonly out?: string;
}

export function addCalibrate(pql: Command): void {
  pql
    .command('calibrate')
    .description('What the score has been worth: how many leads at each threshold were won, and what that says of the thresholds in force')
    .requiredOption('--outcomes <file>', 'what became of accounts: CSV, or JSON Lines (.jsonl)')
    .option('--scoring <file>', 'this spec in the place of the one in force')
    .option('--since <when>', 'only accounts scored from then on: an instant, a date, or so many days ago', instantAgo)
    .option('--horizon-days <n>', 'won within so many days of the score, else lost', wholeNumber)
    .addOption(new Option('--hit <stage>', 'what counts as won').choices(STAGES).default('customer'))
    .addOption(new Option('--target <percent>', 'the precision that has to be proven').argParser(percentage).default(70))
    .option('--write <file>', 'write the spec with the proposed thresholds there; what is there already stays')
    .option('--out <file>', 'write the whole report there as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep pql calibrate --outcomes outcomes.csv --horizon-days 90
  $ lockstep pql calibrate --outcomes crm-report.csv --hit opportunity --write next-scoring.yaml
  $ lockstep pql calibrate --outcomes examples/routing/outcomes.csv --scoring examples/routing/scoring.yaml      needs no worker

The file has the columns account, outcome (sql, opportunity, customer, lost, open) and at: then the score is the one that made the account a lead, as it is on
record; of an account that never became one the highest that it had before the first row of it. Or accountId, scoredAt, score, tier, outcome
(closed-won, closed-lost, open), outcomeAt, lastEventAt and fired (ids of rules, a ; between them): then nothing is asked. A score that
may have known its outcome stops it. Nothing is changed: a proposal is a file that \`lockstep routing check\` looks at, and a person puts in force.`,
    )
    .action(async (options: Options, command: Command) =>
      perform(command, async (session) => {
        const { report, proposed } = await calibrated(session, options);
        if (options.write !== undefined && proposed !== null) writeNew(options.write, proposed);
        if (options.out !== undefined) writeNew(options.out, `${printedJson(report)}\n`);
        return { json: report, text: calibrationText(report) };
      }),
    );
}
