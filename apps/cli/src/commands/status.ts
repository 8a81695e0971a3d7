/** `lockstep status`: what is in step, owed, parked and asked, and the figures by which operators decide. */
import type { ConnectionStatus, Status } from '@lockstep/api/schemas.ts';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { figureReasons, figuresText } from '../figures-text.ts';
import { columns, counted, visible } from '../output.ts';
import type { Output } from '../output.ts';
import { perform } from '../session.ts';

/** Adds the command. */
export function addStatus(program: Command): void {
  program
    .command('status')
    .description('Show what is in step, what is owed to each tool, and what waits for a person')
    .option('--check', 'exit 3 unless everything is in step and no conflict is open')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep status
  $ lockstep status --check && echo "in step"     in scripts
  $ lockstep status --json | jq '.connections[] | {connectionId, owed, parked}'
  $ lockstep status --json | jq '.figures.connections[] | {connectionId, lagSeconds, oldestUnsyncedSeconds}'

In step means: nothing is owed, under way or parked, everything has been read once, and no breaker is open.
The figures are those that Prometheus reads at /metrics: how long ago each tool was read, how long the oldest change waits,
what is parked by kind and code, and what the tool says of the calls that are left (as the worker that answers has seen it).
docs/runbooks/telemetry.md says what each of them means and what to do.`,
    )
    .action(async (options: { check?: boolean }, command: Command) =>
      perform(command, async ({ api, output }) => {
        const status = await api().status();
        const atRest = status.inStep && status.conflicts.open === 0;
        return { json: status, text: statusText(status, output), exitCode: options.check === true && !atRest ? EXIT.notInStep : EXIT.ok };
      }),
    );
}

/** The whole status, for people. */
export function statusText(status: Status, output: Output): string {
  const kinds = Object.entries(status.itemsByKind)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${kind} ${count}`);
  const lines = [
    `${visible(status.workspace)}: ${verdictOf(status, output)}`,
    '',
    columns(
      ['connection', 'tool', 'state', 'links', 'owed', 'sending', 'parked', 'marked', 'conflicts', 'last read', 'last write'],
      status.connections.map((connection) => [
        connection.connectionId,
        connection.connector,
        stateOf(connection),
        String(connection.links),
        String(connection.owed),
        String(connection.sending),
        String(connection.parked),
        String(connection.dirty),
        String(connection.openConflicts),
        connection.lastPulledAt ?? 'never',
        connection.lastPushedAt ?? 'never',
      ]),
    ),
    '',
    figuresText(status.figures),
    '',
    `Items: ${kinds.length === 0 ? 'none' : kinds.join(', ')}`,
    `Conflicts: ${status.conflicts.open} open, ${status.conflicts.recorded} on record`,
    `Engines: Temporal ${status.engines.temporal}, PostgreSQL ${status.engines.postgres}`,
  ];
  const reasons = [...status.connections.flatMap(reasonsOf), ...figureReasons(status.figures)];
  if (reasons.length > 0) lines.push('', ...reasons.map((reason) => `- ${visible(reason)}`));
  if (status.conflicts.open > 0) lines.push(`- ${counted(status.conflicts.open, 'open conflict')}: see \`lockstep conflicts\``);
  return lines.join('\n');
}

/** What `--check` goes by: nothing waits for a tool, and nothing for a person. */
function verdictOf({ inStep, conflicts }: Status, output: Output): string {
  if (!inStep) return output.paint('yellow', 'not in step');
  return conflicts.open === 0
    ? output.paint('green', 'in step')
    : output.paint('yellow', `in step but for ${counted(conflicts.open, 'open conflict')}`);
}

function stateOf(connection: ConnectionStatus): string {
  return connection.breaker === null ? connection.gate : `${connection.gate}, breaker ${connection.breaker.cause}`;
}

/** What keeps a connection from being in step, and what a person can do about it. */
function reasonsOf(connection: ConnectionStatus): readonly string[] {
  const { connectionId } = connection;
  const reasons = waitsForPerson(connection);
  if (reasons.length > 0) return reasons;
  if (connection.lastPulledAt === null) return [`${connectionId}: has not been read yet`];
  const moving = connection.owed + connection.sending + connection.dirty;
  return moving === 0 ? [] : [`${connectionId}: still to read or write: ${counted(moving, 'record')}`];
}

/** What a connection will wait for until a person acts; none where it goes on by itself. */
export function waitsForPerson(connection: ConnectionStatus): readonly string[] {
  const { connectionId, breaker } = connection;
  const reasons: string[] = [];
  if (connection.gate === 'paused') reasons.push(`${connectionId}: paused; go on with \`lockstep resume ${connectionId}\``);
  if (breaker !== null) reasons.push(`${breaker.message}; ${BREAKER_REMEDY[breaker.cause].replace('<connection>', connectionId)}`);
  if (connection.gate === 'plan-first' && connection.owed > 0)
    reasons.push(`${connectionId}: ${counted(connection.owed, 'write')} waiting for \`lockstep plan\` and \`lockstep apply\``);
  if (connection.parked > 0)
    reasons.push(
      `${connectionId}: ${counted(connection.parked, 'write')} parked after failing; \`lockstep redrive list\` says why and what to do`,
    );
  return reasons;
}

const BREAKER_REMEDY: Readonly<Record<NonNullable<ConnectionStatus['breaker']>['cause'], string>> = {
  'mass-delete': 'look at `lockstep plan`, then `lockstep apply --approve-deletes` if they are meant',
  'mass-unlink': 'look at `lockstep plan`, then `lockstep apply --approve-deletes` if they are meant',
  auth: 'renew the credentials, see `lockstep doctor`, then `lockstep resume <connection>`',
  plan: 'look at `lockstep plan`, then `lockstep apply`',
};
