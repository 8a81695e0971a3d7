/** Everything on record about one item, for people. */
import type { Why } from '@lockstep/api/schemas.ts';
import { conflictLines } from './commands/conflicts.ts';
import { titleOf } from './found.ts';
import { columns, visible } from './output.ts';
import type { Output } from './output.ts';
import { valueText } from './plan-text.ts';

const MOST_ROWS = 20;

/** The text of `lockstep why`. `titles` names items that the values point at. */
export function whyText(why: Why, titles: ReadonlyMap<string, string>, output: Output, field?: string): string {
  const { item } = why;
  const heading = (text: string): string => `\n${output.paint('bold', text)}`;
  const lines = [`${item.kind} "${titleOf(item)}"  ${item.itemId}${item.deletedAt === null ? '' : `  deleted ${item.deletedAt}`}`];
  lines.push(
    heading('Values'),
    columns(
      ['field', 'value', 'set by', 'changes', 'held for a person at'],
      why.fields.map((one) => [one.field, valueText(one.value, titles), one.source, String(one.version), one.held.join(', ')]),
    ),
  );
  if (why.links.length > 0) {
    lines.push(
      heading('Records'),
      columns(
        ['connection', 'record', 'state', 'address'],
        why.links.map((link) => [link.connectionId, visible(link.remoteKey ?? link.remoteId), link.state, visible(link.url ?? '')]),
      ),
    );
  }
  if (why.owed.length > 0) {
    lines.push(
      heading('Owed'),
      ...why.owed.map((row) => {
        const failed = row.error === null ? '' : `; last failure ${row.error.code}: ${visible(row.error.message)}`;
        return `  ${row.connectionId}: ${row.operation}, ${row.state}, ${row.attempts} attempts, since ${row.owedSince}${failed}`;
      }),
    );
  }
  if (why.conflicts.length > 0)
    lines.push(heading('Conflicts'), ...why.conflicts.flatMap((conflict) => conflictLines(conflict, output)).map((line) => `  ${line}`));
  lines.push(heading('History (newest first)'), ...ledgerLines(why.ledger, titles, field));
  return lines.join('\n');
}

function ledgerLines(ledger: Why['ledger'], titles: ReadonlyMap<string, string>, field: string | undefined): readonly string[] {
  if (ledger.length === 0) return ['  nothing was written'];
  const lines = ledger.slice(0, MOST_ROWS).flatMap((row) => {
    const names = [...new Set([...Object.keys(row.before), ...Object.keys(row.after)])] as (keyof typeof row.before)[];
    const shown = names.filter((name) => field === undefined || name === field);
    return [
      `  ${row.at}  ${row.target}  ${row.operation} by ${row.actor}: ${visible(row.cause)}`,
      ...shown.map(
        (name) => `      ${name}: ${valueText(row.before[name] ?? null, titles)} → ${valueText(row.after[name] ?? null, titles)}`,
      ),
    ];
  });
  return ledger.length > MOST_ROWS ? [...lines, `  … and ${ledger.length - MOST_ROWS} more; --json shows them`] : lines;
}
