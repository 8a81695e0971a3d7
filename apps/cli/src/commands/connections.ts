/** `lockstep pause` and `lockstep resume`: one connection, stopped and started by a person. */
import type { ConnectionStatus } from '@lockstep/api/schemas.ts';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { perform } from '../session.ts';
import type { Session } from '../session.ts';

type Verb = 'pause' | 'resume';

/** Adds both commands. */
export function addConnections(program: Command): void {
  program
    .command('pause')
    .description('Stop reading and writing of one connection until it is resumed')
    .argument('<connection>', 'its id, as `lockstep status` shows it')
    .option('--dry-run', 'say what would happen, change nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep pause jira          before a migration in Jira
  $ lockstep resume jira         everything that happened meanwhile is read and written

The other connections go on. The pause is on record in the store and outlives restarts.`,
    )
    .action(async (connectionId: string, options: { dryRun?: boolean }, command: Command) =>
      perform(command, (session) => commanding(session, 'pause', connectionId, options.dryRun === true)),
    );
  program
    .command('resume')
    .description('Go on with a paused connection, or with one whose credentials were refused')
    .argument('<connection>', 'its id, as `lockstep status` shows it')
    .option('--dry-run', 'say what would happen, change nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep resume jira         after \`lockstep pause jira\`
  $ lockstep resume notion       after renewing Notion's token (closes its auth breaker)`,
    )
    .action(async (connectionId: string, options: { dryRun?: boolean }, command: Command) =>
      perform(command, (session) => commanding(session, 'resume', connectionId, options.dryRun === true)),
    );
}

async function commanding(session: Session, verb: Verb, connectionId: string, dryRun: boolean) {
  const api = session.api();
  if (dryRun) {
    const row = await connectionOf(session, connectionId);
    const text = `Would ${verb} ${connectionId}, which is ${row.gate} now. Dry run: nothing was changed.`;
    return { json: { connectionId, [verb]: false, gate: row.gate, dryRun: true }, text };
  }
  await api[verb](connectionId);
  const row = await connectionOf(session, connectionId);
  return { json: { connectionId, gate: row.gate, breaker: row.breaker }, text: `${connectionId}: ${row.gate}.` };
}

async function connectionOf(session: Session, connectionId: string): Promise<ConnectionStatus> {
  const { connections } = await session.api().status();
  const row = connections.find((connection) => connection.connectionId === connectionId);
  if (row !== undefined) return row;
  const known = connections.map((connection) => connection.connectionId).join(', ');
  throw new CommandFailure(EXIT.failed, 'not_found', `connection: expected one of ${known}, got ${connectionId}`);
}
