/** `lockstep pql simulate`: documents against past leads. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { instantAgo } from '../checks.ts';
import { printedJson } from '../output.ts';
import { writeNew } from '../written-file.ts';
import { perform } from '../session.ts';
import { simulatePast } from '../simulation.ts';
import { simulationText } from '../simulation-text.ts';

interface Options {
  readonly policy?: string;
  readonly roster?: string;
  readonly slas?: string;
  readonly since: string;
  readonly until: string;
  readonly answers: 'usual' | 'none';
  readonly past?: string;
  readonly out?: string;
}

export function addSimulate(pql: Command): void {
  pql
    .command('simulate')
    .description(
      'Play past leads by another policy, roster or service levels: who would have got what, and what of it would have been in time',
    )
    .option('--policy <file>', 'this policy in the place of the one in force')
    .option('--roster <file>', 'this roster')
    .option('--slas <file>', 'these service levels')
    .addOption(
      new Option('--since <when>', 'leads decided from then on: an instant, a date, or so many days ago')
        .argParser(instantAgo)
        .default(instantAgo('30d'), '30d'),
    )
    .addOption(new Option('--until <when>', 'and before').argParser(instantAgo).default(instantAgo('0d'), 'now'))
    .addOption(
      new Option('--answers <which>', 'what people say to leads that they were not asked about then: as they usually do, or nothing at all')
        .choices(['usual', 'none'])
        .default('usual'),
    )
    .option('--past <file>', 'past leads from this file in the place of those on record; needs no worker')
    .option('--out <file>', 'write the whole report there as JSON, every lead; what is there already stays')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep pql simulate --policy next-policy.yaml
  $ lockstep pql simulate --roster with-dora.yaml --since 90d --out report.json
  $ lockstep pql simulate --policy next.yaml --answers none      the worst that can be
  $ lockstep pql simulate --since 2026-09-01 --until 2026-10-01  no documents: how far to trust it
  $ lockstep pql simulate --past examples/routing/past-leads.jsonl --policy next.yaml

Three columns: as it was; the same leads played by the documents in force; and by those that are given. The last two are one model, so that what
differs between them is the documents' doing; how far the first two lie apart says how far to trust the model. Nothing is written, and nobody hears of it.`,
    )
    .action(async (options: Options, command: Command) =>
      perform(command, async (session) => {
        const report = await simulatePast(session, options);
        if (options.out !== undefined) writeNew(options.out, `${printedJson(report)}\n`);
        return { json: report, text: simulationText(report) };
      }),
    );
}
