/**
 * Imported history as people have it: JSON Lines as Segment exports them, or CSV with a row an event. Read into calls, a line each; what is wrong with a call is the
 * worker's to say, and comes back by its line.
 */
import { CsvError } from 'csv-parse';
import { parse as parseCsv } from 'csv-parse/sync';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** A call with the line that it stands on, counted from 1. */
export interface EventLine {
  readonly line: number;
  readonly call: unknown;
}

const COLUMNS = ['type', 'messageId', 'event', 'userId', 'anonymousId', 'groupId', 'timestamp', 'email'];

/** Reads a file's text; `name` decides on the format (.csv, else JSON Lines). Throws `CommandFailure` with every line that cannot be read. */
export function readEvents(text: string, name: string): readonly EventLine[] {
  return name.endsWith('.csv') ? fromCsv(text, name) : fromLines(text, name);
}

function fromLines(text: string, name: string): readonly EventLine[] {
  const problems: string[] = [];
  const events = text.split('\n').flatMap((line, index): readonly EventLine[] => {
    if (line.trim() === '') return [];
    try {
      return [{ line: index + 1, call: JSON.parse(line) as unknown }];
    } catch {
      problems.push(`${name}:${index + 1}: expected a JSON object, got something else`);
      return [];
    }
  });
  if (problems.length > 0) throw new CommandFailure(EXIT.failed, 'bad_file', problems.slice(0, 20).join('\n  '));
  return events;
}

function fromCsv(text: string, name: string): readonly EventLine[] {
  let rows: { record: Record<string, string>; info: { lines: number } }[];
  try {
    rows = parseCsv(text, { columns: true, bom: true, trim: true, skip_empty_lines: true, info: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CommandFailure(EXIT.failed, 'bad_file', `${name}: ${error.message}`);
  }
  const strange = Object.keys(rows[0]?.record ?? {}).filter(
    (column) => !COLUMNS.includes(column) && !/^(properties|traits)\../.test(column),
  );
  if (strange.length > 0)
    throw new CommandFailure(
      EXIT.failed,
      'bad_file',
      `${name}:1: expected columns ${COLUMNS.join(', ')}, properties.<name> or traits.<name>, got ${strange.join(', ')}`,
    );
  return rows.map(({ record, info }) => ({ line: info.lines, call: callOf(record) }));
}

/** An empty cell says nothing; cells of properties and traits that are JSON numbers, true or false are taken as such ('007' is a text). */
function callOf(row: Readonly<Record<string, string>>): unknown {
  const call: Record<string, unknown> = {};
  const groups: Record<string, Record<string, unknown>> = { properties: {}, traits: {} };
  for (const [column, cell] of Object.entries(row)) {
    if (cell === '' || column === 'email') continue;
    const [, group = '', name = ''] = /^(properties|traits)\.(.+)$/.exec(column) ?? [];
    const values = groups[group];
    if (values === undefined) call[column] = cell;
    else values[name] = /^(true|false|-?(0|[1-9]\d*)(\.\d+)?)$/.test(cell) ? (JSON.parse(cell) as unknown) : cell;
  }
  const { email } = row;
  return { ...call, ...groups, ...(email === undefined || email === '' ? {} : { context: { traits: { email } } }) };
}

/** What one request holds at most: well under the 500 KB that the worker takes. */
const MOST_CALLS = 500;
const MOST_BYTES = 400_000;

/** In order; a call that is larger than a batch goes alone, and the worker says so. */
export function batchesOf(events: readonly EventLine[]): readonly (readonly EventLine[])[] {
  const batches: EventLine[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event.call)) + 1;
    const last = batches.at(-1);
    if (last === undefined || last.length >= MOST_CALLS || bytes + size > MOST_BYTES) {
      batches.push([event]);
      bytes = size;
    } else {
      last.push(event);
      bytes += size;
    }
  }
  return batches;
}
