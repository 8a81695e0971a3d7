/** `lockstep export`: the canonical backlog as JSON, CSV or Markdown. */
import type { ApiItem } from '@lockstep/api/schemas.ts';
import { Option } from 'commander';
import type { Command } from 'commander';
import { exportedCsv, exportedJson, exportedMarkdown } from '../exported.ts';
import { perform } from '../session.ts';

type Format = 'json' | 'csv' | 'md';

const PRINTERS: Readonly<Record<Format, (items: readonly ApiItem[]) => string>> = {
  json: (items) => JSON.stringify(exportedJson(items), null, 2),
  csv: exportedCsv,
  md: exportedMarkdown,
};

/** Adds the command. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description('Print the canonical backlog: what the merge of all tools has come to')
    .addOption(new Option('--format <format>', 'of the output; --json always means json').choices(['json', 'csv', 'md']).default('json'))
    .option('--kind <kind>', 'only items of this kind (task, deliverable, gate, …)')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep export > items.json                  everything, to be read by \`lockstep import\`
  $ lockstep export --format csv --kind task      for a spreadsheet (RFC 4180, one row per item, sets joined by "; ")
  $ lockstep export --format md                   as a tree, for people`,
    )
    .action(async (options: { format: Format; kind?: string }, command: Command) =>
      perform(command, async ({ api }) => {
        const items: ApiItem[] = [];
        for await (const item of api().items(options.kind)) if (item.deletedAt === null) items.push(item);
        return { json: exportedJson(items), text: PRINTERS[options.format](items) };
      }),
    );
}
