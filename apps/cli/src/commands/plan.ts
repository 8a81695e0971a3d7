/** `lockstep plan` and `lockstep apply`: every write before it is made, and the yes to it (law S11). */
import type { Plan } from '@lockstep/api/schemas.ts';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { needApproval, THRESHOLD } from '../approval.ts';
import { wholeNumber } from '../checks.ts';
import { EXIT } from '../exit-codes.ts';
import { counted } from '../output.ts';
import { heldText, planText, shortId, summary } from '../plan-text.ts';
import { perform } from '../session.ts';
import type { Session } from '../session.ts';
import { awaitInStep, DEFAULT_TIMEOUT_SECONDS } from '../waiting.ts';

/** Adds both commands. */
export function addPlan(program: Command): void {
  program
    .command('plan')
    .description('Show exactly the writes that are owed, per tool; nothing is written')
    .argument('[connection...]', 'only these connections')
    .option('--all', 'show every write, however many')
    .option('--check', 'exit 3 unless the plan is empty')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep plan
  $ lockstep plan jira notion --all
  $ lockstep plan --json > plan.json      the whole plan, with its id
  $ lockstep plan --check                 in scripts: is anything owed?

The plan's id binds it: \`lockstep apply --plan ID\` makes these writes, or is refused because something has moved.`,
    )
    .action(async (connections: string[], options: { all?: boolean; check?: boolean }, command: Command) =>
      perform(command, async ({ api, output }) => {
        const plan = await api().plan(connections);
        const owed = plan.writes.length > 0 || plan.heldBack.length > 0;
        const exitCode = options.check === true && owed ? EXIT.notInStep : EXIT.ok;
        return { json: plan, text: planText(plan, output, options.all === true), exitCode };
      }),
    );
  program
    .command('apply')
    .description('Let the writes of a plan flow; asks above a threshold, refuses a stale plan')
    .argument('[connection...]', 'only these connections')
    .option('--plan <id>', 'the plan that you have seen (its id, or the first 12 characters); else the present one', planId)
    .option('-y, --yes', 'do not ask')
    .option('--threshold <n>', 'ask above this number of writes', wholeNumber, THRESHOLD)
    .option('--approve-deletes', 'let deletes and removed relations through that were held back for being too many')
    .option('--wait', 'wait until these connections are in step (exit 3 if they do not get there)')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber, DEFAULT_TIMEOUT_SECONDS)
    .option('--dry-run', 'show what would be applied, write nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep plan                          look
  $ lockstep apply --plan 3f2a9c81d07b     make exactly these writes, or none
  $ lockstep apply jira --yes --wait       one tool, without a question, until it is done
  $ lockstep apply --approve-deletes       after a breaker has held deletes back

Exit code 5 if the plan is stale, or if more writes than the threshold are owed and nobody can be asked.`,
    )
    .action(async (connections: string[], options: ApplyOptions, command: Command) =>
      perform(command, (session) => applying(session, connections, options)),
    );
}

interface ApplyOptions {
  readonly plan?: string;
  readonly yes?: boolean;
  readonly threshold: number;
  readonly approveDeletes?: boolean;
  readonly wait?: boolean;
  readonly timeout: number;
  readonly dryRun?: boolean;
}

async function applying(session: Session, connections: readonly string[], options: ApplyOptions) {
  const api = session.api();
  const present = await api.plan(connections);
  const id = options.plan === undefined || present.planId.startsWith(options.plan) ? present.planId : options.plan;
  if (options.dryRun === true && id === present.planId) {
    const text = `${planText(present, session.output)}\nDry run: nothing was written.`;
    return { json: { ...present, applied: false, dryRun: true }, text };
  }
  // A plan that is not the present one goes to the worker without a question: only the worker decides that it is stale.
  if (id === present.planId) await approve(session, present, options);
  const before = await api.status();
  const plan = await api.apply({ planId: id, connections, approveDeletes: options.approveDeletes === true });
  const done = `Applying plan ${shortId(plan)}: ${summary(plan.writes)}.`;
  if (options.wait !== true) return { json: { ...plan, applied: true }, text: `${done}\n\`lockstep status\` shows how far it is.` };
  const waited = await awaitInStep(session, { connections, before, timeoutMs: options.timeout * 1_000, afterRead: 'none' });
  return {
    json: { ...plan, applied: true, inStep: waited.inStep, reasons: waited.reasons },
    text: `${done}\n${waited.text}`,
    exitCode: waited.inStep ? EXIT.ok : EXIT.notInStep,
  };
}

async function approve(session: Session, plan: Plan, options: ApplyOptions): Promise<void> {
  const held = { deletes: 0, unlinks: 0 };
  for (const { deletes, unlinks } of options.approveDeletes === true ? plan.heldBack : []) {
    held.deletes += deletes;
    held.unlinks += unlinks;
  }
  const count = plan.writes.length + held.deletes + held.unlinks;
  if (count > options.threshold && options.yes !== true) session.output.note(planText(plan, session.output));
  const targets = [...new Set([...plan.writes, ...plan.heldBack].map((one) => one.connectionId))].join(', ');
  await needApproval({
    count,
    threshold: options.threshold,
    yes: options.yes === true,
    what: `${counted(plan.writes.length, 'write')}${count === plan.writes.length ? '' : ` and ${heldText(held)}, approved,`} to ${targets}`,
  });
}

const SHORTEST_ID = 12;

function planId(value: string): string {
  if (/^[0-9a-f]+$/.test(value) && value.length >= SHORTEST_ID) return value;
  throw new InvalidArgumentError(`expected at least the first ${SHORTEST_ID} characters of a plan's id, got ${value}`);
}
