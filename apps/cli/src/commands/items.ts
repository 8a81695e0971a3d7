/** `lockstep why` and `lockstep resync`: one item, explained and brought in step. */
import type { ApiClient } from '@lockstep/api/client.ts';
import type { Why } from '@lockstep/api/schemas.ts';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { findItem, titleOf } from '../found.ts';
import { perform } from '../session.ts';
import type { Session } from '../session.ts';
import { whyText } from '../why-text.ts';

/** Adds both commands. */
export function addItems(program: Command): void {
  program
    .command('why')
    .description('Explain an item: its values, who set them, what each tool holds, what is owed, what clashed, what was written when')
    .argument('<item>', 'its id, its key in a tool (GROW-12), its title or a part of it')
    .argument('[field]', 'only this field')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep why GROW-12
  $ lockstep why "Pricing page test" owner       why is this the owner?
  $ lockstep why 01k2… --json | jq .ledger`,
    )
    .action(async (item: string, field: string | undefined, _: unknown, command: Command) =>
      perform(command, (session) => explaining(session, item, field)),
    );
  program
    .command('resync')
    .description('Read one item anew in every tool and write what it is owed; no other item is touched')
    .argument('<item>', 'its id, its key in a tool (GROW-12), its title or a part of it')
    .option('--dry-run', 'say which item and tools it would be, do nothing')
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep resync GROW-12
  $ lockstep why GROW-12                         then: what came of it`,
    )
    .action(async (item: string, options: { dryRun?: boolean }, command: Command) =>
      perform(command, (session) => resyncing(session, item, options.dryRun === true)),
    );
}

async function explaining(session: Session, text: string, field: string | undefined) {
  const api = session.api();
  const why = await api.why((await findItem(api, text)).itemId);
  const narrowed = field === undefined ? why : onlyField(why, field);
  return { json: narrowed, text: whyText(narrowed, await titlesOf(api, narrowed), session.output, field) };
}

/** What concerns one field. Throws `CommandFailure` where the item has no such field. */
function onlyField(why: Why, name: string): Why {
  const field = why.fields.find((one) => one.field === name);
  if (field === undefined) {
    const known = why.fields.map((one) => one.field).join(', ');
    throw new CommandFailure(EXIT.failed, 'not_found', `field: expected one that the item has (${known}), got ${name}`);
  }
  return {
    ...why,
    fields: [field],
    conflicts: why.conflicts.filter((conflict) => conflict.field === name),
    ledger: why.ledger.filter((row) => field.field in row.before || field.field in row.after),
  };
}

/** References that are looked up for their titles; more would cost a call each. */
const MOST_TITLES = 20;

async function titlesOf(api: ApiClient, why: Why): Promise<ReadonlyMap<string, string>> {
  const references = why.fields.flatMap(({ field, value }) => {
    if (field !== 'parent' && field !== 'dependsOn') return [];
    const ids = typeof value === 'string' ? [value] : (value ?? []);
    return ids.filter((id) => !id.startsWith('remote:'));
  });
  const found = await Promise.all(references.slice(0, MOST_TITLES).map((itemId) => api.find(itemId)));
  return new Map(found.flat().flatMap(({ item, by }) => (by === 'id' ? [[item.itemId, titleOf(item)] as const] : [])));
}

async function resyncing(session: Session, text: string, dryRun: boolean) {
  const api = session.api();
  const item = await findItem(api, text);
  if (dryRun) {
    const { links } = await api.why(item.itemId);
    const connections = links.filter((link) => link.state !== 'removed').map((link) => link.connectionId);
    const answer = { itemId: item.itemId, woken: connections, dryRun: true };
    return {
      json: answer,
      text: `Would read ${item.kind} "${titleOf(item)}" anew in ${connections.join(', ')}. Dry run: nothing was done.`,
    };
  }
  const woken = await api.resync(item.itemId);
  return { json: { itemId: item.itemId, woken }, text: `Reading ${item.kind} "${titleOf(item)}" anew in ${woken.join(', ')}.` };
}
