/** `lockstep import`: the first adoption of what the tools hold already, and items from a file. */
import { readFileSync } from 'node:fs';
import type { ImportAnswer, ImportRequest } from '@lockstep/api/schemas.ts';
import type { Command } from 'commander';
import { needApproval, THRESHOLD } from '../approval.ts';
import { wholeNumber } from '../checks.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandFailure } from '../failure.ts';
import { columns, counted, visible } from '../output.ts';
import { summary } from '../plan-text.ts';
import { perform } from '../session.ts';
import type { Session } from '../session.ts';
import { awaitInStep, DEFAULT_TIMEOUT_SECONDS } from '../waiting.ts';
import { conflictLines } from './conflicts.ts';

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly threshold: number;
  readonly timeout: number;
  readonly skipProblems?: boolean;
}

/** Adds the command. */
export function addImport(program: Command): void {
  program
    .command('import')
    .description(
      'First adoption: read everything that the tools hold, match it, and show what is left to a person; or set items from a file',
    )
    .argument('[file]', 'JSON as `lockstep export` writes it; - for stdin. Without a file: the first adoption')
    .option('--dry-run', 'say what would be done, change nothing')
    .option('-y, --yes', 'do not ask')
    .option('--threshold <n>', 'ask above this number of items', wholeNumber, THRESHOLD)
    .option('--skip-problems', 'import the other items of a file where some have a problem')
    .option('--timeout <seconds>', 'how long to wait for the reading', wholeNumber, DEFAULT_TIMEOUT_SECONDS)
    .addHelpText(
      'after',
      `
Examples:
  $ lockstep import                       read all tools in full, match by marker, then kind, title and parent
  $ lockstep plan                         then: what that makes us owe to each tool
  $ lockstep export > items.json          edit owners in it …
  $ lockstep import items.json --dry-run  … see what it would change …
  $ lockstep import items.json            … and set them

The first adoption writes to no tool: a connection's writes wait for \`lockstep apply\`. What matches more than one item is never guessed; it
is listed here and by \`lockstep conflicts\`. From a file, an item is found by its itemId, else by kind and title, else it is new; fields that
the file leaves out stay as they are.`,
    )
    .action(async (file: string | undefined, options: ImportOptions, command: Command) =>
      perform(command, (session) => (file === undefined ? adopting(session, options) : importing(session, file, options))),
    );
}

async function adopting(session: Session, options: ImportOptions) {
  const api = session.api();
  const before = await api.status();
  if (options.dryRun === true) {
    const connections = before.connections.map((connection) => connection.connectionId);
    const text = `Would read every record of ${connections.join(', ')} and match it with the backlog; no tool would be written to. Dry run: nothing was read.`;
    return { json: { connections, dryRun: true }, text };
  }
  const woken = await api.sync({ fullScan: true });
  const timeoutMs = options.timeout * 1_000;
  const waited = await awaitInStep(session, { connections: woken, before, timeoutMs, afterRead: 'full', until: 'read' });
  const [plan, conflicts] = await Promise.all([api.plan(), api.conflicts({ state: 'open', limit: 1000 })]);
  const { status } = waited;
  const rows = status.connections.map(({ connectionId, links }) => {
    const writes = plan.writes.filter((write) => write.connectionId === connectionId);
    return { connectionId, links, owed: summary(writes), writes: writes.length };
  });
  const text = [
    waited.inStep ? 'Everything has been read.' : waited.text,
    '',
    columns(
      ['connection', 'matched records', 'owed to it'],
      rows.map((row) => [row.connectionId, String(row.links), row.owed]),
    ),
    '',
    ...conflicts.flatMap((conflict) => [...conflictLines(conflict, session.output), '']),
    `${counted(conflicts.length, 'question')} for a person. Next: \`lockstep conflicts\`, \`lockstep plan\`, \`lockstep apply\`.`,
  ].join('\n');
  return {
    json: { read: waited.inStep, reasons: waited.reasons, itemsByKind: status.itemsByKind, connections: rows, conflicts },
    text,
    exitCode: waited.inStep ? EXIT.ok : EXIT.notInStep,
  };
}

type ImportRows = ImportRequest['items'];

async function importing(session: Session, file: string, options: ImportOptions) {
  const rows = readRows(file);
  const expected = await sendRows(session, rows, true);
  const changes = expected.created + expected.updated;
  if (options.dryRun === true) return { json: expected, text: `${answerText(expected, rows)}\nDry run: nothing was changed.` };
  if (expected.problems.length > 0 && options.skipProblems !== true) {
    const text = `${answerText(expected, rows)}\nNothing was changed; mend these, or say --skip-problems.`;
    return { json: { ...expected, dryRun: true }, text, exitCode: EXIT.failed };
  }
  await needApproval({
    count: changes,
    threshold: options.threshold,
    yes: options.yes === true,
    what: `${counted(expected.created, 'new item')} and ${counted(expected.updated, 'changed item')} from ${file}`,
  });
  const answer = await sendRows(session, rows, false);
  return { json: answer, text: answerText(answer, rows) };
}

/** The most that one request may hold; one request is one transaction. */
const MOST_ROWS = 5_000;

async function sendRows(session: Session, rows: ImportRows, dryRun: boolean): Promise<ImportAnswer> {
  const sum: ImportAnswer = { created: 0, updated: 0, unchanged: 0, problems: [], dryRun };
  for (let start = 0; start < rows.length; start += MOST_ROWS) {
    const answer = await session.api().importItems({ items: rows.slice(start, start + MOST_ROWS), dryRun });
    sum.created += answer.created;
    sum.updated += answer.updated;
    sum.unchanged += answer.unchanged;
    sum.problems.push(...answer.problems.map(({ index, message }) => ({ index: start + index, message })));
  }
  return sum;
}

function answerText(answer: ImportAnswer, rows: ImportRows): string {
  const problems = answer.problems.map(({ index, message }) => {
    const title = rows[index]?.fields.title;
    return `  items[${index}]${typeof title === 'string' ? ` "${visible(title)}"` : ''}: ${visible(message)}`;
  });
  const verb = answer.dryRun ? 'would be ' : '';
  const lines = [`${answer.created} ${verb}created, ${answer.updated} ${verb}updated, ${answer.unchanged} unchanged.`];
  return problems.length === 0 ? lines.join('') : [...lines, `${counted(problems.length, 'problem')}:`, ...problems].join('\n');
}

/** Reads `{items: […]}` or a bare list. The worker checks kinds and fields. */
function readRows(file: string): ImportRows {
  const place = file === '-' ? 'stdin' : file;
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    const got = error instanceof SyntaxError ? error.message : 'no readable file';
    throw new CommandFailure(EXIT.failed, 'bad_file', `${place}: expected JSON as \`lockstep export\` writes it, got: ${got}`);
  }
  const rows = typeof parsed === 'object' && parsed !== null && 'items' in parsed ? parsed.items : parsed;
  if (!Array.isArray(rows)) throw new CommandFailure(EXIT.failed, 'bad_file', `${place}: expected {"items": […]} or a list, got neither`);
  return rows.map((row: unknown, index) => {
    if (typeof row === 'object' && row !== null && 'kind' in row && 'fields' in row) {
      const { kind, fields } = row;
      const known = 'itemId' in row ? { itemId: row.itemId } : {};
      return { ...known, kind, fields } as ImportRows[number];
    }
    throw new CommandFailure(
      EXIT.failed,
      'bad_file',
      `${place}: items[${index}]: expected {"itemId"?, "kind", "fields"}, got something else`,
    );
  });
}
