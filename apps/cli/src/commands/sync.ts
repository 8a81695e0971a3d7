/** `lockstep sync`: wakes connections for a pass now. */
import type { Command } from 'commander';
import { wholeNumber } from '../checks.ts';
import { EXIT } from '../exit-codes.ts';
import { perform } from '../session.ts';
import type { Session } from '../session.ts';
import { awaitInStep, DEFAULT_TIMEOUT_SECONDS } from '../waiting.ts';

interface SyncOptions {
  readonly full?: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
}

/** Adds the command. */
export function addSync(program: Command): void {
  program
    .command('sync')
    .description('Read and write now instead of at the next poll; all connections, or those named')
    .argument('[connection...]', 'only these connections')
    .option('--full', 'read every record in scope, not only what has changed: finds what no event and no cursor has shown')
    .option('--wait', 'wait until a pass has been made and these connections are in step (exit 3 if they do not get there)')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, DEFAULT_TIMEOUT_SECONDS)
    .option('--dry-run', 'say which connections would be woken, wake none')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep sync                       wake all, return at once
  $ lockstep sync jira --wait           until Jira is in step
  $ lockstep sync --full --wait         a whole reconciliation, as the nightly one

A connection that waits for \`lockstep apply\`, is paused or has an open breaker will not get in step by waiting: that is said at once.`,
    )
    .action(async (connections: string[], options: SyncOptions, command: Command) =>
      perform(command, (session) => syncing(session, connections, options)),
    );
}

async function syncing(session: Session, connections: readonly string[], options: SyncOptions) {
  const api = session.api();
  const fullScan = options.full === true;
  const before = await api.status();
  if (options.dryRun === true) {
    const woken = before.connections.map((one) => one.connectionId).filter((id) => connections.length === 0 || connections.includes(id));
    return { json: { woken, fullScan, dryRun: true }, text: `Would wake ${woken.join(', ')}. Dry run: nothing was woken.` };
  }
  const woken = await api.sync({ connections, fullScan });
  const done = `Woken: ${woken.join(', ')}.`;
  if (options.wait !== true) return { json: { woken, fullScan }, text: done };
  const waited = await awaitInStep(session, {
    connections: woken,
    before,
    timeoutMs: options.timeout * 1_000,
    afterRead: fullScan ? 'full' : 'changes',
  });
  return {
    json: { woken, fullScan, inStep: waited.inStep, reasons: waited.reasons, status: waited.status },
    text: `${done}\n${waited.text}`,
    exitCode: waited.inStep ? EXIT.ok : EXIT.notInStep,
  };
}
