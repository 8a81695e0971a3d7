/** `lockstep crm`: bulk changes of a CRM, planned, approved, applied, and seen. */
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChangeSetDetail } from '@lockstep/api/change-set-schemas.ts';
import type { Command } from 'commander';
import { needApproval, THRESHOLD } from '../approval.ts';
import { readBulk } from '../bulk-file.ts';
import { detailText, setsText, verdictText } from '../change-set-text.ts';
import { wholeNumber } from '../checks.ts';
import { EXIT } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { counted } from '../output.ts';
import { perform } from '../session.ts';
import type { Answer, Session } from '../session.ts';
import { DEFAULT_TIMEOUT_SECONDS } from '../waiting.ts';

const POLL_MS = 400;

/** Adds the command and those below it. */
export function addCrm(program: Command): void {
  const crm = program
    .command('crm')
    .description('Bulk changes of a CRM: every write planned, approved where it must be, and reversible')
    .addHelpText('after', FILE_HELP);
  addPlanCommand(crm);
  addApply(crm);
  addDecisions(crm);
  addLooks(crm);
}

const FILE_HELP = `
Examples:
  $ lockstep crm plan leavers.yaml
  $ lockstep crm apply cs-01J… --wait
  $ lockstep crm list --state awaiting-approval

A file says what to do, step by step:
  reason: Maria leaves; her accounts go to Omar
  connection: hubspot
  steps:
    - assign: contacts                         owner by e-mail
      record: { email: ann@acme.example }      by a unique field, or by id
      owner: omar@growth.example
    - set: deals
      record: 9180014
      fields: { dealstage: closedwon }
    - task: tasks                              a new task, and what it hangs on
      fields: { hs_task_subject: Call Ann }
      with: [{ contacts: { email: ann@acme.example } }]
  Also: create, associate and dissociate (\`to: { companies: 55 }\`, \`label:\`), archive, restore; \`name:\` lets a later
  step say \`record: { step: NAME }\`. A .csv has a row a record: columns operation, object, record or record.email,
  owner; every other column is a field, an empty cell leaves it alone, (empty) clears it.`;

function addPlanCommand(crm: Command): void {
  crm
    .command('plan')
    .description('Show the exact diff of a bulk change, and the approvals that it needs; nothing is written')
    .argument('<file>', 'YAML or CSV; - for YAML on stdin')
    .option('--connection <id>', 'the CRM, where the file names none')
    .option('--object <name>', "the CRM's object, where the file names none (CSV)")
    .option('--reason <text>', 'why, where the file does not say')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep crm plan leavers.yaml
  $ lockstep crm plan owners.csv --connection hubspot --object contacts --reason "Maria leaves"

Values are read from the CRM now and bound to the plan: a record that moves before it is applied asks for a new yes.`,
    )
    .action(async (file: string, options: { connection?: string; object?: string; reason?: string }, command: Command) =>
      perform(command, async ({ api, output }) => {
        const defaults = { connectionId: options.connection, object: options.object, reason: options.reason };
        const detail = await api().planChangeSet(readBulk(readText(file), file === '-' ? 'stdin' : file, defaults));
        const next = `\nNext: \`lockstep crm apply ${detail.set.changeSetId}\``;
        return { json: detail, text: detailText(detail, output) + (detail.verdict?.decision === 'deny' ? '' : next) };
      }),
    );
}

function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new CommandFailure(EXIT.failed, 'bad_file', `${file}: expected a readable file, got none`);
  }
}

/** Options of every command that lets a set run. */
export interface ApplyOptions {
  readonly yes?: boolean;
  readonly threshold: number;
  readonly wait?: boolean;
  readonly timeout: number;
}

function addApply(crm: Command): void {
  crm
    .command('apply')
    .description('Start a planned set; where policy wants a yes of others it waits for them, and ends without a write if none comes')
    .argument('<set>', "the set's id")
    .option('-y, --yes', 'do not ask')
    .option('--threshold <n>', 'ask above this number of steps', wholeNumber, THRESHOLD)
    .option('--wait', 'wait for the end: exit 0 if committed, 3 if not yet, 5 if rolled back or handed to a person')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, DEFAULT_TIMEOUT_SECONDS)
    .addHelpText('after', '\nExamples:\n  $ lockstep crm apply cs-01J… --wait\n  $ lockstep crm apply cs-01J… --yes --json')
    .action(async (id: string, options: ApplyOptions, command: Command) =>
      perform(command, async (session) => applySet(session, await session.api().changeSet(id), options)),
    );
}

/** Starts a set that the caller has seen, and waits for its end where asked to. */
export async function applySet(session: Session, seen: ChangeSetDetail, options: ApplyOptions): Promise<Answer> {
  const { set, verdict } = seen;
  await needApproval({
    count: set.steps,
    threshold: options.threshold,
    yes: options.yes === true,
    what: `${counted(set.steps, 'step')} of ${set.changeSetId}`,
  });
  const started = await session.api().applyChangeSet(set.changeSetId, hashOf(seen));
  if (verdict?.decision === 'review') session.output.note(`${verdictText(verdict)}: \`lockstep crm approve ${set.changeSetId}\``);
  if (options.wait !== true)
    return { json: started, text: `Started ${set.changeSetId}; \`lockstep crm show ${set.changeSetId}\` shows how far it is.` };
  const last = await awaitEnd(session, started, options.timeout * 1_000);
  return { json: last, text: detailText(last, session.output), exitCode: exitOf(last) };
}

async function awaitEnd(session: Session, started: ChangeSetDetail, timeoutMs: number): Promise<ChangeSetDetail> {
  const start = performance.now();
  let detail = started;
  let told = '';
  while (detail.set.end === null && performance.now() - start < timeoutMs) {
    const words = `${detail.set.state}: ${Object.entries(detail.counts)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}`;
    if (words !== told) session.output.note(words);
    told = words;
    await pause(POLL_MS);
    detail = await session.api().changeSet(detail.set.changeSetId);
  }
  return detail;
}

function exitOf({ set }: ChangeSetDetail): ExitCode {
  if (set.end === null) return EXIT.notInStep;
  return set.end === 'committed' ? EXIT.ok : EXIT.refused;
}

function hashOf({ set }: ChangeSetDetail): string {
  if (set.diffHash !== null) return set.diffHash;
  throw new CommandFailure(EXIT.refused, 'refused', `${set.changeSetId}: expected a planned diff, got a set that is ${set.state}`);
}

const DECISIONS = [
  { name: 'approve', description: 'Say yes to exactly the diff that is shown now (not by the one who asked for it)' },
  { name: 'reject', description: 'Say no: the set ends without a write' },
] as const;

function addDecisions(crm: Command): void {
  for (const { name, description } of DECISIONS)
    crm
      .command(name)
      .description(description)
      .argument('<set>', "the set's id")
      .option('--diff <hash>', 'the diff that you have seen; another one is refused')
      .addHelpText('after', `\nExamples:\n  $ lockstep crm show cs-01J…\n  $ lockstep crm ${name} cs-01J… --token file:my-token`)
      .action(async (id: string, options: { diff?: string }, command: Command) =>
        perform(command, async ({ api, output }) => {
          const client = api();
          const hash = options.diff ?? hashOf(await client.changeSet(id));
          const detail = await (name === 'approve' ? client.approveChangeSet(id, hash) : client.rejectChangeSet(id, hash));
          return { json: detail, text: detailText(detail, output) };
        }),
      );
  crm
    .command('cancel')
    .description('Stop a set, and take back what it has done; one that needs an operator is taken over: its records are free again')
    .argument('<set>', "the set's id")
    .addHelpText('after', '\nExample:\n  $ lockstep crm cancel cs-01J…')
    .action(async (id: string, _options: unknown, command: Command) =>
      perform(command, async ({ api, output }) => {
        const detail = await api().cancelChangeSet(id);
        return { json: detail, text: detailText(detail, output) };
      }),
    );
}

function addLooks(crm: Command): void {
  crm
    .command('show')
    .description('One set: its diff, who has said yes, how far it is, what could not be taken back')
    .argument('<set>', "the set's id")
    .option('--from <n>', 'begin with this step of the diff', wholeNumber, 0)
    .option('--limit <n>', 'steps to show', wholeNumber, 200)
    .addHelpText('after', '\nExample:\n  $ lockstep crm show cs-01J… --json')
    .action(async (id: string, options: { from: number; limit: number }, command: Command) =>
      perform(command, async ({ api, output }) => {
        const detail = await api().changeSet(id, options);
        return { json: detail, text: detailText(detail, output) };
      }),
    );
  crm
    .command('list')
    .description('Sets, newest first')
    .option('--state <state>', 'only those that stand so: planned, awaiting-approval, applying, compensating, ended …')
    .option('--limit <n>', 'how many', wholeNumber, 50)
    .addHelpText('after', '\nExample:\n  $ lockstep crm list --state awaiting-approval')
    .action(async (options: { state?: string; limit: number }, command: Command) =>
      perform(command, async ({ api }) => {
        const sets = await api().changeSets({ limit: options.limit, ...(options.state === undefined ? {} : { state: options.state }) });
        return { json: { changeSets: sets }, text: setsText(sets) };
      }),
    );
}
