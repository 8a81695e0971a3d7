/** `lockstep conflicts` and `lockstep resolve`: two values for one field, and a person's decision. */
import type { Conflict, Resolution } from '@lockstep/api/schemas.ts';
import { Option } from 'commander';
import type { Command } from 'commander';
import { wholeNumber } from '../checks.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { counted, visible } from '../output.ts';
import type { Output } from '../output.ts';
import { valueText } from '../plan-text.ts';
import { perform } from '../session.ts';
import type { Session } from '../session.ts';
import { findItem } from '../found.ts';

/** The most that the API gives in one answer. */
const MOST = 1000;

/** Adds both commands. */
export function addConflicts(program: Command): void {
  program
    .command('conflicts')
    .description('List conflicts: open ones wait for a person, recorded ones were settled by a rule with both values kept')
    .addOption(new Option('--state <state>', 'which').choices(['open', 'recorded', 'resolved', 'all']).default('open'))
    .option('--item <item>', 'only those of one item: its id, its key in a tool, or its title')
    .option('--limit <n>', `at most this many, up to ${MOST}`, wholeNumber, 100)
    .option('--check', 'exit 3 if any is listed')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep conflicts                            what waits for a person
  $ lockstep conflicts --state all --item GROW-12
  $ lockstep conflicts --check                    in scripts: is anything open?
  $ lockstep resolve 01k2… --take remote`,
    )
    .action(async (options: ListOptions, command: Command) => perform(command, (session) => listing(session, options)));
  program
    .command('resolve')
    .description('Settle a conflict; the decision is written to every tool')
    .argument('<conflict>', 'its id, as `lockstep conflicts` shows it')
    .addOption(
      new Option('--take <side>', "canonical: what the backlog has; remote: the tool's value")
        .choices(['canonical', 'remote'])
        .conflicts(['value', 'clear']),
    )
    .addOption(
      new Option('--value <text>', 'a third value; for a set, repeat it per member')
        .argParser((value: string, previous: string[] | undefined) => [...(previous ?? []), value])
        .conflicts('clear'),
    )
    .option('--clear', 'the empty value')
    .option('--dry-run', 'show both values and the choice, decide nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep resolve 01k2… --take canonical        keep what the backlog has
  $ lockstep resolve 01k2… --take remote           take the tool's value
  $ lockstep resolve 01k2… --value "VP Sales"      neither: a third value
  $ lockstep resolve 01k2… --value api --value q3  a set

Exit code 5 if the conflict is settled already.`,
    )
    .action(async (conflictId: string, options: ResolveOptions, command: Command) =>
      perform(command, (session) => resolving(session, conflictId, options)),
    );
}

interface ListOptions {
  readonly state: string;
  readonly item?: string;
  readonly limit: number;
  readonly check?: boolean;
}

interface ResolveOptions {
  readonly take?: 'canonical' | 'remote';
  readonly value?: readonly string[];
  readonly clear?: boolean;
  readonly dryRun?: boolean;
}

async function listing(session: Session, options: ListOptions) {
  const api = session.api();
  const limit = Math.min(Math.max(options.limit, 1), MOST);
  const itemId = options.item === undefined ? undefined : (await findItem(api, options.item)).itemId;
  const conflicts = await api.conflicts({
    limit,
    ...(options.state === 'all' ? {} : { state: options.state }),
    ...(itemId === undefined ? {} : { itemId }),
  });
  const word = options.state === 'all' ? '' : `${options.state} `;
  const text = [
    ...conflicts.flatMap((conflict) => [...conflictLines(conflict, session.output), '']),
    conflicts.length === limit ? `The newest ${limit}; --limit shows more.` : `${counted(conflicts.length, `${word}conflict`)}.`,
  ].join('\n');
  return { json: { conflicts }, text, exitCode: options.check === true && conflicts.length > 0 ? EXIT.notInStep : EXIT.ok };
}

/** One conflict, with both values and the base that they came from. */
export function conflictLines(conflict: Conflict, output: Output): readonly string[] {
  const place = [conflict.connectionId, conflict.remoteId].filter((part) => part !== null).join(' ');
  const lines = [
    `${output.paint('bold', conflict.conflictId)}  ${conflict.state}  ${conflict.kind}${conflict.field === null ? '' : `  ${conflict.field}`}`,
    `  ${visible(conflict.message)}`,
    `  at ${visible(place)}, raised ${conflict.raisedAt}${conflict.itemId === null ? '' : `, item ${conflict.itemId}`}`,
  ];
  if (conflict.field !== null) {
    lines.push(
      `  canonical: ${valueText(conflict.canonicalValue)}`,
      `  remote:    ${valueText(conflict.remoteValue)}`,
      `  base:      ${valueText(conflict.baseValue)}`,
    );
  }
  if (conflict.state === 'resolved') lines.push(`  resolved ${conflict.resolvedAt ?? ''}: ${conflict.resolution ?? ''}`);
  return lines;
}

async function resolving(session: Session, conflictId: string, options: ResolveOptions) {
  const api = session.api();
  // Only a value needs the row first: whether the field holds a set is read off its values.
  const needsRow = options.dryRun === true || options.value !== undefined || options.clear === true;
  const conflict = needsRow ? await api.conflict(conflictId) : null;
  const resolution = resolutionOf(options, conflict);
  if (options.dryRun === true && conflict !== null) {
    const choice = resolution.choice === 'value' ? valueText(resolution.value) : resolution.choice;
    const text = [...conflictLines(conflict, session.output), `Would take: ${choice}. Dry run: nothing was decided.`].join('\n');
    return { json: { conflict, resolution, dryRun: true }, text };
  }
  const woken = await api.resolve(conflictId, resolution);
  const written = woken.length === 0 ? 'nothing is to be written' : `it is being written to ${woken.join(', ')}`;
  return { json: { conflictId, resolution, woken }, text: `Resolved; ${written}.` };
}

function resolutionOf(options: ResolveOptions, conflict: Conflict | null): Resolution {
  if (options.take !== undefined) return { choice: options.take };
  // Whether the field holds a set is read off its values: null says nothing.
  const isSet = [conflict?.canonicalValue, conflict?.remoteValue, conflict?.baseValue].some((value) => Array.isArray(value));
  if (options.clear === true) return { choice: 'value', value: isSet ? [] : null };
  const [only, ...others] = options.value ?? [];
  if (only === undefined)
    throw new CommandFailure(EXIT.usage, 'usage', 'decision: expected --take canonical, --take remote, --value or --clear, got none');
  if (isSet) return { choice: 'value', value: [only, ...others] };
  if (others.length > 0)
    throw new CommandFailure(
      EXIT.usage,
      'usage',
      `--value: expected it once, ${conflict?.field ?? 'this field'} holds one value, got it ${others.length + 1} times`,
    );
  return { choice: 'value', value: only };
}
