/**
 * The command line: every command, its options, its help.
 */
import { Command, Option } from 'commander';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { addAudit } from './commands/audit.ts';
import { addBackup } from './commands/backup.ts';
import { addConflicts } from './commands/conflicts.ts';
import { addConnections } from './commands/connections.ts';
import { addCrm } from './commands/crm.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExport } from './commands/export.ts';
import { addImport } from './commands/import.ts';
import { addInit } from './commands/init.ts';
import { addItems } from './commands/items.ts';
import { addPlan } from './commands/plan.ts';
import { addPql } from './commands/pql.ts';
import { addRedrive } from './commands/redrive.ts';
import { addReplay } from './commands/replay.ts';
import { addRollback } from './commands/rollback.ts';
import { addRouting } from './commands/routing.ts';
import { addStatus } from './commands/status.ts';
import { addSync } from './commands/sync.ts';

/** Builds the program. Parse errors are thrown as commander's `CommanderError`. */
export function createProgram(): Command {
  const program = new Command('lockstep')
    .description('Keeps a plan document and its backlog in step with Jira, Notion, HubSpot and Salesforce, and leads within their SLA.')
    .addOption(new Option('--json', 'one JSON document on stdout, nothing else there').default(false))
    .addOption(new Option('--url <url>', "address of the worker's API").env('LOCKSTEP_API_URL'))
    .addOption(new Option('--token <token>', "the API's token, or file:PATH").env('LOCKSTEP_API_TOKEN'))
    .addOption(new Option('--data <dir>', 'data directory of the running worker, where address and token are found').default('.lockstep'))
    .option('--no-color', 'no colour (NO_COLOR is obeyed too)')
    .addOption(new Option('--debug', 'show where an unexpected error came from').default(false).hideHelp())
    .showSuggestionAfterError()
    .showHelpAfterError('(`lockstep help <command>` shows its options and examples)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .exitOverride()
    .addHelpText(
      'after',
      `
First steps:
  $ npm start                          start everything and keep the plan in step
  $ lockstep status                    what is in step, what is owed, what is asked
  $ lockstep init --jira-url https://acme.atlassian.net --project GROW
                                       configure real connections; nothing is written to a tool before apply
  $ lockstep plan                      every write that is owed, per tool
  $ lockstep apply                     let them flow

${EXIT_CODES_HELP}`,
    );
  for (const add of [
    addInit,
    addDoctor,
    addStatus,
    addPlan,
    addSync,
    addImport,
    addExport,
    addItems,
    addConflicts,
    addConnections,
    addRedrive,
    addCrm,
    addRollback,
    addPql,
    addRouting,
    addReplay,
    addAudit,
    addBackup,
  ]) {
    add(program);
  }
  return program;
}
