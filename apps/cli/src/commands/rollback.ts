/** `lockstep rollback` and `lockstep undo`: taking back what Lockstep wrote, and nothing that people have changed since. */
import type { RollbackRequest } from '@lockstep/api/change-set-schemas.ts';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { THRESHOLD } from '../approval.ts';
import { detailText } from '../change-set-text.ts';
import { wholeNumber } from '../checks.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { counted, visible } from '../output.ts';
import { valueText } from '../plan-text.ts';
import { perform } from '../session.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../waiting.ts';
import { applySet } from './crm.ts';
import type { ApplyOptions } from './crm.ts';

interface RollbackOptions extends ApplyOptions {
  readonly record?: NonNullable<RollbackRequest['record']>;
  readonly actor?: string;
  readonly workflow?: string;
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
  readonly apply?: boolean;
}

/** Adds both commands. */
export function addRollback(program: Command): void {
  program
    .command('rollback')
    .description('Take back what change sets have written; shows the plan, and writes only with --apply')
    .argument('[set...]', 'ids of change sets')
    .option('--record <connection:object:id>', 'what was written to this record', recordOf)
    .option('--actor <id>', 'what this person or agent has asked for')
    .option('--workflow <id>', 'the set of this workflow')
    .option('--from <instant>', 'written at or after', instantOf)
    .option('--to <instant>', 'written before', instantOf)
    .option('--reason <text>', 'why; kept with the set')
    .option('--apply', 'write it (asks above the threshold, and for approvals where policy wants them)')
    .option('-y, --yes', 'do not ask')
    .option('--threshold <n>', 'ask above this number of steps', wholeNumber, THRESHOLD)
    .option('--wait', 'wait for the end')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, DEFAULT_TIMEOUT_SECONDS)
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep rollback cs-01J…                                    what would be restored, skipped, impossible
  $ lockstep rollback cs-01J… --apply --wait
  $ lockstep rollback --actor agent:scorer --from 2026-11-24T08:00:00Z --to 2026-11-24T09:00:00Z
  $ lockstep rollback --record hubspot:contacts:151

A field is restored where it still is as we wrote it. Where somebody has changed it since, it is left alone, and the plan
shows who, when, and the three values. A rollback is a change set: it can be rolled back itself.`,
    )
    .action(async (sets: string[], options: RollbackOptions, command: Command) =>
      perform(command, async (session) => {
        const detail = await session.api().planRollback(requestOf(sets, options));
        const { changeSetId, steps } = detail.set;
        if (options.apply === true && steps > 0) return applySet(session, detail, options);
        const next = steps === 0 ? '\nNothing to take back.' : `\nNothing was written. Next: \`lockstep crm apply ${changeSetId}\``;
        return { json: detail, text: detailText(detail, session.output) + next };
      }),
    );
  addUndo(program);
}

function requestOf(sets: readonly string[], options: RollbackOptions): RollbackRequest {
  const { record, actor, from, to, workflow } = options;
  const changeSetIds = [...sets, ...(workflow === undefined ? [] : [setOf(workflow)])];
  if (changeSetIds.length === 0 && record === undefined && actor === undefined && from === undefined)
    throw new CommandFailure(EXIT.usage, 'no_selection', 'rollback: expected a set, --record, --actor, --workflow or --from, got none');
  return {
    reason: options.reason ?? 'rollback',
    ...(changeSetIds.length === 0 ? {} : { changeSetIds }),
    ...(record === undefined ? {} : { record }),
    ...(actor === undefined ? {} : { actor }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** The workflow of a set is called `change-set/<workspace>/<set>`. */
function setOf(workflow: string): string {
  return workflow.split('/').at(-1) ?? workflow;
}

function recordOf(value: string): NonNullable<RollbackRequest['record']> {
  const [connectionId, object, ...rest] = value.split(':');
  const recordId = rest.join(':');
  if (connectionId !== undefined && object !== undefined && recordId !== '') return { connectionId, object, recordId };
  throw new InvalidArgumentError(`expected connection:object:id, such as hubspot:contacts:151, got ${value}`);
}

function instantOf(value: string): string {
  const instant = new Date(value);
  if (!Number.isNaN(instant.getTime()) && /^\d{4}-\d{2}-\d{2}/.test(value)) return instant.toISOString();
  throw new InvalidArgumentError(`expected an instant such as 2026-11-24T08:00:00Z, got ${value}`);
}

function addUndo(program: Command): void {
  program
    .command('undo')
    .description("Take back one of the sync's own runs")
    .addHelpText('after', '\nExample:\n  $ lockstep undo run run-01J…')
    .command('run')
    .description(
      'Restore what a run of the sync has changed in the backlog, where nobody has changed it since; shows the plan, and writes only with --apply',
    )
    .argument('<id>', "the run's id, as `lockstep why` and the ledger show it")
    .option('--apply', 'write it')
    .addHelpText('after', '\nExamples:\n  $ lockstep undo run run-01J…\n  $ lockstep undo run run-01J… --apply')
    .action(async (runId: string, options: { apply?: boolean }, command: Command) =>
      perform(command, async ({ api }) => {
        const answer = await api().undoRun({ runId, dryRun: options.apply !== true });
        const lines = [
          `${counted(answer.restored.length, 'field')} ${answer.dryRun ? 'would be restored' : 'restored'}, ${answer.skipped.length} left alone.`,
          ...answer.restored.map(({ title, field }) => `  ${visible(title)}: ${field}`),
          ...answer.skipped.flatMap(({ title, field, message, before, ours, now }) => [
            `  ${visible(title)}: ${field} left alone: ${visible(message)}`,
            `      before ${valueText(before)}, of the run ${valueText(ours)}, now ${valueText(now)}`,
          ]),
        ];
        return { json: answer, text: lines.join('\n') };
      }),
    );
}
